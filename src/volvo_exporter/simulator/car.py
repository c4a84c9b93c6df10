"""A simulated car: its days are computed one after another, each once, from a few days before the start.

Pure and deterministic: the same profile, seed and start give the same state at the same simulated time,
independent of earlier calls. Simulated times are Unix seconds (see `clock`).
"""

from collections.abc import Iterator
from random import Random

from volvo_exporter.simulator import battery, day
from volvo_exporter.simulator.plan import HOUR, begin_of, day_of, heading
from volvo_exporter.simulator.profiles import Profile
from volvo_exporter.simulator.state import CarState, Charging, Event, Position, Record, Report, Service, Trips

WARM_UP_DAYS = 3
"""Simulated days before the start; chosen, so that values exist from the first request."""
MAX_CACHED_DAYS = 3
"""Days whose records are cached; chosen. Of the others only the end is stored."""


class Car:
    """A simulated car."""

    def __init__(self, profile: Profile, *, seed: int, simulated_start: float) -> None:
        self.profile = profile
        self._seed = seed
        self._start = day_of(simulated_start)
        self._first = self._start - WARM_UP_DAYS
        self._ends = [_initial_state(profile, seed=seed, first=self._first)]
        self._records: dict[int, Record] = {}

    def state(self, t: float) -> CarState:
        """Return the cloud's data at a simulated time; before the car's first day, the data of that day."""
        return self._record(max(day_of(t), self._first)).at(t)

    def events(self, start: float, end: float) -> Iterator[Event]:
        """Yield the changes in the car in `start` < time <= `end` (simulated times), in order of time.

        The cloud receives them later. Charge lost while parked is measured at the next use.
        """
        for number in range(max(day_of(start), self._first), day_of(end) + 1):
            yield from (event for event in self._record(number).events() if start < event.happened <= end)

    def changes(self, start: float, end: float) -> Iterator[tuple[float, str]]:
        """Yield time and name of each value that changed in the cloud in `start` < time <= `end`.

        Times are simulated times. The name is charge, range, odometer, doors, locks, engine, location, fuel
        or warnings.
        """
        for number in range(max(day_of(start), self._first), day_of(end) + 1):
            for at, what in self._record(number).changes():
                if start < at <= end:
                    yield at, what

    def _record(self, number: int) -> Record:
        if number in self._records:
            return self._records[number]
        for past in range(self._first + len(self._ends) - 1, number + 1):
            actual, record = self._simulate(past)
            self._ends.append((actual, record.at(begin_of(past + 1))))
            self._cache(past, record)
        if number not in self._records:
            self._cache(number, self._simulate(number)[1])
        return self._records[number]

    def _simulate(self, number: int) -> tuple[day.ActualState, Record]:
        actual, known = self._ends[number - self._first]
        return day.simulate(
            self.profile,
            seed=self._seed,
            day=number,
            since_start=number - self._start,
            actual=actual,
            known=known,
        )

    def _cache(self, number: int, record: Record) -> None:
        self._records[number] = record
        if len(self._records) > MAX_CACHED_DAYS:
            del self._records[next(iter(self._records))]


def _initial_state(profile: Profile, *, seed: int, first: int) -> tuple[day.ActualState, CarState]:
    """Return the car on the evening before its first day: at home, locked, not plugged in."""
    random = Random(f"{seed}:{profile.vin}:newborn")  # noqa: S311 - reproducible, not secret
    at = begin_of(first) - random.uniform(2, 8) * HOUR
    actual = day.ActualState(
        odometer=profile.odometer_km,
        kwh=profile.usable_kwh * profile.charge,
        fuel=(profile.tank_liters or 0.0) * profile.fuel,
        place=profile.places.home,
        heading=heading(profile.places.shop, profile.places.home),
        last_used=at,
        month=first // 30,
        trips=_initial_trips(profile, random),
        service_km=profile.service_km,
        service_day=first + profile.service_days,
        service_hours=profile.service_hours,
    )
    return actual, _initial_cloud_state(profile, actual, at)


def _initial_trips(profile: Profile, random: Random) -> Trips:
    km = random.uniform(200, 900)
    electric = profile.kwh_per_100km / 100 if profile.has_battery else 0.0
    fuel = profile.liters_per_100km / 100 if profile.tank_liters is not None else 0.0
    ways = {
        name: Trips().manual.plus(
            km=km / part, seconds=km / part * 80, kwh=km / part * electric, liters=km / part * fuel
        )
        for name, part in (("manual", 1), ("automatic", 20), ("since_charge", 10))
    }
    return Trips(**ways)


def _initial_cloud_state(profile: Profile, actual: day.ActualState, at: float) -> CarState:
    return CarState(
        doors=Report(happened=at, uploaded=at, value={}),
        locked=Report(happened=at, uploaded=at, value=True),
        windows=Report(happened=at, uploaded=at, value={}),
        engine=Report(happened=at, uploaded=at, value=False),
        odometer=Report(happened=at, uploaded=at, value=int(actual.odometer)),
        trips=Report(happened=at, uploaded=at, value=actual.trips),
        charge=Report(happened=at, uploaded=at, value=battery.percent(profile, actual.kwh)),
        range=Report(
            happened=at, uploaded=at, value=battery.range_left(profile, kwh=actual.kwh, fuel=actual.fuel)
        ),
        fuel=Report(
            happened=at, uploaded=at, value=round(actual.fuel, 1) if profile.tank_liters is not None else None
        ),
        charging=Report(happened=at, uploaded=at, value=Charging()),
        location=Report(happened=at, uploaded=at, value=Position(place=actual.place, heading=actual.heading)),
        warnings=Report(happened=at, uploaded=at, value={}),
        service=Report(
            happened=at,
            uploaded=at,
            value=Service(
                km=round(actual.service_km), days=profile.service_days, hours=round(actual.service_hours)
            ),
        ),
        unreachable=Report(happened=at, uploaded=at, value=None),
    )
