"""Compute when a slot is requested: pure functions of its entry, pace, outcomes, clock and chance."""

from dataclasses import dataclass, replace
from typing import assert_never

from volvo_exporter.catalogue import connected_vehicle
from volvo_exporter.catalogue.model import Resource
from volvo_exporter.polling.outcomes import Outcome

DAY = 86400.0
HOUR = 3600.0
MIN_BACKOFF_SECONDS, MAX_BACKOFF_SECONDS = 30.0, 900.0
"""Bounds of the wait after failures. Chosen: a short error costs half a minute, an outage 4 calls an hour."""
KEY_RETRY_SECONDS = (2.0, 5.0, 10.0)
"""Waits after refusals of the key: a new key is refused about every other time (Dielee/volvo2mqtt#167)."""
MAX_LIST_DELAY_SECONDS = 900.0
"""Longest wait for the list of vehicles, which every other request depends on. Chosen: 15 minutes."""
UNSUPPORTED_AFTER = 3
"""Answers without a value in a row after which a car is treated as not having a resource; chosen."""
LOST_AFTER_SECONDS = 2 * HOUR
"""Seconds for which a resource that answered before must be refused until it is dropped: less than the three
hours of the alert VolvoApiFailing, which reports outages. Chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One thing to request: a resource, its car (empty for the list of cars), its item (if it has items)."""

    resource: Resource
    vin: str = ""
    item: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """The state of a slot in the schedule. Times are Unix seconds."""

    slot: Slot
    entered: float
    """When it was added to the schedule and was first due."""
    requested: float | None = None
    """When it was last requested."""
    prompted: float | None = None
    """When an event changed it, if it has not been requested since."""
    postponed_until: float | None = None
    """Set if the last outcome, not the pace, decides the next request."""
    outcome: Outcome | None = None
    """The last outcome; None before the first answer."""
    failures: int = 0
    """Failures in a row."""
    repeats: int = 0
    """Equal outcomes in a row."""
    has_values: bool = False
    """Whether an answer ever contained a value."""
    last_success: float | None = None


def enter(slot: Slot, *, now: float) -> Entry:
    """Return the entry of a new slot, due at once."""
    return Entry(slot=slot, entered=now)


def record_request(entry: Entry, *, now: float) -> Entry:
    """Return the entry while its request is in progress."""
    return replace(entry, requested=now, prompted=None)


def retract(entry: Entry, before: Entry) -> Entry:
    """Return the entry as due as `before` its request, which was refused for the whole key or account."""
    prompted = before.prompted if entry.prompted is None else entry.prompted
    return replace(entry, requested=before.requested, prompted=prompted)


def prompt(entry: Entry, *, now: float) -> Entry:
    """Return the entry after an event that changes its values."""
    return replace(entry, prompted=now)


def due_at(entry: Entry, interval: float, soonest: float = 0.0) -> float:
    """Return when to request a slot, at an interval of `interval` seconds; infinity for never.

    An event causes a request at once, but not within `soonest` seconds of the last one, as they may flicker.
    It does not end a postponement: the resource has failed, or the car does not have it.
    """
    if entry.postponed_until is not None:
        return entry.postponed_until
    if entry.requested is None:
        return entry.entered
    paced = entry.requested + interval
    return paced if entry.prompted is None else min(paced, max(entry.prompted, entry.requested + soonest))


def advance(entry: Entry, outcome: Outcome, *, now: float, interval: float, chance: float) -> Entry:
    """Return the entry after a request; `chance` (0 to 1) spreads retries."""
    good = outcome in (Outcome.OK, Outcome.EMPTY)
    entry = replace(
        entry,
        outcome=outcome,
        failures=0 if good else entry.failures + 1,
        repeats=entry.repeats + 1 if outcome is entry.outcome else 1,
        has_values=entry.has_values or outcome is Outcome.OK,
        last_success=now if good else entry.last_success,
    )
    delay = _delay_after(entry, outcome, interval=interval, chance=chance)
    if delay is not None and entry.slot.resource is connected_vehicle.VEHICLES:
        delay = min(delay, MAX_LIST_DELAY_SECONDS)
    return replace(entry, postponed_until=None if delay is None else now + delay)


def _delay_after(entry: Entry, outcome: Outcome, *, interval: float, chance: float) -> float | None:
    """Return the seconds until the next request; None if the pace decides."""
    match outcome:
        case Outcome.OK:
            return None
        case Outcome.EMPTY:
            return (
                max(interval, HOUR if entry.has_values else DAY)
                if entry.repeats >= UNSUPPORTED_AFTER
                else None
            )
        case Outcome.KEY_REFUSED:
            return KEY_RETRY_SECONDS[min(entry.failures, len(KEY_RETRY_SECONDS)) - 1] * (0.5 + chance)
        case Outcome.TRANSIENT:
            return backoff(entry, interval, chance)
        case Outcome.UNSUPPORTED | Outcome.FORBIDDEN | Outcome.FOREIGN if entry.last_success is None:
            # Most cars lack some resources, but during outages everything was refused for hours.
            return min(DAY, HOUR * 2.0 ** min(entry.repeats - 1, 20))
        case Outcome.UNSUPPORTED | Outcome.FORBIDDEN | Outcome.FOREIGN | Outcome.GONE:
            # What has answered before may do so again: whole APIs answered 404 or 403 for hours.
            lasting = DAY if outcome is Outcome.GONE else HOUR
            return backoff(entry, interval, chance) if entry.repeats < UNSUPPORTED_AFTER else lasting
        case _ as unreachable:
            assert_never(unreachable)


def settled(entry: Entry, *, now: float) -> bool:
    """Return whether answers without a value are confirmed."""
    if entry.last_success is None:
        return True
    return entry.repeats >= UNSUPPORTED_AFTER and now - entry.last_success >= LOST_AFTER_SECONDS


def backoff(entry: Entry, interval: float, chance: float) -> float:
    """Return the seconds until the next retry: doubling from 30 s, less up to half of it by chance.

    At most the interval or 15 minutes, so that a recovery is detected soon.
    """
    doubled = MIN_BACKOFF_SECONDS * 2.0 ** min(entry.failures - 1, 20)
    return min(interval, MAX_BACKOFF_SECONDS, doubled) * (1 - chance / 2)


RETRIED_AFTER_LOGIN = (Outcome.FORBIDDEN, Outcome.FOREIGN, Outcome.UNSUPPORTED)
"""Outcomes that a new login may change; a location without its scope is reported as unsupported."""


def retry_after_login(entry: Entry, *, now: float) -> Entry:
    """Return the entry after a new login: refused resources are requested at once."""
    return replace(entry, postponed_until=now) if entry.outcome in RETRIED_AFTER_LOGIN else entry
