"""The whole simulated cloud: cars, Volvo ID, counters, faults, and a log of requests."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from volvo_exporter.simulator.car import Car
from volvo_exporter.simulator.clock import Clock, SimulatedClock
from volvo_exporter.simulator.faults import Faults
from volvo_exporter.simulator.identity import VolvoId
from volvo_exporter.simulator.limits import Limits
from volvo_exporter.simulator.options import Era, Options
from volvo_exporter.simulator.profiles import FLEET, Profile
from volvo_exporter.simulator.state import CarState
from volvo_exporter.simulator.wire import View

MAX_LOGGED_CALLS = 100_000
"""Requests in the log; chosen larger than the calls of a fortnight, which `benchmarks.polling` checks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A logged request."""

    time: float
    """Wall time of its arrival."""
    method: str
    path: str
    """The catalogue's path template, or the path if it has none."""
    vin: str | None
    status: int


class World:
    """The simulated cloud. `options`, `era`, `faults` and `limits` may be changed at any time.

    Args:
        clock: wall time in Unix seconds.
        seed: seed of trips and tokens; the same seed gives the same ones.
        speed: simulated seconds per second of wall time.
        simulated_start: simulated time at the start, by default the wall time (see `latest_time`).
        era: format of absent values in the APIs.
        cars: the simulated cars.
        options: behaviour of Volvo ID and the gateway.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        seed: int = 1,
        speed: float = 1.0,
        simulated_start: float | None = None,
        era: Era = Era.NULL,
        cars: Sequence[Profile] = FLEET,
        options: Options | None = None,
    ) -> None:
        self.clock = clock
        start = clock()
        if simulated_start is None:
            simulated_start = start
        self.simulated_clock = SimulatedClock(start=start, simulated_start=simulated_start, speed=speed)
        self.era = era
        self.options = options or Options()
        self.cars = {
            profile.vin: Car(profile, seed=seed, simulated_start=simulated_start) for profile in cars
        }
        self.identity = VolvoId(seed=seed)
        self.limits = Limits()
        self.faults = Faults()
        self.log: deque[Call] = deque(maxlen=MAX_LOGGED_CALLS)
        self.random = Random(f"luck:{seed}")  # noqa: S311 - reproducible

    def now(self) -> float:
        """Return the wall time."""
        return self.clock()

    def state(self, vin: str) -> CarState:
        """Return the cloud's data of a car now, in simulated times (`simulated_clock.wall` converts)."""
        return self.cars[vin].state(self.simulated_clock.simulated(self.now()))

    def changes(self, vin: str, start: float, end: float) -> Iterator[tuple[float, str]]:
        """Yield wall time and name of each value that changed in the cloud in `start` < time <= `end`."""
        clock = self.simulated_clock
        for at, name in self.cars[vin].changes(clock.simulated(start), clock.simulated(end)):
            yield clock.wall(at), name

    def view(self, vin: str) -> View:
        """Return a car at this moment, to answer a request."""
        car = self.cars[vin]
        now = self.now()
        return View(
            profile=car.profile,
            state=car.state(self.simulated_clock.simulated(now)),
            now=now,
            clock=self.simulated_clock,
            era=self.era,
        )

    def shared_vins(self, chosen: Sequence[str] | None) -> tuple[str, ...]:
        """Return the existing cars among those that a consent selected (None means all)."""
        return tuple(vin for vin in self.cars if chosen is None or vin in chosen)

    def authorize(
        self, *, scope: Sequence[str] | None = None, vins: Sequence[str] | None = None
    ) -> dict[str, str | int]:
        """Return a token response, as after a login with consent; by default with all scopes and cars."""
        chosen = self.options.consented_vins if vins is None else tuple(vins)
        return self.identity.grant(
            scope=self.options.scopes if scope is None else tuple(scope),
            vins=chosen,
            now=self.now(),
            options=self.options,
        )
