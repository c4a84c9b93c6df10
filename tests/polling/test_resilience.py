"""A month of everything that goes wrong, in virtual time."""

import re
from dataclasses import replace
from random import Random

import anyio
import httpx2
import pytest

from tests.support.installation import MONDAY, a_world, installed, write_token
from volvo_exporter.simulator import FLEET, KINDS, Fault, create_app

pytestmark = pytest.mark.slow

EX30 = FLEET[0].vin
HOUR, DAY = 3600.0, 86400.0
LAST_SUCCESS = re.compile(r'volvo_resource_last_success_timestamp_seconds\{.*resource="engine-status".*')
INTERVAL = 1800
LASTING = {"invalid_grant", "gone", "quota", "quota_without_retry_after"}
"""Answers that are meant to last; the month has a revoked login and a quota cut of its own."""
PASSING = sorted(set(KINDS) - LASTING)


class Stormy(httpx2.AsyncBaseTransport):
    """Lets one request in twenty meet a fault of some kind."""

    def __init__(self, world) -> None:
        self.world, self.random = world, Random(7)
        self.inner = httpx2.ASGITransport(app=create_app(world))

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if self.random.random() < 0.05:
            self.world.faults.add(Fault(kind=self.random.choice(PASSING), times=1, seconds=5.0))
        return await self.inner.handle_async_request(request)


async def test_a_month_of_faults_outages_a_quota_cut_and_a_revoked_login(tmp_path):
    world = a_world(start=MONDAY, cars=FLEET[:1])
    login_required: list[float] = []
    without_data: list[float] = []

    async def sleep_until(day: float, hour: float = 0.0) -> None:
        """Sleep, and check the exporter every two hours."""
        while world.now() < MONDAY + day * DAY + hour * HOUR:
            await anyio.sleep(2 * HOUR)
            scraped = await it.series()
            if scraped['volvo_exporter_login_required{account="default"}']:
                login_required.append(world.now())
            seen = [value for name, value in scraped.items() if LAST_SUCCESS.fullmatch(name)]
            if seen == [] or world.now() - seen[0] > HOUR:
                without_data.append(world.now())

    async with installed(tmp_path, world, transport=Stormy(world), scrape_interval=INTERVAL) as it:
        await sleep_until(5)
        assert without_data == []
        world.faults.add(Fault(kind="unavailable", until=world.now() + 4 * HOUR))
        await sleep_until(5, 5)
        assert len(without_data) >= 2
        without_data.clear()

        await sleep_until(10)
        world.options = replace(world.options, daily_quota=60)
        await sleep_until(11)
        assert await it.value("volvo_exporter_login_required") == 0
        world.options = replace(world.options, daily_quota=10_000)
        without_data.clear()

        await sleep_until(15)
        assert without_data == []
        world.faults.add(Fault(kind="token_error", where="token", until=world.now() + 3 * HOUR))
        world.faults.add(
            Fault(kind="bad_gateway", where="/connected-vehicle/*", until=world.now() + 3 * HOUR)
        )
        await sleep_until(15, 4)
        without_data.clear()

        await sleep_until(20)
        assert (login_required, without_data) == ([], [])
        world.identity.grants[-1].revoked = True
        world.identity.expire()
        await sleep_until(20, 3)
        assert len(login_required) >= 2
        write_token(world, it.token_file)
        login_required.clear()
        without_data.clear()

        await sleep_until(30)
        assert (login_required, without_data) == ([], [])
        assert await it.value("volvo_exporter_quota_remaining") > 9000
        assert await it.value("volvo_odometer_meters", EX30) > 0
