"""Records what the journal of the real exporter would log of simulated cars, in virtual time."""

import json
import logging
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import anyio
import anyio.lowlevel
import httpx2
import structlog
import trio.testing

from volvo_exporter import simulator
from volvo_exporter.assembly import Exporter
from volvo_exporter.environment import Environment
from volvo_exporter.journal.observations import Log, Observed, Process, Run, Transition
from volvo_exporter.journal.recorder import Recorder
from volvo_exporter.settings import Settings
from volvo_exporter.simulator import (
    CLASSIC_PHEV,
    EX30,
    EX40,
    S90,
    XC60,
    Era,
    Options,
    Profile,
    World,
    create_app,
)
from volvo_exporter.supervisor import running, start_parts

MONDAY = 1793577600.0  # 2026-11-02 00:00 UTC
DAY, HOUR = 86400.0, 3600.0
URL = "http://cloud.test"
CARS = tuple(replace(car, upload_lag=(0.0, 120.0)) for car in (EX30, EX40, XC60, CLASSIC_PHEV, S90))
"""The five kinds of car. Their uploads lag behind by up to as much as the derivation allows for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A time in which the exporter does not run; Unix seconds."""

    start: float
    end: float


def daily_gaps(days: int) -> tuple[Gap, ...]:
    """Return a gap of one to four hours on each day, at some moment from 05:00 to 20:00 UTC."""
    random = Random(3)  # noqa: S311 - reproducible, not secret
    starts = (MONDAY + day * DAY + random.uniform(5 * HOUR, 16 * HOUR) for day in range(days))
    return tuple(Gap(start=start, end=start + random.uniform(HOUR, 4 * HOUR)) for start in starts)


def record(
    cars: Sequence[Profile], *, days: int, era: Era, gaps: Sequence[Gap] = (), seed: int = 1
) -> dict[str, Log]:
    """Return the log of each car after some days of the real poller against the simulator."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    clock = trio.testing.MockClock(autojump_threshold=0)
    recording = _Recording(cars, era=era, seed=seed)
    anyio.run(recording.run, days, gaps, backend="trio", backend_options={"clock": clock})
    return recording.logs()


class _Recording:
    def __init__(self, cars: Sequence[Profile], *, era: Era, seed: int) -> None:
        self._cars, self._era, self._seed = cars, era, seed
        self._rows: list[Observed] = []
        self._runs: dict[tuple[str, str, float], Run] = {}
        self._processes: list[Process] = []
        self._attributes: dict[str, dict[str, str]] = {}

    async def run(self, days: int, gaps: Sequence[Gap]) -> None:
        """Let the exporter run for some days, but for the gaps."""
        world = World(
            clock=lambda: MONDAY + anyio.current_time(),
            cars=self._cars,
            era=self._era,
            options=Options(),
            seed=self._seed,
        )
        starts = (MONDAY, *(gap.end for gap in gaps))
        ends = (*(gap.start for gap in gaps), MONDAY + days * DAY)
        with tempfile.TemporaryDirectory() as folder:
            settings = _settings(world, Path(folder))
            for start, end in zip(starts, ends, strict=True):
                await anyio.sleep(start - world.now())
                await self._live(world, settings, until=end)

    async def _live(self, world: World, settings: Settings, *, until: float) -> None:
        self._note(world.now(), Transition.START)
        environment = Environment(
            clock=world.now,
            monotonic=anyio.current_time,
            chance=Random(1),  # noqa: S311 - reproducible, not secret
            token_urlsafe=lambda size: "x" * size,
            transport=httpx2.ASGITransport(app=create_app(world)),
        )
        async with running(settings, environment) as exporter, anyio.create_task_group() as tasks:
            tasks.start_soon(self._record, exporter)
            await anyio.lowlevel.checkpoint()
            start_parts(exporter, tasks)
            await anyio.sleep(until - world.now())
            for vin in world.cars:
                self._attributes[vin] = dict(exporter.garage[vin].vehicle.attributes)
            tasks.cancel_scope.cancel()
        self._note(world.now(), Transition.STOP)

    async def _record(self, exporter: Exporter) -> None:
        latest = {(row.vin, row.resource, row.series): row for row in self._rows}
        recorder = Recorder(observations=latest.values(), runs=self._runs.values())
        async for update in exporter.updates.subscribe("journal"):
            recorded = recorder.take(update)
            self._rows += recorded.observations
            if (run := recorded.run) is not None:
                self._runs[run.vin, run.resource, run.first] = run

    def _note(self, at: float, transition: Transition) -> None:
        self._processes.append(Process(at=at, transition=transition, version="test"))

    def logs(self) -> dict[str, Log]:
        """Return the log of each car."""
        return {profile.vin: self._log(profile.vin) for profile in self._cars}

    def _log(self, vin: str) -> Log:
        runs: Iterator[Run] = (run for run in self._runs.values() if run.vin == vin)
        return Log(
            vin=vin,
            observations=tuple(row for row in self._rows if row.vin == vin),
            runs=tuple(sorted(runs, key=lambda run: (run.first, run.resource))),
            processes=tuple(self._processes),
            attributes=self._attributes[vin],
        )


def _settings(world: World, folder: Path) -> Settings:
    answer = world.authorize()
    expires_at = world.now() + float(answer["expires_in"])
    token_file = folder / "token.json"
    token_file.write_text(json.dumps({**answer, "expires_at": expires_at, "granted_at": world.now()}))
    return Settings(
        client_id=simulator.CLIENT_ID,
        client_secret=simulator.CLIENT_SECRET,
        api_key=simulator.API_KEY,
        redirect_uri=simulator.REDIRECT_URI,
        token_file=token_file,
        state_file=folder / "state.json",
        volvo_api_url=URL,
        volvo_id_url=URL,
    )
