"""The rules of the reader."""

import json

import pytest

from tests.support.car_files import load
from tests.support.reading import (
    ABSENT,
    MEASURED,
    VIN,
    item,
    read_at,
    reasons,
    replaced,
    series,
    times,
    value,
)
from volvo_exporter.vehicles.reader import read_items, read_vins
from volvo_exporter.vehicles.reading import Reason


@pytest.mark.parametrize(
    "code",
    ["NOT_SUPPORTED", "PROPERTY_NOT_SUPPORTED", "PROPERTY_NOT_FOUND", "ERROR_READING_PROPERTY", "NEW"],
    ids=repr,
)
def test_an_error_of_one_item_affects_no_other_item(code):
    error = {"status": "ERROR", "code": code, "message": "No valid value"}
    readings = read_at("energy-state", {"chargingPower": error, "chargingType": item("DC")})
    assert series(readings) == {
        ("volvo_charging_type", "ac"): 0,
        ("volvo_charging_type", "dc"): 1,
        ("volvo_charging_type", "none"): 0,
    }
    assert readings.unmapped == ()


def test_an_unknown_status_of_an_item_is_unmapped():
    readings = read_at("energy-state", {"chargingPower": {**item(1, "watts"), "status": "MAYBE"}})
    assert (readings.readings, reasons(readings)) == ((), [("chargingPower", Reason.STATUS)])
    assert readings.unmapped[0].value == "'MAYBE'"


@pytest.mark.parametrize(
    "payload",
    [{}, {"data": None}, {"data": {}}, {"data": {"batteryChargeLevel": None, "fuelAmount": None}}],
    ids=repr,
)
def test_an_electric_car_has_no_fuel_in_either_era(payload):
    assert read_at("fuel", payload) == read_at("fuel", None)
    assert read_at("fuel", payload).readings == ()


@pytest.mark.parametrize("minutes", [0, 1, 1440, 2000])
def test_every_charging_time_is_valid(minutes):
    key = "estimatedChargingTimeToTargetBatteryChargeLevel"
    readings = read_at("energy-state", {key: item(minutes, "minutes")})
    assert series(readings) == {("volvo_charging_time_remaining_seconds",): minutes * 60}
    assert readings.unmapped == ()


@pytest.mark.parametrize("capacity", [0, 0.0, "0.0", None, "", "null"], ids=repr)
def test_a_car_without_a_battery_has_no_capacity(capacity):
    readings = read_at("details", {"data": {"batteryCapacityKWH": capacity}})
    assert readings.readings == ()
    assert "battery_capacity_kwh" not in readings.attributes
    assert [field for field, _ in reasons(readings)] in ([], ["batteryCapacityKWH"])


@pytest.mark.parametrize(
    ("timestamp", "valid"),
    [
        ("2026-09-21T14:13:20Z", True),
        ("2026-09-20T14:14:21Z", True),
        ("2026-09-20T14:14:19Z", False),
        ("2024-03-01T00:00:00Z", False),
        (None, False),
        ("yesterday", False),
    ],
    ids=repr,
)
def test_an_empty_battery_of_the_fuel_endpoint_is_valid_while_it_is_recent(timestamp, valid):
    level = value(0.0, "%", timestamp=timestamp)
    readings = read_at("fuel", {"data": {"batteryChargeLevel": level}}, now=MEASURED + 60)
    assert series(readings) == ({("volvo_battery_charge_ratio",): 0} if valid else {})


def test_an_empty_tank_is_valid():
    readings = read_at("fuel", {"data": {"fuelAmount": value(0.0, "l", timestamp=None)}})
    assert series(readings) == {("volvo_fuel_amount_liters",): 0}


def test_only_the_fuel_endpoint_is_a_fallback_for_the_charge():
    (fuel,) = read_at("fuel", {"data": {"batteryChargeLevel": value(5, "%", timestamp=None)}}).readings
    (energy,) = read_at("energy-state", {"batteryChargeLevel": item(6, "percentage")}).readings
    assert (fuel.field.fallback, energy.field.fallback) == (True, False)


def test_the_energy_averages_have_no_timestamp():
    stamped = times(read_at("statistics", load("xc60_2022", "statistics")))
    assert "averageFuelConsumption" in stamped
    assert not [key for key in stamped if key.startswith("averageEnergy")]


@pytest.mark.parametrize(("word", "expected"), [("OPEN", 1), ("AJAR", 1), ("CLOSED", 0)], ids=repr)
def test_ajar_is_open(word, expected):
    readings = read_at("doors", {"data": {"hood": value(word)}})
    assert series(readings) == {("volvo_door_open", "hood"): expected}


@pytest.mark.parametrize(
    ("word", "expected"), [("RUNNING", 1), ("STOPPED", 0), ("true", 1), ("false", 0)], ids=repr
)
def test_true_and_false_of_old_cars_are_engine_states(word, expected):
    readings = read_at("engine-status", {"data": {"engineStatus": value(word)}})
    assert series(readings) == {("volvo_engine_running",): expected}


@pytest.mark.parametrize(("word", "expected"), [("LOCKED", 1), ("UNLOCKED", 0)], ids=repr)
def test_locked_is_1(word, expected):
    assert series(read_at("doors", {"data": {"centralLock": value(word)}})) == {("volvo_locked",): expected}


@pytest.mark.parametrize("word", ["open", "HALF_OPEN", True, 1, ["OPEN"], {"OPEN": 1}], ids=repr)
def test_an_unknown_value_is_unmapped_and_not_exported(word):
    readings = read_at("doors", {"data": {"hood": value(word), "tailgate": value("OPEN")}})
    assert series(readings) == {("volvo_door_open", "tailgate"): 1}
    assert reasons(readings) == [("hood", Reason.VALUE)]
    assert times(readings) == {"tailgate": MEASURED}


@pytest.mark.parametrize("word", ABSENT, ids=repr)
def test_a_car_without_tyre_sensors_has_no_tyres(word):
    readings = read_at("tyres", {"data": {"frontLeft": value(word)}})
    assert (readings.readings, readings.unmapped) == ((), ())


def test_one_state_of_a_state_set_is_1():
    readings = read_at("tyres", {"data": {"rearLeft": value("LOW_PRESSURE")}})
    assert series(readings) == {
        ("volvo_tyre_pressure_status", "rear_left", "no_warning"): 0,
        ("volvo_tyre_pressure_status", "rear_left", "very_low_pressure"): 0,
        ("volvo_tyre_pressure_status", "rear_left", "low_pressure"): 1,
        ("volvo_tyre_pressure_status", "rear_left", "high_pressure"): 0,
    }


@pytest.mark.parametrize("word", ["CONNECTED", "CONNECTED_AC", "CONNECTED_DC"], ids=repr)
def test_old_values_for_a_connected_cable_are_accepted(word):
    readings = read_at("energy-state", {"chargerConnectionStatus": item(word)})
    assert [key[1] for key, number in series(readings).items() if number] == ["connected"]


def test_the_reason_why_a_car_is_unreachable_is_read_from_the_status():
    status = {**value("UNAVAILABLE"), "unavailableReason": "POWER_SAVING_MODE"}
    values = series(read_at("command-accessibility", {"data": {"availabilityStatus": status}}))
    assert values["volvo_available",] == 0
    assert [key[1] for key, number in values.items() if len(key) > 1 and number] == ["power_saving_mode"]


@pytest.mark.parametrize(
    "extra", [{}, {"unavailableReason": None}, {"unavailableReason": "UNSPECIFIED"}], ids=repr
)
def test_a_reachable_car_has_no_reason(extra):
    status = {**value("AVAILABLE"), **extra}
    readings = read_at("command-accessibility", {"data": {"availabilityStatus": status}})
    assert (series(readings), readings.unmapped) == ({("volvo_available",): 1}, ())


def test_the_details_become_labels():
    details = {
        "modelYear": 2024,
        "gearbox": "AUTOMATIC",
        "fuelType": "NONE",
        "batteryCapacityKWH": 69.0,
        "descriptions": {"model": "EX30", "upholstery": "null", "steering": "RIGHT"},
    }
    readings = read_at("details", {"data": details})
    assert readings.attributes == {
        "model": "EX30",
        "model_year": "2024",
        "fuel_type": "NONE",
        "gearbox": "AUTOMATIC",
        "battery_capacity_kwh": "69",
        "steering": "RIGHT",
    }
    assert readings.unmapped == ()


@pytest.mark.parametrize(
    ("path", "sent", "label", "reason"),
    [
        (("gearbox",), "CLAIRVOYANT", "gearbox", Reason.VALUE),
        (("fuelType",), "HYDROGEN", "fuel_type", Reason.VALUE),
        (("modelYear",), "next", "model_year", Reason.NUMBER),
        (("modelYear",), [2024], "model_year", Reason.NUMBER),
        (("modelYear",), 1e9, "model_year", Reason.RANGE),
        (("modelYear",), -1, "model_year", Reason.RANGE),
        (("externalColour",), {"de": "blau"}, "colour", Reason.NUMBER),
    ],
    ids=repr,
)
def test_an_invalid_attribute_is_unmapped_and_not_a_label(path, sent, label, reason):
    readings = read_at("details", replaced({"data": {}}, ("data", *path), sent))
    assert (readings.attributes, reasons(readings)) == ({}, [(label, reason)])


def test_a_number_in_quotes_is_the_same_label():
    sent = read_at("details", {"data": {"modelYear": "2024", "batteryCapacityKWH": "78.0"}}).attributes
    assert sent == {"model_year": "2024", "battery_capacity_kwh": "78"}


def test_free_text_is_shortened_and_cleaned_for_a_label():
    sent = {"externalColour": "\x1b[31mRed\nhot\ud800 ", "descriptions": {"model": "x" * 1000}}
    attributes = read_at("details", {"data": sent}).attributes
    assert attributes == {"colour": "[31mRedhot", "model": "x" * 100}


def test_a_position_is_longitude_before_latitude_and_the_heading_is_text():
    readings = read_at("location", location([11.5, 57.25, 0.0], heading="220"))
    assert series(readings) == {
        ("volvo_location_longitude_degrees",): 11.5,
        ("volvo_location_latitude_degrees",): 57.25,
        ("volvo_location_altitude_meters",): 0,
        ("volvo_location_heading_degrees",): 220,
    }
    assert set(times(readings).values()) == {MEASURED}


SUPPORTED, UNSUPPORTED = {"isSupported": True}, {"isSupported": False}


@pytest.mark.parametrize(
    "capabilities",
    [
        {"chargingSystemStatus": UNSUPPORTED},
        {"chargingStatus": UNSUPPORTED},
        {"chargingSystemStatus": None, "chargingStatus": UNSUPPORTED},
        {"chargingSystemStatus": UNSUPPORTED, "chargingStatus": SUPPORTED},
    ],
    ids=repr,
)
def test_the_capability_of_the_charging_status_has_two_spellings(capabilities):
    readings = read_at("energy-capabilities", {"getEnergyState": {"isSupported": True, **capabilities}})
    assert series(readings) == {("volvo_energy_field_supported", "chargingStatus"): 0}
    assert readings.unmapped == ()


@pytest.mark.parametrize("heading", ["", None], ids=repr)
def test_a_car_without_a_heading_has_a_position(heading):
    readings = read_at("location", location([11.5, 57.25], heading=heading))
    assert [reading.value for reading in readings.readings] == [11.5, 57.25]
    assert readings.unmapped == ()


@pytest.mark.parametrize(
    "coordinates", [[None, 45.5], [11.5, None], [11.5], [], None, [11.5, 99.5]], ids=repr
)
def test_one_coordinate_is_not_a_position(coordinates):
    readings = read_at("location", location(coordinates, heading="220"))
    assert readings.readings == ()


def location(coordinates, heading):
    return {
        "status": 200,
        "data": {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": coordinates},
            "properties": {"heading": heading, "timestamp": "2026-09-21T14:13:20Z"},
        },
    }


@pytest.mark.parametrize(
    "coordinates", ["57.68,11.96", {"lat": 57.68}, [999.68, 999.68], ["57,68"], 57.68], ids=repr
)
def test_unmapped_values_do_not_contain_the_position(coordinates):
    readings = read_at("location", location(coordinates, heading="north of 57.68"))
    assert {unmapped.value for unmapped in readings.unmapped} == {""}
    assert {"longitude", "heading"} <= {unmapped.field for unmapped in readings.unmapped}


def test_an_unknown_envelope_is_unmapped_once():
    assert reasons(read_at("warnings", {"data": "soon"})) == [("", Reason.SHAPE)]
    assert reasons(read_at("warnings", [1])) == [("", Reason.SHAPE)]
    assert reasons(read_at("commands", "none")) == [("", Reason.SHAPE)]


def test_an_unknown_command_is_unmapped_without_the_vin():
    href = f"/v2/vehicles/{VIN}/commands/lock"
    entries = [{"command": "LOCK", "href": href}, {"command": "FLY", "href": href}, {"command": ""}, None]
    readings = read_at("commands", {"data": entries})
    assert series(readings) == {("volvo_command_supported", "lock"): 1}
    assert [(one.reason, one.value) for one in readings.unmapped] == [(Reason.VALUE, "'FLY'")]


@pytest.mark.parametrize("entry", ["FLY", 5, ["LOCK"], {"command": ["LOCK"]}, {"command": 5}], ids=repr)
def test_an_invalid_command_affects_no_other(entry):
    readings = read_at("commands", {"data": [entry, {"command": "HONK"}]})
    assert series(readings) == {("volvo_command_supported", "honk"): 1}
    assert [unmapped.field for unmapped in readings.unmapped] == ["command"]


def test_an_unmapped_container_is_not_quoted():
    readings = read_at("odometer", {"data": {"odometer": value({"vin": VIN}, "km")}})
    assert [unmapped.value for unmapped in readings.unmapped] == ["dict"]


def test_capabilities_are_1_or_0_under_the_names_of_the_state():
    sent = {
        "isSupported": True,
        "batteryChargeLevel": {"isSupported": True},
        "chargingSystemStatus": {"isSupported": False},
        "chargingPower": {"isSupported": "yes"},
        "chargingType": "yes",
    }
    readings = read_at("energy-capabilities", {"getEnergyState": sent})
    assert series(readings) == {
        ("volvo_energy_field_supported", "batteryChargeLevel"): 1,
        ("volvo_energy_field_supported", "chargingStatus"): 0,
    }
    assert reasons(readings) == [("chargingType", Reason.SHAPE), ("chargingPower", Reason.VALUE)]


@pytest.mark.parametrize(
    ("sent", "unit", "expected"),
    [
        ("217", "km", {("odometer", "km"): 217}),
        (217, "km", {("odometer", "km"): 217}),
        ("true", None, {("odometer", ""): 1}),
        ("false", None, {("odometer", ""): 0}),
        ("LOCKED", None, {}),
        ("", None, {}),
        (["217"], "km", {}),
    ],
    ids=repr,
)
def test_an_extended_vehicle_resource_has_its_own_unit(sent, unit, expected):
    wrapped = {"resourceValue": value(sent, unit, timestamp=1790000000000)}
    readings = read_at("extended-vehicle-item", wrapped, item="odometer")
    assert {key[1:]: number for key, number in series(readings).items()} == expected
    assert reasons(readings) == ([] if expected or not sent else [("resourceValue", Reason.NUMBER)])
    assert [(one.item, one.measured) for one in readings.readings] == [("odometer", MEASURED)] * len(expected)


def test_the_weather_is_in_base_units():
    main = {"temp": -3.5, "feels_like": -9, "temp_min": -5, "temp_max": -1, "pressure": 1013, "humidity": 87}
    readings = read_at("weather", {"coord": {"lat": 57.68}, "main": main, "dt": 1790000000})
    assert series(readings) == {
        ("volvo_weather_temperature_celsius",): -3.5,
        ("volvo_weather_feels_like_celsius",): -9,
        ("volvo_weather_temperature_min_celsius",): -5,
        ("volvo_weather_temperature_max_celsius",): -1,
        ("volvo_weather_pressure_pascals",): 101_300,
        ("volvo_weather_humidity_ratio",): 0.87,
    }
    assert set(times(readings).values()) == {MEASURED}


def test_a_temperature_in_kelvin_is_out_of_range():
    assert reasons(read_at("weather", {"main": {"temp": 281.6}})) == [("temp", Reason.RANGE)]


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ({"data": []}, ()),
        ({"data": [{"vin": "YV1TESTCAR0000001"}, {"vin": "YV1TESTCAR0000001"}]}, ("YV1TESTCAR0000001",)),
        (
            {"data": [{"vin": "YV4952NA4F120DEMO"}, {"vin": "../x"}, {"vin": 5}, {}, "x", None]},
            ("YV4952NA4F120DEMO",),
        ),
        ({"data": None}, None),
        ({"data": {}}, None),
        ({}, None),
        ([], None),
        (None, None),
    ],
    ids=repr,
)
def test_the_list_of_vehicles(payload, expected):
    assert read_vins(payload) == expected


def test_the_list_of_extended_vehicle_resources():
    named = [{"name": name} for name in ("odometer", "doors.status", "odometer", "../x", "", 5, None)]
    assert read_items({"resources": [*named, "odd", None]}) == ("odometer", "doors.status")
    assert read_items({"resources": "odometer"}) == ()
    assert read_items(None) == ()
    assert len(read_items({"resources": [{"name": f"r{number}"} for number in range(1000)]})) == 100


def test_a_payload_is_read_as_json_gives_it():
    text = '{"data": {"odometer": {"value": NaN, "unit": "km"}}}'
    assert reasons(read_at("odometer", json.loads(text))) == [("odometer", Reason.NUMBER)]
