"""Dashboard of one car on one screen; other dashboards reuse some of its panels."""

from tools.dashboards.events import latest_charge
from tools.dashboards.mappings import (
    BAD,
    CHARGE_COLOUR,
    DIM,
    FUEL_COLOUR,
    GOOD,
    LAMP,
    LOCK,
    LOW,
    OPEN,
    TARGET_COLOUR,
    TEMPERATURE_COLOUR,
    WARN,
    map_states,
)
from tools.dashboards.model import (
    AGO,
    COUNT,
    DEGREES,
    KWH,
    LITRES,
    MS,
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
    limits,
    one,
    over_range,
    pick,
    series,
    state,
    value,
)
from tools.dashboards.units import DISTANCE, ELECTRIC, FUEL, TEMPERATURE, UNITS, in_unit, with_unit
from volvo_exporter.catalogue import families as f
from volvo_exporter.catalogue import journal as j
from volvo_exporter.catalogue.thresholds import LOW_FUEL

CHARGE_LIMITS = limits((0, BAD), (0.1, WARN), (0.2, GOOD))
FUEL_LIMITS = limits((0, WARN), (LOW_FUEL, GOOD))
TANK = 70
"""Litres at the end of the gauge: no car in the catalogue has a larger tank."""

TO_KWH = " / 3.6e6"


def reported(resource: str, field: str) -> str:
    """Return the car's own time of a field."""
    return held(f.FIELD_TIMESTAMP, resource=resource, field=field)


BATTERY_RANGE = (
    f"({held(f.ELECTRIC_RANGE)} and "
    f"{reported('energy-state', 'electricRange')} > {reported('statistics', 'distanceToEmptyBattery')}) "
    f"or {held(f.DISTANCE_TO_EMPTY, source='battery')} or {held(f.ELECTRIC_RANGE)}"
)
"""The newer of the two ranges that the APIs report."""

RANGE = Panel(
    title="Range",
    description="Range on battery and tank, as estimated by the car. Of two ranges, the newer is shown.",
    queries=(
        Query(expr=in_unit(DISTANCE, BATTERY_RANGE), legend=with_unit("Battery", DISTANCE)),
        Query(
            expr=in_unit(DISTANCE, held(f.DISTANCE_TO_EMPTY, source="tank")),
            legend=with_unit("Tank", DISTANCE),
        ),
    ),
    unit=THOUSANDS,
    decimals=0,
    width=4,
    height=5,
)
STATE = Panel(
    title="State",
    description="Activity, lock, air temperature at the car, and time since the car's last report.",
    queries=(
        Query(expr=state(f.ACTIVITY), legend="Activity", mappings=map_states(f.ACTIVITY)),
        Query(
            expr=f"{held(f.LOCKED)} + 2 * {held(f.ACTIVITY, state='driving')}", legend="Lock", mappings=LOCK
        ),
        Query(
            expr=in_unit(TEMPERATURE, held(f.WEATHER_TEMPERATURE)),
            legend=with_unit("Outside", TEMPERATURE),
            colour=TEMPERATURE_COLOUR,
        ),
        Query(expr=f"time() - {last_report()}", legend="Reported ago", unit=SECONDS, colour=DIM),
    ),
    mappings=(),
    unit=COUNT,
    decimals=0,
    width=8,
    height=5,
)
LEVELS = Panel(
    title="Charge and fuel",
    description=f"State of charge, and fuel in the tank. Fuel is low below {LOW_FUEL:.0f} litres.",
    queries=(
        Query(expr=held(f.BATTERY_CHARGE), legend="Charge", limits=CHARGE_LIMITS, maximum=1),
        Query(expr=held(f.FUEL_AMOUNT), legend="Fuel", unit=LITRES, limits=FUEL_LIMITS, maximum=TANK),
    ),
    kind=Kind.GAUGE,
    unit=PERCENT,
    maximum=1,
    decimals=0,
    width=5,
    height=5,
)
CLOSED_LID = (
    f"({series(f.DOOR_OPEN, door='tank_lid')} "
    f"and on (vin) {series(f.CHARGER_CONNECTION, state='connected')} == 1)"
)
OPEN_DOORS = f"max by (door) ({series(f.DOOR_OPEN)} == 1 unless {CLOSED_LID})"
"""A tank lid is open while the cable is plugged in: that does not count."""


EXCEPTIONS = Panel(
    title="Open, low or failed",
    description="Open doors and windows, low tyres and fluids, failed lamps, and a service reminder. "
    "An open lid while the cable is plugged in is left out.",
    queries=(
        Query(expr=OPEN_DOORS, legend="Door {{door}}", mappings=OPEN),
        Query(expr=f"{value(f.WINDOW_OPEN, 'window')} == 1", legend="Window {{window}}", mappings=OPEN),
        Query(
            expr=f"{state(f.TYRE_PRESSURE, 'tyre')} > 1",
            legend="Tyre {{tyre}}",
            mappings=map_states(f.TYRE_PRESSURE),
        ),
        Query(expr=f"{value(f.LAMP_FAILURE, 'lamp')} == 1", legend="Lamp {{lamp}}", mappings=LAMP),
        Query(expr=f"{value(f.BRAKE_FLUID_LOW)} == 1", legend="Brake fluid", mappings=LOW),
        Query(expr=f"{value(f.COOLANT_LOW)} == 1", legend="Coolant", mappings=LOW),
        Query(expr=f"{value(f.WASHER_FLUID_LOW)} == 1", legend="Washer fluid", mappings=LOW),
        Query(expr=f"{state(f.OIL_LEVEL)} > 1", legend="Oil", mappings=map_states(f.OIL_LEVEL)),
        Query(
            expr=f"{state(f.SERVICE_STATUS)} > 1",
            legend="Service",
            mappings=map_states(f.SERVICE_STATUS),
        ),
    ),
    kind=Kind.EXCEPTIONS,
    unit=COUNT,
    no_value="Nothing to do",
    width=7,
    height=5,
)
LAST_DRIVE = Panel(
    title="Last drive",
    description="The last drive in the journal.",
    queries=(
        Query(expr=held(j.LAST_DRIVE_END) + MS, legend="Ended", unit=AGO),
        Query(
            expr=in_unit(DISTANCE, held(j.LAST_DRIVE_DISTANCE)),
            legend=with_unit("Distance", DISTANCE),
            unit=THOUSANDS,
        ),
        Query(expr=held(j.LAST_DRIVE_DURATION), legend="Duration", unit=SECONDS),
        Query(
            expr=in_unit(ELECTRIC, f"{held(j.LAST_DRIVE_ENERGY)} / {held(j.LAST_DRIVE_DISTANCE)}"),
            legend=with_unit("Electric", ELECTRIC),
        ),
        Query(
            expr=in_unit(FUEL, f"{held(j.LAST_DRIVE_FUEL)} / {held(j.LAST_DRIVE_DISTANCE)}"),
            legend=with_unit("Fuel", FUEL),
        ),
    ),
    unit=COUNT,
    decimals=1,
    no_value="No drive recorded",
    width=12,
)
LAST_CHARGE = Panel(
    title="Last charge",
    description="The last charge in the journal, and the number of refuellings for a car with a tank.",
    queries=(
        Query(expr=latest_charge(j.LAST_CHARGE_END) + MS, legend="Ended", unit=AGO),
        Query(expr=latest_charge(j.LAST_CHARGE_ENERGY) + TO_KWH, legend="Energy", unit=KWH),
        Query(expr=latest_charge(j.LAST_CHARGE_BEGIN), legend="From", unit=PERCENT),
        Query(expr=latest_charge(j.LAST_CHARGE_RATIO), legend="To", unit=PERCENT),
    ),
    unit=COUNT,
    decimals=0,
    no_value="No charge recorded",
    width=12,
)
MONTH = Panel(
    title="This month",
    description="Distance by odometer, drives, charges and refuellings since the first day of the month.",
    queries=(
        Query(
            expr=in_unit(DISTANCE, over_range(f.ODOMETER)),
            legend=with_unit("Distance", DISTANCE),
            unit=THOUSANDS,
        ),
        Query(expr=over_range(j.DRIVES), legend="Drives"),
        Query(expr=f"sum({over_range(j.CHARGED_ENERGY, 'type')}){TO_KWH}", legend="Charged", unit=KWH),
        Query(expr=over_range(j.REFUELED), legend="Refuelled", unit=LITRES),
    ),
    unit=COUNT,
    decimals=0,
    timeframe="now/M",
    width=12,
)
LEVELS_OVER_TIME = Panel(
    title="Charge and fuel over time",
    description="State of charge, charging target and fuel.",
    queries=(
        Query(expr=held(f.BATTERY_CHARGE), legend="Charge", colour=CHARGE_COLOUR),
        Query(expr=held(f.CHARGING_TARGET), legend="Target", colour=TARGET_COLOUR),
        Query(expr=held(f.FUEL_AMOUNT), legend="Fuel", unit=LITRES, colour=FUEL_COLOUR, maximum=TANK),
    ),
    kind=Kind.GRAPH,
    unit=PERCENT,
    maximum=1,
    width=12,
    height=7,
)
ALERTS = one(
    "Alerts",
    "Firing alerts of this car. Requires `prometheus/alert_rules.yml`.",
    'max by (alertname) (ALERTS{alertstate="firing",vin=~"$vin"})',
    "Firing",
    kind=Kind.ALERTS,
    columns=(("alertname", "Alert"),),
    unit=COUNT,
    no_value="No alert is firing",
    width=12,
    height=5,
)
MAP = Panel(
    title="Position",
    description="Last known position. Requires the scope location:read.",
    queries=(
        Query(expr=held(f.LATITUDE, "vin"), legend="latitude"),
        Query(expr=held(f.LONGITUDE, "vin"), legend="longitude"),
    ),
    kind=Kind.POINTS,
    unit=DEGREES,
    width=12,
    height=8,
)
OVERVIEW = Dashboard(
    uid="volvo-vehicle",
    file="volvo-vehicle-dashboard.json",
    title="Volvo: overview",
    description="One car on one screen: state, charge, range, warnings, position, last drive and charge.",
    variables=(pick(), *UNITS),
    since="now-7d",
    rows=(
        Row(
            title="",
            panels=(
                STATE,
                LEVELS,
                RANGE,
                EXCEPTIONS,
                MAP,
                ALERTS,
                MONTH,
                LAST_DRIVE,
                LEVELS_OVER_TIME,
                LAST_CHARGE,
            ),
        ),
    ),
)
