"""Exporters to look at: each has lived for a while in virtual time, then its clock stands still."""

import contextlib
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

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


class Watch:
    """Unix time that goes with the virtual clock until it is stopped."""

    def __init__(self, start: float) -> None:
        self._start = start
        self._stopped: float | None = None

    def __call__(self) -> float:
        return self._start + anyio.current_time() if self._stopped is None else self._stopped

    def stop(self) -> None:
        self._stopped = self()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What an exporter has lived through."""

    cars: tuple[Profile, ...] = (EX30,)
    start: float = MONDAY + 19.5 * HOUR
    hours: float = 1.0
    """In peace."""
    fault: Fault | None = None
    troubled: float = 0.0
    """Hours with the fault."""
    options: Options = field(default_factory=Options)
    settings: Mapping[str, object] = field(default_factory=dict)
    log: tuple[Line, ...] = ()
    """What the log has warned of."""
    demo: str = ""
    """Description of the demo."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhibit:
    """An exporter whose clock stands still, served at an address."""

    installation: Installation
    url: str

    def ask(self, path: str) -> dict:
        """What a page in JSON says."""
        return httpx2.get(self.url + path).json()

    def state(self, profile: Profile) -> CarState:
        """What the simulated car is."""
        return self.installation.world.state(profile.vin)


def _troubled(profile: Profile, **values: str) -> Profile:
    return replace(profile, incidents=(Incident(values=values, first=0, until=9),))


FRUGAL = {"daily_quota": 2000}
"""Simulating fewer calls is faster."""
PRIVATE = {"privacy": {"position": "off", "vin": "masked"}, "weather_api_key": None}
LOG = (
    Line(
        at=MONDAY + 21.2 * HOUR, level="error", text="failing resource=doors message=" + "out-of-order" * 20
    ),
    Line(at=MONDAY + 21.1 * HOUR, level="warning", text="failing resource=fuel message='out of order'"),
)
ELECTRIC = _troubled(EX30, tailgate="AJAR", washerFluidLevelWarning="TOO_LOW")
HYBRID = _troubled(XC60, brakeLightCenterWarning="FAILURE", hood="OPEN")
DIESEL = _troubled(S90, rearLeft="LOW_PRESSURE")
SCENES: Mapping[str, Scene] = {
    "electric": Scene(cars=(ELECTRIC,), hours=1.8, settings=FRUGAL),
    "hybrid": Scene(cars=(HYBRID,), settings=FRUGAL),
    "diesel": Scene(cars=(DIESEL,), settings=FRUGAL),
    "no-car": Scene(options=Options(consented_vins=())),
    "lost-login": Scene(fault=Fault(kind="invalid_grant"), troubled=1.0, settings=FRUGAL),
    "used-up-quota": Scene(fault=Fault(kind="quota"), troubled=1.0, settings=FRUGAL),
    "dead-api": Scene(fault=Fault(kind="internal_error"), troubled=1.0, settings=FRUGAL, log=LOG),
    "private": Scene(settings=FRUGAL | PRIVATE),
    "evening": Scene(cars=(ELECTRIC,), settings=FRUGAL),
    "start": Scene(cars=FLEET, hours=0.01, settings={"requests_per_minute": 25}),
    "driving": Scene(start=MONDAY + 5.5 * HOUR, hours=0.6),
    "demo": Scene(hours=0.1, demo=describe_demo(60)),
    "morning": Scene(cars=(XC60,), start=MONDAY - HOUR, hours=0.8, settings=FRUGAL),
}
DAY = Scene(cars=FLEET, start=MONDAY - 2.7 * HOUR, hours=24.0)
"""A lived day, for pictures: its end finds the electric car charging."""


async def _live(scene: Scene, folder: Path) -> Installation:
    watch = Watch(scene.start)
    world = World(clock=watch, cars=scene.cars, options=scene.options)
    async with installed(folder, world, warnings=lambda: scene.log, demo=scene.demo, **scene.settings) as it:
        await anyio.sleep(scene.hours * HOUR)
        if scene.fault:
            world.faults.add(scene.fault)
            await anyio.sleep(scene.troubled * HOUR)
        watch.stop()
        return it


@contextmanager
def exhibiting(scene: Scene) -> Iterator[Exhibit]:
    """Live a scene, then serve what has become of the exporter."""
    # Trio shuffles its tasks; hypothesis seeds the same generator, so that a run can be repeated.
    _run._r.seed(1)
    with tempfile.TemporaryDirectory() as folder:
        installation = trio.run(_live, scene, Path(folder), clock=MockClock(autojump_threshold=0))
    with serving_app(installation.exporter.app) as url:
        yield Exhibit(installation=installation, url=url)


class Cast:
    """The exhibits, each made when it is first asked for."""

    def __init__(self, stack: contextlib.ExitStack) -> None:
        self._stack = stack
        self._made: dict[str, Exhibit] = {}

    def __getitem__(self, name: str) -> Exhibit:
        if name not in self._made:
            self._made[name] = self._stack.enter_context(exhibiting(SCENES[name]))
        return self._made[name]
