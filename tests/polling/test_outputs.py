"""Outputs never change what is requested: neither their number nor how slow they are."""

import zlib

import anyio
import httpx2
import pytest

from tests.support.installation import MONDAY, a_world, installed
from tests.support.services import free_port
from volvo_exporter.simulator import FLEET, create_app
from volvo_exporter.vehicles.updates import MAX_QUEUED_UPDATES, Subscription

pytestmark = pytest.mark.slow

HOURS = 3.0
PLANNER = "planner.test"
ABRP = tuple(
    {"vin": car.vin, "api_key": "a", "user_token": "u", "url": f"http://{PLANNER}/"} for car in FLEET
)


class Slow:
    """An output that takes a minute for each update."""

    async def run(self, updates: Subscription) -> None:
        async for _ in updates:
            await anyio.sleep(60)


class Dead:
    """An output that never takes an update."""

    async def run(self, _updates: Subscription) -> None:
        await anyio.sleep_forever()


class Paced(httpx2.AsyncBaseTransport):
    """A network that answers each address after a time of its own.

    No two answers arrive together, so that the random order in which trio runs tasks changes nothing.
    """

    def __init__(self, inner: httpx2.AsyncBaseTransport) -> None:
        self.inner = inner

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if request.url.host == PLANNER:
            return httpx2.Response(200, json={"status": "ok"})
        await anyio.sleep(0.1 + zlib.crc32(request.url.raw_path) / 2**34)
        return await self.inner.handle_async_request(request)


async def requests(
    folder, outputs=(), *, capacity=MAX_QUEUED_UPDATES, **settings
) -> list[tuple[float, str, str | None]]:
    """The requests of three cars that go to work, as seen by the cloud."""
    world = a_world(start=MONDAY + 5.5 * 3600 - anyio.current_time())
    begin = world.now()
    transport = Paced(httpx2.ASGITransport(app=create_app(world)))
    async with (
        installed(folder, world, transport=transport, **settings) as it,
        anyio.create_task_group() as tasks,
    ):
        for number, output in enumerate(outputs):
            tasks.start_soon(output.run, it.exporter.updates.subscribe(str(number), capacity=capacity))
        await anyio.sleep(HOURS * 3600)
        tasks.cancel_scope.cancel()
    return [(round(call.time - begin, 6), call.path, call.vin) for call in world.log]


@pytest.mark.parametrize(
    "outputs",
    [(Slow(), Slow()), (Dead(),), (Slow(), Dead(), Dead())],
    ids=["slow", "dead", "both"],
)
async def test_the_requests_are_the_same_with_any_number_of_outputs(tmp_path, outputs):
    alone, beside = tmp_path / "alone", tmp_path / "beside"
    alone.mkdir()
    beside.mkdir()

    expected = await requests(alone)
    assert await requests(beside, outputs, capacity=10) == expected
    assert len(expected) > 300


async def test_the_requests_are_the_same_with_all_outputs_on(tmp_path):
    """MQTT has no broker; its threads try to connect."""
    alone, beside = tmp_path / "alone", tmp_path / "beside"
    alone.mkdir()
    beside.mkdir()
    outputs = {
        "abrp": ABRP,
        "mqtt": {"url": f"mqtt://127.0.0.1:{free_port()}"},
        "remote_write": [{"url": f"http://{PLANNER}/api/v1/write"}],
        "webhooks": [{"url": f"http://{PLANNER}/", "secret": "a-secret"}],
        "notifications": {"events": ["drive_ended"]},
        "journal": "on",
    }

    assert await requests(beside, **outputs) == await requests(alone)


async def test_updates_lost_by_a_stopped_output_are_counted(tmp_path):
    async with installed(tmp_path, a_world()) as it:
        it.exporter.updates.subscribe("dead", capacity=5)
        await anyio.sleep(60)

        assert await it.value("volvo_exporter_dropped_updates_total", 'output="dead"') > 20
        assert await it.value("volvo_exporter_dropped_updates_total", 'output="prometheus"') is None
