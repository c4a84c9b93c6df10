"""Scenes for the browser: each exporter runs for some hours in virtual time, then its clock stops."""

import contextlib
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import anyio
import httpx2
import trio
from trio._core import _run
from trio.testing import MockClock

from tests.support.installation import MONDAY, Installation, installed
from tests.support.services import serving_app
from volvo_exporter.demo import describe_demo
from volvo_exporter.log import Line
from volvo_exporter.simulator import (
    EX30,
    FLEET,
    S90,
    XC60,
    CarState,
    Fault,
    Incident,
    Options,
    Profile,
    World,
)

HOUR = 3600.0


class StoppableClock:
    """Unix time that follows the virtual clock until it is stopped."""

    def __init__(self, start: float) -> None:
        self._start = start
        self._stopped: float | None = None

    def __call__(self) -> float:
        return self._start + anyio.current_time() if self._stopped is None else self._stopped

    def stop(self) -> None:
        self._stopped = self()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Cars, hours and faults of an exporter."""

    cars: tuple[Profile, ...] = (EX30,)
    start: float = MONDAY + 19.5 * HOUR
    hours: float = 1.0
    """Hours without a fault."""
    fault: Fault | None = None
    fault_hours: float = 0.0
    """Hours with the fault."""
    options: Options = field(default_factory=Options)
    settings: Mapping[str, Any] = field(default_factory=dict)
    log: tuple[Line, ...] = ()
    """Warnings of the log."""
    demo: str = ""
    """Description of the demo."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedExporter:
    """An exporter with a stopped clock, served at an address."""

    installation: Installation
    url: str

    def ask(self, path: str) -> dict[str, Any]:
        """Return a page of the JSON API."""
        answer: dict[str, Any] = httpx2.get(self.url + path).json()
        return answer

    def state(self, profile: Profile) -> CarState:
        """Return the state of a simulated car."""
        return self.installation.world.state(profile.vin)


def _with_incident(profile: Profile, **values: str) -> Profile:
    return replace(profile, incidents=(Incident(values=values, first=0, until=9),))


LOW_QUOTA = {"daily_quota": 2000}
"""A low quota, because fewer calls are faster to simulate."""
PRIVATE = {"privacy": {"position": "off", "vin": "masked"}, "weather_api_key": None}
LOG = (
    Line(
        at=MONDAY + 21.2 * HOUR, level="error", text="failing resource=doors message=" + "out-of-order" * 20
    ),
    Line(at=MONDAY + 21.1 * HOUR, level="warning", text="failing resource=fuel message='out of order'"),
)
ELECTRIC = _with_incident(EX30, tailgate="AJAR", washerFluidLevelWarning="TOO_LOW")
HYBRID = _with_incident(XC60, brakeLightCenterWarning="FAILURE", hood="OPEN")
DIESEL = _with_incident(S90, rearLeft="LOW_PRESSURE")
SCENES: Mapping[str, Scene] = {
    "electric": Scene(cars=(ELECTRIC,), hours=1.8, settings=LOW_QUOTA),
    "hybrid": Scene(cars=(HYBRID,), settings=LOW_QUOTA),
    "diesel": Scene(cars=(DIESEL,), settings=LOW_QUOTA),
    "no-car": Scene(options=Options(consented_vins=())),
    "lost-login": Scene(fault=Fault(kind="invalid_grant"), fault_hours=1.0, settings=LOW_QUOTA),
    "used-up-quota": Scene(fault=Fault(kind="quota"), fault_hours=1.0, settings=LOW_QUOTA),
    "dead-api": Scene(fault=Fault(kind="internal_error"), fault_hours=1.0, settings=LOW_QUOTA, log=LOG),
    "private": Scene(settings=LOW_QUOTA | PRIVATE),
    "evening": Scene(cars=(ELECTRIC,), settings=LOW_QUOTA),
    "start": Scene(cars=FLEET, hours=0.01, settings={"requests_per_minute": 25}),
    "driving": Scene(start=MONDAY + 5.5 * HOUR, hours=0.6),
    "demo": Scene(hours=0.1, demo=describe_demo(60)),
    "morning": Scene(cars=(XC60,), start=MONDAY - HOUR, hours=0.8, settings=LOW_QUOTA),
}
DAY = Scene(cars=FLEET, start=MONDAY - 2.7 * HOUR, hours=24.0)
"""A day for pictures; at its end the electric car is charging."""


async def _run_scene(scene: Scene, folder: Path) -> Installation:
    clock = StoppableClock(scene.start)
    world = World(clock=clock, cars=scene.cars, options=scene.options)
    async with installed(folder, world, warnings=lambda: scene.log, demo=scene.demo, **scene.settings) as it:
        await anyio.sleep(scene.hours * HOUR)
        if scene.fault:
            world.faults.add(scene.fault)
            await anyio.sleep(scene.fault_hours * HOUR)
        clock.stop()
        return it


@contextmanager
def serve_scene(scene: Scene) -> Iterator[ServedExporter]:
    """Run a scene, then serve its exporter."""
    # Trio shuffles its tasks; with the seed that hypothesis uses, runs are reproducible.
    _run._r.seed(1)
    with tempfile.TemporaryDirectory() as folder:
        installation = trio.run(_run_scene, scene, Path(folder), clock=MockClock(autojump_threshold=0))
    with serving_app(installation.exporter.app) as url:
        yield ServedExporter(installation=installation, url=url)


class Exporters:
    """The served exporters by scene, each started on first use."""

    def __init__(self, stack: contextlib.ExitStack) -> None:
        self._stack = stack
        self._made: dict[str, ServedExporter] = {}

    def __getitem__(self, name: str) -> ServedExporter:
        if name not in self._made:
            self._made[name] = self._stack.enter_context(serve_scene(SCENES[name]))
        return self._made[name]
