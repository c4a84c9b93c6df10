import json
import re
from dataclasses import replace
from datetime import UTC, datetime

import httpx2
import pytest

from volvo_exporter import catalogue
from volvo_exporter.catalogue import energy
from volvo_exporter.catalogue.model import Shape
from volvo_exporter.simulator import (
    API_KEY,
    CLASSIC_PHEV,
    EX30,
    EX40,
    FLEET,
    S90,
    XC60,
    Era,
    World,
    create_app,
    life_at,
)

VALUES = [
    resource
    for resource in catalogue.RESOURCES
    if resource.shape is Shape.VALUE and resource.root == ("data",)
]
CARS = (*FLEET, CLASSIC_PHEV, EX40)
HOUR = 3600.0
DIGITS = {
    3: re.compile(r"\.\d{3}Z$"),
    6: re.compile(r"\.\d{6}Z$"),
    9: re.compile(r"\.\d{9}Z$"),
}


@pytest.fixture
def ask(wall):
    """Asks a world of a given era for a resource of a car, some hours after the start."""

    start = wall.now

    async def asking(name, profile, era=Era.NULL, *, hours=0.0, **world_options):
        wall.now = start
        world = World(clock=wall, era=era, cars=(profile,), **world_options)
        wall.now += hours * HOUR
        transport = httpx2.ASGITransport(app=create_app(world))
        headers = {"vcc-api-key": API_KEY, "authorization": f"Bearer {world.authorize()['access_token']}"}
        resource = next(found for found in catalogue.RESOURCES if found.name == name)
        async with httpx2.AsyncClient(transport=transport, base_url="http://cloud") as client:
            return await client.get(resource.endpoint.format(vin=profile.vin), headers=headers)

    return asking


def keys_of(resource):
    return {field.key for field in resource.fields if field.path is None}


@pytest.mark.parametrize("profile", CARS, ids=lambda profile: profile.vin)
@pytest.mark.parametrize("resource", VALUES, ids=lambda resource: resource.name)
async def test_every_key_is_there_since_august_2026_and_sorted(ask, resource, profile):
    data = (await ask(resource.name, profile)).json()["data"]
    assert list(data) == sorted(keys_of(resource))
    for value in data.values():
        assert value is None or list(value) in (
            ["timestamp", "unit", "value"],
            ["timestamp", "unavailableReason", "value"],
        )


@pytest.mark.parametrize("profile", CARS, ids=lambda profile: profile.vin)
@pytest.mark.parametrize("resource", VALUES, ids=lambda resource: resource.name)
async def test_absent_keys_were_left_out_before(ask, resource, profile):
    answered = await ask(resource.name, profile, Era.OMIT)
    assert "null" not in answered.text.replace('"null"', "")
    data = answered.json()["data"]
    assert set(data) <= keys_of(resource)
    for value in data.values():
        assert [key for key in value if key not in {"unit", "unavailableReason"}] == ["value", "timestamp"]
        assert list(value)[-1] == "timestamp"
        assert DIGITS[3].search(value["timestamp"])


@pytest.mark.parametrize("resource", VALUES, ids=lambda resource: resource.name)
async def test_both_eras_say_the_same(ask, resource):
    before = (await ask(resource.name, XC60, Era.OMIT)).json()["data"]
    now = (await ask(resource.name, XC60, Era.NULL)).json()["data"]
    for key, value in now.items():
        if value is None:
            assert key not in before
        else:
            assert value["value"] == before[key]["value"]
            assert (value.get("unit") or None) == before[key].get("unit")


@pytest.mark.parametrize(
    ("name", "profile", "digits"),
    [("odometer", EX30, 6), ("odometer", S90, 9), ("statistics", S90, 3), ("statistics", EX30, 3)],
)
async def test_timestamps_have_the_digits_of_their_source(ask, name, profile, digits):
    data = (await ask(name, profile)).json()["data"]
    stamps = [value["timestamp"] for value in data.values() if value]
    assert stamps
    assert all(DIGITS[digits].search(stamp) for stamp in stamps)


async def test_an_electric_car_has_an_empty_tank_of_nulls(ask):
    assert (await ask("fuel", EX30)).text == '{"data":{"batteryChargeLevel":null,"fuelAmount":null}}'
    assert (await ask("fuel", EX30, Era.OMIT)).text == '{"data":{}}'


async def test_the_charge_of_a_classic_hybrid_stands_in_fuel_alone(ask):
    fuel = (await ask("fuel", CLASSIC_PHEV)).json()["data"]
    assert fuel["batteryChargeLevel"]["unit"] == "%"
    state = (await ask("energy-state", CLASSIC_PHEV)).json()
    good = {key for key, item in state.items() if item["status"] == "OK"}
    assert good == {"chargerConnectionStatus", "chargingStatus", "targetBatteryChargeLevel"}


async def test_what_the_car_lacks_is_unspecified(ask):
    tyres = (await ask("tyres", EX30)).json()["data"]
    assert {value["value"] for value in tyres.values()} == {"UNSPECIFIED"}
    warnings = (await ask("warnings", S90)).json()["data"]
    assert warnings["sideMarkLightsWarning"]["value"] == "UNSPECIFIED"
    assert warnings["hazardLightsWarning"]["value"] == "NO_WARNING"


@pytest.mark.parametrize(
    ("era", "code", "message"),
    [
        (Era.OMIT, "NOT_SUPPORTED", "Resource is not supported for this vehicle"),
        (Era.NULL, "PROPERTY_NOT_SUPPORTED", "Property is not supported for this vehicle"),
    ],
)
async def test_an_unsupported_energy_field_fails_alone(ask, era, code, message):
    state = (await ask("energy-state", EX30, era)).json()
    assert set(state) == {field.key for field in energy.STATE.fields}
    assert state["chargingCurrentLimit"] == {"status": "ERROR", "code": code, "message": message}
    assert state["batteryChargeLevel"]["unit"] == "percentage"


@pytest.mark.parametrize(("era", "kind"), [(Era.OMIT, int), (Era.NULL, float)])
async def test_the_electric_range_became_a_fraction(ask, era, kind):
    value = (await ask("energy-state", EX30, era)).json()["electricRange"]["value"]
    assert type(value) is kind


async def test_the_electric_range_comes_in_the_unit_of_the_market(ask):
    km = (await ask("energy-state", EX30)).json()["electricRange"]
    miles = (await ask("energy-state", replace(EX30, range_unit="miles"))).json()["electricRange"]
    assert (km["unit"], miles["unit"]) == ("km", "miles")
    assert miles["value"] == pytest.approx(km["value"] / 1.609344, abs=0.6)


async def test_charging_power_is_known_only_while_charging(ask):
    parked = (await ask("energy-state", EX30)).json()
    assert parked["chargingPower"]["code"] == "PROPERTY_NOT_FOUND"
    charging = (await ask("energy-state", EX30, hours=15.2)).json()
    assert charging["chargingStatus"]["value"] == "CHARGING"
    assert charging["chargingPower"] == {
        "status": "OK",
        "value": 11000,
        "unit": "watts",
        "updatedAt": charging["chargingStatus"]["updatedAt"],
    }
    assert charging["estimatedChargingTimeToTargetBatteryChargeLevel"]["value"] > 0


async def test_the_charging_target_was_set_months_ago(ask, wall):
    for speed in (1.0, 60.0):
        target = (await ask("energy-state", EX40, speed=speed)).json()["targetBatteryChargeLevel"]
        age = wall.now - datetime.fromisoformat(target["updatedAt"]).timestamp()
        assert 60 < age / 86400 < 120


async def test_a_diesel_has_no_energy(ask):
    for name in ("energy-state", "energy-capabilities"):
        answered = await ask(name, S90)
        assert (answered.status_code, answered.json()["error"]["message"]) == (404, "NOT_FOUND")


async def test_capabilities_promise_what_the_state_does_not_keep(ask):
    promised = (await ask("energy-capabilities", XC60)).json()["getEnergyState"]
    assert promised["isSupported"] is True
    assert promised["chargingPower"] == {"isSupported": True}
    assert promised["chargingCurrentLimit"] == {"isSupported": False}
    assert "chargingSystemStatus" in promised
    assert "chargingStatus" not in promised
    state = (await ask("energy-state", XC60)).json()
    assert state["chargingPower"]["code"] == "PROPERTY_NOT_SUPPORTED"


async def test_energy_averages_are_stamped_with_the_request(ask, wall):
    statistics = (await ask("statistics", EX30)).json()["data"]
    asked = datetime.fromtimestamp(wall.now, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    assert statistics["averageEnergyConsumption"]["timestamp"] == asked
    assert statistics["tripMeterManual"]["timestamp"] < asked


@pytest.mark.parametrize(("profile", "unit"), [(EX30, "months"), (S90, "days")])
async def test_the_time_to_service_is_counted_in_days_when_it_is_near(ask, profile, unit):
    diagnostics = (await ask("diagnostics", profile)).json()["data"]
    assert diagnostics["timeToService"]["unit"] == unit
    near = profile is S90
    assert (diagnostics["serviceWarning"]["value"] != "NO_WARNING") is near
    assert (diagnostics["serviceTrigger"] is not None) is near


async def test_a_driving_car_is_unavailable_because_it_is_in_use(ask):
    driving = (await ask("command-accessibility", EX30, hours=0.4)).json()["data"]["availabilityStatus"]
    assert (driving["value"], driving["unavailableReason"]) == ("UNAVAILABLE", "CAR_IN_USE")
    parked = (await ask("command-accessibility", EX30)).json()["data"]["availabilityStatus"]
    assert (parked["value"], parked["unavailableReason"]) == ("AVAILABLE", None)


async def test_a_reason_is_left_out_before_august_2026_where_there_is_none(ask):
    awake = (await ask("command-accessibility", EX30, Era.OMIT)).json()["data"]["availabilityStatus"]
    assert set(awake) == {"value", "timestamp"}


@pytest.mark.parametrize(("era", "digits"), [(Era.OMIT, 3), (Era.NULL, 9)])
async def test_the_position_is_a_feature_with_longitude_first(ask, era, digits):
    body = (await ask("location", EX30, era)).json()
    home = EX30.places.home
    assert body["status"] == 200
    assert re.fullmatch(r"[0-9a-f]{32}", body["operationId"])
    assert body["data"]["geometry"] == {
        "type": "Point",
        "coordinates": [home.longitude, home.latitude, 0.0],
    }
    assert re.fullmatch(r"\d{1,3}", body["data"]["properties"]["heading"])
    assert DIGITS[digits].search(body["data"]["properties"]["timestamp"])


async def test_a_car_that_hides_its_position_answers_404(ask):
    answered = await ask("location", replace(EX30, shares_location=False))
    assert answered.status_code == 404


async def test_the_details_leave_out_what_the_car_has_not(ask):
    now = (await ask("details", replace(S90, colour=None))).json()["data"]
    assert (now["batteryCapacityKWH"], now["externalColour"]) == (None, None)
    assert now["descriptions"] == {"model": "S90", "steering": "LEFT", "upholstery": "null"}
    before = (await ask("details", replace(S90, colour=None), Era.OMIT)).json()["data"]
    assert not {"batteryCapacityKWH", "externalColour"} & set(before)


async def test_commands_have_paths(ask):
    commands = (await ask("commands", EX30)).json()["data"]
    assert {"command": "HONK_AND_FLASH", "href": f"/v2/vehicles/{EX30.vin}/commands/honk-flash"} in commands
    assert {command["command"] for command in commands} == set(EX30.commands)


@pytest.mark.parametrize("speed", [1.0, 600.0])
@pytest.mark.parametrize("profile", FLEET, ids=lambda profile: profile.model)
async def test_no_timestamp_lies_in_the_future(ask, wall, profile, speed):
    life_start = life_at(wall.now, weekday=5, hour=12.2)
    for name in ("doors", "odometer", "statistics", "diagnostics", "location", "energy-state"):
        for hours in (0.0, 0.1, 0.3, 0.7):
            answered = await ask(name, profile, speed=speed, life_start=life_start, hours=hours)
            for second, fraction in re.findall(r'"(\d{4}-[^".]*)(\.\d*)?Z"', answered.text):
                told = datetime.fromisoformat(f"{second}Z").timestamp() + float(fraction or 0)
                assert told <= wall.now


async def test_the_wire_is_what_json_writes(ask):
    answered = await ask("odometer", EX30)
    assert answered.headers["content-type"] == "application/json"
    assert answered.text == json.dumps(answered.json(), separators=(",", ":"), sort_keys=True)
