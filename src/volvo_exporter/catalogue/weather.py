"""OpenWeatherMap's current weather at the car's position. Optional: requires its own API key."""

from volvo_exporter.catalogue import families
from volvo_exporter.catalogue.model import (
    Api,
    Discovery,
    Family,
    Field,
    Number,
    Pace,
    Quantity,
    Resource,
    Shape,
)
from volvo_exporter.catalogue.quantities import PRESSURE, RATIO, TEMPERATURE


def _field(key: str, family: Family, quantity: Quantity, unit: str, *, meaning: str, example: float) -> Field:
    return Field(
        key=key,
        family=family,
        kind=Number(quantity=quantity, unit=unit),
        meaning=meaning,
        example=example,
        path=("main", key),
    )


IGNORED = (
    *("coord", "weather", "base", "visibility", "wind", "clouds", "rain", "snow", "sys"),
    *("timezone", "id", "name", "cod"),
)

# The request has units=metric, so temperatures are in Celsius.
WEATHER = Resource(
    name="weather",
    summary="Current weather at a position",
    api=Api.WEATHER,
    path="/weather",
    scopes=(),
    pace=Pace(driving=3, charging=3, plugged_in=3, parked=3, asleep=12, watched=3),
    discovery=Discovery.POSITION,
    shape=Shape.BARE,
    root=("main",),
    timestamp=("dt",),
    ignored=(*((key,) for key in IGNORED), ("main", "sea_level"), ("main", "grnd_level")),
    fields=(
        _field(
            "temp",
            families.WEATHER_TEMPERATURE,
            TEMPERATURE,
            "celsius",
            meaning="Air temperature.",
            example=8.5,
        ),
        _field(
            "feels_like",
            families.WEATHER_FEELS_LIKE,
            TEMPERATURE,
            "celsius",
            meaning="Perceived air temperature.",
            example=6.7,
        ),
        _field(
            "temp_min",
            families.WEATHER_TEMPERATURE_MIN,
            TEMPERATURE,
            "celsius",
            meaning="Lowest air temperature in the area now.",
            example=7.6,
        ),
        _field(
            "temp_max",
            families.WEATHER_TEMPERATURE_MAX,
            TEMPERATURE,
            "celsius",
            meaning="Highest air temperature in the area now.",
            example=9.2,
        ),
        _field(
            "pressure",
            families.WEATHER_PRESSURE,
            PRESSURE,
            "hPa",
            meaning="Air pressure at sea level.",
            example=1013,
        ),
        _field("humidity", families.WEATHER_HUMIDITY, RATIO, "%", meaning="Relative humidity.", example=70),
    ),
)

RESOURCES: tuple[Resource, ...] = (WEATHER,)
