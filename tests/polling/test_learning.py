from dataclasses import replace

import anyio
import pytest

from tests.support.installation import MONDAY, a_world, installed
from volvo_exporter import catalogue
from volvo_exporter.catalogue.model import Activity
from volvo_exporter.polling.pace import multiple
from volvo_exporter.simulator import S90
from volvo_exporter.vehicles.activity import ActivityState

pytestmark = pytest.mark.slow

RESOURCES = {resource.name: resource for resource in catalogue.RESOURCES}
# A commuter who visits nothing else: two drives on a working day.
CAR = replace(S90, habits=replace(S90.habits, home_office=0.0, shops=0.0))


def drives(world, days):
    """Start and end of each drive, as the cloud sees them."""
    begin = world.now()
    moments = [at for at, what in world.changes(CAR.vin, begin, begin + days * 86400) if what == "engine"]
    return list(zip(moments[::2], moments[1::2], strict=True))


def polls(it, end, start, until):
    return [call for call in it.calls(end, vin=CAR.vin) if start < call.time < until]


def test_silent_resource_has_the_pace_of_a_parked_car_during_a_drive_only():
    odometer = RESOURCES["odometer"]
    for activity in Activity:
        expected = odometer.pace.parked if activity is Activity.DRIVING else odometer.pace.of(activity)
        assert multiple(odometer, ActivityState(activity=activity), 0.0, silent=True) == expected
    watched = ActivityState(activity=Activity.DRIVING, watched_until=1.0)
    assert multiple(odometer, watched, 0.0, silent=True) == odometer.pace.watched


@pytest.mark.parametrize("ends", ["/odometer", "/statistics"])
async def test_resource_that_a_car_reports_after_drives_is_not_polled_every_minute_of_them(tmp_path, ends):
    world = a_world(start=MONDAY + 3 * 3600, cars=(CAR,))
    first, second, *_ = drives(world, 1)
    async with installed(tmp_path, world) as it:
        await anyio.sleep(second[1] + 600 - world.now())

        learned = len(polls(it, ends, *first))
        assert learned <= 8 < (first[1] - first[0]) / 60 - 3
        assert len(polls(it, ends, *second)) <= 3
        assert len(polls(it, "/engine-status", *second)) >= (second[1] - second[0]) / 60 - 4
        assert len(polls(it, "/fuel", *second)) >= (second[1] - second[0]) / 60 - 4
        # What the car reports at the end is requested as soon as the end is seen.
        assert polls(it, ends, second[1], second[1] + 90)
        odometer = it.exporter.garage[CAR.vin].vehicle.number(catalogue.families.ODOMETER)
        assert odometer == world.state(CAR.vin).odometer.value * 1000


async def test_car_that_reports_during_drives_again_is_polled_every_minute_of_them_again(tmp_path):
    world = a_world(start=MONDAY + 3 * 3600, cars=(CAR,))
    other = a_world(start=MONDAY + 3 * 3600, cars=(replace(CAR, reports_after_drive=frozenset()),))
    days = drives(world, 3)
    async with installed(tmp_path, world) as it:
        await anyio.sleep(days[0][1] + 600 - world.now())
        assert "odometer" in it.exporter.garage[CAR.vin].reports.silent
        world.cars.update(other.cars)
        await anyio.sleep(days[-1][1] + 600 - world.now())

        start, end = days[-1]
        assert len(polls(it, "/odometer", start, end)) >= (end - start) / 60 - 4
        assert "odometer" not in it.exporter.garage[CAR.vin].reports.silent
