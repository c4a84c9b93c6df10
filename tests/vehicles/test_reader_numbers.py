"""Units, numerals and times of the wire."""

import pytest

from tests.support.reading import ABSENT, item, read_at, reasons, series, times, value
from volvo_exporter.vehicles.reading import Reason


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


def test_a_percentage_has_no_rounding_error():
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
def test_an_invalid_number_is_unmapped(unit, number, reason):
    readings = read_at("odometer", {"data": {"odometer": value(number, unit)}})
    assert (readings.readings, reasons(readings)) == ((), [("odometer", reason)])


def test_a_number_of_thousands_of_digits_is_shown_as_its_type():
    readings = read_at("odometer", {"data": {"odometer": value(10**5000, "km")}})
    assert [(one.reason, one.value) for one in readings.unmapped] == [(Reason.NUMBER, "int")]


def test_a_charge_beyond_all_bounds_is_out_of_range():
    readings = read_at("energy-state", {"batteryChargeLevel": item(101, "percentage")})
    assert (readings.readings, reasons(readings)) == ((), [("batteryChargeLevel", Reason.RANGE)])


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
def test_a_timestamp_is_read_in_every_format(timestamp, expected):
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
def test_an_invalid_timestamp_affects_no_value(timestamp):
    readings = read_at("odometer", {"data": {"odometer": value(1, "km", timestamp=timestamp)}})
    assert series(readings) == {("volvo_odometer_meters",): 1000}
    assert (times(readings), reasons(readings)) == ({}, [("odometer", Reason.TIME)])


@pytest.mark.parametrize("timestamp", ABSENT, ids=repr)
def test_a_missing_timestamp_is_not_unmapped(timestamp):
    readings = read_at("odometer", {"data": {"odometer": value(1, "km", timestamp=timestamp)}})
    assert (series(readings), times(readings)) == ({("volvo_odometer_meters",): 1000}, {})
    assert readings.unmapped == ()
