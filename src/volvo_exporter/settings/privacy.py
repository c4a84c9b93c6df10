"""The section `privacy`: precision of the position and the VIN in all outputs."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from volvo_exporter.fields import on_or_off
from volvo_exporter.settings.sections import Section


class Privacy(Section):
    """Precision of the position and the VIN in all outputs: `/metrics`, JSON, the status page and others.

    `privacy` contains `position` and `vin`, indented as in `config.example.yaml`.
    With `position: off`, a login does not request the scope `location:read`, and no weather is available:
    remove `weather_api_key`. If the VINs of two cars have the same ending, more characters are shown.
    """

    position: Annotated[Literal["full", "rounded", "off"], BeforeValidator(on_or_off)] = Field(
        default="full",
        description="Position: `full`, `rounded` to about 1 km, or `off`: never requested.",
    )
    vin: Literal["full", "masked"] = Field(
        default="full", description="VIN: `full`, or `masked` to its last four characters."
    )
