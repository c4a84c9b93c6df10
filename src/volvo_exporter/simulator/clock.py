"""Wall time, used by Volvo ID and the gateway, and simulated time, used by the cars, which may run faster."""

from collections.abc import Callable
from dataclasses import dataclass

from volvo_exporter.simulator.options import DAY
from volvo_exporter.simulator.plan import HOUR, begin_of, day_of, weekday_of

Clock = Callable[[], float]
"""Returns Unix seconds: wall-clock time in the product, virtual time in tests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedClock:
    """Conversion between wall time and simulated time, both in Unix seconds."""

    start: float
    """The wall time at which the simulation starts."""
    simulated_start: float
    """The simulated time at that moment."""
    speed: float = 1.0
    """Simulated seconds per second of wall time."""

    def simulated(self, wall: float) -> float:
        """Return the simulated time at a wall time."""
        return self.simulated_start + (wall - self.start) * self.speed

    def wall(self, simulated: float) -> float:
        """Return the wall time at a simulated time."""
        return self.start + (simulated - self.simulated_start) / self.speed


def latest_time(now: float, *, weekday: int, hour: float) -> float:
    """Return the latest time not after `now` with this weekday (Monday is 0) and local hour (UTC+1)."""
    today = day_of(now)
    day = today - (weekday_of(today) - weekday) % 7
    moment = begin_of(day) + hour * HOUR
    return moment if moment <= now else moment - 7 * DAY
