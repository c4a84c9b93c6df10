"""Dashboards about places, and about all cars together."""

from dataclasses import replace

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
from tools.dashboards.vehicle import ACTIVITY_OVER_TIME, CHARGE_LIMITS, FUEL_LIMITS, KM_OF, MAP, WEATHER
from tools.dashboards.words import LOCKED, OPEN, words_of
from volvo_exporter.catalogue import families as f

POSITIONS = (
    Panel(
        title="Where it was",
        text="Positions in the chosen time, joined in their order. The car is asked every few minutes, "
        "so corners are cut. Needs the scope location:read.",
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
        text="The last known position, where the car faces, and its altitude; most cars always say 0.",
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
        "Age of the position",
        "Time since the car told where it is.",
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
        text="Air temperature where the car was.",
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
    text="Where the car is and was, and the weather there.",
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
    text="One line for each car; what a car does not have stays empty. Click a VIN to see that car.",
    queries=(
        Query(expr=grouped(series(f.VEHICLE_INFO), "vin", "model", "model_year", "fuel_type")),
        Query(expr=state(f.ACTIVITY, "vin"), legend="Activity", words=words_of(f.ACTIVITY)),
        Query(expr=value(f.BATTERY_CHARGE, "vin"), legend="Charge", unit=PERCENT),
        Query(expr=value(f.FUEL_AMOUNT, "vin"), legend="Fuel", unit=LITRES),
        Query(expr=value(f.DISTANCE_TO_EMPTY, "vin") + KM_OF, legend="Range", unit=KM),
        Query(expr=value(f.ODOMETER, "vin") + KM_OF, legend="Odometer", unit=KM),
        Query(expr=value(f.LOCKED, "vin"), legend="Lock", words=LOCKED),
        Query(expr=OPENINGS, legend="Open doors and windows"),
        Query(
            expr=f"sum by (vin) ({value(f.LAMP_FAILURE, 'vin', 'lamp')})",
            legend="Failed lamps",
        ),
        Query(expr=state(f.SERVICE_STATUS, "vin"), legend="Service", words=words_of(f.SERVICE_STATUS)),
        Query(expr=AGE, legend="Last word", unit=SECONDS),
    ),
    kind=Kind.TABLE,
    unit="short",
    decimals=0,
    width=24,
    height=8,
)
TOGETHER = (
    ALL_CARS,
    replace(MAP, title="Map", text="The last known positions of the cars.", height=14),
    one(
        "Activities",
        "What each car did.",
        named(state(f.ACTIVITY, "vin")),
        NAME,
        kind=Kind.TIMELINE,
        words=words_of(f.ACTIVITY),
        width=12,
        height=7,
    ),
    one(
        "Driven in 30 days",
        "Distance of each car in 30 days. Needs the recording rules.",
        named(rule("volvo:distance_km:30d")),
        NAME,
        kind=Kind.BARS,
        unit=KM,
        decimals=0,
        width=12,
        height=7,
    ),
    one(
        "Charge of each car",
        "State of charge of the cars that have a traction battery.",
        named(value(f.BATTERY_CHARGE, "vin")),
        NAME,
        kind=Kind.GRAPH,
        unit=PERCENT,
        width=12,
        height=8,
    ),
    one(
        "Driven a day, by car",
        "Distance in the 24 hours before each bar. Needs the recording rules.",
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
        "What it does",
        "What this car is doing.",
        named(state(f.ACTIVITY, "vin")),
        "{{model}} {{model_year}}",
        words=words_of(f.ACTIVITY),
    ),
    Panel(
        title="Energy",
        text="Charge and fuel, as far as this car has them.",
        queries=(
            Query(expr=value(f.BATTERY_CHARGE), legend="Charge"),
            Query(expr=value(f.FUEL_AMOUNT), legend="Fuel", unit=LITRES, limits=FUEL_LIMITS),
        ),
        unit=PERCENT,
        limits=CHARGE_LIMITS,
    ),
    one(
        "How far",
        "Distance to empty by source of energy.",
        value(f.DISTANCE_TO_EMPTY, "source") + KM_OF,
        "{{source}}",
        unit=KM,
        decimals=0,
    ),
    Panel(
        title="Closed and locked",
        text="Whether it is locked and anything is open.",
        queries=(
            Query(expr=value(f.LOCKED), legend="Lock", words=LOCKED),
            Query(expr=value(f.DOOR_OPEN), legend="Doors", words=OPEN),
            Query(expr=value(f.WINDOW_OPEN), legend="Windows", words=OPEN),
        ),
        words=OPEN,
    ),
)
FLEET = Dashboard(
    uid="volvo-fleet",
    file="volvo-fleet.json",
    title="Volvo: fleet",
    text="All cars of all accounts beside each other.",
    variables=(pick(many=True),),
    since="now-7d",
    rows=(
        Row(title="Together", panels=TOGETHER),
        Row(title="${vin:text}", panels=EACH_CAR, repeat="vin"),
    ),
)
