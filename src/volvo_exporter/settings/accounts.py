"""Settings of an account: the application at Volvo, its vehicles and the token file."""

from pathlib import Path
from urllib.parse import unquote

from pydantic import Field, SecretStr, field_validator

from volvo_exporter.fields import Credential, InputFile, OutputFile, Secret, Text, Vins, Words, is_url
from volvo_exporter.settings.sections import Section

TOKEN_FILE = "volvo_token.json"  # noqa: S105 - a file's name
PORTAL = "https://developer.volvocars.com/account/"
REQUIRED = (
    ("client_id", f"copy it from your published application at {PORTAL}"),
    ("client_secret", f"copy it from your published application at {PORTAL}"),
    ("api_key", f"copy the VCC API key (primary) of your application at {PORTAL}"),
    ("redirect_uri", f"copy the redirect URI that you registered at {PORTAL}"),
)


class AccountFields(Section):
    """Settings that each account can have: application, vehicles, token file."""

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
