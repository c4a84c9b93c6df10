"""What a car is doing, as far as the polls tell; and what has just happened to it. Pure.

An activity outlasts its signs for a while (somebody who parks opens a door next), and signs that the car
has not confirmed for too long are not believed (a car that lost its connection says RUNNING for days).
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from enum import Enum, unique

from volvo_exporter.catalogue import families
from volvo_exporter.metrics.freshness import last_report
from volvo_exporter.metrics.readings import Sample

HOUR = 3600.0
LOOK_CLOSELY_AFTER_A_TRIP = 600.0
LOOK_CLOSELY_AFTER_A_DOOR = 300.0
RUNNING_BELIEVED_FOR = 0.5 * HOUR
CHARGING_BELIEVED_FOR = 3 * HOUR  # a percent of a large battery takes half an hour at a household socket
ENGINE_STATUS = "engine-status"
AWAKE_FOR = 72 * HOUR  # an unused car says nothing for days before it sleeps; they do so after three to five


@unique
class Activity(Enum):
    """What a car is doing."""

    DRIVING = "driving"
    CHARGING = "charging"
    PLUGGED_IN = "plugged_in"
    PARKED = "parked"
    ASLEEP = "asleep"
    """Saving power or out of reach: what the cloud knows is frozen."""
    UNKNOWN = "unknown"


@unique
class Event(Enum):
    """Something that changes more than the value that tells of it."""

    STARTED = "trip started"
    STOPPED = "trip ended"
    CHARGED = "charge ended"
    CABLE = "cable connected or disconnected"
    DOOR = "door, lid or lock moved"
    WOKE = "woke up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """What the latest readings of a car say; None is unknown. Times are Unix seconds."""

    running: bool | None = None
    charging: bool | None = None
    connected: bool | None = None
    reachable: bool | None = None
    in_use: bool = False
    classic: bool = False
    """True where the charge is known from the fuel endpoint alone."""
    odometer: float | None = None
    doors: tuple[tuple[str, float], ...] = ()
    told: float | None = None
    """When the car last reported anything."""
    lost: bool = False
    """True while the engine's state was read too long ago, and so may have changed unnoticed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What a car is doing, and how long to look closely."""

    activity: Activity = Activity.UNKNOWN
    closely_until: float = 0.0
    signs: Signs = Signs()


Look = Callable[[Condition, Signs, float], tuple[Condition, frozenset[Event]]]
"""`observe` after a poll, `age` without one."""


def read_signs(samples: Iterable[Sample], *, stale: Collection[str] = ()) -> Signs:
    """What the samples of a car say about its activity; those of `stale` resources are not among them."""
    samples = tuple(samples)
    values = {(sample.family.name, sample.labels): sample.value for sample in samples}

    def flag(name: str, state: str | None = None) -> bool | None:
        value = values.get((name, (("state", state),) if state else ()))
        return None if value is None else value == 1

    moving = (families.DOOR_OPEN.name, families.LOCKED.name)
    doors = ((str(place), value) for place, value in values.items() if place[0] in moving)
    return Signs(
        running=flag(families.ENGINE_RUNNING.name),
        charging=flag(families.CHARGING_STATUS.name, "charging"),
        connected=flag(families.CHARGER_CONNECTION.name, "connected"),
        reachable=flag(families.AVAILABLE.name),
        in_use=flag(families.UNAVAILABLE_REASON.name, "car_in_use") or False,
        classic=any(sample.fallback and sample.family is families.BATTERY_CHARGE for sample in samples),
        odometer=values.get((families.ODOMETER.name, ())),
        doors=tuple(sorted(doors)),
        told=last_report(samples),
        lost=ENGINE_STATUS in stale,
    )


def observe(before: Condition, signs: Signs, now: float) -> tuple[Condition, frozenset[Event]]:
    """The condition of a car after a poll, and what has happened since the one before."""
    moved = _rose(before.signs.odometer, signs.odometer)
    return _conclude(before, signs, _activity(signs, now, moved=moved), now)


def age(before: Condition, signs: Signs, now: float) -> tuple[Condition, frozenset[Event]]:
    """Return the condition of a car of which nothing was read since, and what follows from the time alone."""
    # Without a new reading the odometer cannot rise, which is no reason to believe that a trip has ended.
    by_odometer = before.activity is Activity.DRIVING and before.signs.running is None
    moved = by_odometer and signs.odometer is not None
    return _conclude(before, signs, _activity(signs, now, moved=moved), now)


def _conclude(
    before: Condition, signs: Signs, activity: Activity, now: float
) -> tuple[Condition, frozenset[Event]]:
    events = _changes(before, signs, activity)
    closely = {
        Event.STARTED: LOOK_CLOSELY_AFTER_A_DOOR,
        Event.STOPPED: LOOK_CLOSELY_AFTER_A_TRIP,
        Event.DOOR: LOOK_CLOSELY_AFTER_A_DOOR,
        Event.CABLE: LOOK_CLOSELY_AFTER_A_DOOR,
        Event.WOKE: LOOK_CLOSELY_AFTER_A_DOOR,
    }
    until = max((now + closely.get(event, 0.0) for event in events), default=0.0)
    # Bounded, because the clock may have been ahead when it was set.
    before_until = min(before.closely_until, now + LOOK_CLOSELY_AFTER_A_TRIP)
    condition = replace(before, activity=activity, signs=signs, closely_until=max(before_until, until))
    return condition, events


def _activity(signs: Signs, now: float, *, moved: bool) -> Activity:
    def believed(seconds: float) -> bool:
        return signs.told is None or now - signs.told <= seconds

    if (signs.running or (moved and signs.running is None)) and believed(RUNNING_BELIEVED_FOR):
        return Activity.DRIVING
    if signs.charging and believed(CHARGING_BELIEVED_FOR):
        return Activity.CHARGING
    if (signs.reachable is False and not signs.in_use) or not believed(AWAKE_FOR):
        return Activity.ASLEEP
    if signs.connected:
        return Activity.PLUGGED_IN
    if signs.lost or signs == Signs():
        return Activity.UNKNOWN
    return Activity.PARKED


def _changes(before: Condition, signs: Signs, activity: Activity) -> frozenset[Event]:
    if activity is Activity.UNKNOWN:
        return frozenset()
    if before.activity is Activity.UNKNOWN:
        # At the end of an outage: what happened during it was not seen.
        return frozenset({Event.WOKE}) if before.signs.lost else frozenset()
    return frozenset(_events(before, signs, activity))


def _events(before: Condition, signs: Signs, activity: Activity) -> Iterable[Event]:
    was, then = before.activity, before.signs
    if activity is Activity.DRIVING and was is not Activity.DRIVING:
        yield Event.STARTED
    if was is Activity.DRIVING and activity is not Activity.DRIVING:
        yield Event.STOPPED
    elif _rose(then.odometer, signs.odometer) and activity is not Activity.DRIVING:
        # A trip between two polls: the odometer alone tells of it.
        yield Event.STOPPED
    if was is Activity.CHARGING and activity is not Activity.CHARGING:
        yield Event.CHARGED
    if None not in (then.connected, signs.connected) and then.connected != signs.connected:
        yield Event.CABLE
    if then.doors and signs.doors and then.doors != signs.doors:
        yield Event.DOOR
    if was is Activity.ASLEEP and activity is not Activity.ASLEEP:
        yield Event.WOKE


def _rose(before: float | None, after: float | None) -> bool:
    return before is not None and after is not None and after > before
