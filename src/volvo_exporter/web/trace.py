"""Values of each car over the last day, in memory, for the sparklines; Prometheus stores the history."""

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
MIN_SPACING_SECONDS = 60.0
"""Time between two points; a resource is requested at most once a minute at the default interval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A value at a time."""

    at: float
    """Unix time."""
    value: float | None
    """None from the time at which the value became unknown."""


class Trace:
    """The last day of a car, in memory; empty after a restart."""

    def __init__(self) -> None:
        self._points: dict[Family, deque[Point]] = {family: deque() for family in TRACED}
        self._recorded_at = float("-inf")

    def take(self, vehicle: Vehicle, *, now: float) -> None:
        """Record the current values; within MIN_SPACING_SECONDS of the last ones, replace those."""
        if self.is_due(now):
            self._recorded_at = now
        for family, points in self._points.items():
            value = vehicle.number(family)
            if points or value is not None:
                _append(points, Point(at=self._recorded_at, value=value))

    def is_due(self, now: float) -> bool:
        """Return whether the last values are old enough for a new point, or the clock was set back."""
        return not self._recorded_at <= now < self._recorded_at + MIN_SPACING_SECONDS

    def points(self) -> Mapping[Family, tuple[Point, ...]]:
        """Return the points of each family, the oldest first; a value is valid until the next point."""
        return {family: tuple(points) for family, points in self._points.items() if points}


class Traces:
    """The last day of every car, from the stream of updates."""

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
        """Return the recorded points of a vehicle."""
        return self._traces[vin].points() if vin in self._traces else {}


def _append(points: deque[Point], point: Point) -> None:
    """Append a point; of an unchanged value, keep only the first and the last point."""
    while points and points[-1].at >= point.at:
        points.pop()  # the clock was set back
    if len(points) > 1 and points[-1].value == points[-2].value == point.value:
        points.pop()
    points.append(point)
    # The last point before the day is the value at its start.
    while len(points) > 1 and points[1].at <= point.at - DAY:
        points.popleft()
