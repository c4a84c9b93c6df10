"""The latest readings of a vehicle: what changed, what was lost, and which of two sources counts."""

import math

import pytest

from volvo_exporter import catalogue
from volvo_exporter.catalogue import families
from volvo_exporter.vehicles.reader import read
from volvo_exporter.vehicles.vehicle import Poll, Vehicle

NOW = 1_790_000_060.0
FUEL, ENERGY, ODOMETER, DOORS, WEATHER, ITEM = (
    next(resource for resource in catalogue.RESOURCES if resource.name == name)
    for name in ("fuel", "energy-state", "odometer", "doors", "weather", "extended-vehicle-item")
)


def measured(value, unit=None, *, at="2026-09-21T14:13:20Z"):
    return {"value": value, "unit": unit, "timestamp": at}


def energy(percent):
    return {
        "batteryChargeLevel": {
            "status": "OK",
            "value": percent,
            "unit": "percentage",
            "updatedAt": "2026-09-21T14:13:20Z",
        }
    }


def take(vehicle, resource, payload, *, now=NOW):
    return vehicle.take(resource, "", read(resource, payload, now=now))


@pytest.fixture
def vehicle():
    return Vehicle(vin="YV1TESTCAR0000001")


def test_a_new_value_is_a_change_and_the_same_value_again_is_none(vehicle):
    first = take(vehicle, ODOMETER, {"data": {"odometer": measured(12, "km")}})
    again = take(vehicle, ODOMETER, {"data": {"odometer": measured(12, "km")}}, now=NOW + 60)

    assert [reading.value for reading in first.changed] == [12_000.0]
    assert not again
    assert vehicle.reading(families.ODOMETER).received == NOW + 60


def test_a_newer_time_of_the_same_value_is_a_change(vehicle):
    take(vehicle, ODOMETER, {"data": {"odometer": measured(12, "km")}})
    change = take(vehicle, ODOMETER, {"data": {"odometer": measured(12, "km", at="2026-09-21T14:14:20Z")}})

    assert [reading.measured for reading in change.changed] == [1_790_000_060.0]


def test_a_value_that_is_null_is_lost(vehicle):
    take(vehicle, ODOMETER, {"data": {"odometer": measured(12, "km")}})
    change = take(vehicle, ODOMETER, {"data": {"odometer": None}})

    assert [reading.value for reading in change.lost] == [12_000.0]
    assert vehicle.number(families.ODOMETER) is None


def test_the_fuel_endpoint_counts_only_where_the_energy_api_reports_no_charge(vehicle):
    take(vehicle, FUEL, {"data": {"batteryChargeLevel": measured(50, "%")}})
    assert vehicle.number(families.BATTERY_CHARGE) == 0.5
    take(vehicle, ENERGY, energy(57))
    assert vehicle.number(families.BATTERY_CHARGE) == 0.57
    take(vehicle, ENERGY, {"batteryChargeLevel": {"status": "ERROR", "code": "PROPERTY_NOT_FOUND"}})

    assert vehicle.number(families.BATTERY_CHARGE) == 0.5


def test_a_dropped_resource_removes_its_values(vehicle):
    take(vehicle, ENERGY, energy(57))
    vehicle.note(ENERGY, up=True, now=NOW)
    change = vehicle.drop(ENERGY, "")

    assert [reading.field.key for reading in change.lost] == ["batteryChargeLevel"]
    assert vehicle.number(families.BATTERY_CHARGE) is None
    assert vehicle.polls == {}


def test_the_weather_is_not_a_report_of_the_car(vehicle):
    take(vehicle, ODOMETER, {"data": {"odometer": measured(12, "km")}})
    take(vehicle, WEATHER, {"main": {"temp": 7.5}, "dt": 1_790_090_000}, now=1_790_090_000.0)

    assert vehicle.number(families.WEATHER_TEMPERATURE) == 7.5
    assert vehicle.reported_at == 1_790_000_000.0


def test_the_last_report_is_the_newest_time_of_any_value_of_the_car(vehicle):
    take(vehicle, ODOMETER, {"data": {"odometer": measured(12, "km", at="2026-09-21T14:13:25Z")}})
    take(vehicle, FUEL, {"data": {"fuelAmount": measured(30, "l", at="2026-09-21T14:13:27Z")}})
    take(vehicle, DOORS, {"data": {"hood": measured("OPEN", at="2026-09-21T14:13:22Z")}})

    assert vehicle.reported_at == 1_790_000_007.0


def test_without_a_time_of_the_car_the_last_report_is_unknown(vehicle):
    assert vehicle.reported_at is None
    take(vehicle, WEATHER, {"main": {"temp": 7.5}, "dt": 1_790_090_000}, now=1_790_090_000.0)
    take(vehicle, ODOMETER, {"data": {"odometer": measured(12, "km", at=None)}})

    assert vehicle.reported_at is None


def test_values_keep_their_type(vehicle):
    take(vehicle, DOORS, {"data": {"centralLock": measured("LOCKED"), "hood": measured("AJAR")}})
    take(vehicle, ENERGY, {"chargingStatus": {"status": "OK", "value": "CHARGING"}})

    assert vehicle.flag(families.LOCKED) is True
    assert vehicle.flag(families.DOOR_OPEN, ("door", "hood")) is True
    assert vehicle.flag(families.DOOR_OPEN, ("door", "tailgate")) is None
    assert vehicle.state(families.CHARGING_STATUS) == "CHARGING"


def test_a_failed_poll_keeps_the_time_of_the_last_success(vehicle):
    vehicle.note(DOORS, up=False, now=NOW)
    assert vehicle.polls == {"doors": Poll(up=False, last_success=None)}
    vehicle.note(DOORS, up=True, now=NOW, max_age=600)
    vehicle.note(DOORS, up=False, now=NOW + 300)

    assert (vehicle.polls["doors"].up, vehicle.polls["doors"].last_success) == (False, NOW)


def test_a_success_that_is_too_long_ago_does_not_count_though_no_poll_has_failed(vehicle):
    take(vehicle, DOORS, {"data": {"centralLock": measured("LOCKED")}})
    vehicle.note(DOORS, up=True, now=NOW, max_age=600)
    vehicle.age({"doors": 600}, NOW + 600)
    assert vehicle.polls["doors"].up
    assert vehicle.next_expiry(NOW + 600) == NOW + 600
    vehicle.age({"doors": 600}, NOW + 601)

    assert not vehicle.polls["doors"].up
    assert vehicle.polls["doors"].last_success == NOW
    assert vehicle.stale(NOW + 601) == {"doors"}
    assert vehicle.next_expiry(NOW + 601) == math.inf
    assert vehicle.flag(families.LOCKED) is True
    vehicle.note(DOORS, up=True, now=NOW + 700, max_age=600)
    assert vehicle.polls["doors"].up
    assert vehicle.stale(NOW + 700) == frozenset()


@pytest.mark.parametrize(
    ("steps", "up"),
    [
        # Asked more often from now on: the next request still gets its time, and no more.
        ([(7000, 600), (7600, 600)], True),
        ([(7000, 600), (7601, 600)], False),
        # Asked more often for a moment only.
        ([(7000, 600), (7300, 14400), (14400, 14400)], True),
        ([(7000, 600), (7300, 14400), (14401, 14400)], False),
        # A stale value is not current again because it is requested less often.
        ([(14401, 14400), (14402, 90000)], False),
        # The clock was set back by a day.
        ([(-86400, 14400), (-86400 + 14401, 14400)], False),
    ],
)
def test_when_a_success_is_too_long_ago_follows_the_interval(steps, up):
    poll = Poll(up=True, last_success=NOW, max_age=14400, fresh_until=NOW + 14400)
    for seconds, max_age in steps:
        poll = poll.age(max_age, NOW + seconds)

    assert poll.up is up


def test_a_car_of_two_accounts_is_current_while_one_of_them_has_data(vehicle):
    vehicle.note(DOORS, up=True, now=NOW, max_age=600)
    vehicle.note(DOORS, up=True, now=NOW + 500, max_age=600)
    vehicle.age({"doors": 600}, NOW + 700)

    assert vehicle.polls["doors"].up


@pytest.mark.parametrize("order", [(FUEL, ENERGY), (ENERGY, FUEL)], ids=lambda order: order[0].name)
def test_readings_are_in_the_order_of_the_catalogue(vehicle, order):
    answers = {FUEL: {"data": {"batteryChargeLevel": measured(50, "%")}}, ENERGY: energy(57)}
    for resource in order:
        take(vehicle, resource, answers[resource])

    assert [reading.resource for reading in vehicle.all_readings] == [FUEL, ENERGY]
    assert [reading.resource for reading in vehicle.readings] == [ENERGY]


def test_items_of_a_resource_are_kept_and_dropped_one_by_one(vehicle):
    for item in ("odometer", "speed"):
        answer = read(ITEM, {"resourceValue": measured("217", "km")}, now=NOW, item=item)
        vehicle.take(ITEM, item, answer)
    vehicle.drop(ITEM, "speed")

    assert [(reading.item, reading.value) for reading in vehicle.readings] == [("odometer", 217.0)]
    assert vehicle.is_known
    vehicle.drop(ITEM, "odometer")
    assert not vehicle.is_known
