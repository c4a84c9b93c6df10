"""Queries for the drives and charges of the journal.

The exporter publishes the last drive and the last charge. An event is the moment at which their end changes.
"""

from tools.dashboards.model import held, series, value
from volvo_exporter.catalogue import journal as j
from volvo_exporter.catalogue.model import Family

STEP = "5m"
"""Shortest interval at which events are searched; of two events within it, only the later is found."""


def at_end(expr: str, end: Family, *by: str, step: str = "$__interval") -> str:
    """Return the expression only at the times at which the event of this family of ends changed.

    The end before is looked up for up to a week, so that a gap repeats no event.
    """
    before = f"max by ({', '.join(by)}) (last_over_time({series(end, '[7d]')} offset {step}))"
    return f"{expr} unless {value(end, *by)} == {before}"


def of_drives(expr: str) -> str:
    """Return the expression once for each drive."""
    return at_end(expr, j.LAST_DRIVE_END)


def of_charges(expr: str) -> str:
    """Return the expression once for each charge, by type."""
    return at_end(expr, j.LAST_CHARGE_END, "type")


def sum_of_drives(family: Family) -> str:
    """Return the sum of the family over the drives in the time range that have an energy or fuel."""
    return f"sum_over_time(({at_end(value(family), j.LAST_DRIVE_END, step=STEP)})[$__range:{STEP}])"


def mean_of_drives(amount: Family) -> str:
    """Return the amount by distance, over the drives in the time range with a known amount."""
    distance = f"({value(j.LAST_DRIVE_DISTANCE)} and {value(amount)})"
    known = f"sum_over_time(({at_end(distance, j.LAST_DRIVE_END, step=STEP)})[$__range:{STEP}])"
    return f"{sum_of_drives(amount)} / ({known} > 0)"


def latest_charge(family: Family) -> str:
    """Return the value of the latest charge of any type."""
    latest = f"{held(j.LAST_CHARGE_END, 'type')} == on () group_left () {held(j.LAST_CHARGE_END)}"
    return f"max({held(family, 'type')} and {latest})"
