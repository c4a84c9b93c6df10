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
    latest_time,
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
def fetch(wall):
    """Requests a resource of a car in a given era, some hours after the start."""

    start = wall.now

    async def request(name, profile, era=Era.NULL, *, hours=0.0, **world_options):
        wall.now = start
        world = World(clock=wall, era=era, cars=(profile,), **world_options)
        wall.now += hours * HOUR
        transport = httpx2.ASGITransport(app=create_app(world))
        headers = {"vcc-api-key": API_KEY, "authorization": f"Bearer {world.authorize()['access_token']}"}
        resource = next(found for found in catalogue.RESOURCES if found.name == name)
        async with httpx2.AsyncClient(transport=transport, base_url="http://cloud") as client:
            return await client.get(resource.endpoint.format(vin=profile.vin), headers=headers)

    return request


def keys_of(resource):
    return {field.key for field in resource.fields if field.path is None}


@pytest.mark.parametrize("profile", CARS, ids=lambda profile: profile.vin)
@pytest.mark.parametrize("resource", VALUES, ids=lambda resource: resource.name)
async def test_all_keys_are_present_and_sorted_since_august_2026(fetch, resource, profile):
    data = (await fetch(resource.name, profile)).json()["data"]
    assert list(data) == sorted(keys_of(resource))
    for value in data.values():
        assert value is None or list(value) in (
            ["timestamp", "unit", "value"],
            ["timestamp", "unavailableReason", "value"],
        )


@pytest.mark.parametrize("profile", CARS, ids=lambda profile: profile.vin)
@pytest.mark.parametrize("resource", VALUES, ids=lambda resource: resource.name)
async def test_absent_keys_are_omitted_before_august_2026(fetch, resource, profile):
    answered = await fetch(resource.name, profile, Era.OMIT)
    assert "null" not in answered.text.replace('"null"', "")
    data = answered.json()["data"]
    assert set(data) <= keys_of(resource)
    for value in data.values():
        assert [key for key in value if key not in {"unit", "unavailableReason"}] == ["value", "timestamp"]
        assert list(value)[-1] == "timestamp"
        assert DIGITS[3].search(value["timestamp"])


@pytest.mark.parametrize("resource", VALUES, ids=lambda resource: resource.name)
async def test_both_eras_have_the_same_values(fetch, resource):
    before = (await fetch(resource.name, XC60, Era.OMIT)).json()["data"]
    now = (await fetch(resource.name, XC60, Era.NULL)).json()["data"]
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
async def test_timestamps_have_the_digits_of_their_source(fetch, name, profile, digits):
    data = (await fetch(name, profile)).json()["data"]
    stamps = [value["timestamp"] for value in data.values() if value]
    assert stamps
    assert all(DIGITS[digits].search(stamp) for stamp in stamps)


async def test_fuel_of_an_electric_car_is_null(fetch):
    assert (await fetch("fuel", EX30)).text == '{"data":{"batteryChargeLevel":null,"fuelAmount":null}}'
    assert (await fetch("fuel", EX30, Era.OMIT)).text == '{"data":{}}'


async def test_charge_of_a_classic_hybrid_is_only_in_fuel(fetch):
    fuel = (await fetch("fuel", CLASSIC_PHEV)).json()["data"]
    assert fuel["batteryChargeLevel"]["unit"] == "%"
    state = (await fetch("energy-state", CLASSIC_PHEV)).json()
    good = {key for key, item in state.items() if item["status"] == "OK"}
    assert good == {"chargerConnectionStatus", "chargingStatus", "targetBatteryChargeLevel"}


async def test_missing_sensor_is_unspecified(fetch):
    tyres = (await fetch("tyres", EX30)).json()["data"]
    assert {value["value"] for value in tyres.values()} == {"UNSPECIFIED"}
    warnings = (await fetch("warnings", S90)).json()["data"]
    assert warnings["sideMarkLightsWarning"]["value"] == "UNSPECIFIED"
    assert warnings["hazardLightsWarning"]["value"] == "NO_WARNING"


@pytest.mark.parametrize(
    ("era", "code", "message"),
    [
        (Era.OMIT, "NOT_SUPPORTED", "Resource is not supported for this vehicle"),
        (Era.NULL, "PROPERTY_NOT_SUPPORTED", "Property is not supported for this vehicle"),
    ],
)
async def test_unsupported_energy_field_does_not_affect_the_others(fetch, era, code, message):
    state = (await fetch("energy-state", EX30, era)).json()
    assert set(state) == {field.key for field in energy.STATE.fields}
    assert state["chargingCurrentLimit"] == {"status": "ERROR", "code": code, "message": message}
    assert state["batteryChargeLevel"]["unit"] == "percentage"


@pytest.mark.parametrize(("era", "kind"), [(Era.OMIT, int), (Era.NULL, float)])
async def test_electric_range_is_a_float_since_august_2026(fetch, era, kind):
    value = (await fetch("energy-state", EX30, era)).json()["electricRange"]["value"]
    assert type(value) is kind


async def test_electric_range_has_the_unit_of_the_market(fetch):
    km = (await fetch("energy-state", EX30)).json()["electricRange"]
    miles = (await fetch("energy-state", replace(EX30, range_unit="miles"))).json()["electricRange"]
    assert (km["unit"], miles["unit"]) == ("km", "miles")
    assert miles["value"] == pytest.approx(km["value"] / 1.609344, abs=0.6)


async def test_charging_power_is_available_only_while_charging(fetch):
    parked = (await fetch("energy-state", EX30)).json()
    assert parked["chargingPower"]["code"] == "PROPERTY_NOT_FOUND"
    charging = (await fetch("energy-state", EX30, hours=15.2)).json()
    assert charging["chargingStatus"]["value"] == "CHARGING"
    assert charging["chargingPower"] == {
        "status": "OK",
        "value": 11000,
        "unit": "watts",
        "updatedAt": charging["chargingStatus"]["updatedAt"],
    }
    assert charging["estimatedChargingTimeToTargetBatteryChargeLevel"]["value"] > 0


async def test_charging_target_has_a_timestamp_of_months_ago(fetch, wall):
    for speed in (1.0, 60.0):
        target = (await fetch("energy-state", EX40, speed=speed)).json()["targetBatteryChargeLevel"]
        age = wall.now - datetime.fromisoformat(target["updatedAt"]).timestamp()
        assert 60 < age / 86400 < 120


async def test_diesel_has_no_energy_data(fetch):
    for name in ("energy-state", "energy-capabilities"):
        answered = await fetch(name, S90)
        assert (answered.status_code, answered.json()["error"]["message"]) == (404, "NOT_FOUND")


async def test_capabilities_list_a_field_that_the_state_does_not_support(fetch):
    promised = (await fetch("energy-capabilities", XC60)).json()["getEnergyState"]
    assert promised["isSupported"] is True
    assert promised["chargingPower"] == {"isSupported": True}
    assert promised["chargingCurrentLimit"] == {"isSupported": False}
    assert "chargingSystemStatus" in promised
    assert "chargingStatus" not in promised
    state = (await fetch("energy-state", XC60)).json()
    assert state["chargingPower"]["code"] == "PROPERTY_NOT_SUPPORTED"


async def test_energy_averages_have_the_timestamp_of_the_request(fetch, wall):
    statistics = (await fetch("statistics", EX30)).json()["data"]
    requested = datetime.fromtimestamp(wall.now, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    assert statistics["averageEnergyConsumption"]["timestamp"] == requested
    assert statistics["tripMeterManual"]["timestamp"] < requested


@pytest.mark.parametrize(("profile", "unit"), [(EX30, "months"), (S90, "days")])
async def test_time_to_service_is_in_days_when_it_is_near(fetch, profile, unit):
    diagnostics = (await fetch("diagnostics", profile)).json()["data"]
    assert diagnostics["timeToService"]["unit"] == unit
    near = profile is S90
    assert (diagnostics["serviceWarning"]["value"] != "NO_WARNING") is near
    assert (diagnostics["serviceTrigger"] is not None) is near


async def test_driving_car_is_unavailable_because_it_is_in_use(fetch):
    driving = (await fetch("command-accessibility", EX30, hours=0.4)).json()["data"]["availabilityStatus"]
    assert (driving["value"], driving["unavailableReason"]) == ("UNAVAILABLE", "CAR_IN_USE")
    parked = (await fetch("command-accessibility", EX30)).json()["data"]["availabilityStatus"]
    assert (parked["value"], parked["unavailableReason"]) == ("AVAILABLE", None)


async def test_absent_reason_is_omitted_before_august_2026(fetch):
    awake = (await fetch("command-accessibility", EX30, Era.OMIT)).json()["data"]["availabilityStatus"]
    assert set(awake) == {"value", "timestamp"}


@pytest.mark.parametrize(("era", "digits"), [(Era.OMIT, 3), (Era.NULL, 9)])
async def test_position_is_a_feature_with_longitude_first(fetch, era, digits):
    body = (await fetch("location", EX30, era)).json()
    home = EX30.places.home
    assert body["status"] == 200
    assert re.fullmatch(r"[0-9a-f]{32}", body["operationId"])
    assert body["data"]["geometry"] == {
        "type": "Point",
        "coordinates": [home.longitude, home.latitude, 0.0],
    }
    assert re.fullmatch(r"\d{1,3}", body["data"]["properties"]["heading"])
    assert DIGITS[digits].search(body["data"]["properties"]["timestamp"])


async def test_location_of_a_car_that_does_not_share_it_is_answered_with_404(fetch):
    answered = await fetch("location", replace(EX30, shares_location=False))
    assert answered.status_code == 404


async def test_absent_details_are_null_or_omitted(fetch):
    now = (await fetch("details", replace(S90, colour=None))).json()["data"]
    assert (now["batteryCapacityKWH"], now["externalColour"]) == (None, None)
    assert now["descriptions"] == {"model": "S90", "steering": "LEFT", "upholstery": "null"}
    before = (await fetch("details", replace(S90, colour=None), Era.OMIT)).json()["data"]
    assert not {"batteryCapacityKWH", "externalColour"} & set(before)


async def test_commands_have_paths(fetch):
    commands = (await fetch("commands", EX30)).json()["data"]
    assert {"command": "HONK_AND_FLASH", "href": f"/v2/vehicles/{EX30.vin}/commands/honk-flash"} in commands
    assert {command["command"] for command in commands} == set(EX30.commands)


@pytest.mark.parametrize("speed", [1.0, 600.0])
@pytest.mark.parametrize("profile", FLEET, ids=lambda profile: profile.model)
async def test_no_timestamp_is_in_the_future(fetch, wall, profile, speed):
    simulated_start = latest_time(wall.now, weekday=5, hour=12.2)
    for name in ("doors", "odometer", "statistics", "diagnostics", "location", "energy-state"):
        for hours in (0.0, 0.1, 0.3, 0.7):
            answered = await fetch(name, profile, speed=speed, simulated_start=simulated_start, hours=hours)
            for second, fraction in re.findall(r'"(\d{4}-[^".]*)(\.\d*)?Z"', answered.text):
                stamped = datetime.fromisoformat(f"{second}Z").timestamp() + float(fraction or 0)
                assert stamped <= wall.now


async def test_answer_is_compact_json(fetch):
    answered = await fetch("odometer", EX30)
    assert answered.headers["content-type"] == "application/json"
    assert answered.text == json.dumps(answered.json(), separators=(",", ":"), sort_keys=True)
