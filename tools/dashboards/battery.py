"""Dashboard of the traction battery: range, losses, consumption by temperature."""

from tools.dashboards.events import STEP, at_end
from tools.dashboards.mappings import CHARGE_COLOUR, TEMPERATURE_COLOUR
from tools.dashboards.model import (
    CELSIUS,
    CONSUMPTION,
    COUNT,
    DAY,
    KM,
    KWH,
    PERCENT,
    POINTS,
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
from tools.dashboards.overview import BATTERY_RANGE, LEVELS_OVER_TIME, TO_KM, TO_KWH
from volvo_exporter.catalogue import families as f
from volvo_exporter.catalogue import journal as j

NOT_CHARGING = f"(max(max_over_time({series(f.CHARGING_STATUS, '[30m]', state='charging')})) == 0)"
FULL_RANGE = f"(({BATTERY_RANGE}){TO_KM} / ({held(f.BATTERY_CHARGE)} >= 0.2) and {NOT_CHARGING})"
"""Without low charges, where rounding dominates, and charging, where charge and range differ in time."""

PARKED_LOSS = (
    f"(max(last_over_time({series(f.BATTERY_CHARGE, '[12h]')} offset 15m)) "
    f"- max(last_over_time({series(f.BATTERY_CHARGE, '[12h]')}))) "
    f"and {NOT_CHARGING} "
    f"and max(last_over_time({series(f.ODOMETER, '[12h]')})) "
    f"== max(last_over_time({series(f.ODOMETER, '[12h]')} offset 30m))"
)
"""Charge lost in a quarter of an hour, where the car was parked and not charging."""

BANDS = (
    ("below 0 °C", -100, 0),
    ("0 to 10 °C", 0, 10),
    ("10 to 20 °C", 10, 20),
    ("20 °C and more", 20, 100),
)


def parked_loss(span: str, after: str = "") -> str:
    """Return the charge lost while parked in this time, or in the same time `after` each, in points."""
    offset = f" offset -{after}" if after else ""
    return f"clamp_min(sum_over_time(({PARKED_LOSS})[{span}:15m]{offset}), 0) * 100"


def consumption_between(low: int, high: int) -> str:
    """Return the mean consumption of the drives that ended at temperatures of this band."""
    temperature = held(f.WEATHER_TEMPERATURE)
    each = f"{value(j.LAST_DRIVE_ENERGY)} / ({value(j.LAST_DRIVE_DISTANCE)} >= 1000) / 36"
    warm = f"({each} and {temperature} >= {low} and {temperature} < {high})"
    return f"avg_over_time(({at_end(warm, j.LAST_DRIVE_END, step=STEP)})[$__range:{STEP}])"


NOW = (
    Panel(
        title="Charge and range",
        description="State of charge, charging target, and range of the battery.",
        queries=(
            Query(expr=held(f.BATTERY_CHARGE), legend="Charge", colour=CHARGE_COLOUR),
            Query(expr=held(f.CHARGING_TARGET), legend="Target", colour="purple"),
            Query(expr=f"({BATTERY_RANGE}){TO_KM}", legend="Range", unit=KM),
        ),
        unit=PERCENT,
        decimals=0,
        no_value="No traction battery, or not reported",
        width=10,
    ),
    Panel(
        title="Full battery",
        description="Capacity when new, and range of a full battery: the car's estimate, averaged over the "
        "selected time range.",
        queries=(
            Query(expr=f"max({series(f.BATTERY_CAPACITY)}){TO_KWH}", legend="Capacity when new", unit=KWH),
            Query(expr=f"avg_over_time({FULL_RANGE}[$__range:30m])", legend="Range at 100 %", unit=KM),
        ),
        unit=COUNT,
        decimals=0,
        no_value="No traction battery, or not reported",
        width=8,
    ),
    one(
        "Lost while parked",
        "Charge lost in the selected time range while parked and not charging.",
        parked_loss("$__range"),
        unit=POINTS,
        decimals=0,
        width=6,
    ),
)
BATTERY = Dashboard(
    uid="volvo-battery",
    file="volvo-battery.json",
    title="Volvo: battery",
    description="The traction battery of one car: range, losses, consumption by temperature.",
    variables=(pick(),),
    since="now-30d",
    refresh="5m",
    rows=(
        Row(
            title="",
            panels=(
                *NOW,
                LEVELS_OVER_TIME,
                one(
                    "Range at 100 % over time",
                    "Range of a full battery, as estimated by the car, averaged over a day. "
                    "It depends on temperature, speed and age.",
                    f"avg_over_time({FULL_RANGE}[{DAY}:30m])",
                    "Range at 100 %",
                    colour="blue",
                    kind=Kind.GRAPH,
                    unit=KM,
                    decimals=0,
                    every="1h",
                    width=12,
                    height=7,
                ),
                Panel(
                    title="Consumption by temperature",
                    description="Mean of the electric consumption of the drives in the journal, by the air "
                    "temperature at their end. Requires `weather_api_key`.",
                    queries=tuple(
                        Query(expr=consumption_between(low, high), legend=text) for text, low, high in BANDS
                    ),
                    kind=Kind.BARS,
                    unit=CONSUMPTION,
                    decimals=1,
                    width=12,
                    height=8,
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
                    width=12,
                    height=8,
                ),
                one(
                    "Estimated usable capacity",
                    "Energy of each charge by the rise of the charge, times 100, from a rise of 20 points. "
                    "It is an estimate only if the car reports the charging power: otherwise the journal "
                    "calculates the energy from the capacity.",
                    at_end(
                        f"{value(j.LAST_CHARGE_ENERGY, 'type')} / ({value(j.LAST_CHARGE_RATIO, 'type')}"
                        f" - {value(j.LAST_CHARGE_BEGIN, 'type')} >= 0.2){TO_KWH}",
                        j.LAST_CHARGE_END,
                        "type",
                    ),
                    "{{type}}",
                    kind=Kind.DOTS,
                    unit=KWH,
                    decimals=0,
                    every=STEP,
                    width=12,
                    height=8,
                ),
                one(
                    "Outside temperature",
                    "Air temperature at the car.",
                    held(f.WEATHER_TEMPERATURE),
                    "Temperature",
                    colour=TEMPERATURE_COLOUR,
                    kind=Kind.GRAPH,
                    unit=CELSIUS,
                    width=12,
                    height=8,
                ),
            ),
        ),
    ),
)
