"""The whole simulated cloud: cars, Volvo ID, counters, faults, and a log of what was asked."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from volvo_exporter.simulator.car import Car
from volvo_exporter.simulator.clock import Clock, LifeClock
from volvo_exporter.simulator.faults import Faults
from volvo_exporter.simulator.identity import VolvoId
from volvo_exporter.simulator.limits import Limits
from volvo_exporter.simulator.options import Era, Options
from volvo_exporter.simulator.profiles import FLEET, Profile
from volvo_exporter.simulator.state import CarState
from volvo_exporter.simulator.wire import View

MAX_LOGGED_CALLS = 100_000
"""Requests that are remembered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request that was answered."""

    time: float
    """Wall time at which it arrived."""
    method: str
    path: str
    """The path template where the catalogue has one, else the path."""
    vin: str | None
    status: int


class World:
    """The simulated cloud. `options`, `era`, `faults` and `limits` may be changed at any time.

    Args:
        clock: wall time in Unix seconds.
        seed: the same seed gives the same lives and tokens.
        speed: seconds the cars live in a second of wall time.
        life_start: the cars' time at the beginning, by default the wall time (see `life_at`).
        era: how the APIs write what is missing.
        cars: who lives here.
        options: how Volvo ID and the gateway behave.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        seed: int = 1,
        speed: float = 1.0,
        life_start: float | None = None,
        era: Era = Era.NULL,
        cars: Sequence[Profile] = FLEET,
        options: Options | None = None,
    ) -> None:
        self.clock = clock
        start = clock()
        self.life = LifeClock(
            start=start, life_start=start if life_start is None else life_start, speed=speed
        )
        self.era = era
        self.options = options or Options()
        self.cars = {
            profile.vin: Car(profile, seed=seed, life_start=self.life.life_start) for profile in cars
        }
        self.identity = VolvoId(seed=seed)
        self.limits = Limits()
        self.faults = Faults()
        self.log: deque[Call] = deque(maxlen=MAX_LOGGED_CALLS)
        self.random = Random(f"luck:{seed}")  # noqa: S311 - reproducible

    def now(self) -> float:
        """Wall time."""
        return self.clock()

    def state(self, vin: str) -> CarState:
        """What the cloud knows of a car now; its times are life times (`life.wall` translates)."""
        return self.cars[vin].state(self.life.life(self.now()))

    def changes(self, vin: str, start: float, end: float) -> Iterator[tuple[float, str]]:
        """When in `start` < time <= `end` (wall time) a value in the cloud changed, and which."""
        for at, what in self.cars[vin].changes(self.life.life(start), self.life.life(end)):
            yield self.life.wall(at), what

    def view(self, vin: str) -> View:
        """A car as a request at this moment sees it."""
        car = self.cars[vin]
        now = self.now()
        return View(
            profile=car.profile,
            state=car.state(self.life.life(now)),
            now=now,
            clock=self.life,
            era=self.era,
        )

    def shared_vins(self, chosen: Sequence[str] | None) -> tuple[str, ...]:
        """The cars, of those that a consent chose (None means all), that there are."""
        return tuple(vin for vin in self.cars if chosen is None or vin in chosen)

    def authorize(
        self, *, scope: Sequence[str] | None = None, vins: Sequence[str] | None = None
    ) -> dict[str, str | int]:
        """A token response, as if somebody had just logged in and consented; by default to everything."""
        chosen = self.options.consented_vins if vins is None else tuple(vins)
        return self.identity.grant(
            scope=self.options.scopes if scope is None else tuple(scope),
            vins=chosen,
            now=self.now(),
            options=self.options,
        )
