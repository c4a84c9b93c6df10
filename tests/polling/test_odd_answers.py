"""One odd answer, or some hours of them, costs neither a car nor a resource for a day."""

import anyio
import pytest
from structlog.testing import capture_logs

from tests.support.installation import a_world, installed, write_token
from volvo_exporter.simulator import FLEET, Fault

pytestmark = pytest.mark.slow

EX30, XC60, S90 = (profile.vin for profile in FLEET)
HOUR, DAY = 3600.0, 86400.0
FIRST_ROUND = 10.0


async def test_an_empty_list_of_vehicles_does_not_remove_the_cars(tmp_path):
    world = a_world()
    async with installed(tmp_path, world, scrape_interval=60, daily_quota=100_000) as it:
        await anyio.sleep(FIRST_ROUND)
        before = (await it.scrape()).text.count("volvo_odometer_meters{")
        world.identity.grants[-1].vins = ()
        await anyio.sleep(288 * 60)  # the list is requested after 288 intervals
        assert len(it.calls("/v2/vehicles")) == 2
        world.identity.grants[-1].vins = None
        await anyio.sleep(60)

        assert len(it.calls("/v2/vehicles")) == 3
        assert (await it.scrape()).text.count("volvo_odometer_meters{") == before == 3
        await anyio.sleep(HOUR)

        assert len(it.calls("/v2/vehicles")) == 3


async def test_a_car_that_every_list_lacks_for_15_minutes_is_dropped(tmp_path):
    world = a_world()
    with capture_logs() as logs:
        async with installed(tmp_path, world, scrape_interval=60, daily_quota=100_000) as it:
            await anyio.sleep(FIRST_ROUND)
            world.identity.grants[-1].vins = (EX30, XC60)
            await anyio.sleep(288 * 60)
            assert await it.series("volvo_odometer_meters", S90) != {}
            await anyio.sleep(1000)

            assert await it.series(S90) == {}
            assert await it.value("volvo_odometer_meters", EX30) is not None
    assert len([line for line in logs if line["event"] == "cars missing"]) == 1


async def test_a_car_named_in_vin_stays_although_the_list_lacks_it(tmp_path):
    world = a_world()
    async with installed(tmp_path, world, scrape_interval=60, daily_quota=100_000, vin=[EX30, S90]) as it:
        await anyio.sleep(FIRST_ROUND)
        world.identity.grants[-1].vins = (EX30,)
        await anyio.sleep(6 * HOUR)  # the list is requested after 288 minutes, then as often as it is short

        assert await it.value("volvo_odometer_meters", S90) is not None
        world.identity.grants[-1].vins = None
        await anyio.sleep(2 * HOUR)

        assert await it.value("volvo_resource_up", S90, 'resource="doors"') == 1


async def test_an_empty_list_at_start_is_requested_again_within_a_minute(tmp_path):
    world = a_world()
    async with installed(tmp_path, world, logged_in=False) as it:
        write_token(world, it.token_file, vins=[])
        await anyio.sleep(FIRST_ROUND)
        world.identity.grants[-1].vins = None
        await anyio.sleep(60)

        assert await it.value("volvo_odometer_meters", EX30) is not None


@pytest.mark.parametrize("kind", ["market_not_found", "scope_missing", "gone", "foreign_vehicle"])
async def test_a_refused_list_of_vehicles_is_requested_again_within_15_minutes(tmp_path, kind):
    world = a_world()
    world.faults.add(Fault(kind=kind, where="vehicles"))
    async with installed(tmp_path, world) as it:
        await anyio.sleep(6 * HOUR)
        world.faults.clear()
        await anyio.sleep(901)

        assert await it.value("volvo_odometer_meters", EX30) is not None


@pytest.mark.parametrize("kind", ["market_not_found", "scope_missing", "foreign_vehicle"])
async def test_after_an_outage_of_hours_every_resource_is_requested_within_an_hour(tmp_path, kind):
    world = a_world(cars=FLEET[:1])
    async with installed(tmp_path, world) as it:
        await anyio.sleep(FIRST_ROUND)
        world.faults.add(Fault(kind=kind))
        await anyio.sleep(8 * HOUR)
        world.faults.clear()
        await anyio.sleep(HOUR + 1)

        up = await it.series("volvo_resource_up")
        assert len(up) >= 17
        assert set(up.values()) == {1.0}


@pytest.mark.parametrize("kind", ["market_not_found", "scope_missing", "foreign_vehicle"])
async def test_a_start_during_an_outage_postpones_nothing_for_a_day(tmp_path, kind):
    world = a_world(cars=FLEET[:1])
    world.faults.add(Fault(kind=kind))
    async with installed(tmp_path, world, vin=[EX30]) as it:
        await anyio.sleep(3 * HOUR)
        world.faults.clear()
        await anyio.sleep(4 * HOUR + 1)

        up = await it.series("volvo_resource_up")
        assert len(up) >= 17
        assert set(up.values()) == {1.0}


async def test_a_single_410_causes_one_retry(tmp_path):
    world = a_world(cars=FLEET[:1])
    async with installed(tmp_path, world) as it:
        await anyio.sleep(FIRST_ROUND)
        world.faults.add(Fault(kind="gone", where="doors", times=1))
        for _ in range(400):
            await anyio.sleep(1)
            if any(call.status == 410 for call in world.log):
                break
        assert await it.value("volvo_resource_up", 'resource="doors"') == 0
        await anyio.sleep(60)

        assert await it.value("volvo_resource_up", 'resource="doors"') == 1


async def test_a_repeated_410_is_requested_daily_and_the_resource_is_not_up(tmp_path):
    world = a_world(cars=FLEET[:1])
    async with installed(tmp_path, world) as it:
        await anyio.sleep(FIRST_ROUND)
        world.faults.add(Fault(kind="gone", where="doors"))
        await anyio.sleep(HOUR)
        before = len(it.calls("/doors", vin=EX30))
        await anyio.sleep(2 * DAY)

        assert set((await it.series("volvo_resource_up", 'resource="doors"')).values()) == {0.0}
        assert len(it.calls("/doors", vin=EX30)) - before == 2
        world.faults.clear()
        await anyio.sleep(DAY)

        assert set((await it.series("volvo_resource_up", 'resource="doors"')).values()) == {1.0}


@pytest.mark.parametrize("known", [False, True])
async def test_a_location_that_is_refused_is_not_reported_as_failing(tmp_path, known):
    world = a_world(cars=FLEET[:1])
    if not known:
        world.faults.add(Fault(kind="energy_outage", where="location"))
    with capture_logs() as logs:
        async with installed(tmp_path, world) as it:
            await anyio.sleep(FIRST_ROUND)
            world.faults.add(Fault(kind="energy_outage", where="location"))
            # Every two hours for a parked car; VolvoApiFailing takes three hours from there.
            await anyio.sleep((5 if known else 0) * HOUR)

            assert await it.series("volvo_resource_up", "location") == {}
            assert await it.value("volvo_resource_up", 'resource="doors"') == 1
    lines = [line for line in logs if line.get("resource") == "location"]
    assert {line["log_level"] for line in lines} == {"info"}
    assert not any("log in" in line["message"] for line in lines)
