"""A day's plan: which trips people mean to make. Pure: the same seed, car and day give the same plan."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import atan2, cos, degrees, hypot, radians
from random import Random

from volvo_exporter.simulator.profiles import Place, Profile

DAY = 86400.0
HOUR = 3600.0
UTC_OFFSET = HOUR
"""The cars live in Central Europe and keep winter time all year."""
KM_PER_DEGREE = 111.2
ROAD_FACTOR = 1.25
"""How much longer roads are than the straight line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trip:
    """A trip that somebody means to make."""

    departs: float
    """Life time; later where the car is not back by then."""
    to: Place
    passenger: bool
    luggage: bool
    window: bool
    """Whether a window is open on the way."""
    effort: float
    """Factor on the consumption: weather, traffic, right foot."""


def day_of(time: float) -> int:
    """The local day, counted from 1970-01-01, that a life time belongs to."""
    return int((time + UTC_OFFSET) // DAY)


def begin_of(day: int) -> float:
    """The life time at which a local day begins."""
    return day * DAY - UTC_OFFSET


def weekday_of(day: int) -> int:
    """Monday is 0."""
    return (day + 3) % 7


def distance_km(here: Place, there: Place) -> float:
    """How far it is by road."""
    north = there.latitude - here.latitude
    east = (there.longitude - here.longitude) * cos(radians(here.latitude))
    return hypot(north, east) * KM_PER_DEGREE * ROAD_FACTOR


def heading(here: Place, there: Place) -> int:
    """Whole degrees clockwise from north."""
    north = there.latitude - here.latitude
    east = (there.longitude - here.longitude) * cos(radians(here.latitude))
    return round(degrees(atan2(east, north))) % 360


def driving_seconds(km: float) -> float:
    """Seconds that a drive takes: slow in town, faster the longer the way."""
    return km / min(28.0 + 0.8 * km, 95.0) * HOUR


def plan_day(profile: Profile, *, seed: int, day: int, since_start: int) -> tuple[Trip, ...]:
    """The trips of a day; `since_start` counts it from the first day of the simulation."""
    habits = profile.habits
    if any(first <= since_start < until for first, until in habits.away):
        return ()
    random = Random(f"{seed}:{profile.vin}:{day}")  # noqa: S311 - reproducible, not secret
    stops = _weekend(profile, random) if weekday_of(day) >= 5 else _working_day(profile, random)  # noqa: PLR2004
    begin = begin_of(day)
    return tuple(
        Trip(
            departs=begin + hour * HOUR,
            to=to,
            passenger=random.random() < 0.3,  # noqa: PLR2004
            luggage=to == profile.places.shop or random.random() < 0.15,  # noqa: PLR2004
            window=random.random() < 0.15,  # noqa: PLR2004
            effort=random.uniform(0.88, 1.18),
        )
        for hour, to in stops
    )


def _working_day(profile: Profile, random: Random) -> list[tuple[float, Place]]:
    habits = profile.habits
    shops = random.random() < habits.shops
    back = habits.returns + random.gauss(0.0, 0.3)
    if random.random() < habits.home_office:
        return (
            [(back, profile.places.shop), (back + random.uniform(0.7, 1.3), profile.places.home)]
            if shops
            else []
        )
    out = (habits.leaves + random.gauss(0.0, 0.15), profile.places.work)
    if shops:
        return [out, (back, profile.places.shop), (back + random.uniform(1.0, 1.6), profile.places.home)]
    return [out, (back, profile.places.home)]


def _weekend(profile: Profile, random: Random) -> list[tuple[float, Place]]:
    stops: list[tuple[float, Place]] = []
    if random.random() < profile.habits.shops:
        hour = random.uniform(8.5, 10.0)
        stops += [(hour, profile.places.shop), (hour + random.uniform(0.5, 1.0), profile.places.home)]
    if random.random() < profile.habits.outings:
        hour = random.uniform(12.0, 13.5)
        stops += [(hour, profile.places.outing), (hour + random.uniform(3.0, 6.0), profile.places.home)]
    return stops


def incident_values(profile: Profile, since_start: int) -> Mapping[str, str]:
    """What goes wrong on a day, by field key."""
    return {
        key: word
        for incident in profile.incidents
        if incident.first <= since_start < incident.until
        for key, word in incident.values.items()
    }
