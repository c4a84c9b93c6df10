"""What changes in Volvo's cloud, when clients with a fixed timetable ask, and how old a change gets. Pure.

Times are Unix seconds; a timetable gives the times at which each resource is asked, by its name.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from volvo_exporter import catalogue
from volvo_exporter.catalogue.model import Api, Resource
from volvo_exporter.simulator import Car, CarState, Profile

DAY = 86400.0
STEP = 60.0
"""Resolution of what a car is doing."""
KINDS = ("charge", "range", "odometer", "doors", "locks", "engine", "location", "fuel", "warnings")
MOVING = ("charge", "range", "odometer", "engine", "fuel")
"""Kinds of changes of which driving or charging makes many."""
RESOURCES: Mapping[str, Resource] = {
    resource.name: resource
    for resource in catalogue.RESOURCES
    if "{vin}" in resource.path and resource.api not in (Api.EXTENDED_VEHICLE, Api.WEATHER)
}
OF_WARNING = {
    field.key: name
    for name in ("tyres", "warnings", "brakes", "engine", "diagnostics")
    for field in RESOURCES[name].fields
}

MIXED, CHARGED, AWAKE, ASLEEP = "mixed", "charging only", "parked, awake", "parked, asleep"
KINDS_OF_DAYS = (MIXED, CHARGED, AWAKE, ASLEEP)
PARKED = "parked"
"""Days without a trip and a charge."""

EXPORTER, HOME_ASSISTANT, EVERYTHING, ORIGINAL = "exporter", "Home Assistant", "everything", "original"
POLICIES = (EXPORTER, HOME_ASSISTANT, EVERYTHING, ORIGINAL)
TIERS: Mapping[str, float] = {
    **dict.fromkeys(("doors", "windows"), 60.0),
    **dict.fromkeys(("engine-status", "energy-state"), 120.0),
    **dict.fromkeys(("command-accessibility", "fuel", "location"), 900.0),
    **dict.fromkeys(
        ("brakes", "diagnostics", "engine", "odometer", "statistics", "tyres", "warnings"), 3600.0
    ),
}
"""Home Assistant's. It leaves out what a car does not have, and asks what never changes at its start only."""
NINE = (
    *("details", "engine-status", "diagnostics", "odometer", "statistics", "tyres", "warnings"),
    *("energy-state", "location"),
)
FIXED = 300.0
WHILE_RUNNING = 10.0

Timetable = Mapping[str, Sequence[float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A value that became another one in the car, and then in the cloud."""

    happened: float
    at: float
    """When it was uploaded; no client can report it before."""
    kind: str
    told_by: tuple[frozenset[str], ...]
    """The resources that tell it: of each set one has to be asked."""
    moving: bool
    """Whether the car was driving or charging just before; a start is a change of a parked car."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """What a car really did."""

    profile: Profile
    begin: float
    end: float
    changes: tuple[Change, ...]
    doing: tuple[str, ...]
    """Step by step: driving, charging, plugged in, parked or asleep."""

    def doing_at(self, time: float) -> str:
        """What the car did at a time."""
        return self.doing[int((time - self.begin) // STEP)]

    def days(self) -> Iterator[tuple[float, str]]:
        """When each UTC day begins, and what kind it was, of `KINDS_OF_DAYS`."""
        trips = [change.at for change in self.changes if change.kind == "engine"]
        per_day = int(DAY // STEP)
        for number in range(len(self.doing) // per_day):
            start = self.begin + number * DAY
            done = set(self.doing[number * per_day : (number + 1) * per_day])
            if any(start <= at < start + DAY for at in trips):
                yield start, MIXED
            elif "charging" in done:
                yield start, CHARGED
            else:
                yield start, ASLEEP if done == {"asleep"} else AWAKE


def watch(profile: Profile, *, begin: float, end: float, seed: int = 1) -> Life:
    """What a car does in the simulator."""
    car = Car(profile, seed=seed, simulated_start=begin)
    steps = int((end - begin) // STEP)
    doing = tuple(activity(car.state(begin + number * STEP)) for number in range(steps))
    changes = []
    # What is uploaded at the beginning happened on the day before, at most.
    for event in car.events(begin - DAY, end):
        if not begin < event.uploaded <= end:
            continue
        at, kind = event.uploaded, event.what
        before, after = car.state(at - 0.001), car.state(at)
        if told_by := tuple(tellers(kind, profile, before, after)):
            moving = kind in MOVING and activity(before) in ("driving", "charging")
            change = Change(happened=event.happened, at=at, kind=kind, told_by=told_by, moving=moving)
            changes.append(change)
    return Life(profile=profile, begin=begin, end=end, changes=tuple(changes), doing=doing)


def activity(state: CarState) -> str:
    """What a car is doing."""
    if state.engine.value:
        return "driving"
    if state.charging.value.status == "CHARGING":
        return "charging"
    if state.unreachable.value == "POWER_SAVING_MODE":
        return "asleep"
    return "plugged in" if state.charging.value.connection == "CONNECTED" else "parked"


def tellers(kind: str, profile: Profile, before: CarState, after: CarState) -> Iterator[frozenset[str]]:
    """The resources that tell a change; none if the APIs do not tell it of this car."""
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
                yield frozenset(name for name, tells in electric.items() if tells)
        case "warnings":
            changed = {key for key, _ in before.warnings.value.items() ^ after.warnings.value.items()}
            for name in {OF_WARNING[key] for key in changed - profile.missing_sensors}:
                yield frozenset({name})
        case _:
            yield frozenset({{"locks": "doors", "engine": "engine-status"}.get(kind, kind)})


def home_assistant(life: Life) -> Timetable:
    """When Home Assistant asks."""
    profile = life.profile
    lacks = {
        "energy-state": profile.energy_fields is None,
        "fuel": profile.tank_liters is None,
        "location": not profile.shares_location,
    }
    return {
        name: list(every(interval, life.begin, life.end))
        for name, interval in TIERS.items()
        if not lacks.get(name)
    }


def everything(life: Life) -> Timetable:
    """When a client asks that asks for everything every five minutes."""
    return {name: list(every(FIXED, life.begin, life.end)) for name in RESOURCES}


def original(life: Life) -> Timetable:
    """When the exporter asked that this one takes the place of."""
    timetable = {name: list(every(FIXED, life.begin, life.end)) for name in NINE}
    # Every poll of the engine falls on a step, so this is what it saw.
    running = [at for at in timetable["engine-status"] if life.doing_at(at) == "driving"]
    more = [time for at in running for time in every(WHILE_RUNNING, at, at + FIXED)]
    return {**timetable, "statistics": sorted({*timetable["statistics"], *more})}


def every(interval: float, begin: float, end: float) -> Iterable[float]:
    """Times from `begin` on, before `end`."""
    return (begin + number * interval for number in range(ceil((end - begin) / interval)))


def ages(changes: Iterable[Change], polls: Timetable, end: float) -> list[float | None]:
    """Return the seconds from each upload to the report, or to the end; None where nothing requests it."""
    return [_age(change, polls, end) for change in changes]


def _age(change: Change, polls: Timetable, end: float) -> float | None:
    told = change.at
    for names in change.told_by:
        asked = [polls[name] for name in names if polls.get(name)]
        if not asked:
            return None
        told = max(told, min(_first(times, change.at, end) for times in asked))
    return told - change.at


def _first(times: Sequence[float], at: float, end: float) -> float:
    number = bisect_left(times, at)
    return times[number] if number < len(times) else end


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share, 0 to 1, of the sorted values does not exceed."""
    return values[max(ceil(len(values) * share) - 1, 0)]
