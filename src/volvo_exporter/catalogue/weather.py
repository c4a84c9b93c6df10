"""OpenWeatherMap's current weather at the car's position. Optional: it takes an API key of its own."""

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


def _field(key: str, family: Family, quantity: Quantity, unit: str) -> Field:
    return Field(key=key, family=family, kind=Number(quantity=quantity, unit=unit), path=("main", key))


IGNORED = (
    *("coord", "weather", "base", "visibility", "wind", "clouds", "rain", "snow", "sys"),
    *("timezone", "id", "name", "cod"),
)

# The request asks for units=metric, which makes temperatures Celsius.
WEATHER = Resource(
    name="weather",
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
        _field("temp", families.WEATHER_TEMPERATURE, TEMPERATURE, "celsius"),
        _field("feels_like", families.WEATHER_FEELS_LIKE, TEMPERATURE, "celsius"),
        _field("temp_min", families.WEATHER_TEMPERATURE_MIN, TEMPERATURE, "celsius"),
        _field("temp_max", families.WEATHER_TEMPERATURE_MAX, TEMPERATURE, "celsius"),
        _field("pressure", families.WEATHER_PRESSURE, PRESSURE, "hPa"),
        _field("humidity", families.WEATHER_HUMIDITY, RATIO, "%"),
    ),
)

RESOURCES: tuple[Resource, ...] = (WEATHER,)
