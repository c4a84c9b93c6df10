"""Cost of 1,000 cars, as ratios to the same work with one car or without the exporter.

python -m benchmarks.scale           print the figures
python -m benchmarks.scale --check   exit with 1 if a figure misses its target
"""

import argparse
import asyncio
import gc
import json
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from random import Random

import httpx2
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from volvo_exporter import catalogue
from volvo_exporter.polling import reducer
from volvo_exporter.polling.outcomes import Outcome
from volvo_exporter.polling.plan import Plan
from volvo_exporter.polling.quota import METERED
from volvo_exporter.polling.schedule import Slot
from volvo_exporter.prometheus.metrics import VehicleMetrics
from volvo_exporter.simulator import World, make_fleet
from volvo_exporter.simulator.wire import render
from volvo_exporter.vehicles.garage import Garage
from volvo_exporter.web.scrape import COMPRESSION_LEVEL, respond
from volvo_exporter.web.trace import Traces

START = 1793577600.0 + 10 * 3600  # a Monday, 10:00 UTC
FEW_CARS, MANY_CARS = 1, 1000
OK = 200
SIMULATED_CARS = 10
ANSWERS_PER_SECOND = 20
SCRAPES = 30
HOUR = 3600


class Fleet:
    """Cars whose answers go through plan, garage, `/metrics` and page, but not through HTTP."""

    def __init__(self, cars: int) -> None:
        self.now = START
        self._random = Random(1)  # noqa: S311 - reproducible, not secret
        self.world = World(clock=lambda: self.now, cars=make_fleet(SIMULATED_CARS))
        vins = tuple(self.world.cars)
        # A simulated car takes more memory than what the exporter knows of a car, so the cars share a few.
        self.simulated_vins = {
            f"YV1BENCH{number:09d}": vins[number % SIMULATED_CARS] for number in range(cars)
        }
        self.garage = Garage()
        self.metrics, self._traces = VehicleMetrics(self.garage), Traces(self.garage)
        self._resources = tuple(known for known in catalogue.RESOURCES if known.enabled and known.api.metered)
        self.plan = Plan(resources=self._resources, scrape_interval=300, garage=self.garage)
        self.plan.begin(self.now)
        for vin in self.simulated_vins:
            self.garage.add(vin, account="benchmark")
            self.plan.add_vehicle(vin, self.now)
        self.answer_due()

    def answer_due(self) -> None:
        """Answer every request that is due."""
        while (slot := self.plan.first_due(self.now, METERED)) is not None:
            self.answer(slot)

    def answer_one(self) -> None:
        """Answer the request that is due next, now or later."""
        slot = self.plan.first_due(self.now, METERED)
        if slot is None:
            self.now = max(self.now, self.plan.next_due())
            slot = self.plan.first_due(self.now, METERED)
        if slot is not None:
            self.answer(slot)

    def answer(self, slot: Slot) -> None:
        """Answer a request, as the simulated cloud does."""
        self.plan.record_request(slot, self.now)
        chance = self._random.random()
        if not slot.vin:
            reducer.record(self.plan, slot, Outcome.OK, now=self.now, chance=chance)
            return
        answer = render(slot.resource, self.world.view(self.simulated_vins[slot.vin]))
        if answer.status == OK:
            update = reducer.apply_answer(
                self.plan, self.garage, slot, json.loads(answer.body), now=self.now, chance=chance
            ).update
        else:
            update = reducer.apply_failure(
                self.plan, self.garage, slot, Outcome.UNSUPPORTED, now=self.now, chance=chance
            )
        self.metrics.take(update)
        self._traces.take(update)


def answer_seconds(cars: int, *, count: int = 3000) -> float:
    """Return the mean seconds of an answer from the plan to the rendered text, without the cloud."""
    fleet = Fleet(cars)
    slots = [slot for slot in fleet.plan.entries if slot.vin]
    payloads = {
        slot: render(slot.resource, fleet.world.view(fleet.simulated_vins[slot.vin])) for slot in slots[:200]
    }
    good = [slot for slot, answer in payloads.items() if answer.status == OK]
    bodies = {slot: json.loads(payloads[slot].body) for slot in good}
    gc.collect()
    started = time.process_time()
    for number in range(count):
        slot = good[number % len(good)]
        fleet.now += 0.05
        fleet.plan.record_request(slot, fleet.now)
        result = reducer.apply_answer(fleet.plan, fleet.garage, slot, bodies[slot], now=fleet.now, chance=0.5)
        fleet.metrics.take(result.update)
        fleet.plan.first_due(fleet.now, METERED)
        fleet.plan.next_due()
    return (time.process_time() - started) / count


def memory_kilobytes(cars: int) -> float:
    """Return the memory of a process with `cars` cars after an hour, in kilobytes."""
    command = [sys.executable, "-m", "benchmarks.scale", "--memory", str(cars)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)  # noqa: S603


def _print_memory(cars: int) -> None:
    fleet = Fleet(cars)
    for _ in range(HOUR // 60):
        fleet.now += 60
        fleet.answer_due()
    gc.collect()
    status = Path("/proc/self/status").read_text()
    print(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")))


async def scrapes(fleet: Fleet) -> tuple[list[float], list[float]]:
    """Return the seconds of scrapes with gzip and of requests of another page, both sorted, under load."""

    async def metrics(request: Request) -> Response:
        return respond(fleet.metrics.parts(), request.headers, content_type="text/plain")

    async def healthy(_request: Request) -> Response:
        return PlainTextResponse("healthy")

    app = Starlette(routes=[Route("/metrics", metrics), Route("/-/healthy", healthy)])
    transport = httpx2.ASGITransport(app=app)
    taken: list[float] = []
    delays: list[float] = []
    done = asyncio.Event()

    async def answer() -> None:
        while not done.is_set():
            fleet.answer_one()
            await asyncio.sleep(1 / ANSWERS_PER_SECOND)

    async def request_page() -> None:
        while not done.is_set():
            started = time.perf_counter()
            await client.get("/-/healthy")
            delays.append(time.perf_counter() - started)
            await asyncio.sleep(0.005)

    async with httpx2.AsyncClient(transport=transport, base_url="http://exporter.test") as client:
        others = [asyncio.create_task(work()) for work in (answer, request_page)]
        for _ in range(SCRAPES):
            started = time.perf_counter()
            async with client.stream("GET", "/metrics", headers={"accept-encoding": "gzip"}) as response:
                async for _ in response.aiter_raw():
                    pass
            taken.append(time.perf_counter() - started)
        done.set()
        await asyncio.gather(*others)
    return sorted(taken), sorted(delays)


def alone_seconds(fleet: Fleet) -> float:
    """Return the minimum seconds of copying and compressing the same bytes without the exporter."""
    text = fleet.metrics.exposition()

    def work() -> float:
        started = time.perf_counter()
        compressor = zlib.compressobj(COMPRESSION_LEVEL, wbits=31)
        compressor.compress(bytearray(text))
        compressor.flush()
        return time.perf_counter() - started

    return min(work() for _ in range(3))


def figures() -> Iterator[tuple[str, float, float]]:
    """Yield name, value and target of each figure."""
    few, many = (min(answer_seconds(cars) for _ in range(2)) for cars in (FEW_CARS, MANY_CARS))
    yield f"cost of an answer with {MANY_CARS} cars against {FEW_CARS} ({1e3 * few:.2f} ms)", many / few, 2.0
    small, large = memory_kilobytes(10), memory_kilobytes(MANY_CARS)
    yield "memory of 10 cars, MB", small / 1024, 70.0
    yield "memory of each further car, kB", (large - small) / (MANY_CARS - 10), 100.0
    fleet = Fleet(MANY_CARS)
    alone = alone_seconds(fleet)
    taken, delays = asyncio.run(scrapes(fleet))
    p99 = taken[int(0.99 * len(taken))]
    yield (
        f"scrape of {MANY_CARS} cars with gzip, 99th percentile against {1e3 * alone:.0f} ms alone",
        p99 / alone,
        10.0,
    )
    yield (
        "delay of another page during scrapes, 99.9th percentile, ms",
        1e3 * delays[int(0.999 * len(delays))],
        50.0,
    )


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="exit with 1 if a target is missed")
    parser.add_argument("--memory", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.memory:
        _print_memory(arguments.memory)
        return
    missed = False
    for what, figure, target in figures():
        missed |= figure > target
        print(f"{what}: {figure:.3g} (target: at most {target:g})", flush=True)
    sys.exit(arguments.check and missed)


if __name__ == "__main__":
    main()
