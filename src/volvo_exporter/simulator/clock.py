"""Two times: the wall's, which Volvo ID and the gateway live by, and the cars' own, which may run faster."""

from collections.abc import Callable
from dataclasses import dataclass

from volvo_exporter.simulator.plan import DAY, HOUR, begin_of, day_of, weekday_of

Clock = Callable[[], float]
"""Tells Unix seconds: wall-clock time in the product, virtual time in tests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeClock:
    """Translates between wall time and life time, both in Unix seconds."""

    start: float
    """The wall time at which the simulation starts."""
    life_start: float
    """The life time at that moment."""
    speed: float = 1.0
    """Seconds of life in a second of wall time."""

    def life(self, wall: float) -> float:
        """The life time at a wall time."""
        return self.life_start + (wall - self.start) * self.speed

    def wall(self, life: float) -> float:
        """The wall time at a life time; never in the future for what has been lived."""
        return self.start + (life - self.life_start) / self.speed


def life_at(now: float, *, weekday: int, hour: float) -> float:
    """The latest life time not after `now` with this weekday (Monday is 0) and local hour (UTC+1)."""
    today = day_of(now)
    day = today - (weekday_of(today) - weekday) % 7
    moment = begin_of(day) + hour * HOUR
    return moment if moment <= now else moment - 7 * DAY
