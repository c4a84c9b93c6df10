"""All settings: those of the exporter, of its outputs and of the accounts."""

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from volvo_exporter.fields import (
    Host,
    InputFile,
    Line,
    OutputFile,
    Secret,
    Secrets,
    Words,
    is_url,
    on_or_off,
    read_vin,
)
from volvo_exporter.settings.abrp import Abrp
from volvo_exporter.settings.accounts import REQUIRED, AccountFields, AccountSettings
from volvo_exporter.settings.mqtt import Mqtt
from volvo_exporter.settings.notifications import Notifications, Webhook
from volvo_exporter.settings.privacy import Privacy
from volvo_exporter.settings.remote_write import RemoteWrite
from volvo_exporter.settings.sections import plain, secrets_of


class Settings(BaseSettings, AccountFields):
    """All settings."""

    model_config = SettingsConfigDict(
        env_prefix="VOLVO_", env_ignore_empty=True, extra="forbid", frozen=True, hide_input_in_errors=True
    )

    accounts: tuple[AccountSettings, ...] = Field(
        default=(), description="Several accounts; missing settings are taken from those above."
    )
    weather_api_key: Secret | None = Field(
        default=None, description="API key of OpenWeatherMap for the weather at each car; optional."
    )
    weather_api_key_file: InputFile | None = Field(
        default=None, description="File that holds weather_api_key."
    )
    scrape_interval: float = Field(
        default=300,
        ge=10,
        le=86400,
        description="Base polling interval in seconds; active cars are polled more often, parked ones less.",
    )
    exporter_listen_addr: Host = Field(default="127.0.0.1", description="Address to listen on.")
    exporter_listen_port: int = Field(default=9100, ge=0, le=65535, description="Port to listen on.")
    allowed_hosts: Words = Field(
        default=(),
        description="More host names that are served without a password: see "
        "[Security](security.md#host-names).",
    )
    web_config_file: InputFile | None = Field(
        default=None, description="File with TLS and basic auth: see [Security](security.md)."
    )
    api_tokens_file: OutputFile | None = Field(
        default=None,
        description="File that stores the hashes of API tokens: see [Security](security.md#api-tokens).",
    )
    state_file: OutputFile = Field(
        default=Path("volvo_state.json"),
        description="File that stores the API calls of the day and the last activity of each car.",
    )
    journal: Annotated[Literal["on", "off"], BeforeValidator(on_or_off)] = Field(
        default="on", description="Record drives and charges: `on` or `off`; see [Journal](journal.md)."
    )
    journal_file: OutputFile | None = Field(
        default=None,
        description="SQLite file of the journal; by default volvo_journal.db beside the token file.",
    )
    database_url: Secret | None = Field(
        default=None,
        description="PostgreSQL database for the journal instead of a file: postgresql://user:password@host/name.",
    )
    database_url_file: InputFile | None = Field(default=None, description="File that holds database_url.")
    usable_battery_capacity: dict[str, Annotated[float, Field(gt=0, le=200)]] = Field(
        default={},
        description="Usable battery capacity of the cars in kWh, by VIN; overrides the journal's table.",
    )
    mqtt: Mqtt | None = Field(default=None, description="MQTT broker: see [Mqtt](#mqtt).")
    notify: Secrets = Field(
        default=(),
        description="URLs of services for messages, e.g. `ntfy://topic`: "
        "see [Notifications](notifications.md).",
    )
    webhooks: tuple[Webhook, ...] = Field(
        default=(), description="Signed webhooks for messages: see [Webhooks](#webhooks)."
    )
    notifications: Notifications = Field(
        default=Notifications(), description="What is sent, and when: see [Notifications](#notifications)."
    )
    remote_write: tuple[RemoteWrite, ...] = Field(
        default=(), description="Receivers of Prometheus remote write: see [Remote write](#remote-write)."
    )
    abrp: tuple[Abrp, ...] = Field(
        default=(),
        description="Vehicles whose telemetry is sent to A Better Routeplanner: see [Abrp](#abrp).",
    )
    units: Literal["metric", "imperial", "us"] = Field(
        default="metric",
        description="Units of the pages: `metric`, `imperial` (miles, liters, °C) or `us` (miles, gallons, "
        "°F); metrics and JSON have base units.",
    )
    daily_quota: int = Field(default=10_000, ge=1, description="API calls per day of each API key.")
    requests_per_minute: int = Field(default=100, ge=1, description="API calls per minute of each API key.")
    vehicle_labels: Words | None = Field(
        default=None, description="Attributes of the car as labels of every series; vin is always included."
    )
    vehicle_names: dict[str, str] = Field(default={}, description="Names of the cars, by VIN.")
    privacy: Privacy = Field(
        default=Privacy(), description="Precision of position and VIN: see [Privacy](#privacy)."
    )
    disabled_resources: Words = Field(
        default=(), description="Resources that are never requested, e.g. location."
    )
    extended_vehicle: bool = Field(
        default=False, description="Poll the Extended Vehicle API, which Volvo shut down at the end of 2025."
    )
    volvo_api_url: Line = Field(default="https://api.volvocars.com", description="URL of Volvo's APIs.")
    volvo_id_url: Line = Field(default="https://volvoid.eu.volvocars.com", description="URL of Volvo ID.")
    weather_api_url: Line = Field(
        default="https://api.openweathermap.org", description="URL of OpenWeatherMap."
    )

    @field_validator("volvo_api_url", "volvo_id_url", "weather_api_url")
    @classmethod
    def _check_url(cls, value: str) -> str:
        if not is_url(value):
            message = "must be a complete URL, e.g. https://api.volvocars.com"
            raise ValueError(message)
        return value.rstrip("/")

    @field_validator("database_url")
    @classmethod
    def _check_database(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not value.get_secret_value().startswith(("postgresql://", "postgres://")):
            message = "must be the URL of a PostgreSQL database, e.g. postgresql://user:password@host/name"
            raise ValueError(message)
        return value

    @field_validator("vehicle_labels")
    @classmethod
    def _add_vin(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        return None if value is None else tuple(dict.fromkeys(("vin", *value)))

    @field_validator("vehicle_names", "usable_battery_capacity")
    @classmethod
    def _check_vins(cls, value: dict[str, str | float]) -> dict[str, str | float]:
        return {read_vin(vin): given for vin, given in value.items()}

    @field_validator("abrp")
    @classmethod
    def _check_abrp(cls, value: tuple[Abrp, ...]) -> tuple[Abrp, ...]:
        if len({entry.vin for entry in value}) < len(value):
            message = "must have one entry for each vehicle; remove the second one"
            raise ValueError(message)
        return value

    @model_validator(mode="after")
    def _check_weather(self) -> Self:
        if self.weather_api_key is not None and self.privacy.position == "off":
            message = (
                "privacy.position: must not be off with weather_api_key; "
                "set rounded, or remove weather_api_key"
            )
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _check_accounts(self) -> Self:
        accounts = self.complete_accounts
        missing = [
            _missing(setting, where, account.name if self.accounts else "")
            for account in accounts
            for setting, where in REQUIRED
            if not plain(getattr(account, setting))
        ]
        if missing:
            raise ValueError("\n".join(missing))
        for setting, values in (
            ("name", {account.name for account in accounts}),
            ("token_file", {account.token_path for account in accounts}),
        ):
            if len(values) < len(accounts):
                message = f"accounts: {setting} must be different for each account"
                raise ValueError(message)
        return self

    @property
    def complete_accounts(self) -> tuple[AccountSettings, ...]:
        """The accounts, each including the shared settings."""
        common = {
            name: getattr(self, name) for name in AccountFields.model_fields if name in self.model_fields_set
        }
        common = {name: value for name, value in common.items() if not name.endswith("_file")}
        if not self.accounts:
            return (AccountSettings(**common, token_file=self.token_file),)
        return tuple(AccountSettings(**{**common, **_given(account)}) for account in self.accounts)

    @property
    def journal_path(self) -> Path:
        """The SQLite file of the journal."""
        return self.journal_file or self.complete_accounts[0].token_path.with_name("volvo_journal.db")

    def secret_values(self) -> tuple[str, ...]:
        """Return all secrets in plain text, for the redaction of the log."""
        return tuple(secrets_of(self))

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - pydantic-settings names the arguments
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Return the sources: the environment overrides the file, whose content `load` passes."""
        return env_settings, init_settings


def _given(account: AccountSettings) -> dict[str, Any]:
    """Return the settings of an account's own entry; secrets were already read from their files."""
    files = {f"{secret}_file" for secret in account.secrets_in_files()}
    given = {name: getattr(account, name) for name in account.model_fields_set}
    return {name: value for name, value in given.items() if name not in files}


def _missing(setting: str, where: str, account: str) -> str:
    return f"{setting}: is missing{f' for account {account}' if account else ''}; {where}"
