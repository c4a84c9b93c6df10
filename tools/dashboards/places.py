"""Dashboard of places."""

from tools.dashboards.mappings import TEMPERATURE_COLOUR, map_states
from tools.dashboards.model import (
    CELSIUS,
    DEGREES,
    KM,
    PERCENT,
    SECONDS,
    Dashboard,
    Kind,
    Panel,
    Query,
    Row,
    held,
    one,
    over_range,
    pick,
    state,
    value,
)
from tools.dashboards.overview import TO_KM
from volvo_exporter.catalogue import families as f

UNKNOWN_POSITION = "Position unknown"

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
    one(
        "Distance",
        "Distance in the selected time range, by odometer.",
        over_range(f.ODOMETER) + TO_KM,
        unit=KM,
        decimals=0,
        width=4,
    ),
    one(
        "Position age",
        "Time since the car reported its position.",
        f"time() - {held(f.FIELD_TIMESTAMP, resource='location')}",
        unit=SECONDS,
        decimals=0,
        no_value=UNKNOWN_POSITION,
        width=4,
    ),
    Panel(
        title="Weather at the car",
        description="Weather at the car's position. Requires `weather_api_key`.",
        queries=(
            Query(expr=held(f.WEATHER_TEMPERATURE), legend="Temperature", colour=TEMPERATURE_COLOUR),
            Query(expr=held(f.WEATHER_FEELS_LIKE), legend="Feels like", colour=TEMPERATURE_COLOUR),
            Query(expr=held(f.WEATHER_HUMIDITY), legend="Humidity", unit=PERCENT),
        ),
        unit=CELSIUS,
        decimals=0,
        width=8,
        height=6,
    ),
    one(
        "Temperature over time",
        "Air temperature at the car.",
        held(f.WEATHER_TEMPERATURE),
        "Temperature",
        colour=TEMPERATURE_COLOUR,
        kind=Kind.GRAPH,
        unit=CELSIUS,
        width=8,
        height=8,
    ),
    one(
        "Activity",
        "Activity over time.",
        state(f.ACTIVITY),
        kind=Kind.TIMELINE,
        mappings=map_states(f.ACTIVITY),
        width=24,
        height=4,
    ),
)
PLACES = Dashboard(
    uid="volvo-places",
    file="volvo-places.json",
    title="Volvo: places",
    description="Positions of the car, and the weather there.",
    variables=(pick(),),
    rows=(Row(title="", panels=PANELS),),
)
