"""Dashboard of charges and refuellings."""

from tools.dashboards.events import STEP, of_charges
from tools.dashboards.mappings import (
    AC_COLOUR,
    CHARGE_COLOUR,
    DC_COLOUR,
    DIM,
    FUEL_COLOUR,
    TARGET_COLOUR,
    map_states,
)
from tools.dashboards.model import (
    AMPERE,
    COUNT,
    DAY,
    KWH,
    LITRES,
    LOCAL_TIME,
    MS,
    PERCENT,
    SECONDS,
    THOUSANDS,
    WATT,
    Dashboard,
    Kind,
    Panel,
    Query,
    Row,
    Text,
    held,
    one,
    over_range,
    per_day,
    pick,
    state,
    value,
)
from tools.dashboards.overview import TANK, TO_KWH
from volvo_exporter.catalogue import families as f
from volvo_exporter.catalogue import journal as j

PRICE = Text(
    name="price",
    label="Price of a kWh in cents",
    description="Price of a kilowatt-hour in hundredths of your currency.",
    default="30",
)
FUEL_PRICE = Text(
    name="fuel_price",
    label="Price of a litre in cents",
    description="Price of a litre of fuel in hundredths of your currency.",
    default="170",
)
NO_CHARGE = "No charge recorded"
NO_BATTERY = "No traction battery, or not reported"
BY = ("type",)
PERIOD = "${vin:queryparam}&from=${__data.fields.Start.numeric}&to=${__data.fields.End.numeric}"


def charged(before: str = "") -> str:
    """Return the energy charged in the time range, in kWh, or in the one `before` it."""
    return f"sum({over_range(j.CHARGED_ENERGY, *BY, before=before)}){TO_KWH}"


def cost(energy: str, fuel: str) -> str:
    """Return the cost of this energy in kWh and of these litres of fuel; one of them may be missing."""
    parts = (f"({energy} * $price / 100)", f"({fuel} * $fuel_price / 100)")
    return f"({' + '.join(parts)}) or {' or '.join(parts)}"


def charged_per_day(kind: str) -> str:
    """Return the energy of a type of charge on each day, in kWh."""
    return per_day(j.CHARGED_ENERGY, type=kind) + TO_KWH


TOTALS = Panel(
    title="In the selected time range",
    description="Charges and refuellings in the journal. The cost is that of the energy and of the fuel, "
    "at the prices at the top.",
    queries=(
        Query(expr=f"sum({over_range(j.CHARGES, *BY)})", legend="Charges"),
        Query(expr=charged(), legend="Charged (kWh)"),
        Query(expr=over_range(j.REFUELS), legend="Refuellings"),
        Query(expr=over_range(j.REFUELED), legend="Refuelled (L)"),
        Query(expr=cost(charged(), over_range(j.REFUELED)), legend="Cost"),
    ),
    unit=THOUSANDS,
    decimals=0,
    width=12,
)
NOW = Panel(
    title="Charging now",
    description="Power, time until the target is reached, current and its limit, and state of the charger. "
    "Most is known only while the car charges; some cars report a fault of the charger at all other times.",
    queries=(
        Query(expr=state(f.CHARGING_STATUS), legend="Charging", mappings=map_states(f.CHARGING_STATUS)),
        Query(expr=held(f.CHARGING_POWER), legend="Power", unit=WATT, decimals=1),
        Query(expr=f"{held(f.CHARGING_TIME)} > 0", legend="Time left", unit=SECONDS),
        Query(expr=state(f.CHARGING_TYPE), legend="Current", mappings=map_states(f.CHARGING_TYPE)),
        Query(expr=held(f.CHARGING_CURRENT_LIMIT), legend="Limit", unit=AMPERE),
        Query(
            expr=f"({state(f.CHARGER_POWER)}) and {held(f.CHARGING_STATUS, state='charging')} == 1",
            legend="Charger",
            mappings=map_states(f.CHARGER_POWER),
        ),
    ),
    unit=COUNT,
    decimals=0,
    no_value=NO_BATTERY,
    width=12,
)
LIST = Panel(
    title="Charges",
    description="Charges in the journal. Start opens the overview at the time of the charge.",
    queries=(
        Query(
            expr=of_charges(f"({value(j.LAST_CHARGE_END, *BY)} - {value(j.LAST_CHARGE_DURATION, *BY)}){MS}"),
            legend="Start",
            unit=LOCAL_TIME,
            pixels=190,
            link=("Open this time", f"/d/volvo-vehicle?{PERIOD}"),
        ),
        Query(expr=of_charges(value(j.LAST_CHARGE_END, *BY) + MS), legend="End", unit=LOCAL_TIME, pixels=190),
        Query(expr=of_charges(value(j.LAST_CHARGE_DURATION, *BY)), legend="Duration", unit=SECONDS),
        Query(expr=of_charges(value(j.LAST_CHARGE_ENERGY, *BY) + TO_KWH), legend="Energy", unit=KWH),
        Query(
            expr=of_charges(f"{value(j.LAST_CHARGE_ENERGY, *BY)} / {value(j.LAST_CHARGE_DURATION, *BY)}"),
            legend="Average power",
            unit=WATT,
        ),
        Query(expr=of_charges(value(j.LAST_CHARGE_BEGIN, *BY)), legend="From", unit=PERCENT, decimals=0),
        Query(expr=of_charges(value(j.LAST_CHARGE_RATIO, *BY)), legend="To", unit=PERCENT, decimals=0),
    ),
    kind=Kind.EVENTS,
    columns=(("type", "Type"),),
    unit=COUNT,
    decimals=1,
    every=STEP,
    no_value="No charge in the selected time range",
    width=24,
    height=9,
)
CHARGES = Dashboard(
    uid="volvo-charges",
    file="volvo-charges.json",
    title="Volvo: charges and refuellings",
    description="Charges and refuellings of one car.",
    variables=(pick(), PRICE, FUEL_PRICE),
    since="now-14d",
    refresh="5m",
    rows=(
        Row(
            title="",
            panels=(
                TOTALS,
                NOW,
                Panel(
                    title="Charge, target and fuel",
                    description="State of charge, charging target and fuel in the tank.",
                    queries=(
                        Query(expr=held(f.BATTERY_CHARGE), legend="Charge", colour=CHARGE_COLOUR),
                        Query(expr=held(f.CHARGING_TARGET), legend="Target", colour=TARGET_COLOUR),
                        Query(
                            expr=held(f.FUEL_AMOUNT),
                            legend="Fuel",
                            unit=LITRES,
                            colour=FUEL_COLOUR,
                            maximum=TANK,
                        ),
                    ),
                    kind=Kind.GRAPH,
                    unit=PERCENT,
                    maximum=1,
                    width=24,
                    height=8,
                ),
                Panel(
                    title="Energy charged per day",
                    description="Energy of the charges in the journal on each day. The last bar is today.",
                    queries=(
                        Query(expr=charged_per_day("ac"), legend="AC", colour=AC_COLOUR),
                        Query(expr=charged_per_day("dc"), legend="DC", colour=DC_COLOUR),
                        Query(expr=charged_per_day("unknown"), legend="Unknown", colour=DIM),
                    ),
                    kind=Kind.COLUMNS,
                    unit=KWH,
                    decimals=0,
                    every=DAY,
                    no_value=NO_CHARGE,
                    width=12,
                    height=8,
                ),
                one(
                    "Refuelled per day",
                    "Fuel of the refuellings in the journal on each day.",
                    per_day(j.REFUELED),
                    "Refuelled",
                    colour=FUEL_COLOUR,
                    kind=Kind.COLUMNS,
                    unit=LITRES,
                    decimals=0,
                    every=DAY,
                    no_value="No refuelling recorded",
                    width=12,
                    height=8,
                ),
                LIST,
                one(
                    "Charging power",
                    "Power that charges the battery, where the car reports it.",
                    held(f.CHARGING_POWER),
                    "Power",
                    colour=CHARGE_COLOUR,
                    kind=Kind.GRAPH,
                    unit=WATT,
                    no_value="No charging power reported",
                    width=12,
                    height=8,
                ),
                Panel(
                    title="Charging and cable",
                    description="State of the charging system and of the cable.",
                    queries=(
                        Query(
                            expr=state(f.CHARGING_STATUS),
                            legend="Charging",
                            mappings=map_states(f.CHARGING_STATUS),
                        ),
                        Query(
                            expr=state(f.CHARGER_CONNECTION),
                            legend="Cable",
                            mappings=map_states(f.CHARGER_CONNECTION),
                        ),
                    ),
                    kind=Kind.TIMELINE,
                    mappings=map_states(f.CHARGING_STATUS),
                    no_value=NO_BATTERY,
                    width=12,
                    height=8,
                ),
            ),
        ),
    ),
)
