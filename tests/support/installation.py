"""The whole exporter against the simulator, in one process and in virtual time."""

import itertools
import json
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import anyio
import httpx2

from tests.support.journal import run_inline
from volvo_exporter import simulator
from volvo_exporter.assembly import Exporter
from volvo_exporter.catalogue.model import Api
from volvo_exporter.environment import Environment
from volvo_exporter.journal.library import RunBlocking
from volvo_exporter.log import Line
from volvo_exporter.settings import Settings
from volvo_exporter.simulator import FLEET, Call, Era, Options, Profile, World, create_app
from volvo_exporter.supervisor import running, start_parts

MONDAY = 1793577600.0  # 2026-11-02 00:00 UTC
APIS = tuple(api.prefix for api in Api if api.metered)
URL = "http://cloud.test"
LOGIN = {
    "client_id": simulator.CLIENT_ID,
    "client_secret": simulator.CLIENT_SECRET,
    "api_key": simulator.API_KEY,
    "redirect_uri": simulator.REDIRECT_URI,
}
"""The settings of a login at the simulator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """A running exporter and its simulated cloud."""

    world: World
    exporter: Exporter
    token_file: Path

    def calls(self, end: str = "", *, vin: str = "") -> list[Call]:
        """The calls of Volvo's APIs so far, by the end of their path and by car."""
        calls = [call for call in self.world.log if call.path.startswith(APIS) and call.path.endswith(end)]
        return [call for call in calls if not vin or call.vin == vin]

    async def scrape(self, path: str = "/metrics", **headers: str) -> httpx2.Response:
        transport = httpx2.ASGITransport(app=self.exporter.app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://exporter.test") as client:
            # Compressing happens in a thread, and the virtual clock does not wait for threads.
            return await client.get(path, headers={"accept-encoding": "identity", **headers})

    async def series(self, *wanted: str) -> dict[str, float]:
        """The series whose text contains all that is wanted, with their values."""
        lines = (await self.scrape()).text.splitlines()
        found = [line.rpartition(" ") for line in lines if not line.startswith("#")]
        return {name: float(value) for name, _, value in found if all(part in name for part in wanted)}

    async def value(self, *wanted: str) -> float | None:
        """The value of the one series that contains all that is wanted; None where there is none."""
        found = await self.series(*wanted)
        assert len(found) <= 1, found
        return next(iter(found.values()), None)


def clock_from(start: float) -> Callable[[], float]:
    """Unix time that begins at `start` and goes with the virtual clock."""
    return lambda: start + anyio.current_time()


def a_world(
    *,
    start: float = MONDAY + 7 * 3600,
    cars: Sequence[Profile] = FLEET,
    era: Era = Era.NULL,
    options: Options | None = None,
    **more: Any,
) -> World:
    return World(clock=clock_from(start), cars=cars, era=era, options=options or Options(), **more)


def a_parked_world(*, cars: Sequence[Profile] = FLEET, options: Options | None = None) -> World:
    """Return a cloud for real processes: its clock is the machine's, and the cars are parked for hours.

    What cars do depends on the hour and the weekday, so theirs begin on a Monday at 10:00, local time.
    """
    return World(clock=time.time, simulated_start=MONDAY + 9 * 3600, cars=cars, options=options)


def some_settings(token_file: Path, **more: Any) -> Settings:
    login = {
        **LOGIN,
        "token_file": str(token_file),
        "state_file": str(token_file.with_name("volvo_state.json")),
        "journal": "off",
    }
    places = dict.fromkeys(("volvo_api_url", "volvo_id_url", "weather_api_url"), URL)
    return Settings(**{**login, **places, "weather_api_key": simulator.WEATHER_KEY, **more})


def write_token(world: World, file: Path, **consent: Any) -> None:
    """Write the token of a login, as after the consent."""
    answer = world.authorize(**consent)
    token = {
        "access_token": answer["access_token"],
        "refresh_token": answer["refresh_token"],
        "expires_at": world.now() + float(answer["expires_in"]),
        "granted_at": world.now(),
    }
    file.write_text(json.dumps(token))


def environment_of(
    world: World,
    *,
    transport: httpx2.AsyncBaseTransport | None = None,
    warnings: Callable[[], Sequence[Line]] = tuple,
    demo: str = "",
    clock: Callable[[], float] | None = None,
    run_blocking: RunBlocking = run_inline,
) -> Environment:
    """The world in place of the machine and the network; `clock` where the machine's clock is wrong."""
    numbers = itertools.count()
    return Environment(
        clock=clock or world.now,
        monotonic=anyio.current_time,
        chance=Random(1),
        token_urlsafe=lambda size: f"{next(numbers):x}".rjust(size, "x"),
        transport=transport or httpx2.ASGITransport(app=create_app(world)),
        warnings=warnings,
        demo=demo,
        run_blocking=run_blocking,
    )


@asynccontextmanager
async def installed(
    folder: Path,
    world: World,
    *,
    logged_in: bool = True,
    transport: httpx2.AsyncBaseTransport | None = None,
    warnings: Callable[[], Sequence[Line]] = tuple,
    demo: str = "",
    clock: Callable[[], float] | None = None,
    run_blocking: RunBlocking = run_inline,
    **settings: object,
) -> AsyncIterator[Installation]:
    """An exporter that polls while the block runs."""
    token_file = folder / "volvo_token.json"
    if logged_in:
        write_token(world, token_file)
    environment = environment_of(
        world, transport=transport, warnings=warnings, demo=demo, clock=clock, run_blocking=run_blocking
    )
    async with (
        running(some_settings(token_file, **settings), environment) as exporter,
        anyio.create_task_group() as tasks,
    ):
        start_parts(exporter, tasks)
        yield Installation(world=world, exporter=exporter, token_file=token_file)
        tasks.cancel_scope.cancel()
