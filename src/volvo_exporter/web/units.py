"""Units of the pages, by the setting `units`. Data only; metrics and the JSON API always have base units."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """Units of distance, volume and temperature."""

    distance: str
    meters: float
    """Length of the unit of distance."""
    volume: str
    liters: float
    """Size of the unit of volume."""
    temperature: str
    degrees: float = 1.0
    """Degrees of the unit per degree Celsius."""
    freezing: float = 0.0
    """Value of the unit at 0 °C."""


MILE_METERS = 1609.344
US_GALLON_LITERS = 3.785411784
METRIC = Units(distance="km", meters=1000.0, volume="l", liters=1.0, temperature="°C")
UNITS: Mapping[str, Units] = MappingProxyType(
    {
        "metric": METRIC,
        # As on British roads: fuel is sold in liters, the weather is in degrees Celsius.
        "imperial": Units(distance="mi", meters=MILE_METERS, volume="l", liters=1.0, temperature="°C"),
        "us": Units(
            distance="mi",
            meters=MILE_METERS,
            volume="gal",
            liters=US_GALLON_LITERS,
            temperature="°F",
            degrees=1.8,
            freezing=32.0,
        ),
    }
)
"""By the value of the setting."""
