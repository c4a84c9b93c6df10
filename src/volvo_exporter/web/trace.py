"""Keeps a few values of each car over the last day, for the page; the past is kept in Prometheus."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from volvo_exporter.catalogue import families
from volvo_exporter.catalogue.model import Family
from volvo_exporter.vehicles.garage import Garage
from volvo_exporter.vehicles.updates import Subscription, Update
from volvo_exporter.vehicles.vehicle import Vehicle

TRACED: tuple[Family, ...] = (families.BATTERY_CHARGE, families.FUEL_AMOUNT, families.ODOMETER)
DAY = 86400.0
SPACING = 60.0
"""Seconds between two points: no car is asked more often while it does anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A value at a time."""

    at: float
    """Unix time."""
    value: float | None
    """None from when on it was not known any more."""


class Trace:
    """The last day of a car, in memory; it begins anew with the process."""

    def __init__(self) -> None:
        self._points: dict[Family, deque[Point]] = {family: deque() for family in TRACED}
        self._taken = float("-inf")

    def take(self, vehicle: Vehicle, *, now: float) -> None:
        """Record the present values; soon after the last ones, in their place."""
        if self.is_due(now):
            self._taken = now
        for family, points in self._points.items():
            value = vehicle.number(family)
            if points or value is not None:
                _append(points, Point(at=self._taken, value=value))

    def is_due(self, now: float) -> bool:
        """Whether the last values are old enough; also after the clock was set back."""
        return not self._taken <= now < self._taken + SPACING

    def points(self) -> Mapping[Family, tuple[Point, ...]]:
        """What was taken down of each family, the oldest first; a value holds until the next."""
        return {family: tuple(points) for family, points in self._points.items() if points}


class Traces:
    """The last day of every car, kept up to date by the stream of updates."""

    name = "page"

    def __init__(self, garage: Garage) -> None:
        self._garage = garage
        self._traces: dict[str, Trace] = {}

    async def run(self, updates: Subscription) -> None:
        """Record each update until cancelled."""
        async for update in updates:
            self.take(update)

    def take(self, update: Update) -> None:
        """Record the values of a vehicle after an update."""
        if update.vin not in self._garage:
            self._traces.pop(update.vin, None)
        elif update.resource is not None:
            trace = self._traces.setdefault(update.vin, Trace())
            trace.take(self._garage[update.vin].vehicle, now=update.at)

    def points(self, vin: str) -> Mapping[Family, tuple[Point, ...]]:
        """Return what was recorded of a vehicle."""
        return self._traces[vin].points() if vin in self._traces else {}


def _append(points: deque[Point], point: Point) -> None:
    """Append; of a value that does not change only the first and the last point stay."""
    while points and points[-1].at >= point.at:
        points.pop()  # the clock was set back
    if len(points) > 1 and points[-1].value == points[-2].value == point.value:
        points.pop()
    points.append(point)
    # The last point from before the day says what the day began with.
    while len(points) > 1 and points[1].at <= point.at - DAY:
        points.popleft()
