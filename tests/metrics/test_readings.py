import copy
import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import payloads
from volvo_exporter import catalogue
from volvo_exporter.catalogue import families
from volvo_exporter.catalogue.model import Members, Number, Reported, Shape, Truth
from volvo_exporter.metrics.readings import Reason, read, read_items, read_vins

RESOURCES = {resource.name: resource for resource in catalogue.RESOURCES}
NOW = payloads.MEASURED + 60
ABSENT = [None, "", "UNSPECIFIED", "UNKNOWN"]
NONSENSE = [
    "hello",
    "-",
    "12",
    7,
    1.5,
    True,
    ["x"],
    {"x": 1},
    10**400,
    1e308,
    -1e308,
    "1e999",
    math.nan,
    math.inf,
    "A_NEW_WORD",
    "furlongs",
    "\ud800",
]
TO_BASE = {
    "km": 1000,
    "km/h": 1 / 3.6,
    "%": 0.01,
    "percentage": 0.01,
    "minutes": 60,
    "months": 2592000,
    "h": 3600,
    "ampere": 1,
    "watts": 1,
    "l": 1,
    "kWh": 3.6e6,
    "kWh/100km": 36,
    "l/100km": 1e-5,
    "degrees": 1,
    "m": 1,
    "celsius": 1,
    "hPa": 100,
}
BOTH_ERAS = [(resource, era) for resource in catalogue.RESOURCES for era in payloads.Era]
IDS = [f"{resource.name}-{era.name.lower()}" for resource, era in BOTH_ERAS]


def read_at(name, payload, *, now=NOW, item=""):
    return read(RESOURCES[name], payload, now=now, item=item)


def series(readings):
    """Every value by family and labels, without the times."""
    return {
        (sample.family.name, *(value for _, value in sample.labels)): sample.value
        for sample in readings.samples
        if sample.family is not families.FIELD_TIMESTAMP
    }


def times(readings):
    return {
        dict(sample.labels)["field"]: sample.value
        for sample in readings.samples
        if sample.family is families.FIELD_TIMESTAMP
    }


def reasons(readings):
    return [(unmapped.field, unmapped.reason) for unmapped in readings.unmapped]


def value(number, unit=None, *, timestamp="2026-09-21T14:13:20Z"):
    return {"value": number, "unit": unit, "timestamp": timestamp}


def item(number, unit=None):
    return {"status": "OK", "value": number, "unit": unit, "updatedAt": "2026-09-21T14:13:20Z"}


def path_of(resource, field):
    path = (*resource.root, field.key) if field.path is None else field.path
    return (*path, "isSupported") if isinstance(field.kind, Truth) else path


def places(node, path=()):
    """The path of everything in a document, the document itself included."""
    yield path
    steps = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for step, child in steps:
        yield from places(child, (*path, step))


def at(document, path):
    for step in path:
        document = document[step]
    return document


def replaced(document, path, replacement):
    if not path:
        return replacement
    document = copy.deepcopy(document)
    at(document, path[:-1])[path[-1]] = replacement
    return document


def concerns(place, path):
    """Whether what lies at the place is part of the path, or below its end."""
    shorter = min(len(place), len(path))
    return place[:shorter] == path[:shorter]


def converted(field, place, replacement):
    """The one value that the field may take on when its value is replaced, by reasoning of our own."""
    if isinstance(field.kind, Truth):
        return float(replacement) if isinstance(replacement, bool) else None
    if isinstance(replacement, bool) or not isinstance(replacement, int | float | str):
        return None
    if not isinstance(field.kind, Number | Reported) or place[-1] in ("unit", "timestamp", "updatedAt"):
        return None
    try:
        return float(replacement) * (TO_BASE[field.kind.unit] if isinstance(field.kind, Number) else 1)
    except (ValueError, OverflowError):
        return None


def by_field(resource, readings):
    """The samples of each field; those of a state set or a list together."""
    found = {field.key: {} for field in resource.fields}
    for sample in readings.samples:
        if sample.family is families.FIELD_TIMESTAMP:
            continue
        for field in resource.fields:
            if field.family is sample.family and set(field.labels) <= set(sample.labels):
                found[field.key][sample.labels] = sample.value
    return found


@pytest.mark.parametrize(("resource", "era"), BOTH_ERAS, ids=IDS)
def test_a_car_that_tells_everything_is_understood(resource, era):
    readings = read(resource, payloads.payload(resource, era), now=NOW, item="odometer")
    assert readings.unmapped == ()
    assert all(by_field(resource, readings).values())
    assert set(readings.attributes) == {attribute.label for attribute in resource.attributes}
    stamped = {f.key for f in resource.fields if f.stamped and (f.path is None or resource.timestamp)}
    expected = stamped if resource.shape is not Shape.BARE or resource.timestamp else set()
    assert times(readings) == dict.fromkeys(expected, payloads.MEASURED)


@pytest.mark.parametrize(("resource", "era"), BOTH_ERAS, ids=IDS)
def test_whatever_stands_in_a_place_costs_that_place_alone(resource, era):
    document = payloads.payload(resource, era)
    good = read(resource, document, now=NOW, item="odometer")
    for place in places(document):
        for replacement in (*ABSENT, *NONSENSE):
            readings = read(resource, replaced(document, place, replacement), now=NOW, item="odometer")
            check(resource, document, place, replacement=replacement, good=good, readings=readings)


def check(resource, document, place, *, replacement, good, readings):
    told, expected = by_field(resource, readings), by_field(resource, good)
    stamps, good_stamps = times(readings), times(good)
    named = {unmapped.field for unmapped in readings.unmapped}
    absent = replacement in ABSENT
    # Another object or list of the same kind, in which the keys are only missing.
    hollow = isinstance(replacement, dict | list) and type(replacement) is type(at(document, place))
    lost = set()
    for field in resource.fields:
        stamped_here = resource.timestamp is not None and concerns(place, resource.timestamp)
        if not concerns(place, path_of(resource, field)):
            assert told[field.key] == expected[field.key], (place, replacement)
            if not stamped_here:
                assert stamps.get(field.key) == good_stamps.get(field.key), (place, replacement)
            continue
        assert stamps.get(field.key) in (None, good_stamps.get(field.key)), (place, replacement)
        if told[field.key] == expected[field.key]:
            continue
        if told[field.key] and not isinstance(field.kind, Members):
            accept(field, place, replacement, told[field.key], expected[field.key])
            continue
        assert told[field.key].items() <= expected[field.key].items(), (place, replacement)
        lost.add(field.key)
    for attribute in resource.attributes:
        was, now = good.attributes[attribute.label], readings.attributes.get(attribute.label)
        if concerns(place, attribute.path):
            assert now in (None, was, str(replacement)), (place, replacement)
            lost |= {attribute.label} if now is None else set()
        else:
            assert now == was, (place, replacement)
    if absent and place[-1:] != ("unit",):
        assert readings.unmapped == (), (place, replacement)
    else:
        assert hollow or lost <= named or named == {""}, (place, replacement, lost, named)
        harmless = place != resource.root[: len(place)] and place[-1] != "timestamp"
        if harmless and not lost and stamps == good_stamps:
            assert readings.unmapped == (), (place, replacement)


def accept(field, place, replacement, told, expected):
    """A replacement that is believed: converted as its unit says, under the labels of before."""
    (labels, number), *others = told.items()
    assert not others
    if isinstance(field.kind, Reported) and place[-1] == "unit":
        assert dict(labels)["unit"] == (
            "".join(filter(str.isprintable, str(replacement))) if isinstance(replacement, str) else ""
        )
        assert number in expected.values()
        return
    wanted = converted(field, place, replacement)
    assert wanted is not None, (place, replacement, number)
    assert labels in expected
    assert number == pytest.approx(wanted), (place, replacement)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: (
        st.lists(children, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "data",
                    "value",
                    "unit",
                    "timestamp",
                    "status",
                    "updatedAt",
                    "vin",
                    "geometry",
                    "coordinates",
                ]
            )
            | st.text(max_size=5),
            children,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None)
@given(payload=JSON)
def test_no_payload_at_all_raises_or_invents_a_value(payload):
    for resource in catalogue.RESOURCES:
        readings = read(resource, payload, now=NOW)
        if not isinstance(payload, dict):
            assert (readings.samples, readings.attributes) == ((), {})
            assert len(readings.unmapped) == (payload not in ABSENT)
        assert all(math.isfinite(sample.value) for sample in readings.samples)
    assert read_vins(payload) is None or isinstance(payload, dict)
    assert all(isinstance(name, str) for name in read_items(payload))


@settings(max_examples=60, deadline=None)
@given(values=st.lists(JSON, min_size=23, max_size=23))
def test_no_values_at_all_raise(values):
    for resource in catalogue.RESOURCES:
        document = {}
        for field, one in zip(resource.fields, values, strict=False):
            if field.path is None:
                payloads.put(document, (*resource.root, field.key), one)
        readings = read(resource, document, now=NOW)
        known = {field.key for field in resource.fields} | {a.label for a in resource.attributes}
        assert {unmapped.field for unmapped in readings.unmapped} <= known


def test_a_payload_nested_without_end_costs_nothing_but_itself():
    nested = []
    for _ in range(100_000):
        nested = [nested]
    assert reasons(read_at("odometer", {"data": {"odometer": nested}})) == [("odometer", Reason.SHAPE)]
    while nested:
        nested = nested[0]


@pytest.mark.parametrize(
    ("name", "key", "unit", "number", "expected"),
    [
        ("odometer", "odometer", "km", 30000, 30_000_000),
        ("odometer", "odometer", "KM", 1, 1000),
        ("odometer", "odometer", " km ", 1, 1000),
        ("odometer", "odometer", "kilometers", 1, 1000),
        ("odometer", "odometer", "mi", 100, 160_934.4),
        ("odometer", "odometer", "miles", 100, 160_934.4),
        ("odometer", "odometer", "m", 100, 100),
        ("odometer", "odometer", "km", "123.5", 123_500),
        ("odometer", "odometer", "km", " 1e3 ", 1_000_000),
        ("fuel", "fuelAmount", "l", "47.3", 47.3),
        ("fuel", "batteryChargeLevel", "%", 57, 0.57),
        ("statistics", "averageSpeed", "km/h", 36, 10),
        ("statistics", "averageSpeed", "mph", 100, 44.704),
        ("statistics", "averageEnergyConsumption", "kWh/100km", 18.700000762939453, 673.200027466),
        ("statistics", "averageEnergyConsumption", "kWh/100km", -3.5, -126),
        ("statistics", "averageFuelConsumption", "l/100km", 7.2, 7.2e-5),
        ("diagnostics", "timeToService", "months", 2, 5_184_000),
        ("diagnostics", "timeToService", "days", 17, 1_468_800),
        ("diagnostics", "timeToService", "days", -3, -259_200),
        ("diagnostics", "distanceToService", "km", -120, -120_000),
        ("diagnostics", "engineHoursToService", "h", 809, 2_912_400),
        ("energy-state", "batteryChargeLevel", "percentage", 88.0, 0.88),
        ("energy-state", "electricRange", "km", 320.0, 320_000),
        ("energy-state", "electricRange", "mi", 220, 354_055.68),
        ("energy-state", "electricRange", "miles", 220, 354_055.68),
        ("energy-state", "estimatedChargingTimeToTargetBatteryChargeLevel", "minutes", 10, 600),
        ("energy-state", "estimatedChargingTimeToTargetBatteryChargeLevel", "minutes", 0, 0),
        ("energy-state", "chargingCurrentLimit", "ampere", 32, 32),
        ("energy-state", "chargingPower", "watts", 10656, 10656),
        ("energy-state", "chargingPower", "watt", 10656, 10656),
        ("energy-state", "chargingPower", "W", 10656, 10656),
        ("energy-state", "chargingPower", "kW", 11, 11000),
        ("details", "batteryCapacityKWH", None, 81.608, 293_788_800),
    ],
    ids=repr,
)
def test_the_unit_on_the_wire_decides_the_conversion(name, key, unit, number, expected):
    if name == "details":
        payload = {"data": {key: number}}
    elif name == "energy-state":
        payload = {key: item(number, unit)}
    else:
        payload = {"data": {key: value(number, unit)}}
    readings = read_at(name, payload)
    assert list(series(readings).values()) == [pytest.approx(expected, rel=1e-12)]
    assert readings.unmapped == ()


def test_a_percentage_has_no_noise_of_multiplication():
    shown = [read_at("fuel", {"data": {"batteryChargeLevel": value(n, "%")}}) for n in range(1, 101)]
    assert [repr(*series(readings).values()) for readings in shown] == [repr(n / 100) for n in range(1, 101)]


@pytest.mark.parametrize(
    ("unit", "number", "reason"),
    [
        ("furlongs", 1, Reason.UNIT),
        (None, 1, Reason.UNIT),
        ("", 1, Reason.UNIT),
        (7, 1, Reason.UNIT),
        ("km", -1, Reason.RANGE),
        ("km", 1e300, Reason.RANGE),
        ("km", 10**400, Reason.NUMBER),
        ("km", "1_000", Reason.NUMBER),
        ("km", "12 km", Reason.NUMBER),
        ("km", "٣", Reason.NUMBER),
        ("km", "0x10", Reason.NUMBER),
        ("km", "nan", Reason.NUMBER),
        ("km", True, Reason.NUMBER),
        ("km", [5], Reason.NUMBER),
    ],
    ids=repr,
)
def test_a_number_that_is_not_understood_is_named(unit, number, reason):
    readings = read_at("odometer", {"data": {"odometer": value(number, unit)}})
    assert (readings.samples, reasons(readings)) == ((), [("odometer", reason)])


def test_a_number_of_thousands_of_digits_is_named_by_its_type():
    readings = read_at("odometer", {"data": {"odometer": value(10**5000, "km")}})
    assert [(one.reason, one.value) for one in readings.unmapped] == [(Reason.NUMBER, "int")]


def test_a_charge_beyond_all_bounds_is_out_of_range():
    readings = read_at("energy-state", {"batteryChargeLevel": item(101, "percentage")})
    assert (readings.samples, reasons(readings)) == ((), [("batteryChargeLevel", Reason.RANGE)])


@pytest.mark.parametrize(
    ("timestamp", "expected"),
    [
        ("2026-09-21T14:13:20Z", 1790000000),
        ("2026-09-21T14:13:20.849Z", 1790000000.849),
        ("2026-09-21T14:13:20.438573Z", 1790000000.438573),
        ("2026-09-21T14:13:20.832778430Z", 1790000000.832778),
        ("2026-09-21T14:13:20.1234567+00:00", 1790000000.123456),
        ("2026-09-21T16:13:20+02:00", 1790000000),
        (" 2026-09-21T14:13:20Z ", 1790000000),
        (1790000000, 1790000000),
        (1790000000849, 1790000000.849),
        ("1790000000", 1790000000),
    ],
    ids=repr,
)
def test_a_timestamp_is_read_in_every_spelling(timestamp, expected):
    readings = read_at("odometer", {"data": {"odometer": value(1, "km", timestamp=timestamp)}})
    assert times(readings) == {"odometer": pytest.approx(expected, abs=2e-6)}
    assert readings.unmapped == ()


@pytest.mark.parametrize(
    "timestamp",
    [
        "yesterday",
        "2026-09-21T14:13:20",
        "1970-01-01T00:00:00Z",
        "2999-01-01T00:00:00Z",
        5,
        1e300,
        True,
        "0001-01-01T00:00:00+23:59",
        "2026-02-30T00:00:00Z",
        ["2026"],
        {},
        10**400,
        -1,
    ],
    ids=repr,
)
def test_an_unreadable_timestamp_costs_no_value(timestamp):
    readings = read_at("odometer", {"data": {"odometer": value(1, "km", timestamp=timestamp)}})
    assert series(readings) == {("volvo_odometer_meters",): 1000}
    assert (times(readings), reasons(readings)) == ({}, [("odometer", Reason.TIME)])


@pytest.mark.parametrize("timestamp", ABSENT, ids=repr)
def test_a_missing_timestamp_is_nothing_to_speak_of(timestamp):
    readings = read_at("odometer", {"data": {"odometer": value(1, "km", timestamp=timestamp)}})
    assert (series(readings), times(readings)) == ({("volvo_odometer_meters",): 1000}, {})
    assert readings.unmapped == ()


@pytest.mark.parametrize(
    "code",
    ["NOT_SUPPORTED", "PROPERTY_NOT_SUPPORTED", "PROPERTY_NOT_FOUND", "ERROR_READING_PROPERTY", "NEW"],
    ids=repr,
)
def test_an_error_of_one_item_costs_that_item_alone(code):
    error = {"status": "ERROR", "code": code, "message": "No valid value"}
    readings = read_at("energy-state", {"chargingPower": error, "chargingType": item("DC")})
    assert series(readings) == {
        ("volvo_charging_type", "ac"): 0,
        ("volvo_charging_type", "dc"): 1,
        ("volvo_charging_type", "none"): 0,
    }
    assert readings.unmapped == ()


def test_an_unknown_status_of_an_item_is_named():
    readings = read_at("energy-state", {"chargingPower": {**item(1, "watts"), "status": "MAYBE"}})
    assert (readings.samples, reasons(readings)) == ((), [("chargingPower", Reason.STATUS)])
    assert readings.unmapped[0].value == "'MAYBE'"


@pytest.mark.parametrize(
    "payload",
    [{}, {"data": None}, {"data": {}}, {"data": {"batteryChargeLevel": None, "fuelAmount": None}}],
    ids=repr,
)
def test_an_electric_car_has_no_fuel_in_either_era(payload):
    assert read_at("fuel", payload) == read_at("fuel", None)
    assert read_at("fuel", payload).samples == ()


def test_1440_minutes_say_that_nobody_knows():
    key = "estimatedChargingTimeToTargetBatteryChargeLevel"
    readings = read_at("energy-state", {key: item(1440, "minutes")})
    assert (readings.samples, readings.unmapped) == ((), ())


@pytest.mark.parametrize("capacity", [0, 0.0, "0.0", None, "", "null"], ids=repr)
def test_no_battery_has_no_capacity(capacity):
    readings = read_at("details", {"data": {"batteryCapacityKWH": capacity}})
    assert readings.samples == ()
    assert "battery_capacity_kwh" not in readings.attributes
    assert [field for field, _ in reasons(readings)] in ([], ["batteryCapacityKWH"])


@pytest.mark.parametrize(
    ("timestamp", "believed"),
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
def test_an_empty_battery_of_the_fuel_endpoint_is_believed_while_it_is_fresh(timestamp, believed):
    level = value(0.0, "%", timestamp=timestamp)
    readings = read_at("fuel", {"data": {"batteryChargeLevel": level}}, now=payloads.MEASURED + 60)
    assert series(readings) == ({("volvo_battery_charge_ratio",): 0} if believed else {})


def test_an_empty_tank_is_believed():
    readings = read_at("fuel", {"data": {"fuelAmount": value(0.0, "l", timestamp=None)}})
    assert series(readings) == {("volvo_fuel_amount_liters",): 0}


def test_only_the_fuel_endpoint_is_a_fallback_for_the_charge():
    (fuel,) = read_at("fuel", {"data": {"batteryChargeLevel": value(5, "%", timestamp=None)}}).samples
    energy, _ = read_at("energy-state", {"batteryChargeLevel": item(6, "percentage")}).samples
    assert (fuel.fallback, energy.fallback) == (True, False)


def test_the_energy_averages_carry_no_time():
    document = payloads.payload(RESOURCES["statistics"], payloads.Era.NULLED)
    stamped = times(read_at("statistics", document))
    assert "averageFuelConsumption" in stamped
    assert not [key for key in stamped if key.startswith("averageEnergy")]


@pytest.mark.parametrize(("word", "expected"), [("OPEN", 1), ("AJAR", 1), ("CLOSED", 0)], ids=repr)
def test_ajar_is_open(word, expected):
    readings = read_at("doors", {"data": {"hood": value(word)}})
    assert series(readings) == {("volvo_door_open", "hood"): expected}


@pytest.mark.parametrize(
    ("word", "expected"), [("RUNNING", 1), ("STOPPED", 0), ("true", 1), ("false", 0)], ids=repr
)
def test_old_cars_say_true_and_false_of_the_engine(word, expected):
    readings = read_at("engine-status", {"data": {"engineStatus": value(word)}})
    assert series(readings) == {("volvo_engine_running",): expected}


@pytest.mark.parametrize(("word", "expected"), [("LOCKED", 1), ("UNLOCKED", 0)], ids=repr)
def test_locked_is_1(word, expected):
    assert series(read_at("doors", {"data": {"centralLock": value(word)}})) == {("volvo_locked",): expected}


@pytest.mark.parametrize("word", ["open", "HALF_OPEN", True, 1, ["OPEN"], {"OPEN": 1}], ids=repr)
def test_a_new_word_is_no_value_and_is_named(word):
    readings = read_at("doors", {"data": {"hood": value(word), "tailgate": value("OPEN")}})
    assert series(readings) == {("volvo_door_open", "tailgate"): 1}
    assert reasons(readings) == [("hood", Reason.WORD)]
    assert times(readings) == {"tailgate": payloads.MEASURED}


@pytest.mark.parametrize("word", ABSENT, ids=repr)
def test_a_car_without_tyre_sensors_has_no_tyres(word):
    readings = read_at("tyres", {"data": {"frontLeft": value(word)}})
    assert (readings.samples, readings.unmapped) == ((), ())


def test_of_a_state_set_one_is_1():
    readings = read_at("tyres", {"data": {"rearLeft": value("LOW_PRESSURE")}})
    assert series(readings) == {
        ("volvo_tyre_pressure_status", "rear_left", "no_warning"): 0,
        ("volvo_tyre_pressure_status", "rear_left", "very_low_pressure"): 0,
        ("volvo_tyre_pressure_status", "rear_left", "low_pressure"): 1,
        ("volvo_tyre_pressure_status", "rear_left", "high_pressure"): 0,
    }


@pytest.mark.parametrize("word", ["CONNECTED", "CONNECTED_AC", "CONNECTED_DC"], ids=repr)
def test_old_words_for_a_connected_cable_are_understood(word):
    readings = read_at("energy-state", {"chargerConnectionStatus": item(word)})
    assert [key[1] for key, number in series(readings).items() if number] == ["connected"]


def test_why_a_car_cannot_be_reached_stands_inside_the_status():
    status = {**value("UNAVAILABLE"), "unavailableReason": "POWER_SAVING_MODE"}
    told = series(read_at("command-accessibility", {"data": {"availabilityStatus": status}}))
    assert told["volvo_available",] == 0
    assert [key[1] for key, number in told.items() if len(key) > 1 and number] == ["power_saving_mode"]


@pytest.mark.parametrize(
    "extra", [{}, {"unavailableReason": None}, {"unavailableReason": "UNSPECIFIED"}], ids=repr
)
def test_a_car_that_can_be_reached_has_no_reason(extra):
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
    ("path", "said", "label", "reason"),
    [
        (("gearbox",), "CLAIRVOYANT", "gearbox", Reason.WORD),
        (("fuelType",), "HYDROGEN", "fuel_type", Reason.WORD),
        (("modelYear",), "next", "model_year", Reason.NUMBER),
        (("modelYear",), [2024], "model_year", Reason.NUMBER),
        (("modelYear",), 1e9, "model_year", Reason.RANGE),
        (("modelYear",), -1, "model_year", Reason.RANGE),
        (("externalColour",), {"de": "blau"}, "colour", Reason.NUMBER),
    ],
    ids=repr,
)
def test_an_attribute_that_is_not_understood_is_no_label_and_is_named(path, said, label, reason):
    readings = read_at("details", replaced({"data": {}}, ("data", *path), said))
    assert (readings.attributes, reasons(readings)) == ({}, [(label, reason)])


def test_a_number_in_quotes_is_the_same_label():
    said = read_at("details", {"data": {"modelYear": "2024", "batteryCapacityKWH": "78.0"}}).attributes
    assert said == {"model_year": "2024", "battery_capacity_kwh": "78"}


def test_free_text_is_made_fit_for_a_label():
    said = {"externalColour": "\x1b[31mRed\nhot\ud800 ", "descriptions": {"model": "x" * 1000}}
    attributes = read_at("details", {"data": said}).attributes
    assert attributes == {"colour": "[31mRedhot", "model": "x" * 100}


def test_a_position_is_longitude_before_latitude_and_the_heading_is_text():
    readings = read_at("location", location([11.5, 57.25, 0.0], heading="220"))
    assert series(readings) == {
        ("volvo_location_longitude_degrees",): 11.5,
        ("volvo_location_latitude_degrees",): 57.25,
        ("volvo_location_altitude_meters",): 0,
        ("volvo_location_heading_degrees",): 220,
    }
    assert set(times(readings).values()) == {payloads.MEASURED}


@pytest.mark.parametrize("heading", ["", None], ids=repr)
def test_a_car_without_a_heading_has_a_position(heading):
    readings = read_at("location", location([11.5, 57.25], heading=heading))
    assert [sample.value for sample in readings.samples if len(sample.labels) == 0] == [11.5, 57.25]
    assert readings.unmapped == ()


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
def test_where_a_car_is_never_stands_among_what_was_not_understood(coordinates):
    readings = read_at("location", location(coordinates, heading="north of 57.68"))
    assert {unmapped.value for unmapped in readings.unmapped} == {""}
    assert {"longitude", "heading"} <= {unmapped.field for unmapped in readings.unmapped}


def test_an_envelope_that_is_not_understood_is_named_once():
    assert reasons(read_at("warnings", {"data": "soon"})) == [("", Reason.SHAPE)]
    assert reasons(read_at("warnings", [1])) == [("", Reason.SHAPE)]
    assert reasons(read_at("commands", "none")) == [("", Reason.SHAPE)]


def test_commands_are_listed_and_a_new_one_is_named_without_the_vin():
    href = f"/v2/vehicles/{payloads.VIN}/commands/lock"
    entries = [{"command": "LOCK", "href": href}, {"command": "FLY", "href": href}, {"command": ""}, None]
    readings = read_at("commands", {"data": entries})
    assert series(readings) == {("volvo_command_supported", "lock"): 1}
    assert [(one.reason, one.value) for one in readings.unmapped] == [(Reason.WORD, "'FLY'")]


@pytest.mark.parametrize("entry", ["FLY", 5, ["LOCK"], {"command": ["LOCK"]}, {"command": 5}], ids=repr)
def test_an_odd_command_costs_no_other(entry):
    readings = read_at("commands", {"data": [entry, {"command": "HONK"}]})
    assert series(readings) == {("volvo_command_supported", "honk"): 1}
    assert [unmapped.field for unmapped in readings.unmapped] == ["command"]


def test_a_container_that_is_not_understood_is_not_quoted():
    readings = read_at("odometer", {"data": {"odometer": value({"vin": payloads.VIN}, "km")}})
    assert [unmapped.value for unmapped in readings.unmapped] == ["dict"]


def test_capabilities_are_1_or_0_under_the_names_of_the_state():
    said = {
        "isSupported": True,
        "batteryChargeLevel": {"isSupported": True},
        "chargingSystemStatus": {"isSupported": False},
        "chargingPower": {"isSupported": "yes"},
        "chargingType": "yes",
    }
    readings = read_at("energy-capabilities", {"getEnergyState": said})
    assert series(readings) == {
        ("volvo_energy_field_supported", "batteryChargeLevel"): 1,
        ("volvo_energy_field_supported", "chargingStatus"): 0,
    }
    assert reasons(readings) == [("chargingType", Reason.SHAPE), ("chargingPower", Reason.WORD)]


@pytest.mark.parametrize(
    ("said", "unit", "expected"),
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
def test_an_extended_vehicle_resource_is_told_in_its_own_unit(said, unit, expected):
    wrapped = {"resourceValue": value(said, unit, timestamp=1790000000000)}
    readings = read_at("extended-vehicle-item", wrapped, item="odometer")
    assert {key[1:]: number for key, number in series(readings).items()} == expected
    assert reasons(readings) == ([] if expected or not said else [("resourceValue", Reason.NUMBER)])
    stamps = [dict(s.labels)["resource"] for s in readings.samples if s.family is families.FIELD_TIMESTAMP]
    assert stamps == (["odometer"] if expected else [])


def test_the_weather_is_told_in_base_units():
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
    assert set(times(readings).values()) == {payloads.MEASURED}


def test_a_weather_service_that_speaks_kelvin_is_not_believed():
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
