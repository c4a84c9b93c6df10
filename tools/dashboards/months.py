"""Dashboard of months, each with the period before."""

from tools.dashboards.charges import PRICE, charged
from tools.dashboards.mappings import DIM, FUEL_COLOUR
from tools.dashboards.model import (
    COUNT,
    DAY,
    KM,
    KWH,
    LITRES,
    NO_VALUE,
    Dashboard,
    Kind,
    Panel,
    Query,
    Row,
    over_range,
    per_day,
    pick,
)
from tools.dashboards.overview import TO_KM, TO_KWH
from volvo_exporter.catalogue import families as f
from volvo_exporter.catalogue import journal as j
from volvo_exporter.catalogue.model import Family

BEFORE = "$__range"


NO_CHARGE = "No charge recorded"


def compare(
    title: str, description: str, now: str, before: str, unit: str, *, no_value: str = NO_VALUE
) -> Panel:
    """Return a panel of a value in the time range and in the time of the same length before it."""
    return Panel(
        title=title,
        description=description + " The second value is of the time of the same length before.",
        queries=(Query(expr=now, legend="Selected"), Query(expr=before, legend="Before", colour=DIM)),
        unit=unit,
        decimals=0,
        width=6,
        no_value=no_value,
    )


def pair(title: str, description: str, family: Family, unit: str, factor: str = "") -> Panel:
    """Return a panel that compares by how much a family rose."""
    return compare(
        title, description, over_range(family) + factor, over_range(family, before=BEFORE) + factor, unit
    )


TABLE = Panel(
    title="Months",
    description="Sums of each calendar month in the last year. The cost is the energy "
    "times the price in the head.",
    queries=(
        Query(expr=per_day(f.ODOMETER) + TO_KM, legend="Distance", unit=KM),
        Query(expr=per_day(j.DRIVES), legend="Drives"),
        Query(expr=f"sum({per_day(j.CHARGES, 'type')})", legend="Charges"),
        Query(expr=f"sum({per_day(j.CHARGED_ENERGY, 'type')}){TO_KWH}", legend="Charged", unit=KWH),
        Query(
            expr=f"sum({per_day(j.CHARGED_ENERGY, 'type')}){TO_KWH} * $price / 100",
            legend="Cost",
            unit="none",
        ),
        Query(expr=per_day(j.REFUELS), legend="Refuellings"),
        Query(expr=per_day(j.REFUELED), legend="Refuelled", unit=LITRES),
    ),
    kind=Kind.MONTHS,
    unit=COUNT,
    decimals=0,
    every=DAY,
    timeframe="1y",
    width=24,
    height=9,
)
MONTHS = Dashboard(
    uid="volvo-months",
    file="volvo-months.json",
    title="Volvo: months",
    description="Distance, energy, fuel and cost by month, with the time before.",
    variables=(pick(), PRICE),
    since="now/M",
    refresh="5m",
    rows=(
        Row(
            title="",
            panels=(
                pair("Distance", "Distance by odometer.", f.ODOMETER, KM, TO_KM),
                pair("Drives", "Drives in the journal.", j.DRIVES, COUNT),
                compare(
                    "Energy charged",
                    "Energy of the charges in the journal.",
                    charged(),
                    charged(BEFORE),
                    KWH,
                    no_value=NO_CHARGE,
                ),
                compare(
                    "Cost of charging",
                    "Energy times the price in the head, in your currency.",
                    f"{charged()} * $price / 100",
                    f"{charged(BEFORE)} * $price / 100",
                    "none",
                    no_value=NO_CHARGE,
                ),
                TABLE,
                Panel(
                    title="Distance per day",
                    description="Distance of each day, by odometer. The last bar is today.",
                    queries=(Query(expr=per_day(f.ODOMETER) + TO_KM, legend="Distance", colour="blue"),),
                    kind=Kind.COLUMNS,
                    unit=KM,
                    decimals=0,
                    every=DAY,
                    width=12,
                    height=8,
                ),
                Panel(
                    title="Energy and fuel per day",
                    description="Energy charged and fuel refuelled on each day, by the journal.",
                    queries=(
                        Query(
                            expr=f"sum({per_day(j.CHARGED_ENERGY, 'type')}){TO_KWH}",
                            legend="Charged",
                            colour="green",
                        ),
                        Query(expr=per_day(j.REFUELED), legend="Refuelled", unit=LITRES, colour=FUEL_COLOUR),
                    ),
                    kind=Kind.COLUMNS,
                    unit=KWH,
                    decimals=0,
                    every=DAY,
                    width=12,
                    height=8,
                ),
            ),
        ),
    ),
)
