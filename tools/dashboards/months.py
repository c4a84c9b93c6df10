"""Dashboard of months, each with the period before."""

from tools.dashboards.charges import FUEL_PRICE, PRICE, charged, cost
from tools.dashboards.mappings import DIM
from tools.dashboards.model import (
    DAY,
    THOUSANDS,
    Dashboard,
    Kind,
    Panel,
    Query,
    Row,
    over_range,
    per_day,
    pick,
)
from tools.dashboards.overview import TO_KWH
from tools.dashboards.units import DISTANCE, in_unit, with_unit
from volvo_exporter.catalogue import families as f
from volvo_exporter.catalogue import journal as j
from volvo_exporter.catalogue.model import Family

BEFORE = "$__range"


def compare(title: str, description: str, *pairs: tuple[str, str, str], width: int = 5) -> Panel:
    """Return a panel of values in the time range and in the time of the same length before it.

    A pair has its name, and the expressions of both times.
    """
    queries = (
        (Query(expr=now, legend=name), Query(expr=before, legend=f"{name}, before", colour=DIM))
        for name, now, before in pairs
    )
    return Panel(
        title=title,
        description=description + " Grey: the time of the same length before.",
        queries=tuple(query for pair in queries for query in pair),
        unit=THOUSANDS,
        decimals=0,
        width=width,
    )


def risen(family: Family, name: str) -> tuple[str, str, str]:
    """Return the pair for by how much a family rose."""
    return name, over_range(family), over_range(family, before=BEFORE)


ENERGY = f"sum({per_day(j.CHARGED_ENERGY, 'type')}){TO_KWH}"
TABLE = Panel(
    title="Months",
    description="Sums of each calendar month in the last year. The cost is that of the energy "
    "and the fuel at the prices at the top.",
    queries=(
        Query(expr=in_unit(DISTANCE, per_day(f.ODOMETER)), legend=with_unit("Distance", DISTANCE)),
        Query(expr=per_day(j.DRIVES), legend="Drives"),
        Query(expr=f"sum({per_day(j.CHARGES, 'type')})", legend="Charges"),
        Query(expr=ENERGY, legend="Charged (kWh)"),
        Query(expr=per_day(j.REFUELS), legend="Refuellings"),
        Query(expr=per_day(j.REFUELED), legend="Refuelled (L)"),
        Query(expr=cost(ENERGY, per_day(j.REFUELED)), legend="Cost"),
    ),
    kind=Kind.MONTHS,
    unit=THOUSANDS,
    decimals=0,
    every=DAY,
    timeframe="1y",
    width=24,
    height=12,
)
MONTHS = Dashboard(
    uid="volvo-months",
    file="volvo-months.json",
    title="Volvo: months",
    description="Distance, energy, fuel and cost by month, with the time before.",
    variables=(pick(), DISTANCE, PRICE, FUEL_PRICE),
    since="now/M",
    refresh="5m",
    rows=(
        Row(
            title="",
            panels=(
                compare(
                    "Distance",
                    "Distance by odometer.",
                    (
                        with_unit("Distance", DISTANCE),
                        in_unit(DISTANCE, over_range(f.ODOMETER)),
                        in_unit(DISTANCE, over_range(f.ODOMETER, before=BEFORE)),
                    ),
                ),
                compare("Drives", "Drives in the journal.", risen(j.DRIVES, "Drives")),
                compare(
                    "Energy and fuel",
                    "Energy of the charges and fuel of the refuellings in the journal.",
                    ("Charged (kWh)", charged(), charged(BEFORE)),
                    risen(j.REFUELED, "Refuelled (L)"),
                    width=9,
                ),
                compare(
                    "Cost",
                    "Cost of energy and fuel at the prices at the top, in your currency.",
                    (
                        "Cost",
                        cost(charged(), over_range(j.REFUELED)),
                        cost(charged(BEFORE), over_range(j.REFUELED, before=BEFORE)),
                    ),
                ),
                TABLE,
            ),
        ),
    ),
)
