"""Derives the activity of a vehicle from its readings, and the events between two of them. Pure.

After an event the vehicle is polled more often for a while (people who park open a door next). A value that
the car has not confirmed for too long is ignored (a car that lost its connection reports RUNNING for days).
"""

import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from volvo_exporter.catalogue import families
from volvo_exporter.catalogue.model import Activity, Event, Family, Labels
from volvo_exporter.vehicles.reading import Value
from volvo_exporter.vehicles.vehicle import Vehicle

HOUR = 3600.0
ENGINE_STATUS = "engine-status"
"""The resource that decides whether the car drives."""
MAX_RUNNING_AGE_SECONDS = 0.5 * HOUR
"""Age after which RUNNING is ignored; chosen, as a car that lost its connection reports it for days."""
MAX_CHARGING_AGE_SECONDS = 3 * HOUR
"""Age after which CHARGING is ignored. Chosen: one percent of a large battery (110 kWh) takes half
an hour at a household socket (2.3 kW)."""
MAX_AWAKE_AGE_SECONDS = 72 * HOUR
"""An unused car goes to sleep after three to five days, and may report nothing for days before that.
Chosen; the state that Volvo reports then is POWER_SAVING_MODE."""

WATCH_SECONDS = {
    Event.DRIVE_STARTED: 300.0,
    Event.DRIVE_ENDED: 600.0,
    Event.CHARGE_ENDED: 0.0,
    Event.CABLE_CHANGED: 300.0,
    Event.DOOR_CHANGED: 300.0,
    Event.WOKE_UP: 300.0,
}
"""Seconds for which a vehicle is polled more often after an event; chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """The latest readings about the activity of a vehicle; None is unknown."""

    running: bool | None = None
    charging: bool | None = None
    connected: bool | None = None
    reachable: bool | None = None
    in_use: bool = False
    charge_by_fallback: bool = False
    """True if only the fuel endpoint reports the state of charge."""
    odometer: float | None = None
    """Meters."""
    openings: tuple[tuple[tuple[str, Labels], bool], ...] = ()
    """State of the lock and of each door, lid and hood."""
    reported_at: float | None = None
    """When the car last reported anything, in Unix seconds."""
    lost: bool = False
    """True if the state of the engine is stale."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityState:
    """The activity of a vehicle and the end of its watch; times are Unix seconds."""

    activity: Activity = Activity.UNKNOWN
    watched_until: float = 0.0
    observation: Observation = Observation()


NO_ACTIVITY = ActivityState()
"""The state of an unknown vehicle."""


def observe(vehicle: Vehicle, now: float) -> Observation:
    """Return the readings about the activity of a vehicle, without stale ones."""
    stale = vehicle.stale(now)

    def current(family: Family) -> Value | None:
        reading = vehicle.reading(family)
        return None if reading is None or reading.resource.name in stale else reading.value

    charge, odometer = vehicle.reading(families.BATTERY_CHARGE), current(families.ODOMETER)
    return Observation(
        running=_flag(current(families.ENGINE_RUNNING)),
        charging=_is_state(current(families.CHARGING_STATUS), "CHARGING"),
        connected=_is_state(current(families.CHARGER_CONNECTION), "CONNECTED"),
        reachable=_flag(current(families.AVAILABLE)),
        in_use=current(families.UNAVAILABLE_REASON) == "CAR_IN_USE",
        charge_by_fallback=charge is not None and charge.field.fallback,
        odometer=odometer if isinstance(odometer, float) else None,
        openings=tuple(
            sorted(
                (reading.key, reading.value)
                for family in (families.DOOR_OPEN, families.LOCKED)
                for reading in vehicle.readings_of(family)
                if isinstance(reading.value, bool) and reading.resource.name not in stale
            )
        ),
        reported_at=vehicle.reported_at,
        lost=ENGINE_STATUS in stale,
    )


_REPORTED_BY = {
    "running": ENGINE_STATUS,
    "charging": "energy-state",
    "connected": "energy-state",
    "reachable": "command-accessibility",
    "odometer": "odometer",
}
"""The resource that reports each value of an observation."""


def complete(seen: Observation, recalled: Observation, answered: Collection[str]) -> Observation:
    """Return an observation; resources that have not answered since a restart keep their recalled values."""
    missing = {
        name: getattr(recalled, name)
        for name, resource in _REPORTED_BY.items()
        if resource not in answered and getattr(seen, name) is None
    }
    reported_at = recalled.reported_at if seen.reported_at is None else seen.reported_at
    return replace(seen, **missing, reported_at=reported_at)


def advance(
    before: ActivityState, seen: Observation, now: float, *, received: bool
) -> tuple[ActivityState, frozenset[Event]]:
    """Return the state after an observation, and the events since the one before.

    `received` is False where nothing was received since then and only time has passed.
    """
    if received:
        moved = _rose(before.observation.odometer, seen.odometer)
    else:
        # Without a new reading the odometer cannot rise, which does not mean that a drive has ended.
        by_odometer = before.activity is Activity.DRIVING and before.observation.running is None
        moved = by_odometer and seen.odometer is not None
    activity = _activity(seen, now, moved=moved)
    events = _changes(before, seen, activity)
    until = max((now + WATCH_SECONDS[event] for event in events), default=0.0)
    # Bounded, because the clock may have been ahead when it was set.
    until = max(until, min(before.watched_until, now + max(WATCH_SECONDS.values())))
    state = ActivityState(activity=activity, watched_until=until, observation=seen)
    return state, events


def changes_pace(before: ActivityState, after: ActivityState) -> bool:
    """Return whether the intervals of a vehicle differ between two states."""
    return (
        before.activity is not after.activity
        or before.watched_until != after.watched_until
        or before.observation.charge_by_fallback != after.observation.charge_by_fallback
    )


def next_review(state: ActivityState, now: float) -> float:
    """Return when the state can change without a new answer; infinity for never."""
    reported_at = state.observation.reported_at
    ages = (MAX_RUNNING_AGE_SECONDS, MAX_CHARGING_AGE_SECONDS, MAX_AWAKE_AGE_SECONDS)
    limits = () if reported_at is None else (reported_at + seconds + 1.0 for seconds in ages)
    return min((at for at in (state.watched_until, *limits) if at > now), default=math.inf)


def _flag(value: Value | None) -> bool | None:
    return value if isinstance(value, bool) else None


def _is_state(value: Value | None, expected: str) -> bool | None:
    return None if value is None else value == expected


def _activity(seen: Observation, now: float, *, moved: bool) -> Activity:
    def is_recent(seconds: float) -> bool:
        return seen.reported_at is None or now - seen.reported_at <= seconds

    if (seen.running or (moved and seen.running is None)) and is_recent(MAX_RUNNING_AGE_SECONDS):
        return Activity.DRIVING
    if seen.charging and is_recent(MAX_CHARGING_AGE_SECONDS):
        return Activity.CHARGING
    if (seen.reachable is False and not seen.in_use) or not is_recent(MAX_AWAKE_AGE_SECONDS):
        return Activity.ASLEEP
    if seen.connected:
        return Activity.PLUGGED_IN
    if seen.lost or seen == Observation():
        return Activity.UNKNOWN
    return Activity.PARKED


def _changes(before: ActivityState, seen: Observation, activity: Activity) -> frozenset[Event]:
    if activity is Activity.UNKNOWN:
        return frozenset()
    if before.activity is Activity.UNKNOWN:
        # End of an outage, during which events may have been missed.
        return frozenset({Event.WOKE_UP}) if before.observation.lost else frozenset()
    return frozenset(_events(before, seen, activity))


def _events(before: ActivityState, seen: Observation, activity: Activity) -> Iterable[Event]:
    was, then = before.activity, before.observation
    if activity is Activity.DRIVING and was is not Activity.DRIVING:
        yield Event.DRIVE_STARTED
    if was is Activity.DRIVING and activity is not Activity.DRIVING:
        yield Event.DRIVE_ENDED
    elif _rose(then.odometer, seen.odometer) and activity is not Activity.DRIVING:
        # A drive between two polls: only the odometer shows it.
        yield Event.DRIVE_ENDED
    if was is Activity.CHARGING and activity is not Activity.CHARGING:
        yield Event.CHARGE_ENDED
    if None not in (then.connected, seen.connected) and then.connected != seen.connected:
        yield Event.CABLE_CHANGED
    if then.openings and seen.openings and then.openings != seen.openings:
        yield Event.DOOR_CHANGED
    if was is Activity.ASLEEP and activity is not Activity.ASLEEP:
        yield Event.WOKE_UP


def _rose(before: float | None, after: float | None) -> bool:
    return before is not None and after is not None and after > before
