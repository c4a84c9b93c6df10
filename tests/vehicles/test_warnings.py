"""Warnings of a vehicle."""

import pytest

from volvo_exporter import catalogue
from volvo_exporter.catalogue.model import Activity
from volvo_exporter.vehicles.reader import read
from volvo_exporter.vehicles.vehicle import Vehicle
from volvo_exporter.vehicles.warnings import Kind, Severity, VehicleWarning, list_warnings

RESOURCES = {resource.name: resource for resource in catalogue.RESOURCES}


def a_vehicle(**answers):
    vehicle = Vehicle(vin="YV1TESTCAR0000001")
    for name, values in answers.items():
        resource = RESOURCES[name.replace("_", "-")]
        data = {key: {"value": word, "timestamp": "2026-09-21T14:13:20Z"} for key, word in values.items()}
        if name == "energy_state":
            data = {key: {"status": "OK", "value": word} for key, word in values.items()}
        payload = data if name == "energy_state" else {"data": data}
        vehicle.take(resource, "", read(resource, payload, now=1_790_000_060.0))
    return vehicle


def found(vehicle, activity=Activity.PARKED):
    return [(item.kind, item.place, item.state) for item in list_warnings(vehicle, activity)]


def test_an_unknown_vehicle_has_no_warnings():
    assert found(a_vehicle()) == []


@pytest.mark.parametrize(
    ("activity", "expected"),
    [(Activity.PARKED, [(Kind.UNLOCKED, "", "")]), (Activity.DRIVING, []), (Activity.UNKNOWN, [])],
    ids=str,
)
def test_an_unlocked_car_is_a_warning_only_while_it_is_parked(activity, expected):
    assert found(a_vehicle(doors={"centralLock": "UNLOCKED"}), activity) == expected


@pytest.mark.parametrize(
    ("connection", "expected"),
    [("CONNECTED", []), ("DISCONNECTED", [(Kind.DOOR_OPEN, "tank_lid", "")])],
)
def test_an_open_charging_port_with_a_cable_is_not_a_warning(connection, expected):
    vehicle = a_vehicle(doors={"tankLid": "OPEN"}, energy_state={"chargerConnectionStatus": connection})

    assert found(vehicle) == expected


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        (
            {"windows": {"frontLeftWindow": "AJAR", "sunroof": "CLOSED"}},
            (Kind.WINDOW_OPEN, "front_left", "", Severity.WARNING),
        ),
        (
            {"warnings": {"brakeLightLeftWarning": "FAILURE"}},
            (Kind.LAMP_FAILED, "brake_light_left", "", Severity.WARNING),
        ),
        (
            {"tyres": {"rearLeft": "LOW_PRESSURE", "rearRight": "NO_WARNING"}},
            (Kind.TYRE_PRESSURE, "rear_left", "low_pressure", Severity.WARNING),
        ),
        (
            {"tyres": {"rearLeft": "VERY_LOW_PRESSURE"}},
            (Kind.TYRE_PRESSURE, "rear_left", "very_low_pressure", Severity.CRITICAL),
        ),
        (
            {"brakes": {"brakeFluidLevelWarning": "TOO_LOW"}},
            (Kind.BRAKE_FLUID_LOW, "", "", Severity.CRITICAL),
        ),
        ({"engine": {"oilLevelWarning": "TOO_HIGH"}}, (Kind.OIL_LEVEL, "", "too_high", Severity.WARNING)),
        (
            {"diagnostics": {"serviceWarning": "DISTANCE_DRIVEN_OVERDUE_FOR_SERVICE"}},
            (Kind.SERVICE, "", "distance_driven_overdue_for_service", Severity.WARNING),
        ),
        (
            {"diagnostics": {"serviceWarning": "DISTANCE_DRIVEN_ALMOST_TIME_FOR_SERVICE"}},
            (Kind.SERVICE, "", "distance_driven_almost_time_for_service", Severity.INFO),
        ),
    ],
    ids=str,
)
def test_each_warning_is_listed_with_its_place_and_severity(answers, expected):
    kind, place, state, severity = expected

    assert list(list_warnings(a_vehicle(**answers), Activity.PARKED)) == [
        VehicleWarning(kind=kind, place=place, state=state, severity=severity)
    ]


def test_an_unspecified_value_is_not_a_warning():
    assert found(a_vehicle(warnings={"brakeLightLeftWarning": "UNSPECIFIED"})) == []
