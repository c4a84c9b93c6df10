"""Dashboard of places."""

from tools.dashboards.mappings import TEMPERATURE_COLOUR
from tools.dashboards.model import (
    COUNT,
    DEGREES,
    PERCENT,
    PRESSURE,
    SECONDS,
    Dashboard,
    Kind,
    Panel,
    Query,
    Row,
    held,
    pick,
    value,
)
from tools.dashboards.units import TEMPERATURE, in_unit, with_unit
from volvo_exporter.catalogue import families as f
from volvo_exporter.catalogue.model import Family

UNKNOWN_POSITION = "Position unknown"


def temperature(name: str, family: Family) -> Query:
    """Return the query of a temperature."""
    return Query(
        expr=in_unit(TEMPERATURE, held(family)),
        legend=with_unit(name, TEMPERATURE),
        colour=TEMPERATURE_COLOUR,
    )


PANELS = (
    Panel(
        title="Route",
        description="Positions in the selected time range, connected in order. The position is requested "
        "every few minutes. Requires the scope location:read.",
        queries=(
            Query(expr=value(f.LATITUDE), legend="latitude"),
            Query(expr=value(f.LONGITUDE), legend="longitude"),
        ),
        kind=Kind.ROUTE,
        unit=DEGREES,
        every="1m",
        width=16,
        height=18,
    ),
    Panel(
        title="Position and weather",
        description="Age, heading and altitude of the position, and the weather there. "
        "The weather requires `weather_api_key`.",
        queries=(
            Query(
                expr=f"time() - {held(f.FIELD_TIMESTAMP, resource='location')}",
                legend="Reported ago",
                unit=SECONDS,
            ),
            Query(expr=held(f.HEADING), legend="Heading", unit=DEGREES),
            Query(expr=held(f.ALTITUDE), legend="Altitude", unit="lengthm"),
            temperature("Temperature", f.WEATHER_TEMPERATURE),
            temperature("Feels like", f.WEATHER_FEELS_LIKE),
            temperature("Minimum", f.WEATHER_TEMPERATURE_MIN),
            temperature("Maximum", f.WEATHER_TEMPERATURE_MAX),
            Query(expr=held(f.WEATHER_HUMIDITY), legend="Humidity", unit=PERCENT),
            Query(expr=held(f.WEATHER_PRESSURE) + " / 100", legend="Pressure", unit=PRESSURE),
        ),
        unit=COUNT,
        decimals=0,
        no_value=UNKNOWN_POSITION,
        width=8,
        height=9,
    ),
    Panel(
        title="Temperature over time",
        description="Air temperature at the car.",
        queries=(temperature("Temperature", f.WEATHER_TEMPERATURE),),
        kind=Kind.GRAPH,
        unit=COUNT,
        no_value="Temperature unknown",
        width=8,
        height=9,
    ),
)
PLACES = Dashboard(
    uid="volvo-places",
    file="volvo-places.json",
    title="Volvo: places",
    description="Positions of the car, and the weather there.",
    variables=(pick(), TEMPERATURE),
    rows=(Row(title="", panels=PANELS),),
)
