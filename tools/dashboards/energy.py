"""The dashboard of charging, and what it shares with that of driving."""

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

BY_RULES = " Needs the recording rules."
DAY = "1d"
WINDOWS = {"1d": "24 hours", "7d": "7 days", "30d": "30 days"}


def over_windows(quantity: str) -> tuple[Query, ...]:
    """A quantity of the recording rules over each of their windows."""
    return tuple(
        Query(expr=rule(f"volvo:{quantity}:{window}"), legend=text) for window, text in WINDOWS.items()
    )


def ended(family: f.Family, name: str) -> str:
    """How often a state ended in the chosen time."""
    return f"max(resets({series(family, '[$__range]', state=name)}))"


CHARGING_NOW = (
    CHARGE,
    Panel(
        title="Charging now",
        text="What the charging system, the cable and the charger do, and with which kind of current.",
        queries=CHARGING_OVER_TIME.queries,
        words=CHARGING_OVER_TIME.words,
        width=8,
        height=6,
    ),
    one(
        "Power now",
        "Power that charges the battery; known only while charging, and not on every car.",
        value(f.CHARGING_POWER),
        unit=WATT,
        absent="Not charging, or not told by this car",
        height=3,
    ),
    one(
        "Ready at",
        "When the charging target will be reached, in your time zone.",
        f"(time() + ({value(f.CHARGING_TIME)} > 0)) * 1000",
        unit=LOCAL_TIME,
        absent="Not charging",
        height=3,
    ),
    Panel(
        title="Settings",
        text="What is set in the car: where charging stops, and how much current it takes at most.",
        queries=(
            Query(expr=value(f.CHARGING_TARGET), legend="Target", unit=PERCENT),
            Query(expr=value(f.CHARGING_CURRENT_LIMIT), legend="Current limit", unit=AMPERE),
        ),
        unit=PERCENT,
        height=3,
    ),
    one(
        "Time left",
        "Time until the charging target is reached.",
        f"{value(f.CHARGING_TIME)} > 0",
        unit=SECONDS,
        absent="Not charging",
        height=3,
    ),
)
BATTERY = (
    Panel(
        title="Battery",
        text="Energy in the battery (charge times capacity when new) and the capacity when new.",
        queries=(
            Query(
                expr=f"{value(f.BATTERY_CHARGE)} * {value(f.BATTERY_CAPACITY)} / 3.6e6",
                legend="In the battery",
            ),
            Query(expr=value(f.BATTERY_CAPACITY) + " / 3.6e6", legend="When new"),
        ),
        unit=KWH,
        decimals=1,
        width=8,
    ),
    Panel(
        title="Range of a full battery",
        text="Range at 100 %, from the range now and on average over 30 days." + BY_RULES,
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
        text="Energy put in by rise of the charge over 30 days, and its share of the capacity when new. "
        "Only for cars that tell the charging power, after 50 points charged." + BY_RULES,
        queries=(
            Query(expr=rule("volvo:battery_capacity_kwh:estimate30d"), legend="Capacity"),
            Query(expr=rule("volvo:battery_health_percent:estimate30d"), legend="Of new", unit="percent"),
        ),
        unit=KWH,
        decimals=1,
        width=8,
    ),
)
ENERGY_HISTORY = (
    Panel(
        title="Charged",
        text="Energy that came into the battery: rises of the charge times the capacity when new." + BY_RULES,
        queries=over_windows("energy_charged_kwh"),
        unit=KWH,
        decimals=1,
    ),
    Panel(
        title="Used",
        text="Energy that left the battery, driving and standing." + BY_RULES,
        queries=over_windows("energy_used_kwh"),
        unit=KWH,
        decimals=1,
    ),
    Panel(
        title="Lost standing",
        text="Energy lost while the car stood still and no cable charged; the charge is coarse, "
        "so only long windows mean much." + BY_RULES,
        queries=over_windows("standby_loss_kwh"),
        unit=KWH,
        decimals=1,
    ),
    Panel(
        title="Hours of charging",
        text="How long the car charged." + BY_RULES,
        queries=over_windows("charging_hours"),
        unit="h",
        decimals=1,
    ),
    one(
        "Charges ended",
        "How often charging ended in the chosen time. Only what the exporter saw counts.",
        ended(f.CHARGING_STATUS, "charging"),
        unit=COUNT,
        decimals=0,
        width=4,
    ),
    one(
        "Time by state",
        "Share of the chosen time in each charging state.",
        grouped(f"avg_over_time({series(f.CHARGING_STATUS, '[$__range]')})", "state"),
        "{{state}}",
        kind=Kind.BARS,
        unit=PERCENT,
        high=1,
        width=8,
        height=6,
    ),
    one(
        "Charged a day",
        "Energy charged in the 24 hours before each bar." + BY_RULES,
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
        text="State of charge and where charging stops.",
        queries=(
            Query(expr=value(f.BATTERY_CHARGE), legend="Charge"),
            Query(expr=value(f.CHARGING_TARGET), legend="Target"),
        ),
        kind=Kind.GRAPH,
        unit=PERCENT,
        high=1,
        width=12,
        height=8,
    ),
    Panel(
        title="Power and current limit",
        text="Charging power where the car tells it, and the current limit set in the car.",
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
    text="Charging, the battery and where its energy went. Only cars with a traction battery can be chosen.",
    variables=(pick(f.BATTERY_CHARGE.name),),
    since="now-7d",
    rows=(
        Row(title="Now", panels=CHARGING_NOW),
        Row(title="Over time", panels=CHARGE_CURVE),
        Row(title="Energy", panels=ENERGY_HISTORY),
        Row(title="The battery", panels=BATTERY),
    ),
)
