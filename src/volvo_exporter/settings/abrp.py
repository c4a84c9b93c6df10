"""The section `abrp`: vehicles whose telemetry is sent to A Better Routeplanner."""

from typing import Annotated

from pydantic import AfterValidator, Field, field_validator

from volvo_exporter.fields import InputFile, Line, Secret, is_url, read_vin
from volvo_exporter.settings.sections import Section


class Abrp(Section):
    """A list of vehicles whose telemetry is sent: see [A Better Routeplanner](abrp.md)."""

    vin: Annotated[Line, AfterValidator(read_vin)] = Field(description="VIN of the vehicle.")
    api_key: Secret = Field(min_length=1, description="API key of Iternio's Telemetry API.")
    api_key_file: InputFile | None = Field(default=None, description="File that holds api_key.")
    user_token: Secret = Field(
        min_length=1, description="Token of the vehicle from the app: *Live data*, *Generic*."
    )
    user_token_file: InputFile | None = Field(default=None, description="File that holds user_token.")
    url: Line = Field(default="https://api.iternio.com/1/tlm/send", description="URL of the Telemetry API.")

    @field_validator("url")
    @classmethod
    def _check_url(cls, value: str) -> str:
        if not is_url(value):
            message = "must be a complete URL, e.g. https://api.iternio.com/1/tlm/send"
            raise ValueError(message)
        return value
