"""Many cars on one key: the requests are spread over the minute, and the most wanted ones come first."""

from collections import Counter
from dataclasses import replace

import anyio
import pytest

from tests.support.installation import MONDAY, a_world, installed
from volvo_exporter.simulator import FLEET

pytestmark = pytest.mark.slow

CARS = tuple(replace(FLEET[number % len(FLEET)], vin=f"YV1DEMEV0R21{number:05}") for number in range(12))
WANTED = ("/state", "/engine-status", "/doors", "/odometer")
LEAST_WANTED = ("/tyres", "/warnings", "/brakes", "/engine", "/diagnostics", "/commands")


async def test_requests_are_spread_over_the_minute_after_the_first_burst(tmp_path):
    world = a_world(start=MONDAY + 10 * 3600, cars=CARS)
    async with installed(tmp_path, world) as it:
        await anyio.sleep(1200)

        a_second = Counter(int(call.time - it.calls()[0].time) for call in it.calls())
        assert a_second.pop(0) <= 60
        assert max(a_second.values()) <= 5
        assert {call.status for call in it.calls()} <= {200, 404}
        for profile in CARS:
            assert await it.value("volvo_odometer_meters", profile.vin) is not None


async def test_the_most_important_resources_of_every_car_are_requested_first(tmp_path):
    world = a_world(start=MONDAY + 10 * 3600, cars=CARS)
    async with installed(tmp_path, world) as it:
        await anyio.sleep(1200)

        first: dict[tuple[str, str], float] = {}
        for call in it.calls():
            first.setdefault((call.vin or "", call.path), call.time)
        wanted = [at for (_, path), at in first.items() if path.endswith(WANTED)]
        least = [at for (_, path), at in first.items() if path.endswith(LEAST_WANTED)]
        assert min(least) > max(wanted)
        assert max(wanted) < MONDAY + 10 * 3600 + 30


async def test_the_first_data_of_three_cars_are_read_at_once(tmp_path):
    world = a_world(start=MONDAY + 10 * 3600)
    async with installed(tmp_path, world) as it:
        await anyio.sleep(10)

        assert {call.time for call in it.calls()} == {MONDAY + 10 * 3600}
        assert len(it.calls()) == 52
