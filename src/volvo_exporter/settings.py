"""Read the settings from config.yaml, the environment and secret files, validate them and describe errors.

Imports `fields`, `ownership` and `problems` only. Values that depend on the
catalogue (labels, resources) are validated in `assembly` and `account`.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import unquote

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from volvo_exporter.fields import (
    Credential,
    Host,
    InputFile,
    Line,
    OutputFile,
    Privacy,
    Secret,
    Text,
    Vins,
    Words,
    is_url,
    on_or_off,
    read_credential,
    read_vin,
)
from volvo_exporter.ownership import describe_denial
from volvo_exporter.problems import (
    TYPES,
    Invalid,
    Problem,
    describe_error,
    describe_unknown,
    describe_yaml_error,
)

SECRETS = ("client_secret", "api_key", "weather_api_key", "database_url")
TOKEN_FILE = "volvo_token.json"  # noqa: S105 - a file's name
SECRET_FILES = tuple(f"{secret}_file" for secret in SECRETS)
PORTAL = "https://developer.volvocars.com/account/"
REQUIRED = (
    ("client_id", f"copy it from your published application at {PORTAL}"),
    ("client_secret", f"copy it from your published application at {PORTAL}"),
    ("api_key", f"copy the VCC API key (primary) of your application at {PORTAL}"),
    ("redirect_uri", f"copy the redirect URI that you registered at {PORTAL}"),
)
EXPECTED_SETTINGS = TYPES["model_type"]


class AccountFields(BaseModel):
    """Settings that each account can have: application, vehicles, token file."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    client_id: Credential = Field(default="", description="Client id of your published application.")
    client_secret: Secret = Field(default=SecretStr(""), description="Client secret of your application.")
    client_secret_file: InputFile | None = Field(default=None, description="File that holds client_secret.")
    api_key: Secret = Field(default=SecretStr(""), description="VCC API key (primary) of your application.")
    api_key_file: InputFile | None = Field(default=None, description="File that holds api_key.")
    redirect_uri: Text = Field(
        default="", description="Redirect URI, exactly as registered with your application."
    )
    vin: Vins = Field(default=(), description="VIN, or a list of VINs; default: all cars of the account.")
    scope: Words = Field(
        default=(), description="OAuth scopes to request at most; default: all that are needed."
    )
    token_file: OutputFile | None = Field(
        default=None, description="File that stores the token of the login."
    )

    @model_validator(mode="before")
    @classmethod
    def _read_secret_files(cls, values: object) -> object:
        return dict(_with_secrets(values)) if isinstance(values, dict) else values

    @field_validator("redirect_uri")
    @classmethod
    def _decode_uri(cls, value: str) -> str:
        uri = value if "://" in value else unquote(value)
        if uri and not is_url(uri):
            message = "must be a complete URL, e.g. http://localhost:9100/callback"
            raise ValueError(message)
        return uri

    @field_validator("scope")
    @classmethod
    def _decode_scope(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(" ".join(unquote(part).replace("+", " ") for part in value).split())


class AccountSettings(AccountFields):
    """Settings of one account."""

    name: Text = Field(default="default", description="Name of the account in labels and log lines.")

    @property
    def token_path(self) -> Path:
        """The token file; by default named after the account."""
        return self.token_file or Path(
            TOKEN_FILE if self.name == "default" else f"volvo_token_{self.name}.json"
        )


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
            if not _plain(getattr(account, setting))
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
        secrets = [secret for secret in (self.weather_api_key, self.database_url) if secret]
        for account in self.complete_accounts:
            secrets += [account.client_secret, account.api_key]
        return tuple(secret.get_secret_value() for secret in secrets)

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


def load(path: Path) -> Settings | Invalid:
    """Read the settings from a file, if it exists, and from the environment, which overrides it."""
    content = _read(path)
    if isinstance(content, Invalid):
        return content
    try:
        return Settings(**content)
    except SettingsError as error:
        setting = str(error).split('"')[1]  # pydantic names it in its message only
        return _invalid(f"VOLVO_{setting.upper()}", "must be JSON in the environment")
    except RecursionError:
        return _invalid("the environment", "a value is nested too deeply; check for unclosed brackets")
    except ValidationError as error:
        hint = Problem(
            setting=str(path), message="not found; copy config.example.yaml to this path and fill it in"
        )
        details = error.errors(include_url=False)
        problems = (problem for detail in details for problem in _explain(detail))
        return Invalid(problems=(*(() if path.exists() else (hint,)), *problems))


def _read(path: Path) -> dict[str, Any] | Invalid:
    """Read the settings of a file; empty if it does not exist."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else {}
    except (OSError, UnicodeDecodeError) as error:
        return _invalid(str(path), f"cannot be read: {_reason(error, path)}")
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError) as error:
        # ValueError, OverflowError: a date or letter that does not exist
        return _invalid(str(path), describe_yaml_error(error))
    settings = content or {}
    if not isinstance(settings, dict) or not all(isinstance(key, str) for key in settings):
        return _invalid(str(path), EXPECTED_SETTINGS)
    return settings


def _with_secrets(values: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the given values (`vin:` without a value is omitted) and the secrets read from files."""
    yield from ((setting, value) for setting, value in values.items() if value is not None)
    for secret in SECRETS:
        file = values.get(f"{secret}_file")
        if file is None:
            continue
        if _plain(values.get(secret)):
            message = f"{secret}: set either {secret} or {secret}_file, not both"
            raise ValueError(message)
        try:
            # Notepad and PowerShell put a byte order mark before the text.
            text = Path(file).read_text(encoding="utf-8-sig").strip()
        except (OSError, UnicodeDecodeError, TypeError) as error:
            message = f"{secret}_file: cannot be read ({_reason(error, file)})"
            raise ValueError(message) from None
        if not text:
            message = f"{secret}_file: the file is empty; write the value into it"
            raise ValueError(message)
        try:
            yield secret, read_credential(text)
        except ValueError as error:
            message = f"{secret}_file: invalid content: {error}"
            raise ValueError(message) from None


def _reason(error: Exception, file: Path | str) -> str:
    if isinstance(error, PermissionError):
        return describe_denial(Path(file), uid=os.geteuid())
    if isinstance(error, UnicodeDecodeError):
        return "not UTF-8; save the file as UTF-8"
    return getattr(error, "strerror", None) or "not the path of a file"


def _given(account: AccountSettings) -> dict[str, Any]:
    """Return the settings of an account's own entry; secrets were already read from their files."""
    given = {name: getattr(account, name) for name in account.model_fields_set}
    return {name: value for name, value in given.items() if name not in SECRET_FILES}


def _plain(value: object) -> object:
    return value.get_secret_value() if isinstance(value, SecretStr) else value


def _missing(setting: str, where: str, account: str) -> str:
    return f"{setting}: is missing{f' for account {account}' if account else ''}; {where}"


def _invalid(setting: str, message: str) -> Invalid:
    return Invalid(problems=(Problem(setting=setting, message=message),))


def _explain(detail: ErrorDetails) -> Iterator[Problem]:
    """Convert an error of Pydantic to one problem for each line of its message."""
    setting = ".".join(str(step) for step in detail["loc"])
    if detail["type"] == "extra_forbidden":
        name, within_privacy = str(detail["loc"][-1]), detail["loc"][0] == "privacy"
        message = (
            describe_unknown(name, Privacy.model_fields, aliases={})
            if within_privacy
            else describe_unknown(name, (*Settings.model_fields, "name"))
        )
        yield Problem(setting=setting, message=message)
        return
    for message in describe_error(detail, _field(detail)).splitlines():
        named, _, rest = message.partition(": ")
        if setting or not rest:
            yield Problem(setting=setting or "accounts", message=message)
        else:
            yield Problem(setting=named, message=rest)


def _field(detail: ErrorDetails) -> FieldInfo | None:
    return Settings.model_fields.get(str(detail["loc"][0])) if detail["loc"] else None
