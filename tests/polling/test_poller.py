"""The loop against the simulator, in virtual time."""

import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import StringIO

import anyio
import httpx2
import pytest
import structlog
from structlog.testing import capture_logs

from tests.support.installation import MONDAY, a_world, installed, write_token
from volvo_exporter import catalogue
from volvo_exporter.log import set_up
from volvo_exporter.simulator import CLASSIC_PHEV, FLEET, Fault, Options, create_app

pytestmark = pytest.mark.slow

EX30, XC60, S90 = (profile.vin for profile in FLEET)
FIRST_ROUND = 10.0  # seconds, of which the simulator takes none


async def test_all_values_of_the_cars_are_known_after_one_round(tmp_path):
    async with installed(tmp_path, a_world()) as it:
        await anyio.sleep(FIRST_ROUND)

        assert await it.value("volvo_battery_charge_ratio", EX30) is not None
        assert await it.value("volvo_fuel_amount_liters", S90) is not None
        assert await it.value("volvo_locked", XC60) is not None
        assert await it.value("volvo_weather_temperature_celsius", EX30) is not None
        assert (await it.scrape("/-/ready")).status_code == 200


async def test_first_data_take_at_most_three_round_trips(tmp_path):
    world = a_world()
    slow = SlowTransport(httpx2.ASGITransport(app=create_app(world)), seconds=1.0)
    async with installed(tmp_path, world, transport=slow) as it:
        await anyio.sleep(3.5)

        for vin in (EX30, XC60, S90):
            assert await it.value("volvo_odometer_meters", vin) is not None
            assert await it.value("volvo_location_latitude_degrees", vin) is not None


class SlowTransport(httpx2.AsyncBaseTransport):
    """Every answer takes its time."""

    def __init__(self, inner: httpx2.AsyncBaseTransport, *, seconds: float) -> None:
        self.inner, self.seconds = inner, seconds

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        await anyio.sleep(self.seconds)
        return await self.inner.handle_async_request(request)


async def test_every_enabled_resource_is_requested_for_every_car_once_at_start(tmp_path):
    async with installed(tmp_path, a_world()) as it:
        await anyio.sleep(FIRST_ROUND)

        of_ex30 = [call.path for call in it.calls(vin=EX30)]
        own = [resource for resource in catalogue.RESOURCES if resource.enabled and "{vin}" in resource.path]
        assert sorted(of_ex30) == sorted(resource.endpoint for resource in own)
        assert len(it.calls("/connected-vehicle/v2/vehicles")) == 1


async def test_a_parked_car_is_polled_at_its_own_pace(tmp_path):
    async with installed(tmp_path, a_world(start=MONDAY + 10 * 3600), scrape_interval=300) as it:
        await anyio.sleep(3 * 3600 - 60)

        assert await it.value("volvo_activity_status", EX30, 'state="parked"') == 1
        counts = [len(it.calls(end, vin=EX30)) for end in ("/engine-status", "/doors", "/odometer", "/tyres")]
        assert counts[0] == 60
        assert 23 <= counts[1] <= 36
        assert counts[2:] == [2, 1]
        assert await it.value("volvo_resource_poll_interval_seconds", EX30, 'resource="doors"') == 300


async def test_live_resources_of_a_driving_car_are_polled_every_minute(tmp_path):
    world = a_world(start=MONDAY + 4 * 3600)
    start = next(
        at for at, what in world.changes(EX30, world.now(), world.now() + 6 * 3600) if what == "engine"
    )
    async with installed(tmp_path, world) as it:
        await anyio.sleep(start - world.now() + 600)
        assert await it.value("volvo_activity_status", EX30, 'state="driving"') == 1
        before = len(it.calls("/odometer", vin=EX30))
        await anyio.sleep(300)

        assert len(it.calls("/odometer", vin=EX30)) - before == 5


async def test_the_count_of_calls_survives_a_restart(tmp_path):
    world = a_world()
    async with installed(tmp_path, world) as it:
        await anyio.sleep(FIRST_ROUND)
        used = await it.value("volvo_exporter_quota_used")
    async with installed(tmp_path, world) as it:
        assert await it.value("volvo_exporter_quota_used") == used > 50


async def test_the_status_explains_the_plan(tmp_path):
    async with installed(tmp_path, a_world()) as it:
        await anyio.sleep(FIRST_ROUND)
        account = (await it.scrape("/api/v1/status")).json()["accounts"][0]

    assert {vehicle["activity"] for vehicle in account["vehicles"]} <= {
        "parked",
        "driving",
        "charging",
        "plugged_in",
    }
    assert account["quota"]["used"] < account["quota"]["forecast"] < account["quota"]["limit"]
    doors = next(known for known in account["resources"] if known["resource"] == "doors")
    assert doors["next"] > MONDAY
    assert doors["state"] == "ok"


async def test_a_scrape_sends_no_request_to_volvo(tmp_path):
    async with installed(tmp_path, a_world()) as it:
        await anyio.sleep(FIRST_ROUND)
        before = len(it.world.log)
        for path in ("/metrics", "/", "/-/ready", "/api/v1/vehicles", "/api/v1/status"):
            await it.scrape(path)

        assert len(it.world.log) == before


async def test_only_the_configured_cars_are_polled(tmp_path):
    async with installed(tmp_path, a_world(), vin=[S90]) as it:
        await anyio.sleep(FIRST_ROUND)

        assert {call.vin for call in it.world.log if call.vin} == {S90}
        assert await it.series("volvo_", EX30) == {}


async def test_configured_cars_are_polled_even_if_the_list_of_cars_fails(tmp_path):
    world = a_world()
    world.faults.add(Fault(kind="internal_error", where="vehicles"))
    async with installed(tmp_path, world, vin=[EX30]) as it:
        await anyio.sleep(FIRST_ROUND)

        assert await it.value("volvo_odometer_meters", EX30) is not None


async def test_a_car_whose_details_always_fail_is_exported_without_them(tmp_path):
    world = a_world()
    world.faults.add(Fault(kind="internal_error", where="details", vin=EX30))
    async with installed(tmp_path, world) as it:
        await anyio.sleep(FIRST_ROUND)

        assert await it.value("volvo_odometer_meters", EX30, 'model=""') is not None
        assert await it.value("volvo_odometer_meters", S90, 'model="S90"') is not None


async def test_a_failing_endpoint_affects_no_other_and_keeps_its_last_values(tmp_path):
    world = a_world()
    async with installed(tmp_path, world) as it:
        await anyio.sleep(FIRST_ROUND)
        before = await it.series("volvo_door_open", EX30)
        world.faults.add(Fault(kind="internal_error", where="doors"))
        await anyio.sleep(1000)

        assert await it.series("volvo_door_open", EX30) == before != {}
        assert await it.value("volvo_resource_up", EX30, 'resource="doors"') == 0
        assert await it.value("volvo_resource_up", EX30, 'resource="windows"') == 1
        world.faults.clear()
        await anyio.sleep(300)

        assert await it.value("volvo_resource_up", EX30, 'resource="doors"') == 1


async def test_failures_are_retried_with_backoff(tmp_path):
    world = a_world()
    world.faults.add(Fault(kind="bad_gateway", where="odometer", vin=EX30))
    async with installed(tmp_path, world) as it:
        await anyio.sleep(3600)

        tries = it.calls("/odometer", vin=EX30)
        assert 5 <= len(tries) <= 12  # 30, 60, 120 … to 900 s, less up to half by chance


async def test_energy_requests_of_a_diesel_become_rare_and_are_not_shown_as_failing(tmp_path):
    async with installed(tmp_path, a_world(), scrape_interval=3600) as it:
        await anyio.sleep(20 * 3600)  # at 0, 1, 3, 7 and 15 hours

        assert len(it.calls("/state", vin=S90)) == len(it.calls("/capabilities", vin=S90)) == 5
        assert await it.series("volvo_resource_up", S90, "energy") == {}


@pytest.mark.parametrize("scope", ["location:read", "conve:odometer_status"])
async def test_a_resource_without_its_scope_is_postponed_until_a_login_with_the_scope(tmp_path, scope):
    world = a_world()
    scopes = [each for each in world.options.scopes if each != scope]
    path = "/location" if scope == "location:read" else "/odometer"
    async with installed(tmp_path, world, logged_in=False) as it:
        write_token(world, it.token_file, scope=scopes)
        await anyio.sleep(12 * 3600)

        assert 3 <= len(it.calls(path, vin=EX30)) <= 4  # at 0, 1, 3 and 7 hours
        before = len(it.calls(path, vin=EX30))
        write_token(world, it.token_file)
        await anyio.sleep(900)

        assert len(it.calls(path, vin=EX30)) > before
        assert it.calls(path, vin=EX30)[-1].status == 200


async def test_a_used_up_quota_pauses_the_key_until_the_reset_and_keeps_the_login(tmp_path):
    world = a_world(start=MONDAY + 20 * 3600)
    async with installed(tmp_path, world) as it:
        await anyio.sleep(FIRST_ROUND)
        world.limits.spend("demo", now=world.now(), calls=10_000)
        await anyio.sleep(600)
        asked = len(it.calls())
        await anyio.sleep(3 * 3600)

        assert len(it.calls()) == asked
        assert await it.value("volvo_exporter_quota_remaining") == 0
        assert await it.value("volvo_exporter_login_required") == 0
        reset = await it.value("volvo_exporter_quota_reset_timestamp_seconds")
        assert reset == pytest.approx(MONDAY + 86400, abs=2)
        await anyio.sleep(3600)

        assert len(it.calls()) > asked
        assert await it.value("volvo_exporter_quota_remaining") > 9000


async def test_the_quota_is_never_overdrawn_however_small_it_is(tmp_path):
    world = a_world(start=MONDAY, options=Options(daily_quota=600))
    async with installed(tmp_path, world, daily_quota=600) as it:
        await anyio.sleep(2 * 86400)

        assert [call for call in it.calls() if call.status == 403] == []
        today = [call.time for call in it.calls() if call.time < MONDAY + 86400]
        assert 500 <= len(today) <= 600
        assert max(today) > MONDAY + 86400 - 3600  # the day ends with data


async def test_requests_sent_again_after_a_refused_token_are_counted_too(tmp_path):
    world = a_world()
    async with installed(tmp_path, world) as it:
        world.identity.expire()
        await anyio.sleep(FIRST_ROUND)
        used = await it.value("volvo_exporter_quota_used")

        assert used == len(it.calls()) > 50
        assert [call for call in it.calls() if call.status == 401] != []


async def test_the_minute_limit_is_kept_with_many_cars(tmp_path):
    cars = tuple(replace(FLEET[0], vin=f"YV1DEMEV0R21{number:05}") for number in range(20))
    world = a_world(cars=cars)
    async with installed(tmp_path, world) as it:
        await anyio.sleep(600)

        assert [call for call in world.log if call.status == 429] == []
        for profile in cars:
            assert await it.value("volvo_odometer_meters", profile.vin) is not None


async def test_throttling_applies_to_the_whole_key(tmp_path):
    world = a_world()
    async with installed(tmp_path, world) as it:
        await anyio.sleep(FIRST_ROUND)
        world.faults.add(Fault(kind="throttled_without_retry_after", where="doors", times=1))
        await anyio.sleep(600)
        refused = next(call for call in world.log if call.status == 429)

        later = [call.time for call in it.calls() if call.time > refused.time]
        assert min(later) >= refused.time + 30  # as in the text of the response


async def test_a_new_key_that_is_refused_at_random_is_not_reported_as_wrong(tmp_path):
    world = a_world(options=Options(flaky_key=0.5))
    async with installed(tmp_path, world) as it:
        # Half of the requests are refused; after ten attempts each, one in a thousand resources is missing.
        await anyio.sleep(600)

        for vin in (EX30, XC60, S90):
            assert await it.value("volvo_odometer_meters", vin) is not None


async def test_a_wrong_key_is_retried_a_few_times_and_then_rarely(tmp_path):
    world = a_world()
    async with installed(tmp_path, world, api_key="not-the-key") as it:
        await anyio.sleep(3600)

        assert 6 <= len([call for call in world.log if call.status == 401]) <= 6 + 12
        status = (await it.scrape("/api/v1/status")).json()
        assert status["accounts"][0]["waiting"]["why"] == "API key refused"


async def test_a_wrong_key_is_reported_within_a_second_and_logged_twice(tmp_path):
    with capture_logs() as logs:
        async with installed(tmp_path, a_world(), api_key="not-the-key") as it:
            await anyio.sleep(1)
            ready, page = await it.scrape("/-/ready"), await it.scrape("/")
            waiting = (await it.scrape("/api/v1/status")).json()["accounts"][0]["waiting"]
            early = [line for line in logs if line["log_level"] == "warning"]
            await anyio.sleep(24 * 3600)
            held = await it.scrape("/")

    reason = "api_key refused: compare it with the key at https://developer.volvocars.com/account/; "
    assert ready.text.startswith(f"default: {reason}a key created today is refused at random")
    assert (ready.status_code, page.text.count(reason), held.text.count(reason)) == (503, 3, 3)
    assert (waiting["why"], waiting["message"].startswith(reason)) == ("API key refused", True)
    assert 1 < waiting["until"] - (MONDAY + 7 * 3600) < 4
    assert [line["event"] for line in early] == ["key refused"]
    assert early[0]["message"].startswith(reason)
    assert [line["event"] for line in logs if line["log_level"] == "warning"] == [
        "key refused",
        "polling paused",
    ]


async def test_a_new_key_that_is_refused_at_random_is_logged_once_an_hour(tmp_path):
    with capture_logs() as logs:
        async with installed(tmp_path, a_world(options=Options(flaky_key=0.5))) as it:
            await anyio.sleep(3 * 3600)
            assert len([call for call in it.calls() if call.status == 401]) > 100

    warnings = [line for line in logs if line["event"] == "key refused" and line["log_level"] == "warning"]
    assert 2 <= len(warnings) <= 3


async def test_an_accepted_key_is_no_longer_reported(tmp_path):
    world = a_world()
    world.faults.add(Fault(kind="invalid_key", times=1))
    async with installed(tmp_path, world) as it:
        await anyio.sleep(1)
        assert (await it.scrape("/-/ready")).text.startswith("default: api_key refused")
        await anyio.sleep(FIRST_ROUND)

        assert (await it.scrape("/api/v1/status")).json()["accounts"][0]["waiting"] is None
        assert (await it.scrape("/-/ready")).text == "ready\n"


async def test_a_used_up_quota_is_reported_instead_of_an_earlier_refusal_of_the_key(tmp_path):
    world = a_world()
    world.faults.add(Fault(kind="invalid_key", times=1))
    async with installed(tmp_path, world) as it:
        await anyio.sleep(1)
        world.faults.add(Fault(kind="quota"))
        await anyio.sleep(FIRST_ROUND)

        waiting = (await it.scrape("/api/v1/status")).json()["accounts"][0]["waiting"]
        assert waiting["why"] == "quota exhausted"
        assert "api_key refused" not in (await it.scrape("/-/ready")).text


@pytest.mark.parametrize("kind", ["invalid_key", "throttled", "quota"])
async def test_a_refusal_by_the_weather_service_does_not_stop_polling(tmp_path, kind):
    world = a_world()
    world.faults.add(Fault(kind=kind, where="weather"))
    async with installed(tmp_path, world) as it:
        await anyio.sleep(3600)

        refused = [call for call in world.log if call not in it.calls()]
        assert len(refused) <= 3 * 12  # three cars; 30, 60, 120 … to 900 s, less up to half by chance
        assert len(it.calls()) > 100
        status = (await it.scrape("/api/v1/status")).json()["accounts"][0]
        assert status["waiting"] is None
        assert {entry["state"] for entry in status["resources"] if entry["resource"] == "weather"} == {
            "failing"
        }


async def test_a_login_is_picked_up_as_soon_as_another_process_has_written_it(tmp_path):
    async with installed(tmp_path, a_world(), logged_in=False) as it:
        await anyio.sleep(3600)

        assert len(it.world.log) == 0
        assert await it.value("volvo_exporter_login_required") == 1
        assert "login required" in (await it.scrape("/-/ready")).text
        write_token(it.world, it.token_file)
        await anyio.sleep(5)

        assert await it.value("volvo_exporter_login_required") == 0
        assert await it.value("volvo_odometer_meters", EX30) is not None


async def test_a_revoked_login_is_reported_and_causes_no_further_requests(tmp_path):
    world = a_world()
    async with installed(tmp_path, world) as it:
        await anyio.sleep(FIRST_ROUND)
        world.identity.grants[-1].revoked = True
        world.identity.expire()
        await anyio.sleep(600)
        calls = len(it.calls())
        await anyio.sleep(3600)

        assert await it.value("volvo_exporter_login_required") == 1
        assert len(it.calls()) == calls
        assert await it.value("volvo_odometer_meters", EX30) is not None


async def test_a_login_survives_a_week_of_rotating_tokens(tmp_path):
    world = a_world(options=Options(expires_in=299), cars=FLEET[:1])
    async with installed(tmp_path, world, scrape_interval=3600) as it:
        await anyio.sleep(7 * 86400)

        assert await it.value("volvo_exporter_login_required") == 0
        assert await it.value("volvo_exporter_token_refreshes_total", 'outcome="success"') > 160
        assert await it.series("volvo_exporter_token_refreshes_total", "login_required") == {}


async def test_a_removed_api_is_requested_daily_and_logged_once(tmp_path):
    with capture_logs() as logs:
        async with installed(tmp_path, a_world(), extended_vehicle=True, scrape_interval=3600) as it:
            await anyio.sleep(3 * 86400)

        asked = [call for call in it.world.log if "extended-vehicle" in call.path]
        assert len(asked) <= 3 * (3 + 3)  # for each car three times at first, then once a day
        assert len([line for line in logs if line["event"] == "gone"]) == 1


async def test_extended_vehicle_is_complete_while_it_is_available(tmp_path):
    world = a_world(options=Options(extended_vehicle_available=True))
    async with installed(tmp_path, world, extended_vehicle=True) as it:
        await anyio.sleep(60)  # more calls than are sent at once

        assert await it.value("volvo_extended_vehicle_resource_value", EX30, 'resource="odometer"') > 0


async def test_a_car_that_leaves_the_account_leaves_the_metrics(tmp_path):
    world = a_world()
    async with installed(tmp_path, world, scrape_interval=3600) as it:
        await anyio.sleep(FIRST_ROUND)
        write_token(world, it.token_file, vins=[EX30, XC60])
        await anyio.sleep(3700 + 1800)

        assert await it.series(S90) == {}
        assert await it.value("volvo_odometer_meters", EX30) is not None


async def test_an_account_without_cars_is_reported_and_retried(tmp_path):
    world = a_world()
    async with installed(tmp_path, world, logged_in=False) as it:
        write_token(world, it.token_file, vins=[])
        await anyio.sleep(3600)

        assert 3 <= len(it.calls("/v2/vehicles")) <= 8
        write_token(world, it.token_file)
        await anyio.sleep(1000)

        assert await it.value("volvo_odometer_meters", EX30) is not None


async def test_the_charge_of_a_classic_hybrid_comes_from_the_fuel_endpoint(tmp_path):
    async with installed(tmp_path, a_world(cars=(CLASSIC_PHEV,))) as it:
        await anyio.sleep(FIRST_ROUND)

        assert 0 < await it.value("volvo_battery_charge_ratio") <= 1


async def test_an_unreachable_weather_service_affects_only_the_weather(tmp_path):
    world = a_world()
    world.faults.add(Fault(kind="bad_gateway", where="weather"))
    async with installed(tmp_path, world) as it:
        await anyio.sleep(FIRST_ROUND)

        assert await it.series("volvo_weather") == {}
        assert await it.value("volvo_odometer_meters", EX30) is not None


async def test_a_hanging_endpoint_delays_nothing_else(tmp_path):
    world = a_world()
    world.faults.add(Fault(kind="latency", where="tyres", seconds=25))
    async with installed(tmp_path, world) as it:
        await anyio.sleep(FIRST_ROUND)

        assert await it.value("volvo_odometer_meters", EX30) is not None
        assert await it.series("volvo_resource_up", 'resource="tyres"') == {}


async def test_accounts_that_share_a_key_share_its_quota(tmp_path):
    world = a_world()
    accounts = [
        {"name": name, "token_file": str(tmp_path / f"{name}.json"), "vin": [vin]}
        for name, vin in (("anna", EX30), ("bert", S90))
    ]
    for account in accounts:
        write_token(world, tmp_path / f"{account['name']}.json")
    async with installed(tmp_path, world, accounts=accounts) as it:
        await anyio.sleep(FIRST_ROUND)

        anna = await it.value("volvo_exporter_quota_used", 'account="anna"')
        assert anna == await it.value("volvo_exporter_quota_used", 'account="bert"') == len(it.calls())
        assert await it.value("volvo_odometer_meters", EX30) is not None
        assert await it.value("volvo_odometer_meters", S90) is not None


async def test_no_car_no_secret_and_no_place_is_named_in_the_log_even_at_debug(tmp_path):
    world = a_world()
    with captured_log(level="debug") as log:
        async with installed(tmp_path, world) as it:
            await anyio.sleep(FIRST_ROUND)
            for kind in ("internal_error", "garbage", "scope_missing", "foreign_vehicle", "invalid_token"):
                world.faults.add(Fault(kind=kind, times=20))
                await anyio.sleep(900)
            token = json.loads(it.token_file.read_text())
    text = log.getvalue()

    assert "scope missing" in text
    for vin in (EX30, XC60, S90):
        assert vin not in text
    for secret in (token["access_token"], token["refresh_token"], world.options.client_secret):
        assert secret not in text
    assert not re.search(r"\d{2}\.\d{3,}", re.sub(r"ts=\S+", "", text))


@contextmanager
def captured_log(*, level: str) -> Iterator[StringIO]:
    """What the product would write to its log."""
    root, text = logging.getLogger(), StringIO()
    before = root.handlers[:], root.level
    set_up(level=level, stream=text)
    try:
        yield text
    finally:
        root.handlers[:], root.level = before
        structlog.reset_defaults()
