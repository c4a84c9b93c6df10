import anyio
import pytest
from structlog.testing import capture_logs

from tests.support.installation import a_world, environment_of, installed, some_settings, write_token
from volvo_exporter.check import check
from volvo_exporter.simulator import FLEET, Options

REFUSED = (
    "api_key refused: compare it with the key at https://developer.volvocars.com/account/; "
    "a key created today is refused at random for some hours, will retry"
)
EX30 = FLEET[0].vin


async def findings(tmp_path, world, **settings):
    token_file = tmp_path / "volvo_token.json"
    write_token(world, token_file)
    # No program listens on port 1.
    settings = some_settings(token_file, exporter_listen_port=1, **settings)
    return [finding async for finding in check(settings, environment_of(world))]


async def test_check_waits_if_the_calls_of_the_minute_are_used_up(tmp_path):
    world = a_world(cars=FLEET[:2], options=Options(requests_per_minute=20))
    found = await findings(tmp_path, world)

    assert len(world.log) > 20
    assert [finding for finding in found if not finding.ok] == []
    assert anyio.current_time() > 50


async def test_a_wrong_key_is_reported_after_six_attempts(tmp_path):
    world = a_world()
    found = await findings(tmp_path, world, api_key="not-the-key")

    assert [(finding.what, finding.message) for finding in found if not finding.ok] == [
        ("default: vehicles", REFUSED)
    ]
    assert len(world.log) == 6


async def test_a_new_key_that_is_refused_at_random_is_not_reported_as_wrong(tmp_path):
    found = await findings(tmp_path, a_world(cars=FLEET[:1], options=Options(flaky_key=0.3)))

    assert [finding for finding in found if not finding.ok] == []


@pytest.mark.parametrize(
    ("cars", "vin", "message"),
    [
        (FLEET[:2], (), f"2 in the account (…{EX30[-4:]}, …{FLEET[1].vin[-4:]})"),
        (
            FLEET[:1],
            (EX30, "YV1TESTCAR0004711"),
            (
                f"1 in the account (…{EX30[-4:]}); …4711 of `vin` not found: "
                "check `vin`, or log in again and select the car on Volvo's consent page"
            ),
        ),
        (
            (),
            (),
            "no vehicle in the account: log in again and select the car on Volvo's consent page",
        ),
    ],
    ids=["all", "one wrong", "none"],
)
async def test_vehicles_are_named_by_the_end_of_their_vin(tmp_path, cars, vin, message):
    found = await findings(tmp_path, a_world(cars=cars), vin=vin)

    assert [finding.message for finding in found if finding.what == "default: vehicles"] == [message]
    assert not [finding for finding in found for car in cars if car.vin in finding.message]


async def test_an_exporter_that_starts_after_check_is_paced_without_a_warning(tmp_path):
    world = a_world()
    found = await findings(tmp_path, world)
    calls = len([call for call in world.log if "weather" not in call.path])
    assert f"{calls} of 10000 calls used today" in [finding.message for finding in found]
    with capture_logs() as logs:
        async with installed(tmp_path, world, logged_in=False) as it:
            await anyio.sleep(5)
            assert len(await it.series("volvo_odometer_meters")) == len(FLEET)
            await anyio.sleep(60)

            assert len(await it.series("volvo_resource_up", 'resource="diagnostics"')) == len(FLEET)
            assert await it.value("volvo_exporter_quota_used") == len(it.calls())
    assert [call for call in world.log if call.status == 429] == []
    assert [line for line in logs if line["log_level"] == "warning"] == []


async def test_check_reports_a_used_up_quota_without_waiting_for_the_reset(tmp_path):
    world = a_world(cars=FLEET[:1], options=Options(daily_quota=5))
    found = await findings(tmp_path, world, daily_quota=5)

    assert any("daily API quota used up" in finding.message for finding in found)
    assert anyio.current_time() < 1
