"""The page for evcc and Home Assistant, and the snippets of docs/evcc.md beside it."""

import re
from datetime import datetime

import anyio
import pytest
import yaml

from tests.support.installation import a_world, installed
from tests.support.reported import NOW, a_vehicle, reported
from tests.support.services import ROOT
from volvo_exporter.catalogue import families
from volvo_exporter.simulator import FLEET
from volvo_exporter.vehicles.garage import Garage
from volvo_exporter.vehicles.privacy import Privacy
from volvo_exporter.web.evcc import EvccDocument, evcc_document, find, unknown_vehicle

DOCUMENT = (ROOT / "docs/evcc.md").read_text()
SNIPPETS = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", DOCUMENT, re.DOTALL)]
EVCC_KEYS = {
    *("soc", "limitsoc", "status", "range", "odometer", "climater", "maxcurrent", "getmaxcurrent"),
    *("finishtime", "wakeup", "chargeenable", "chargedenergy", "position"),
}
"""Settings of a custom vehicle in vehicle/vehicle.go of evcc-io/evcc, which reads them in any case."""
EVCC_COMMON = {"name", "type", "title", "capacity", "icon", "phases", "identifiers", "features"}
HTTP_KEYS = {
    *("source", "uri", "method", "headers", "body", "scale", "insecure", "auth", "timeout", "cache"),
    *("allowempty", "quote", "regex", "default", "jq", "unpack", "decode"),
}
"""Settings of the plugin `http` in plugin/http.go and plugin/pipeline of evcc-io/evcc."""
BEV, OTHER = "YV1AAAAAAAA001234", "YV1BBBBBBBB005678"
PLUGGED_IN = (
    reported(families.BATTERY_CHARGE, 0.634, ago=60),
    reported(families.CHARGER_CONNECTION, "CONNECTED"),
)
CHARGING = (*PLUGGED_IN, reported(families.CHARGING_STATUS, "CHARGING"))


def document(*readings):
    return evcc_document(a_vehicle(*readings), now=NOW)


def a_garage(privacy=Privacy(), **names):  # noqa: B008 - frozen
    garage = Garage(names=names, privacy=privacy)
    for vin in (BEV, OTHER):
        garage.add(vin, account="default")
    return garage


def test_values_have_the_units_of_evcc():
    known = document(
        *CHARGING,
        reported(families.ELECTRIC_RANGE, 251_400.0),
        reported(families.ODOMETER, 12_345_678.0),
        reported(families.CHARGING_TARGET, 0.9),
        reported(families.CHARGING_TIME, 3600.0, ago=600),
        reported(families.LATITUDE, 57.7),
        reported(families.LONGITUDE, 11.9),
    )

    assert known == {
        "soc": 63.4,
        "range": 251,
        "odometer": 12345.7,
        "status": "C",
        "limitSoc": 90,
        "finishTime": "2027-01-15T08:50:00Z",
        "latitude": 57.7,
        "longitude": 11.9,
        "updated": "2027-01-15T07:59:00Z",
    }
    assert datetime.fromisoformat(known["finishTime"]).timestamp() == NOW - 600 + 3600


def test_without_a_state_of_charge_there_is_no_document():
    assert document(reported(families.ODOMETER, 1000.0)) is None


def test_unknown_values_are_null_and_never_zero():
    known = document(reported(families.BATTERY_CHARGE, 0.0))

    assert known == dict.fromkeys(EvccDocument.__annotations__) | {"soc": 0.0}


@pytest.mark.parametrize(
    ("connection", "charging", "status"),
    [
        ("DISCONNECTED", "IDLE", "A"),
        ("DISCONNECTED", "CHARGING", "A"),
        ("CONNECTED", "IDLE", "B"),
        ("CONNECTED", "DONE", "B"),
        ("CONNECTED", "SCHEDULED", "B"),
        ("CONNECTED", "CHARGING", "C"),
        ("FAULT", "IDLE", None),
    ],
)
def test_the_status_follows_the_cable_and_the_charge(connection, charging, status):
    known = document(
        reported(families.BATTERY_CHARGE, 0.5),
        reported(families.CHARGER_CONNECTION, connection),
        reported(families.CHARGING_STATUS, charging),
    )

    assert known["status"] == status


@pytest.mark.parametrize(
    "readings",
    [
        (*PLUGGED_IN, reported(families.CHARGING_TIME, 60.0, ago=10)),
        (*CHARGING, reported(families.CHARGING_TIME, 60.0, ago=100)),
        CHARGING,
    ],
    ids=["not charging", "passed", "unknown"],
)
def test_without_a_time_in_the_future_the_end_of_the_charge_is_unknown(readings):
    assert document(*readings)["finishTime"] is None


@pytest.mark.parametrize("name", [BEV, BEV.lower(), "The red one", "the RED one", f" {BEV} "])
def test_a_car_is_found_by_vin_or_name(name):
    assert find(a_garage(**{BEV: "The red one"}), name) == BEV


@pytest.mark.parametrize("name", ["…1234", "1234", BEV])
def test_a_car_with_a_masked_vin_is_found_by_what_is_shown(name):
    assert find(a_garage(Privacy(masked=True)), name) == BEV


@pytest.mark.parametrize("name", ["", "…", "1234", "YV1", "Blue", "Red"])
def test_a_name_that_no_single_car_has_finds_none(name):
    assert find(a_garage(**{BEV: "Red", OTHER: "Red"}), name) is None


@pytest.mark.parametrize(
    ("privacy", "names", "listed"),
    [
        (Privacy(), {}, f"{BEV}, {OTHER}"),
        (Privacy(masked=True), {BEV: "Red"}, "Red, …5678"),
        (Privacy(masked=True), {BEV: "Red", OTHER: "Red"}, "…1234, …5678"),
    ],
    ids=["vins", "masked", "the same name"],
)
def test_the_message_for_an_unknown_name_lists_names_that_are_found(privacy, names, listed):
    garage = a_garage(privacy, **names)

    assert unknown_vehicle(garage) == f"unknown vehicle; use one of: {listed}"
    assert [find(garage, name) for name in listed.split(", ")] == [BEV, OTHER]


async def test_the_page_has_the_car_and_causes_no_request(tmp_path):
    world = a_world(cars=FLEET[:1])
    async with installed(tmp_path, world, vehicle_names={FLEET[0].vin: "Red"}) as it:
        early = await it.scrape("/api/v1/evcc/Red")
        await anyio.sleep(120)
        before = len(world.log)
        known, unknown = await it.scrape("/api/v1/evcc/red"), await it.scrape("/api/v1/evcc/blue")

        assert len(world.log) == before
        assert early.status_code == 404
        assert (known.status_code, known.json().keys()) == (200, EvccDocument.__annotations__.keys())
        assert known.json()["soc"] == pytest.approx(100 * await it.value("volvo_battery_charge_ratio"))
        assert (unknown.status_code, unknown.json()["error"]) == (404, "unknown vehicle; use one of: Red")


async def test_while_the_state_of_charge_is_unknown_the_status_is_503(tmp_path):
    combustion = next(car for car in FLEET if not car.has_battery)
    async with installed(tmp_path, a_world(cars=(combustion,))) as it:
        await anyio.sleep(120)
        response = await it.scrape(f"/api/v1/evcc/{combustion.vin}")

    assert (response.status_code, response.headers["retry-after"]) == (503, "60")


@pytest.mark.parametrize(
    ("position", "shown"), [("full", r"\d+\.\d{3,}"), ("rounded", r"\d+\.\d{1,2}"), ("off", "None")]
)
async def test_the_position_is_as_precise_as_privacy_allows(tmp_path, position, shown):
    settings = {"privacy": {"position": position}, "weather_api_key": None}
    async with installed(tmp_path, a_world(cars=FLEET[:1]), **settings) as it:
        await anyio.sleep(120)
        known = (await it.scrape(f"/api/v1/evcc/{FLEET[0].vin}")).json()

    assert re.fullmatch(shown, str(known["latitude"]))
    assert re.fullmatch(shown, str(known["longitude"]))


def test_the_snippet_for_evcc_has_only_settings_of_evcc():
    (vehicle,) = next(snippet for snippet in SNIPPETS if "vehicles" in snippet)["vehicles"]
    sources = {key: value for key, value in vehicle.items() if isinstance(value, dict)}
    sources |= sources.pop("position")

    assert vehicle["type"] == "custom"
    assert {key.lower() for key in vehicle} <= EVCC_KEYS | EVCC_COMMON
    for name, source in sources.items():
        assert source.keys() <= HTTP_KEYS, name
        assert source["auth"].keys() <= {"type", "user", "password", "token"}
        assert source["jq"] == f".{name}"
        assert name in EvccDocument.__annotations__


def test_the_snippet_for_home_assistant_reads_keys_that_exist():
    (rest,) = next(snippet for snippet in SNIPPETS if "rest" in snippet)["rest"]
    sensors = [*rest["sensor"], *rest["binary_sensor"]]

    assert sensors
    for sensor in sensors:
        (key, *_) = set(re.findall(r"value_json\.(\w+)", sensor["value_template"] + sensor["availability"]))
        assert key in EvccDocument.__annotations__


def test_every_key_is_documented():
    rows = re.findall(r"^\| `(\w+)` \|", DOCUMENT, re.MULTILINE)

    assert rows == list(EvccDocument.__annotations__)
