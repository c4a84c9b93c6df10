"""How long the last answer of a resource counts as current: a pure function of the plan and the clock."""

from collections.abc import Mapping

from volvo_exporter.polling.outcomes import Outcome
from volvo_exporter.polling.pace import multiple
from volvo_exporter.polling.plan import LONGEST, NO_CAR, Plan
from volvo_exporter.polling.schedule import Entry, Slot

MIN_FRESH_SECONDS = 600.0
"""Ten requests of a car that drives (one a minute): a few errors in a row do not make its values stale."""
INTERVALS = 2


def max_age(plan: Plan, slot: Slot, now: float) -> float:
    """Return the seconds for which an answer of a slot counts as current."""
    return max(MIN_FRESH_SECONDS, INTERVALS * _interval(plan, plan.entries[slot], now))


def max_ages(plan: Plan, now: float) -> Mapping[str, Mapping[str, float]]:
    """Return `max_age` by VIN and resource, for every car in the plan."""
    found: dict[str, dict[str, float]] = {vin: {} for vin in plan.vins}
    for slot in plan.entries:
        if slot.vin in found:
            found[slot.vin][slot.resource.name] = max_age(plan, slot, now)
    return found


def _interval(plan: Plan, entry: Entry, now: float) -> float:
    interval = plan.interval(entry.slot, now)
    if interval > LONGEST:
        # The quota is used up, and stretches the interval to infinity; values become stale nevertheless.
        interval = plan.scrape_interval * multiple(
            entry.slot.resource, plan.conditions.get(entry.slot.vin, NO_CAR), now
        )
    if entry.outcome is Outcome.EMPTY and entry.rests_until is not None and entry.last_success is not None:
        # The car has no values there; the next request is planned for later on purpose.
        return max(interval, entry.rests_until - entry.last_success)
    return interval
