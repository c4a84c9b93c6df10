"""Pauses that Volvo requires: never shorter than half a minute, never endless, and over on time."""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass, field

import anyio
import httpx2
import pytest
from structlog.testing import capture_logs

from tests.support.installation import APIS, MONDAY, a_world, installed, write_token
from volvo_exporter.catalogue.model import Api
from volvo_exporter.simulator import FLEET, Fault, World, create_app

pytestmark = pytest.mark.slow

EX30, XC60, S90 = (profile.vin for profile in FLEET)
HOUR, DAY = 3600.0, 86400.0
QUOTA = "Out of call volume quota. Quota will be replenished in {}."


def countdown(seconds: float) -> str:
    """Return the text of Volvo's refusal so long before the quota resets."""
    minutes, second = divmod(math.ceil(seconds), 60)
    return QUOTA.format(f"{minutes // 60:02}:{minutes % 60:02}:{second:02}")


@dataclass(slots=True)
class Refusing(httpx2.AsyncBaseTransport):
    """Refuses every call of Volvo's APIs while `active`."""

    world: World
    status: int = 403
    message: str = QUOTA.format("00:10:00")
    headers: dict[str, str] = field(default_factory=dict)
    active: bool = False
    reset: float = math.inf
    """When Volvo no longer refuses; the message counts down to it."""
    refused: list[float] = field(default_factory=list)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        now = self.world.now()
        if self.active and now < self.reset and request.url.path.startswith(APIS):
            self.refused.append(now)
            message = self.message if math.isinf(self.reset) else countdown(self.reset - now)
            body = {"statusCode": self.status, "message": message}
            return httpx2.Response(self.status, headers=self.headers, content=json.dumps(body).encode())
        return await httpx2.ASGITransport(app=create_app(self.world)).handle_async_request(request)


@pytest.mark.parametrize("start", range(0, 300, 60))
async def test_data_return_within_a_second_of_the_announced_reset(tmp_path, start):
    world = a_world(cars=FLEET[:1])
    reset = world.now() + 600 + start + 2 * HOUR - 167
    refusing = Refusing(world, reset=reset)
    async with installed(tmp_path, world, transport=refusing) as it:
        await anyio.sleep(600 + start)
        refusing.active = True
        await anyio.sleep(3 * HOUR)

        later = [call.time for call in it.calls() if call.time > refusing.refused[-1]]
        assert reset <= min(later) <= reset + 1
        assert len([time for time in later if time <= reset + 1]) > 5
    assert len(refusing.refused) <= 3


async def test_data_return_at_midnight_after_the_own_count_used_the_quota_up(tmp_path):
    world = a_world(start=MONDAY + 20 * HOUR + 100)
    async with installed(tmp_path, world, daily_quota=3000) as it:
        await anyio.sleep(600)
        for _ in range(3000):
            it.exporter.accounts[0].poller.budget.spend(Api.CONNECTED_VEHICLE, world.now())
        used_up = world.now()
        await anyio.sleep(4 * HOUR)

        later = [call.time for call in it.calls() if call.time > used_up]
        assert MONDAY + DAY <= min(later) <= MONDAY + DAY + 1


async def test_both_accounts_of_a_key_resume_when_its_limit_is_lifted(tmp_path):
    world = a_world()
    accounts = [
        {"name": name, "token_file": str(tmp_path / f"{name}.json"), "vin": [vin]}
        for name, vin in (("anna", EX30), ("bert", S90))
    ]
    for account in accounts:
        write_token(world, tmp_path / f"{account['name']}.json")
    reset = world.now() + 1600
    refusing = Refusing(world, reset=reset)
    async with installed(tmp_path, world, transport=refusing, accounts=accounts) as it:
        await anyio.sleep(1000)
        refusing.active = True
        await anyio.sleep(HOUR)

        for vin in (EX30, S90):
            later = [call.time for call in it.calls(vin=vin) if call.time > refusing.refused[-1]]
            assert reset <= min(later) <= reset + 1


async def test_a_refused_request_keeps_its_due_time(tmp_path):
    world = a_world()
    async with installed(tmp_path, world, scrape_interval=3600) as it:
        await anyio.sleep(10)
        world.faults.add(Fault(kind="throttled", where="doors", vin=EX30, times=1, seconds=40))
        await anyio.sleep(2 * HOUR)

        refused = next(call for call in it.calls() if call.status == 429)
        later = [call.time for call in it.calls("/doors", vin=EX30) if call.time > refused.time]
        assert min(later) <= refused.time + 41


@pytest.mark.parametrize(
    ("status", "message", "headers"),
    [
        (429, "Rate limit is exceeded.", {"retry-after": "0"}),
        (429, "Rate limit is exceeded.", {"retry-after": "Fri, 01 Jan 2021 00:00:00 GMT"}),
        (429, "Rate limit is exceeded. Try again in 0 seconds.", {"retry-after": "garbage"}),
        (403, QUOTA.format("00:00:00"), {}),
        (403, QUOTA.format("00:00:00"), {"retry-after": "0"}),
        (429, QUOTA.format("0.00:00:00"), {"retry-after": "-7"}),
    ],
)
async def test_a_retry_time_of_zero_does_not_cause_a_burst(tmp_path, status, message, headers):
    world = a_world()
    refusing = Refusing(world, status=status, message=message, headers=headers)
    with capture_logs() as logs:
        async with installed(tmp_path, world, transport=refusing) as it:
            await anyio.sleep(10)
            refusing.active = True
            await anyio.sleep(3 * HOUR)
            burst = [time for time in refusing.refused if time == refusing.refused[0]]
            refusing.active = False
            await anyio.sleep(60)

            assert await it.value("volvo_resource_up", EX30, 'resource="doors"') == 1
    assert len(refusing.refused) <= len(burst) + 3 * HOUR / 30
    assert len([line for line in logs if line["event"] == "polling paused"]) == 1


@dataclass(slots=True)
class Clock:
    """A clock of a machine, so many days ahead."""

    right: Callable[[], float]
    days: float = 0.0

    def __call__(self) -> float:
        return self.right() + self.days * DAY


@pytest.mark.parametrize("days", [400, -400])
@pytest.mark.parametrize(
    "answer",
    [
        (403, QUOTA.format("03:30:56"), {}),
        (403, "Out of call volume quota.", {}),
        (429, "Rate limit is exceeded.", {"retry-after": "Tue, 03 Nov 2026 00:00:00 GMT"}),
        (429, "Rate limit is exceeded. Try again in 999999999 seconds.", {}),
    ],
)
@pytest.mark.parametrize("restart", [False, True])
async def test_a_refusal_while_the_clock_is_wrong_does_not_stop_polling_when_it_is_right(
    tmp_path, days, answer, restart
):
    world = a_world(cars=FLEET[:1])
    clock = Clock(world.now, days)
    status, message, headers = answer
    refusing = Refusing(world, status=status, message=message, headers=headers, active=True)
    async with installed(tmp_path, world, transport=refusing, clock=clock) as it:
        await anyio.sleep(120)
        refusing.active = False
        clock.days = 0
        if not restart:
            await anyio.sleep(360)
            assert await it.value("volvo_odometer_meters") is not None
    if restart:
        async with installed(tmp_path, world, clock=clock) as it:
            await anyio.sleep(60)
            assert await it.value("volvo_odometer_meters") is not None


async def test_a_clock_that_was_ahead_leaves_no_slot_waiting_for_that_time(tmp_path):
    world = a_world(cars=FLEET[:1])
    clock = Clock(world.now)
    async with installed(tmp_path, world, clock=clock) as it:
        await anyio.sleep(600)
        clock.days = 400
        world.faults.add(Fault(kind="car_not_found"))
        await anyio.sleep(1200)
        write_token(world, it.token_file)
        await anyio.sleep(1)
        clock.days = 0
        world.faults.clear()
        before = len(it.calls())
        await anyio.sleep(HOUR)

        assert {call.path for call in it.calls()[before:]} >= {call.path for call in it.calls()[:19]}


@pytest.mark.parametrize("kind", ["throttled", "invalid_key"])
async def test_a_refusal_of_the_weather_service_does_not_pause_the_key_of_volvo(tmp_path, kind):
    world = a_world(cars=FLEET[:1])
    world.faults.add(Fault(kind=kind, where="weather", seconds=DAY))
    async with installed(tmp_path, world) as it:
        await anyio.sleep(HOUR)

        assert len(it.calls("/engine-status")) >= 19
        assert (await it.scrape("/api/v1/status")).json()["accounts"][0]["waiting"] is None
        assert len([call for call in world.log if "/weather" in call.path]) < 15
