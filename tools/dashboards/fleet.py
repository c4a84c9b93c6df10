"""Dashboard of all cars."""

from tools.dashboards.mappings import LOCK, map_states
from tools.dashboards.model import (
    CARS,
    COUNT,
    DAY,
    DEGREES,
    LITRES,
    PERCENT,
    SECONDS,
    THOUSANDS,
    Dashboard,
    Kind,
    Panel,
    Query,
    Row,
    held,
    last_report,
    named,
    one,
    over_range,
    per_day,
    pick,
    state,
)
from tools.dashboards.units import DISTANCE, in_unit, with_unit
from volvo_exporter.catalogue import families as f

NAME = "{{car}}"
VIN = "vin"
RANGES = f"sum by (vin) ({held(f.DISTANCE_TO_EMPTY, VIN, 'source', **CARS)})"
LOCKS = f"{held(f.LOCKED, VIN, **CARS)} + 2 * {held(f.ACTIVITY, VIN, state='driving', **CARS)}"
ALL_CARS = Panel(
    title="All cars",
    description="One row for each car; unknown values are empty. Select a name to open the car's overview.",
    queries=(
        Query(
            expr=named(state(f.ACTIVITY, VIN, **CARS)),
            legend="Activity",
            mappings=map_states(f.ACTIVITY),
            pixels=110,
        ),
        Query(expr=named(LOCKS), legend="Lock", mappings=LOCK, pixels=150),
        Query(expr=named(held(f.BATTERY_CHARGE, VIN, **CARS)), legend="Charge", unit=PERCENT, pixels=90),
        Query(expr=named(held(f.FUEL_AMOUNT, VIN, **CARS)), legend="Fuel", unit=LITRES, pixels=90),
        Query(
            expr=named(in_unit(DISTANCE, RANGES)),
            legend=with_unit("Range", DISTANCE),
            unit=THOUSANDS,
            pixels=120,
        ),
        Query(
            expr=named(in_unit(DISTANCE, held(f.ODOMETER, VIN, **CARS))),
            legend=with_unit("Odometer", DISTANCE),
            unit=THOUSANDS,
        ),
        Query(
            expr=named(in_unit(DISTANCE, over_range(f.ODOMETER, VIN, **CARS))),
            legend=with_unit("Distance", DISTANCE),
            unit=THOUSANDS,
        ),
        Query(expr=named(f"time() - {last_report(VIN, cars='$vins')}"), legend="Reported ago", unit=SECONDS),
    ),
    kind=Kind.TABLE,
    columns=(("car", "Car"), ("vin", "VIN")),
    unit=COUNT,
    decimals=0,
    width=24,
    height=6,
)
PANELS = (
    ALL_CARS,
    Panel(
        title="Map",
        description="Last known positions of the cars.",
        queries=(
            Query(expr=named(held(f.LATITUDE, VIN, **CARS)), legend="latitude"),
            Query(expr=named(held(f.LONGITUDE, VIN, **CARS)), legend="longitude"),
        ),
        kind=Kind.POINTS,
        unit=DEGREES,
        width=12,
        height=13,
    ),
    one(
        "Alerts",
        "Firing alerts of these cars. Requires `prometheus/alert_rules.yml`.",
        'max by (alertname, car) (ALERTS{alertstate="firing",vin=~"$vins"})',
        "Firing",
        kind=Kind.ALERTS,
        columns=(("alertname", "Alert"), ("car", "Car")),
        unit=COUNT,
        no_value="No alert is firing",
        width=12,
        height=6,
    ),
    one(
        "Activity",
        "Activity of each car.",
        named(state(f.ACTIVITY, VIN, **CARS)),
        NAME,
        kind=Kind.TIMELINE,
        mappings=map_states(f.ACTIVITY),
        width=12,
        height=7,
    ),
    one(
        "Charge over time",
        "State of charge of each car with a traction battery.",
        named(held(f.BATTERY_CHARGE, VIN, **CARS)),
        NAME,
        kind=Kind.GRAPH,
        unit=PERCENT,
        maximum=1,
        width=12,
        height=8,
    ),
    one(
        "Distance per day",
        "Distance of each car on each day, by odometer, in the selected unit. The last bar is today.",
        named(in_unit(DISTANCE, per_day(f.ODOMETER, VIN, **CARS))),
        with_unit(NAME, DISTANCE),
        kind=Kind.COLUMNS,
        unit=THOUSANDS,
        decimals=0,
        every=DAY,
        width=12,
        height=8,
    ),
)
FLEET = Dashboard(
    uid="volvo-fleet",
    file="volvo-fleet.json",
    title="Volvo: fleet",
    description="All cars of all accounts.",
    variables=(pick(many=True), DISTANCE),
    since="now-7d",
    rows=(Row(title="", panels=PANELS),),
)
