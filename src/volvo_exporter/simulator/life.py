"""A car's life: day after day from a few days before the simulation starts, each computed once.

Pure and deterministic: the same profile, seed and start give the same state at the same life time, whatever
was asked before. Life times are Unix seconds on the cars' own clock (see `world`).
"""

from collections.abc import Iterator
from random import Random

from volvo_exporter.simulator import battery, day
from volvo_exporter.simulator.plan import HOUR, begin_of, day_of, heading
from volvo_exporter.simulator.profiles import Profile
from volvo_exporter.simulator.state import CarState, Charging, Event, Position, Record, Service, Told, Trips

WARM_UP = 3
"""Days lived before the simulation starts, so that there is something to tell from the first moment."""
KEPT = 3
"""Days whose details are kept; of the others only the end."""


class Car:
    """A car and its life."""

    def __init__(self, profile: Profile, *, seed: int, life_start: float) -> None:
        self.profile = profile
        self._seed = seed
        self._start = day_of(life_start)
        self._first = self._start - WARM_UP
        self._ends = [_newborn(profile, seed=seed, first=self._first)]
        self._records: dict[int, Record] = {}

    def state(self, t: float) -> CarState:
        """What the cloud knows at a life time; before the car's first day, what it knew then."""
        return self._record(max(day_of(t), self._first)).at(t)

    def events(self, start: float, end: float) -> Iterator[Event]:
        """Return what in `start` < time <= `end` (life times) happened to the car, in order of time.

        The cloud learns of it later. What is lost while the car stands is measured when somebody gets in.
        """
        for number in range(max(day_of(start), self._first), day_of(end) + 1):
            yield from (event for event in self._record(number).events() if start < event.happened <= end)

    def changes(self, start: float, end: float) -> Iterator[tuple[float, str]]:
        """When in `start` < time <= `end` (life times) a value in the cloud changed, and which.

        The second is charge, range, odometer, doors, locks, engine, location, fuel or warnings.
        """
        for number in range(max(day_of(start), self._first), day_of(end) + 1):
            for at, what in self._record(number).changes():
                if start < at <= end:
                    yield at, what

    def _record(self, number: int) -> Record:
        if number in self._records:
            return self._records[number]
        for lived in range(self._first + len(self._ends) - 1, number + 1):
            body, record = self._live(lived)
            self._ends.append((body, record.at(begin_of(lived + 1))))
            self._keep(lived, record)
        if number not in self._records:
            self._keep(number, self._live(number)[1])
        return self._records[number]

    def _live(self, number: int) -> tuple[day.Body, Record]:
        body, known = self._ends[number - self._first]
        return day.live(
            self.profile,
            seed=self._seed,
            day=number,
            since_start=number - self._start,
            body=body,
            known=known,
        )

    def _keep(self, number: int, record: Record) -> None:
        self._records[number] = record
        if len(self._records) > KEPT:
            del self._records[next(iter(self._records))]


def _newborn(profile: Profile, *, seed: int, first: int) -> tuple[day.Body, CarState]:
    """The car on the evening before its first day: at home, locked, not plugged in."""
    random = Random(f"{seed}:{profile.vin}:newborn")  # noqa: S311 - reproducible, not secret
    at = begin_of(first) - random.uniform(2, 8) * HOUR
    body = day.Body(
        odometer=profile.odometer_km,
        kwh=profile.usable_kwh * profile.charge,
        fuel=(profile.tank_liters or 0.0) * profile.fuel,
        place=profile.places.home,
        heading=heading(profile.places.shop, profile.places.home),
        last_used=at,
        month=first // 30,
        trips=_some_trips(profile, random),
        service_km=profile.service_km,
        service_day=first + profile.service_days,
        service_hours=profile.service_hours,
    )
    return body, _first_word(profile, body, at)


def _some_trips(profile: Profile, random: Random) -> Trips:
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


def _first_word(profile: Profile, body: day.Body, at: float) -> CarState:
    return CarState(
        doors=Told(happened=at, at=at, value={}),
        locked=Told(happened=at, at=at, value=True),
        windows=Told(happened=at, at=at, value={}),
        engine=Told(happened=at, at=at, value=False),
        odometer=Told(happened=at, at=at, value=int(body.odometer)),
        trips=Told(happened=at, at=at, value=body.trips),
        charge=Told(happened=at, at=at, value=battery.percent(profile, body.kwh)),
        range=Told(happened=at, at=at, value=battery.range_left(profile, kwh=body.kwh, fuel=body.fuel)),
        fuel=Told(happened=at, at=at, value=round(body.fuel, 1) if profile.tank_liters is not None else None),
        charging=Told(happened=at, at=at, value=Charging()),
        location=Told(happened=at, at=at, value=Position(place=body.place, heading=body.heading)),
        warnings=Told(happened=at, at=at, value={}),
        service=Told(
            happened=at,
            at=at,
            value=Service(
                km=round(body.service_km), days=profile.service_days, hours=round(body.service_hours)
            ),
        ),
        unreachable=Told(happened=at, at=at, value=None),
    )
