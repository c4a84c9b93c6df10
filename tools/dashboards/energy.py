"""Dashboard of charging, and functions that it shares with that of driving."""

from tools.dashboards.model import (
    AMPERE,
    COUNT,
    KM,
    KWH,
    LOCAL_TIME,
    PERCENT,
    SECONDS,
    WATT,
    Dashboard,
    Kind,
    Panel,
    Query,
    Row,
    grouped,
    one,
    pick,
    rule,
    series,
    value,
)
from tools.dashboards.vehicle import CHARGE, CHARGING_OVER_TIME
from volvo_exporter.catalogue import families as f
from volvo_exporter.catalogue.model import Family

REQUIRES_RULES = " Requires the recording rules."
DAY = "1d"
WINDOWS = {"1d": "24 hours", "7d": "7 days", "30d": "30 days"}


def over_windows(quantity: str) -> tuple[Query, ...]:
    """Return a quantity of the recording rules over each of their windows."""
    return tuple(
        Query(expr=rule(f"volvo:{quantity}:{window}"), legend=text) for window, text in WINDOWS.items()
    )


def count_ends(family: Family, name: str) -> str:
    """Return how often a state ended in the selected time range."""
    return f"max(resets({series(family, '[$__range]', state=name)}))"


CHARGING_NOW = (
    CHARGE,
    Panel(
        title="Charging now",
        description="State of the charging system, the cable and the charger, and type of current.",
        queries=CHARGING_OVER_TIME.queries,
        mappings=CHARGING_OVER_TIME.mappings,
        width=8,
        height=6,
    ),
    one(
        "Charging power",
        "Power that charges the battery. Known only while charging, and not for every car.",
        value(f.CHARGING_POWER),
        unit=WATT,
        no_value="Not charging, or not reported by this car",
        height=3,
    ),
    one(
        "Target reached at",
        "Time at which the charging target will be reached, in your time zone.",
        f"(time() + ({value(f.CHARGING_TIME)} > 0)) * 1000",
        unit=LOCAL_TIME,
        no_value="Not charging",
        height=3,
    ),
    Panel(
        title="Charging settings",
        description="Charging target and current limit that are set in the car.",
        queries=(
            Query(expr=value(f.CHARGING_TARGET), legend="Target", unit=PERCENT),
            Query(expr=value(f.CHARGING_CURRENT_LIMIT), legend="Current limit", unit=AMPERE),
        ),
        unit=PERCENT,
        height=3,
    ),
    one(
        "Time to target",
        "Time until the charging target is reached.",
        f"{value(f.CHARGING_TIME)} > 0",
        unit=SECONDS,
        no_value="Not charging",
        height=3,
    ),
)
BATTERY = (
    Panel(
        title="Battery energy",
        description="Energy in the battery: charge times capacity when new.",
        queries=(
            Query(
                expr=f"{value(f.BATTERY_CHARGE)} * {value(f.BATTERY_CAPACITY)} / 3.6e6",
                legend="Now",
            ),
            Query(expr=value(f.BATTERY_CAPACITY) + " / 3.6e6", legend="Capacity when new"),
        ),
        unit=KWH,
        decimals=1,
        width=8,
    ),
    Panel(
        title="Range at 100 %",
        description="Range of a full battery, estimated now and as 30-day average." + REQUIRES_RULES,
        queries=(
            Query(expr=rule("volvo:full_range_km:estimate"), legend="Now"),
            Query(expr=rule("volvo:full_range_km:avg30d"), legend="30 days"),
        ),
        unit=KM,
        decimals=0,
        width=8,
    ),
    Panel(
        title="Estimated capacity",
        description="Energy charged by rise of the charge over 30 days, and its share of the "
        "capacity when new. Only for cars that report the charging power, after charging 50 points."
        + REQUIRES_RULES,
        queries=(
            Query(expr=rule("volvo:battery_capacity_kwh:estimate30d"), legend="Capacity"),
            Query(
                expr=rule("volvo:battery_health_percent:estimate30d"), legend="Battery health", unit="percent"
            ),
        ),
        unit=KWH,
        decimals=1,
        width=8,
    ),
)
ENERGY_HISTORY = (
    Panel(
        title="Energy charged",
        description="Rises of the charge times the capacity when new." + REQUIRES_RULES,
        queries=over_windows("energy_charged_kwh"),
        unit=KWH,
        decimals=1,
    ),
    Panel(
        title="Energy used",
        description="Falls of the charge times the capacity when new, driving and parked." + REQUIRES_RULES,
        queries=over_windows("energy_used_kwh"),
        unit=KWH,
        decimals=1,
    ),
    Panel(
        title="Standby loss",
        description="Energy lost while the car was parked and not charging. The charge has a low resolution: "
        "prefer the longer periods." + REQUIRES_RULES,
        queries=over_windows("standby_loss_kwh"),
        unit=KWH,
        decimals=1,
    ),
    Panel(
        title="Charging time",
        description="Time during which the car was charging." + REQUIRES_RULES,
        queries=over_windows("charging_hours"),
        unit="h",
        decimals=1,
    ),
    one(
        "Charging sessions",
        "Number of times that charging ended in the selected time range, as seen by the exporter.",
        count_ends(f.CHARGING_STATUS, "charging"),
        unit=COUNT,
        decimals=0,
        width=4,
    ),
    one(
        "Time by charging state",
        "Share of the selected time range in each charging state.",
        grouped(f"avg_over_time({series(f.CHARGING_STATUS, '[$__range]')})", "state"),
        "{{state}}",
        kind=Kind.BARS,
        unit=PERCENT,
        maximum=1,
        width=8,
        height=6,
    ),
    one(
        "Energy charged per day",
        "Energy charged in the 24 hours before each bar." + REQUIRES_RULES,
        rule("volvo:energy_charged_kwh:1d"),
        "Charged",
        kind=Kind.COLUMNS,
        unit=KWH,
        every=DAY,
        width=12,
        height=6,
    ),
)
CHARGE_CURVE = (
    Panel(
        title="Charge and target",
        description="State of charge and charging target.",
        queries=(
            Query(expr=value(f.BATTERY_CHARGE), legend="Charge"),
            Query(expr=value(f.CHARGING_TARGET), legend="Target"),
        ),
        kind=Kind.GRAPH,
        unit=PERCENT,
        maximum=1,
        width=12,
        height=8,
    ),
    Panel(
        title="Charging power and current limit",
        description="Charging power, if the car reports it, and the current limit set in the car.",
        queries=(
            Query(expr=value(f.CHARGING_POWER), legend="Power"),
            Query(expr=value(f.CHARGING_CURRENT_LIMIT), legend="Current limit", unit=AMPERE),
        ),
        kind=Kind.GRAPH,
        unit=WATT,
        width=12,
        height=8,
    ),
    CHARGING_OVER_TIME,
)
CHARGING = Dashboard(
    uid="volvo-charging",
    file="volvo-charging.json",
    title="Volvo: charging",
    description="Charging, battery and energy. Only cars with a traction battery can be selected.",
    variables=(pick(f.BATTERY_CHARGE.name),),
    since="now-7d",
    rows=(
        Row(title="Now", panels=CHARGING_NOW),
        Row(title="Over time", panels=CHARGE_CURVE),
        Row(title="Energy", panels=ENERGY_HISTORY),
        Row(title="Battery", panels=BATTERY),
    ),
)
