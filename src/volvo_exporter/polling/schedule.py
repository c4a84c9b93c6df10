"""When each resource of each car is asked: pure functions of state, outcome, clock and chance."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import assert_never

from volvo_exporter.catalogue.model import Resource
from volvo_exporter.polling.outcomes import Outcome

DAY = 86400.0
FIRST_BACKOFF = 30.0
LONGEST_BACKOFF = 900.0
KEY_RETRIES = (2.0, 5.0, 10.0)  # a new key is refused about every other time, at random


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One thing to ask for: a resource, its car (none for the list of cars), its item (where it has some)."""

    resource: Resource
    vin: str = ""
    item: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Where a slot stands in the schedule. Times are Unix seconds."""

    slot: Slot
    interval: float
    """Seconds between two requests when all is well."""
    due: float
    """When it is asked next; infinite for never."""
    outcome: Outcome | None = None
    """How it went last; None before the first answer."""
    failures: int = 0
    """How often in a row it did not go well."""
    last_success: float | None = None


def enter(slot: Slot, *, scrape_interval: float, now: float) -> Entry:
    """A new slot, due at once."""
    return Entry(slot=slot, interval=scrape_interval * slot.resource.tier.value, due=now)


def advance(entry: Entry, outcome: Outcome, *, now: float, chance: float) -> Entry:
    """The entry after an attempt; `chance` lies in 0 to 1 and spreads retries so that they do not meet."""
    entry = replace(entry, outcome=outcome, failures=entry.failures + 1)
    match outcome:
        case Outcome.OK:
            return replace(entry, due=now + entry.interval, failures=0, last_success=now)
        case Outcome.TRANSIENT:
            return replace(entry, due=now + backoff(entry, chance))
        case Outcome.KEY_REFUSED:
            wait = KEY_RETRIES[min(entry.failures, len(KEY_RETRIES)) - 1]
            return replace(entry, due=now + wait * (0.5 + chance))
        case Outcome.UNSUPPORTED | Outcome.FORBIDDEN | Outcome.FOREIGN:
            return replace(entry, due=now + max(DAY, entry.interval))
        case Outcome.GONE:
            return replace(entry, due=math.inf)
        case _ as unreachable:
            assert_never(unreachable)


def backoff(entry: Entry, chance: float) -> float:
    """Seconds until the next try: doubling from 30 s, less up to half of it by chance.

    Never longer than the interval or 15 minutes, so that what comes back is soon seen.
    """
    doubled = FIRST_BACKOFF * 2.0 ** min(entry.failures - 1, 20)
    longest = min(entry.interval, LONGEST_BACKOFF, doubled)
    return longest * (1 - chance / 2)


def lift(entry: Entry, *, now: float) -> Entry:
    """The entry after a new login: what was forbidden before is asked at once."""
    forbidden = entry.outcome in (Outcome.FORBIDDEN, Outcome.FOREIGN)
    return replace(entry, due=min(entry.due, now)) if forbidden else entry


def due(entries: Iterable[Entry], *, now: float) -> list[Entry]:
    """What is to be asked now; what has waited longest comes first, then what changes faster."""
    waiting = (entry for entry in entries if entry.due <= now)
    return sorted(waiting, key=lambda entry: (entry.due, entry.interval))


def next_due(entries: Iterable[Entry]) -> float:
    """When there is something to ask for; infinite if never."""
    return min((entry.due for entry in entries), default=math.inf)
