"""Time to the first complete data of three cars at 150 ms API latency, against sequential calls.

Both run in this process against the simulator, over loopback sockets.
"""

import json
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from random import Random

import anyio
import httpx2

from volvo_exporter.assembly import Exporter
from volvo_exporter.catalogue.model import Api
from volvo_exporter.demo import demo_settings, simulating
from volvo_exporter.environment import Environment
from volvo_exporter.log import set_up
from volvo_exporter.simulator import FLEET, Options, World
from volvo_exporter.supervisor import running, start_parts
from volvo_exporter.volvo.authentication import BearerAuth

LATENCY_SECONDS = 0.15
UNLIMITED_CALLS = 1_000_000


class Slow(httpx2.AsyncBaseTransport):
    """A transport with a minimum latency."""

    def __init__(self) -> None:
        self._inner = httpx2.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Wait, then send the request."""
        await anyio.sleep(LATENCY_SECONDS)
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()


async def first_data(exporter: Exporter) -> float:
    """Return the seconds until every request of the plan has been answered."""
    began = time.perf_counter()
    async with anyio.create_task_group() as tasks:
        start_parts(exporter, tasks)
        while not complete(exporter):  # noqa: ASYNC110 - the product has no event for this moment
            await anyio.sleep(0.002)
        elapsed = time.perf_counter() - began
        tasks.cancel_scope.cancel()
    return elapsed


def complete(exporter: Exporter) -> bool:
    """Return whether all resources of all cars, including the weather, have been requested."""
    entries = [entry for account in exporter.accounts for entry in account.poller.plan.entries.values()]
    weather = [entry for entry in entries if entry.slot.resource.api is Api.WEATHER]
    return len(weather) == len(FLEET) and all(entry.outcome for entry in entries)


async def one_after_another(exporter: Exporter, world: World, url: str) -> float:
    """Return the seconds of the same calls one after another, on one connection."""
    account = exporter.accounts[0]
    auth, key = BearerAuth(account.grant), account.settings.api_key.get_secret_value()
    calls = [call for call in world.log if call.method == "GET" and not call.path.startswith("/data")]
    async with httpx2.AsyncClient(transport=Slow(), base_url=url) as client:
        began = time.perf_counter()
        for call in calls:
            path = call.path.replace("{vin}", call.vin or "")
            await client.get(path, auth=auth, headers={"vcc-api-key": key})
        weather = len([call for call in world.log if call.path.startswith("/data")])
        await anyio.sleep(weather * LATENCY_SECONDS)
        return time.perf_counter() - began


async def measure(folder: Path) -> None:
    """Print both figures and their ratio."""
    environment = Environment.of_this_machine()
    options = Options(daily_quota=UNLIMITED_CALLS, requests_per_minute=UNLIMITED_CALLS)
    world = World(clock=environment.clock, options=options)
    for vin in world.cars:
        world.state(vin)  # computes the car's first days, which is the simulator's time, not the exporter's
    answer = world.authorize()
    token = {**answer, "expires_at": environment.clock() + float(str(answer["expires_in"]))}
    (folder / "token.json").write_text(json.dumps(token, default=str))
    async with simulating(world, port=0) as url:
        settings = demo_settings(url, address="127.0.0.1", port=0, token_file=folder / "token.json")
        slow = replace(environment, transport=Slow(), chance=Random(1))  # noqa: S311 - no secret
        async with running(settings, slow) as exporter:
            together = await first_data(exporter)
            calls = len([call for call in world.log if call.method == "GET"])
            sequential = await one_after_another(exporter, world, url)
    print(f"first complete data, {len(FLEET)} cars, {calls} calls, {LATENCY_SECONDS * 1000:.0f} ms latency")
    print(f"  exporter              {together:8.3f} s  ({together / LATENCY_SECONDS:.1f} round trips)")
    print(f"  one after another     {sequential:8.3f} s")
    print(f"  ratio                 {together / sequential:8.3f}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        set_up(level="error", stream=sys.stderr)
        anyio.run(measure, Path(name))
