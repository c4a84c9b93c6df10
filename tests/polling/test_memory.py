"""The activity of a vehicle survives a restart, and the file does not contain the VIN."""

import json
from dataclasses import replace

import anyio
import pytest

from tests.support.installation import MONDAY, a_world, installed
from volvo_exporter.catalogue.model import Activity
from volvo_exporter.polling.memory import Memory, recall
from volvo_exporter.polling.state_file import StateFile, fingerprint
from volvo_exporter.simulator import FLEET
from volvo_exporter.vehicles.activity import NO_ACTIVITY, ActivityState, Observation
from volvo_exporter.vehicles.garage import Garage
from volvo_exporter.vehicles.updates import Update

VIN = "YV1TESTCAR0000001"
CHARGING = ActivityState(
    activity=Activity.CHARGING,
    watched_until=1_800_000_300.0,
    observation=Observation(charging=True, connected=True, odometer=1e6, reported_at=1_800_000_000.0),
)
EX30 = FLEET[0].vin


@pytest.fixture
def file(tmp_path):
    return StateFile(tmp_path / "volvo_state.json")


def remember(file: StateFile, state: ActivityState, *, before: Activity = Activity.PARKED) -> None:
    garage = Garage()
    garage.add(VIN, account="a")
    garage[VIN].state = state
    Memory(file, garage).take(Update(vin=VIN, at=0.0, before=before, activity=state.activity))


def test_a_stored_activity_is_read_unchanged(file):
    remember(file, CHARGING)

    assert recall(file, VIN) == CHARGING
    assert recall(file, "YV1TESTCAR0000002") == NO_ACTIVITY


def test_an_update_that_changes_no_activity_is_not_written(file, tmp_path):
    remember(file, CHARGING, before=Activity.CHARGING)

    assert list(tmp_path.iterdir()) == []


def test_the_file_holds_no_vin(file, tmp_path):
    remember(file, CHARGING)

    assert VIN not in (tmp_path / "volvo_state.json").read_text()


@pytest.mark.parametrize(
    "stored",
    [
        None,
        [],
        {"activity": "flying", "watched_until": 0},
        {"activity": "driving"},
        {"activity": "driving", "watched_until": "soon"},
        {"activity": "driving", "watched_until": 10**400},
        {"activity": "driving", "watched_until": float("nan")},
    ],
    ids=lambda stored: repr(stored)[:60],
)
def test_what_cannot_be_read_is_unknown(file, stored):
    file.update("activity", lambda _: {fingerprint(VIN): stored})

    assert recall(file, VIN) == NO_ACTIVITY


def test_values_of_another_type_are_unknown(file):
    stored = {"activity": "driving", "watched_until": 5, "running": "yes", "odometer": True}
    file.update("activity", lambda _: {fingerprint(VIN): stored})

    assert recall(file, VIN) == ActivityState(activity=Activity.DRIVING, watched_until=5.0)


def test_a_number_too_large_for_a_float_is_unknown(file):
    stored = {"activity": "driving", "watched_until": 5, "odometer": 10**400, "reported_at": float("inf")}
    file.update("activity", lambda _: {fingerprint(VIN): stored})

    assert recall(file, VIN) == ActivityState(activity=Activity.DRIVING, watched_until=5.0)


def test_other_sections_and_vehicles_are_kept(file, tmp_path):
    (tmp_path / "volvo_state.json").write_text(json.dumps({"0123": {"used": 7}}))
    remember(file, CHARGING)
    file.update("activity", lambda known: {**known, "another": {}})

    stored = json.loads((tmp_path / "volvo_state.json").read_text())
    assert stored["0123"] == {"used": 7}
    assert stored["activity"].keys() == {fingerprint(VIN), "another"}


def test_a_folder_that_is_not_writable_affects_only_the_stored_activity(tmp_path):
    (tmp_path / "file").touch()
    file = StateFile(tmp_path / "file" / "volvo_state.json")
    remember(file, CHARGING)

    assert recall(file, VIN) == NO_ACTIVITY


async def test_a_drive_that_ends_while_the_exporter_is_down_is_noticed_after_the_restart(tmp_path):
    world = a_world(start=MONDAY + 4 * 3600)
    changes = list(world.changes(EX30, world.now(), world.now() + 6 * 3600))
    start, end = [at for at, what in changes if what == "engine"][:2]
    async with installed(tmp_path, world) as it:
        await anyio.sleep(start - world.now() + 120)
        assert await it.value("volvo_activity_status", EX30, 'state="driving"') == 1
    await anyio.sleep(end - world.now() + 30)
    async with installed(tmp_path, world) as it:
        await anyio.sleep(20)

        assert await it.value("volvo_activity_status", EX30, 'state="driving"') == 0
        assert it.exporter.garage[EX30].state.watched_until > world.now() + 500


def test_a_new_vehicle_starts_with_its_stored_activity():
    garage = Garage(recall={VIN: replace(CHARGING)}.__getitem__)
    garage.add(VIN, account="a")

    assert garage[VIN].state == CHARGING
