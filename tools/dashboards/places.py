"""Dashboards of places and of the fleet."""

from dataclasses import replace

from tools.dashboards.mappings import LOCKED, OPEN, map_states
from tools.dashboards.model import (
    CELSIUS,
    DEGREES,
    KM,
    LITRES,
    PERCENT,
    SECONDS,
    Dashboard,
    Kind,
    Panel,
    Query,
    Row,
    grouped,
    last_report,
    named,
    one,
    pick,
    rule,
    series,
    state,
    value,
)
from tools.dashboards.vehicle import ACTIVITY_OVER_TIME, CHARGE_LIMITS, FUEL_LIMITS, MAP, TO_KM, WEATHER
from volvo_exporter.catalogue import families as f

POSITIONS = (
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
    replace(MAP, width=8, height=10),
    Panel(
        title="Position",
        description="Last known position, heading and altitude. Most cars always report the altitude 0.",
        queries=(
            Query(expr=value(f.LATITUDE), legend="Latitude"),
            Query(expr=value(f.LONGITUDE), legend="Longitude"),
            Query(expr=value(f.HEADING), legend="Heading"),
            Query(expr=value(f.ALTITUDE), legend="Altitude", unit="suffix:m"),
        ),
        unit=DEGREES,
        width=8,
        height=5,
    ),
    one(
        "Position age",
        "Time since the car reported its position.",
        f"time() - {value(f.FIELD_TIMESTAMP, resource='location')}",
        unit=SECONDS,
        decimals=0,
        width=8,
        height=3,
    ),
    ACTIVITY_OVER_TIME,
    replace(WEATHER, height=6),
    Panel(
        title="Temperature over time",
        description="Air temperature at the car.",
        queries=(
            Query(expr=value(f.WEATHER_TEMPERATURE), legend="Temperature"),
            Query(expr=value(f.WEATHER_FEELS_LIKE), legend="Feels like"),
        ),
        kind=Kind.GRAPH,
        unit=CELSIUS,
        width=12,
        height=6,
    ),
)
PLACES = Dashboard(
    uid="volvo-places",
    file="volvo-places.json",
    title="Volvo: places",
    description="Positions of the car, and the weather there.",
    variables=(pick(f.LATITUDE.name),),
    rows=(Row(title="Places", panels=POSITIONS),),
)

NAME = "{{model}} {{model_year}} {{vin}}"
OPENINGS = " + ".join(
    f"sum by (vin) ({value(family, 'vin', label)})"
    for family, label in ((f.DOOR_OPEN, "door"), (f.WINDOW_OPEN, "window"))
)
AGE = f"time() - {last_report('vin')}"

ALL_CARS = Panel(
    title="All cars",
    description="One row for each car; unknown values are empty. Select a VIN to open the car's dashboard.",
    queries=(
        Query(expr=grouped(series(f.VEHICLE_INFO), "vin", "model", "model_year", "fuel_type")),
        Query(expr=state(f.ACTIVITY, "vin"), legend="Activity", mappings=map_states(f.ACTIVITY)),
        Query(expr=value(f.BATTERY_CHARGE, "vin"), legend="Charge", unit=PERCENT),
        Query(expr=value(f.FUEL_AMOUNT, "vin"), legend="Fuel", unit=LITRES),
        Query(expr=value(f.DISTANCE_TO_EMPTY, "vin") + TO_KM, legend="Range", unit=KM),
        Query(expr=value(f.ODOMETER, "vin") + TO_KM, legend="Odometer", unit=KM),
        Query(expr=value(f.LOCKED, "vin"), legend="Lock", mappings=LOCKED),
        Query(expr=OPENINGS, legend="Open doors and windows"),
        Query(
            expr=f"sum by (vin) ({value(f.LAMP_FAILURE, 'vin', 'lamp')})",
            legend="Failed lamps",
        ),
        Query(expr=state(f.SERVICE_STATUS, "vin"), legend="Service", mappings=map_states(f.SERVICE_STATUS)),
        Query(expr=AGE, legend="Data age", unit=SECONDS),
    ),
    kind=Kind.TABLE,
    unit="short",
    decimals=0,
    width=24,
    height=8,
)
TOGETHER = (
    ALL_CARS,
    replace(MAP, title="Map", description="Last known positions of the cars.", height=14),
    one(
        "Activity",
        "Activity of each car.",
        named(state(f.ACTIVITY, "vin")),
        NAME,
        kind=Kind.TIMELINE,
        mappings=map_states(f.ACTIVITY),
        width=12,
        height=7,
    ),
    one(
        "Distance in 30 days",
        "Distance of each car in 30 days. Requires the recording rules.",
        named(rule("volvo:distance_km:30d")),
        NAME,
        kind=Kind.BARS,
        unit=KM,
        decimals=0,
        width=12,
        height=7,
    ),
    one(
        "Charge",
        "State of charge of each car with a traction battery.",
        named(value(f.BATTERY_CHARGE, "vin")),
        NAME,
        kind=Kind.GRAPH,
        unit=PERCENT,
        width=12,
        height=8,
    ),
    one(
        "Distance per day",
        "Distance in the 24 hours before each bar. Requires the recording rules.",
        named(rule("volvo:distance_km:1d")),
        NAME,
        kind=Kind.COLUMNS,
        unit=KM,
        every="1d",
        width=12,
        height=8,
    ),
)
EACH_CAR = (
    one(
        "Current activity",
        "Current activity of the car.",
        named(state(f.ACTIVITY, "vin")),
        "{{model}} {{model_year}}",
        mappings=map_states(f.ACTIVITY),
    ),
    Panel(
        title="Energy",
        description="Charge and fuel of this car.",
        queries=(
            Query(expr=value(f.BATTERY_CHARGE), legend="Charge"),
            Query(expr=value(f.FUEL_AMOUNT), legend="Fuel", unit=LITRES, limits=FUEL_LIMITS),
        ),
        unit=PERCENT,
        limits=CHARGE_LIMITS,
    ),
    one(
        "Range",
        "Distance to empty by source of energy.",
        value(f.DISTANCE_TO_EMPTY, "source") + TO_KM,
        "{{source}}",
        unit=KM,
        decimals=0,
    ),
    Panel(
        title="Lock, doors and windows",
        description="Whether the car is locked, and whether a door or window is open.",
        queries=(
            Query(expr=value(f.LOCKED), legend="Lock", mappings=LOCKED),
            Query(expr=value(f.DOOR_OPEN), legend="Doors", mappings=OPEN),
            Query(expr=value(f.WINDOW_OPEN), legend="Windows", mappings=OPEN),
        ),
        mappings=OPEN,
    ),
)
FLEET = Dashboard(
    uid="volvo-fleet",
    file="volvo-fleet.json",
    title="Volvo: fleet",
    description="All cars of all accounts.",
    variables=(pick(many=True),),
    since="now-7d",
    rows=(
        Row(title="All cars", panels=TOGETHER),
        Row(title="${vin:text}", panels=EACH_CAR, repeat="vin"),
    ),
)
