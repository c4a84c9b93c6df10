"""Keys that the catalogue does not name."""

import json

import anyio
import httpx2
import pytest
from structlog.testing import capture_logs

from tests.support.car_files import FILES, IDS, load
from tests.support.installation import a_world, installed
from tests.support.reading import RESOURCES, VIN, item, read_at, reasons, series, value
from volvo_exporter import catalogue
from volvo_exporter.simulator import CLASSIC_PHEV, EX40, FLEET, Era, create_app
from volvo_exporter.vehicles.reading import Reason
from volvo_exporter.vehicles.unknown_keys import HIDDEN_KEY, MAX_UNKNOWN_KEYS, unknown_keys

DETAILS = load("ex40_2025", "details")
POSITION = load("ex40_2025", "location")
STATE = load("ex40_2025", "energy-state")
WEATHER = load("ex40_2025", "weather")


@pytest.mark.parametrize(("car", "name"), FILES, ids=IDS)
def test_a_real_answer_has_no_unknown_key(car, name):
    assert unknown_keys(RESOURCES[name], load(car, name)) == ()


@pytest.mark.parametrize(
    ("name", "answer", "within", "key"),
    [
        ("doors", {"data": {"centralLock": value("LOCKED"), "frunk": value("CLOSED")}}, "data", "frunk"),
        ("doors", {"data": {"centralLock": {**value("LOCKED"), "quality": 3}}}, "centralLock", "quality"),
        ("details", {"data": {**DETAILS["data"], "fuelTankLitres": 60}}, "data", "fuelTankLitres"),
        ("details", {"data": {"descriptions": {"model": "A", "trim": "B"}}}, "descriptions", "trim"),
        ("location", {**POSITION, "quality": "good"}, "", "quality"),
        ("commands", {"data": [{"command": "LOCK"}, {"command": "FLASH", "runs": 9}]}, "data", "runs"),
        ("energy-state", {**STATE, "batteryTemperature": item(21, "celsius")}, "", "batteryTemperature"),
        ("weather", {**WEATHER, "main": {**WEATHER["main"], "dew_point": 4.5}}, "main", "dew_point"),
    ],
)
def test_an_unknown_key_is_listed_and_affects_no_value(name, answer, within, key):
    readings = read_at(name, answer)

    assert [(one.field, one.reason, one.value) for one in readings.unmapped] == [(within, Reason.KEY, key)]
    assert series(readings) or readings.attributes


@pytest.mark.parametrize("nothing", [None, "", "UNSPECIFIED", "UNKNOWN"], ids=repr)
def test_a_new_key_without_a_value_is_not_counted(nothing):
    assert read_at("doors", {"data": {"frunk": nothing}}).unmapped == ()


def test_an_answer_with_unknown_keys_alone_counts_as_empty():
    assert read_at("fuel", {"data": {"fuelAmount": None, "hydrogen": value(4, "kg")}}).is_empty
    assert not read_at("fuel", {"data": {"fuelAmount": value(4, "gallons")}}).is_empty
    assert not read_at("fuel", {"data": {"fuelAmount": value(4, "l")}}).is_empty


@pytest.mark.parametrize("key", [VIN, VIN.lower(), "57.68,11.96", "Testplace", "a b", "ä", ""])
def test_a_key_that_may_be_a_vin_or_a_position_is_hidden(key):
    (unmapped,) = read_at("location", {**POSITION, key: 1}).unmapped

    assert unmapped.value == HIDDEN_KEY


def test_the_number_of_listed_keys_is_bounded():
    flood = {f"{letter}{number}": 1 for letter in "abcdefgh" for number in range(99)}

    assert len(read_at("doors", {"data": flood}).unmapped) == MAX_UNKNOWN_KEYS


def test_an_unknown_key_is_not_a_label_value():
    nested = {"newObject": {"newKey": 1}, "centralLock": {"newKey": {"another": 1}}}

    assert reasons(read_at("doors", {"data": nested})) == [("data", Reason.KEY), ("centralLock", Reason.KEY)]


@pytest.mark.parametrize("resource", catalogue.RESOURCES, ids=lambda resource: resource.name)
def test_no_key_is_both_read_and_ignored(resource):
    read = {(*resource.root, field.key) if field.path is None else field.path for field in resource.fields}
    read |= {attribute.path for attribute in resource.attributes}

    assert not [path for path in read for ignored in resource.ignored if path[: len(ignored)] == ignored]


@pytest.mark.parametrize("era", list(Era), ids=lambda era: era.name.lower())
async def test_the_simulated_cars_have_no_unknown_key(era, tmp_path):
    world = a_world(cars=(*FLEET, EX40, CLASSIC_PHEV), era=era)
    async with installed(tmp_path, world) as it:
        await anyio.sleep(90)

        assert await it.series("volvo_exporter_unmapped_values_total") == {}


class WithFrunk(httpx2.AsyncBaseTransport):
    """Adds a key to what the cars report about their doors."""

    def __init__(self, world) -> None:
        self.inner = httpx2.ASGITransport(app=create_app(world))

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        answer = await self.inner.handle_async_request(request)
        if not request.url.path.endswith("/doors"):
            return answer
        document = json.loads(await answer.aread())
        document["data"]["frunk"] = value("CLOSED")
        return httpx2.Response(200, json=document)


async def test_a_new_key_is_logged_once_and_counted_with_each_answer(tmp_path):
    world = a_world(cars=FLEET)
    with capture_logs() as log:
        async with installed(tmp_path, world, transport=WithFrunk(world)) as it:
            await anyio.sleep(3600)

            asked = len(it.calls("/doors"))
            counted = await it.series("volvo_exporter_unmapped_values_total")
            doors = await it.series("volvo_door_open")
    lines = [line for line in log if line.get("reason") == "unknown_key"]

    assert [(line["log_level"], line["resource"], line["value"]) for line in lines] == [
        ("warning", "doors", "frunk")
    ]
    labels = '{field="data",reason="unknown_key",resource="doors"}'
    assert counted == {f"volvo_exporter_unmapped_values_total{labels}": asked}
    assert asked > len(FLEET)
    assert doors
