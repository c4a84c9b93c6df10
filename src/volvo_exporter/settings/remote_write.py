"""The section `remote_write`: receivers of Prometheus remote write."""

from typing import Self

from pydantic import Field, SecretStr, field_validator, model_validator

from volvo_exporter.fields import Credential, InputFile, Line, Secret, is_url
from volvo_exporter.settings.sections import Section


class RemoteWrite(Section):
    """A list of receivers of Prometheus remote write 1.0: see [Remote write](remote-write.md)."""

    url: Line = Field(description="URL of the receiver, e.g. `https://…/api/v1/write`.")
    username: Credential = Field(default="", description="User name for basic auth.")
    password: Secret = Field(default=SecretStr(""), description="Password for basic auth.")
    password_file: InputFile | None = Field(default=None, description="File that holds password.")
    bearer_token: Secret = Field(default=SecretStr(""), description="Bearer token instead of basic auth.")
    bearer_token_file: InputFile | None = Field(default=None, description="File that holds bearer_token.")
    headers: dict[str, Line] = Field(
        default={}, description="More headers, e.g. `X-Scope-OrgID` for a tenant of Mimir."
    )
    labels: dict[str, Line] = Field(
        default={},
        description="Labels of every series; `job: volvo` and `instance` (host and port) by default.",
    )
    interval: float = Field(default=60, ge=5, le=300, description="Seconds between two samples of a series.")

    @field_validator("url")
    @classmethod
    def _check_url(cls, value: str) -> str:
        if not is_url(value):
            message = "must be a complete URL, e.g. http://localhost:9090/api/v1/write"
            raise ValueError(message)
        return value

    @model_validator(mode="after")
    def _check_credentials(self) -> Self:
        if self.bearer_token.get_secret_value() and self.username:
            message = "bearer_token: set either bearer_token or username and password, not both"
            raise ValueError(message)
        return self

    def all_headers(self) -> dict[str, str]:
        """Return the headers of a request; those of basic auth are not among them."""
        token = self.bearer_token.get_secret_value()
        return {**self.headers, **({"authorization": f"Bearer {token}"} if token else {})}
