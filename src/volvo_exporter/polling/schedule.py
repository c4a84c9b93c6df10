"""When a slot is asked: pure functions of its entry, the pace, outcomes, the clock and chance."""

from dataclasses import dataclass, replace
from typing import assert_never

from volvo_exporter.catalogue import connected_vehicle
from volvo_exporter.catalogue.model import Resource
from volvo_exporter.polling.outcomes import Outcome

DAY = 86400.0
HOUR = 3600.0
FIRST_BACKOFF = 30.0
LONGEST_BACKOFF = 900.0
KEY_RETRIES = (2.0, 5.0, 10.0)  # a new key is refused about every other time, at random
MAX_LIST_REST = 900.0
"""The longest rest of the list of vehicles: without it there is nothing to poll."""
ENOUGH = 3
"""Answers in a row that there is nothing, after which a car is taken not to have a resource."""
LOST_AFTER_SECONDS = 2 * HOUR
"""How long a resource that answered before is refused until the car is taken to have lost it: less than the
three hours of the alert VolvoApiFailing, which is for outages."""


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
    repeats: int = 0
    """How often in a row the outcome was the same."""
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
    """Return the entry as due as `before` its request, which was refused for the whole key or account."""
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
        repeats=entry.repeats + 1 if outcome is entry.outcome else 1,
        told=entry.told or outcome is Outcome.OK,
        last_success=now if good else entry.last_success,
    )
    rest = _rest(entry, outcome, interval=interval, chance=chance)
    if rest is not None and entry.slot.resource is connected_vehicle.VEHICLES:
        rest = min(rest, MAX_LIST_REST)
    return replace(entry, rests_until=None if rest is None else now + rest)


def _rest(entry: Entry, outcome: Outcome, *, interval: float, chance: float) -> float | None:
    """Seconds until the next request; None where the pace decides."""
    match outcome:
        case Outcome.OK:
            return None
        case Outcome.EMPTY:
            return max(interval, HOUR if entry.told else DAY) if entry.repeats >= ENOUGH else None
        case Outcome.KEY_REFUSED:
            return KEY_RETRIES[min(entry.failures, len(KEY_RETRIES)) - 1] * (0.5 + chance)
        case Outcome.TRANSIENT:
            return backoff(entry, interval, chance)
        case Outcome.UNSUPPORTED | Outcome.FORBIDDEN | Outcome.FOREIGN if entry.last_success is None:
            # Most cars lack some resources, but during outages everything was refused for hours.
            return min(DAY, HOUR * 2.0 ** min(entry.repeats - 1, 20))
        case Outcome.UNSUPPORTED | Outcome.FORBIDDEN | Outcome.FOREIGN | Outcome.GONE:
            # What has answered before may do so again: whole APIs answered 404 or 403 for hours.
            lasting = DAY if outcome is Outcome.GONE else HOUR
            return backoff(entry, interval, chance) if entry.repeats < ENOUGH else lasting
        case _ as unreachable:
            assert_never(unreachable)


def settled(entry: Entry, *, now: float) -> bool:
    """Whether an answer that there is nothing is to be believed."""
    if entry.last_success is None:
        return True
    return entry.repeats >= ENOUGH and now - entry.last_success >= LOST_AFTER_SECONDS


def backoff(entry: Entry, interval: float, chance: float) -> float:
    """Seconds until the next try: doubling from 30 s, less up to half of it by chance.

    Never longer than the interval or 15 minutes, so that what comes back is soon seen.
    """
    doubled = FIRST_BACKOFF * 2.0 ** min(entry.failures - 1, 20)
    return min(interval, LONGEST_BACKOFF, doubled) * (1 - chance / 2)


REFUSED = (Outcome.FORBIDDEN, Outcome.FOREIGN, Outcome.UNSUPPORTED)
"""What a new login may change; a location that the login does not cover is reported as unsupported."""


def lift(entry: Entry, *, now: float) -> Entry:
    """The entry after a new login: what was refused before is requested at once."""
    return replace(entry, rests_until=now) if entry.outcome in REFUSED else entry
