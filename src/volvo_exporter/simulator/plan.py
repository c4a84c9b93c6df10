"""Planned trips of a day. Pure: the same seed, car and day give the same plan."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import atan2, cos, degrees, hypot, radians
from random import Random

from volvo_exporter.simulator.options import DAY
from volvo_exporter.simulator.profiles import Place, Profile

HOUR = 3600.0
UTC_OFFSET = HOUR
"""Seconds; the cars are in Central Europe and use winter time all year."""
KM_PER_DEGREE = 111.2
ROAD_FACTOR = 1.25
"""Length of a road per straight-line distance; chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trip:
    """A planned trip."""

    departs: float
    """Simulated time; later if the car has not returned by then."""
    to: Place
    passenger: bool
    luggage: bool
    window: bool
    """Whether a window is open during the drive."""
    effort: float
    """Factor on the consumption, for weather, traffic and driving style."""


def day_of(time: float) -> int:
    """Return the local day of a simulated time, counted from 1970-01-01."""
    return int((time + UTC_OFFSET) // DAY)


def begin_of(day: int) -> float:
    """Return the simulated time at which a local day begins."""
    return day * DAY - UTC_OFFSET


def weekday_of(day: int) -> int:
    """Return the weekday of a local day; Monday is 0."""
    return (day + 3) % 7


def distance_km(here: Place, there: Place) -> float:
    """Return the distance by road in km."""
    north = there.latitude - here.latitude
    east = (there.longitude - here.longitude) * cos(radians(here.latitude))
    return hypot(north, east) * KM_PER_DEGREE * ROAD_FACTOR


def heading(here: Place, there: Place) -> int:
    """Return the direction in whole degrees clockwise from north."""
    north = there.latitude - here.latitude
    east = (there.longitude - here.longitude) * cos(radians(here.latitude))
    return round(degrees(atan2(east, north))) % 360


def driving_seconds(km: float) -> float:
    """Return the seconds of a drive; the mean speed grows with the distance, from 28 to 95 km/h."""
    return km / min(28.0 + 0.8 * km, 95.0) * HOUR


def plan_day(profile: Profile, *, seed: int, day: int, since_start: int) -> tuple[Trip, ...]:
    """Return the trips of a day; `since_start` is its number from the start of the simulation."""
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
    """Return the incidents' values of a day, by field key."""
    return {
        key: value
        for incident in profile.incidents
        if incident.first <= since_start < incident.until
        for key, value in incident.values.items()
    }
