"""When a slot is asked: pure functions of its entry, the pace, outcomes, the clock and chance."""

import math
from dataclasses import dataclass, replace
from typing import assert_never

from volvo_exporter.catalogue.model import Resource
from volvo_exporter.polling.outcomes import Outcome

DAY = 86400.0
HOUR = 3600.0
FIRST_BACKOFF = 30.0
LONGEST_BACKOFF = 900.0
KEY_RETRIES = (2.0, 5.0, 10.0)  # a new key is refused about every other time, at random
ENOUGH = 3
"""Answers in a row that there is nothing, after which a car is taken not to have a resource."""


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
    entered: float
    """When it came into the schedule, and so when it was due first."""
    asked: float | None = None
    """When it was asked last."""
    prompted: float | None = None
    """When something happened that changes it, if it has not been asked since."""
    rests_until: float | None = None
    """Set where the last outcome, not the pace, says when to ask again."""
    outcome: Outcome | None = None
    """How it went last; None before the first answer."""
    failures: int = 0
    """How often in a row there was no good answer."""
    empties: int = 0
    """How often in a row the answer held no value."""
    told: bool = False
    """Whether an answer ever held a value."""
    last_success: float | None = None


def enter(slot: Slot, *, now: float) -> Entry:
    """A new slot, due at once."""
    return Entry(slot=slot, entered=now)


def ask(entry: Entry, *, now: float) -> Entry:
    """The entry while its request is under way."""
    return replace(entry, asked=now, prompted=None)


def retract(entry: Entry, before: Entry) -> Entry:
    """The entry after its request was refused for the whole key or account: as due as `before` the request."""
    prompted = before.prompted if entry.prompted is None else entry.prompted
    return replace(entry, asked=before.asked, prompted=prompted)


def prompt(entry: Entry, *, now: float) -> Entry:
    """The entry after something has happened that changes what it tells."""
    return replace(entry, prompted=now)


def due_at(entry: Entry, interval: float, soonest: float = 0.0) -> float:
    """When to ask, at a pace of `interval` seconds; infinite for never.

    A prompt asks at once, but not within `soonest` seconds of the last request: what flickers is not chased.
    What rests is not woken by a prompt: it has failed, or the car does not have it.
    """
    if entry.rests_until is not None:
        return entry.rests_until
    if entry.asked is None:
        return entry.entered
    paced = entry.asked + interval
    return paced if entry.prompted is None else min(paced, max(entry.prompted, entry.asked + soonest))


def advance(entry: Entry, outcome: Outcome, *, now: float, interval: float, chance: float) -> Entry:
    """The entry after an attempt; `chance` lies in 0 to 1 and spreads retries so that they do not meet."""
    good = outcome in (Outcome.OK, Outcome.EMPTY)
    entry = replace(
        entry,
        outcome=outcome,
        failures=0 if good else entry.failures + 1,
        empties=entry.empties + 1 if outcome is Outcome.EMPTY else 0,
        told=entry.told or outcome is Outcome.OK,
        last_success=now if good else entry.last_success,
    )
    return replace(entry, rests_until=_rest(entry, outcome, now=now, interval=interval, chance=chance))


def _rest(entry: Entry, outcome: Outcome, *, now: float, interval: float, chance: float) -> float | None:
    rest: float | None = None
    match outcome:
        case Outcome.OK:
            pass
        case Outcome.EMPTY:
            rest = max(interval, HOUR if entry.told else DAY) if entry.empties >= ENOUGH else None
        case Outcome.TRANSIENT:
            rest = backoff(entry, interval, chance)
        case Outcome.KEY_REFUSED:
            rest = KEY_RETRIES[min(entry.failures, len(KEY_RETRIES)) - 1] * (0.5 + chance)
        case Outcome.UNSUPPORTED | Outcome.FORBIDDEN | Outcome.FOREIGN:
            if not entry.told:
                rest = DAY
            elif entry.failures < ENOUGH:
                # What has told something before may do so again: whole APIs answered 404 or 403 for hours.
                rest = backoff(entry, interval, chance)
            else:
                rest = HOUR
        case Outcome.GONE:
            rest = math.inf
        case _ as unreachable:
            assert_never(unreachable)
    return None if rest is None else now + rest


def settled(entry: Entry) -> bool:
    """Whether an answer that there is nothing is to be believed."""
    return not entry.told or entry.failures >= ENOUGH


def backoff(entry: Entry, interval: float, chance: float) -> float:
    """Seconds until the next try: doubling from 30 s, less up to half of it by chance.

    Never longer than the interval or 15 minutes, so that what comes back is soon seen.
    """
    doubled = FIRST_BACKOFF * 2.0 ** min(entry.failures - 1, 20)
    return min(interval, LONGEST_BACKOFF, doubled) * (1 - chance / 2)


def lift(entry: Entry, *, now: float) -> Entry:
    """The entry after a new login: what was forbidden before is asked at once."""
    forbidden = entry.outcome in (Outcome.FORBIDDEN, Outcome.FOREIGN)
    return replace(entry, rests_until=now) if forbidden else entry
