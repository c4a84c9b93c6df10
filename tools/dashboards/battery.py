"""Dashboard of the traction battery: range, losses, consumption by temperature."""

from tools.dashboards.charges import NO_BATTERY
from tools.dashboards.events import STEP, of_drives
from tools.dashboards.mappings import CHARGE_COLOUR, TARGET_COLOUR
from tools.dashboards.model import (
    COUNT,
    DAY,
    KWH,
    PERCENT,
    POINTS,
    THOUSANDS,
    Dashboard,
    Kind,
    Panel,
    Query,
    Row,
    held,
    one,
    pick,
    series,
    value,
)
from tools.dashboards.overview import BATTERY_RANGE, TO_KWH
from tools.dashboards.units import DISTANCE, ELECTRIC, TEMPERATURE, in_unit, with_unit
from volvo_exporter.catalogue import families as f
from volvo_exporter.catalogue import journal as j

DAY_SECONDS = 86400
NOT_CHARGING = f"(max(max_over_time({series(f.CHARGING_STATUS, '[30m]', state='charging')})) == 0)"
FULL_RANGE = f"(({BATTERY_RANGE}) / ({held(f.BATTERY_CHARGE)} >= 0.2) and {NOT_CHARGING})"
"""Without low charges, where rounding dominates, and charging, where charge and range differ in time."""

PARKED_LOSS = (
    f"(max(last_over_time({series(f.BATTERY_CHARGE, '[12h]')} offset 15m)) "
    f"- max(last_over_time({series(f.BATTERY_CHARGE, '[12h]')}))) "
    f"and {NOT_CHARGING} "
    f"and max(last_over_time({series(f.ODOMETER, '[12h]')})) "
    f"== max(last_over_time({series(f.ODOMETER, '[12h]')} offset 30m))"
)
"""Charge lost in a quarter of an hour, where the car was parked and not charging."""


def parked_loss(span: str, after: str = "") -> str:
    """Return the charge lost while parked in this time, or in the same time `after` each, in points."""
    offset = f" offset -{after}" if after else ""
    return f"clamp_min(sum_over_time(({PARKED_LOSS})[{span}:15m]{offset}), 0) * 100"


def latest(*by: str) -> str:
    """Return the capacity by the latest charge, in kWh, on the day of the charge."""
    rise = f"({value(j.LAST_CHARGE_RATIO, *by)} - {value(j.LAST_CHARGE_BEGIN, *by)} >= 0.2)"
    recent = f"(time() - {value(j.LAST_CHARGE_END, *by)} <= {DAY_SECONDS})"
    return f"{value(j.LAST_CHARGE_ENERGY, *by)} / {rise}{TO_KWH} and {recent}"


NOW = (
    Panel(
        title="Charge and range",
        description="State of charge, charging target, range, capacity when new, and range of a full "
        "battery: the car's estimate, averaged over the selected time range.",
        queries=(
            Query(expr=held(f.BATTERY_CHARGE), legend="Charge", colour=CHARGE_COLOUR),
            Query(expr=held(f.CHARGING_TARGET), legend="Target", colour=TARGET_COLOUR),
            Query(expr=in_unit(DISTANCE, BATTERY_RANGE), legend=with_unit("Range", DISTANCE), unit=THOUSANDS),
            Query(
                expr=in_unit(DISTANCE, f"avg_over_time({FULL_RANGE}[$__range:30m])"),
                legend=with_unit("Range at 100 %", DISTANCE),
                unit=THOUSANDS,
            ),
            Query(expr=f"max({series(f.BATTERY_CAPACITY)}){TO_KWH}", legend="Capacity when new", unit=KWH),
        ),
        unit=PERCENT,
        decimals=0,
        no_value=NO_BATTERY,
        width=18,
    ),
    one(
        "Lost while parked",
        "Charge lost in the selected time range while parked and not charging.",
        parked_loss("$__range"),
        unit=POINTS,
        decimals=0,
        no_value=NO_BATTERY,
        width=6,
    ),
)
CONSUMPTION = Panel(
    title="Consumption by temperature",
    description="Electric consumption of each drive of 1 km and more in the journal, by the air temperature "
    "at its end. Requires `weather_api_key`.",
    queries=(
        Query(
            expr=in_unit(TEMPERATURE, f"{held(f.WEATHER_TEMPERATURE)} and {value(j.LAST_DRIVE_ENERGY)}"),
            legend=with_unit("Temperature", TEMPERATURE),
        ),
        Query(
            expr=of_drives(
                in_unit(ELECTRIC, f"{value(j.LAST_DRIVE_ENERGY)} / ({value(j.LAST_DRIVE_DISTANCE)} >= 1000)")
            ),
            legend=with_unit("Consumption", ELECTRIC),
            colour=CHARGE_COLOUR,
        ),
    ),
    kind=Kind.SCATTER,
    unit=COUNT,
    decimals=0,
    every=STEP,
    no_value="No electric drive with a known temperature",
    width=12,
    height=9,
)
CAPACITY = Panel(
    title="Usable capacity per month",
    description="Mean of the capacities by the last charge of each day, in the last year: energy by the rise "
    "of the charge, from a rise of 20 points. It is an estimate only if the car reports the charging power: "
    "otherwise the journal calculates the energy from the capacity when new.",
    queries=(Query(expr=f"max({latest('type')})", legend="Usable capacity", unit=KWH),),
    kind=Kind.MONTHLY_MEANS,
    unit=KWH,
    decimals=1,
    every=DAY,
    timeframe="1y",
    no_value="No charge of 20 points recorded",
    width=12,
    height=8,
)
BATTERY = Dashboard(
    uid="volvo-battery",
    file="volvo-battery.json",
    title="Volvo: battery",
    description="The traction battery of one car: range, losses, consumption by temperature, capacity.",
    variables=(pick(), DISTANCE, ELECTRIC, TEMPERATURE),
    since="now-30d",
    refresh="5m",
    rows=(
        Row(
            title="",
            panels=(
                *NOW,
                CONSUMPTION,
                one(
                    "Range at 100 % over time",
                    "Range of a full battery, as estimated by the car, averaged over a day. "
                    "It depends on temperature, speed and age.",
                    in_unit(DISTANCE, f"avg_over_time({FULL_RANGE}[{DAY}:30m])"),
                    with_unit("Range at 100 %", DISTANCE),
                    colour="blue",
                    kind=Kind.GRAPH,
                    unit=THOUSANDS,
                    decimals=0,
                    every="1h",
                    no_value=NO_BATTERY,
                    width=12,
                    height=9,
                ),
                one(
                    "Lost while parked per day",
                    "Charge lost on each day while parked and not charging. The charge has a resolution "
                    "of one point.",
                    parked_loss(DAY, after=DAY),
                    "Lost",
                    colour="orange",
                    kind=Kind.COLUMNS,
                    unit=POINTS,
                    decimals=0,
                    every=DAY,
                    no_value=NO_BATTERY,
                    width=12,
                    height=8,
                ),
                CAPACITY,
            ),
        ),
    ),
)
