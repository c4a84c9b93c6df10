"""Changes in Volvo's cloud, timetables of clients with fixed intervals, and ages of changes. Pure.

Times are Unix seconds; a timetable has the times of the requests by name of the resource.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from volvo_exporter import catalogue
from volvo_exporter.catalogue.model import Api, Resource
from volvo_exporter.simulator import Car, CarState, Profile

DAY = 86400.0
STEP_SECONDS = 60.0
"""Resolution of a car's activities."""
KINDS = ("charge", "range", "odometer", "doors", "locks", "engine", "location", "fuel", "warnings")
MOVING = ("charge", "range", "odometer", "engine", "fuel")
"""Kinds of changes that are frequent while driving or charging."""
RESOURCES: Mapping[str, Resource] = {
    resource.name: resource
    for resource in catalogue.RESOURCES
    if "{vin}" in resource.path and resource.api not in (Api.EXTENDED_VEHICLE, Api.WEATHER)
}
WARNING_RESOURCES = {
    field.key: name
    for name in ("tyres", "warnings", "brakes", "engine", "diagnostics")
    for field in RESOURCES[name].fields
}

MIXED, CHARGED, AWAKE, ASLEEP = "mixed", "charging only", "parked, awake", "parked, asleep"
DAY_KINDS = (MIXED, CHARGED, AWAKE, ASLEEP)
PARKED = "parked"
"""Days without a trip and a charge."""

EXPORTER, HOME_ASSISTANT, EVERYTHING, ORIGINAL = "exporter", "Home Assistant", "everything", "original"
POLICIES = (EXPORTER, HOME_ASSISTANT, EVERYTHING, ORIGINAL)
HOME_ASSISTANT_INTERVALS: Mapping[str, float] = {
    **dict.fromkeys(("doors", "windows"), 60.0),
    **dict.fromkeys(("engine-status", "energy-state"), 120.0),
    **dict.fromkeys(("command-accessibility", "fuel", "location"), 900.0),
    **dict.fromkeys(
        ("brakes", "diagnostics", "engine", "odometer", "statistics", "tyres", "warnings"), 3600.0
    ),
}
"""Seconds. It omits what a car does not have, and requests constant values only at its start."""
ORIGINAL_RESOURCES = (
    *("details", "engine-status", "diagnostics", "odometer", "statistics", "tyres", "warnings"),
    *("energy-state", "location"),
)
FIXED_SECONDS = 300.0
RUNNING_SECONDS = 10.0

Timetable = Mapping[str, Sequence[float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change of a value in the car, and then in the cloud."""

    happened: float
    at: float
    """Time of the upload; no client can report the change earlier."""
    kind: str
    sources: tuple[frozenset[str], ...]
    """The resources that report it: one of each set must be requested."""
    moving: bool
    """Whether the car was driving or charging before the change; a start is a change of a parked car."""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Activities and changes of a simulated car."""

    profile: Profile
    begin: float
    end: float
    changes: tuple[Change, ...]
    activities: tuple[str, ...]
    """Activity at each step: driving, charging, plugged in, parked or asleep."""

    def activity_at(self, time: float) -> str:
        """Return the activity at a time."""
        return self.activities[int((time - self.begin) // STEP_SECONDS)]

    def days(self) -> Iterator[tuple[float, str]]:
        """Yield start and kind (of `DAY_KINDS`) of each UTC day."""
        trips = [change.at for change in self.changes if change.kind == "engine"]
        per_day = int(DAY // STEP_SECONDS)
        for number in range(len(self.activities) // per_day):
            start = self.begin + number * DAY
            done = set(self.activities[number * per_day : (number + 1) * per_day])
            if any(start <= at < start + DAY for at in trips):
                yield start, MIXED
            elif "charging" in done:
                yield start, CHARGED
            else:
                yield start, ASLEEP if done == {"asleep"} else AWAKE


def watch(profile: Profile, *, begin: float, end: float, seed: int = 1) -> History:
    """Return the history of a simulated car."""
    car = Car(profile, seed=seed, simulated_start=begin)
    steps = int((end - begin) // STEP_SECONDS)
    activities = tuple(activity(car.state(begin + number * STEP_SECONDS)) for number in range(steps))
    changes = []
    # An event is uploaded at most a day later.
    for event in car.events(begin - DAY, end):
        if not begin < event.uploaded <= end:
            continue
        at, kind = event.uploaded, event.what
        before, after = car.state(at - 0.001), car.state(at)
        if sources := tuple(sources_of(kind, profile, before, after)):
            moving = kind in MOVING and activity(before) in ("driving", "charging")
            change = Change(happened=event.happened, at=at, kind=kind, sources=sources, moving=moving)
            changes.append(change)
    return History(profile=profile, begin=begin, end=end, changes=tuple(changes), activities=activities)


def activity(state: CarState) -> str:
    """Return the activity of a car."""
    if state.engine.value:
        return "driving"
    if state.charging.value.status == "CHARGING":
        return "charging"
    if state.unreachable.value == "POWER_SAVING_MODE":
        return "asleep"
    return "plugged in" if state.charging.value.connection == "CONNECTED" else "parked"


def sources_of(kind: str, profile: Profile, before: CarState, after: CarState) -> Iterator[frozenset[str]]:
    """Yield the sets of resources that report a change; none if the APIs do not report it for this car."""
    energy = profile.energy_fields or frozenset()
    match kind:
        case "charge":
            if "batteryChargeLevel" in energy:
                yield frozenset({"energy-state"})
            elif profile.charge_in_fuel:
                yield frozenset({"fuel"})
        case "range":
            old, new = before.range.value, after.range.value
            if old.tank != new.tank:
                yield frozenset({"statistics"})
            electric = {
                "energy-state": "electricRange" in energy,
                "statistics": "distanceToEmptyBattery" in profile.statistics,
            }
            if old.battery != new.battery and any(electric.values()):
                yield frozenset(name for name, reports in electric.items() if reports)
        case "warnings":
            changed = {key for key, _ in before.warnings.value.items() ^ after.warnings.value.items()}
            for name in {WARNING_RESOURCES[key] for key in changed - profile.missing_sensors}:
                yield frozenset({name})
        case _:
            yield frozenset({{"locks": "doors", "engine": "engine-status"}.get(kind, kind)})


def home_assistant(history: History) -> Timetable:
    """Return the timetable of Home Assistant."""
    profile = history.profile
    missing = {
        "energy-state": profile.energy_fields is None,
        "fuel": profile.tank_liters is None,
        "location": not profile.shares_location,
    }
    return {
        name: list(every(interval, history.begin, history.end))
        for name, interval in HOME_ASSISTANT_INTERVALS.items()
        if not missing.get(name)
    }


def everything(history: History) -> Timetable:
    """Return the timetable of a client that requests every resource every five minutes."""
    return {name: list(every(FIXED_SECONDS, history.begin, history.end)) for name in RESOURCES}


def original(history: History) -> Timetable:
    """Return the timetable of the original exporter, which this one replaces."""
    timetable = {name: list(every(FIXED_SECONDS, history.begin, history.end)) for name in ORIGINAL_RESOURCES}
    # Every poll of the engine falls on a step, so this is the activity that it reported.
    running = [at for at in timetable["engine-status"] if history.activity_at(at) == "driving"]
    more = [time for at in running for time in every(RUNNING_SECONDS, at, at + FIXED_SECONDS)]
    return {**timetable, "statistics": sorted({*timetable["statistics"], *more})}


def every(interval: float, begin: float, end: float) -> Iterable[float]:
    """Return the times from `begin` until before `end`."""
    return (begin + number * interval for number in range(ceil((end - begin) / interval)))


def ages(changes: Iterable[Change], polls: Timetable, end: float) -> list[float | None]:
    """Return the seconds from each upload to the report, or to the end; None where nothing requests it."""
    return [_age(change, polls, end) for change in changes]


def _age(change: Change, polls: Timetable, end: float) -> float | None:
    reported = change.at
    for names in change.sources:
        requests = [polls[name] for name in names if polls.get(name)]
        if not requests:
            return None
        reported = max(reported, min(_first(times, change.at, end) for times in requests))
    return reported - change.at


def _first(times: Sequence[float], at: float, end: float) -> float:
    number = bisect_left(times, at)
    return times[number] if number < len(times) else end


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest of the sorted values that at least a share (0 to 1) of them does not exceed."""
    return values[max(ceil(len(values) * share) - 1, 0)]
