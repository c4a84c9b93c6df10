"""The telemetry of a car: fresh values, in the units of A Better Routeplanner."""

import pytest

from tests.support.reported import NOW, a_vehicle, reported
from volvo_exporter.abrp.telemetry import MAX_AGE_SECONDS, MAX_WEATHER_AGE_SECONDS, read_telemetry
from volvo_exporter.catalogue import families
from volvo_exporter.catalogue.model import Activity

CHARGE = reported(families.BATTERY_CHARGE, 0.634, ago=60)
POSITION = (
    reported(families.LATITUDE, 57.70891, ago=20),
    reported(families.LONGITUDE, 11.97461, ago=20),
)


def telemetry(*readings, activity=Activity.PARKED, with_position=True):
    found = read_telemetry(a_vehicle(*readings), activity, now=NOW, with_position=with_position)
    return None if found is None else found.document()


def test_a_driving_car_is_described_in_percent_and_kilometers():
    known = telemetry(
        CHARGE,
        *POSITION,
        reported(families.ELECTRIC_RANGE, 251_440.0, ago=60),
        reported(families.ODOMETER, 12_345_678.0, ago=90),
        reported(families.WEATHER_TEMPERATURE, -3.14, ago=1200),
        activity=Activity.DRIVING,
    )

    assert known == {
        "utc": NOW - 20,
        "soc": 63.4,
        "est_battery_range": 251.4,
        "odometer": 12345.7,
        "lat": 57.70891,
        "lon": 11.97461,
        "is_charging": 0,
        "is_parked": 0,
        "ext_temp": -3.1,
    }


@pytest.mark.parametrize(("current", "is_dcfc"), [("AC", 0), ("DC", 1)])
def test_a_charge_has_negative_power_and_its_current(current, is_dcfc):
    known = telemetry(
        CHARGE,
        reported(families.CHARGING_TYPE, current),
        reported(families.CHARGING_POWER, 10_656.0, ago=30),
        activity=Activity.CHARGING,
    )

    assert known == {
        "utc": NOW - 60,
        "soc": 63.4,
        "is_charging": 1,
        "is_parked": 1,
        "is_dcfc": is_dcfc,
        "power": -10.66,
    }


def test_the_power_of_a_charge_is_not_sent_when_the_car_does_not_charge():
    known = telemetry(CHARGE, reported(families.CHARGING_POWER, 10_656.0, ago=30))

    assert "power" not in known
    assert (known["is_charging"], known["is_parked"]) == (0, 1)


@pytest.mark.parametrize("activity", [Activity.PLUGGED_IN, Activity.PARKED, Activity.ASLEEP])
def test_a_car_at_rest_is_parked(activity):
    assert telemetry(CHARGE, activity=activity)["is_parked"] == 1


def test_an_unknown_activity_is_not_sent():
    assert telemetry(CHARGE, activity=Activity.UNKNOWN) == {"utc": NOW - 60, "soc": 63.4}


def test_a_charge_without_power_or_current_has_neither():
    known = telemetry(CHARGE, activity=Activity.CHARGING)

    assert known.keys() == {"utc", "soc", "is_charging", "is_parked"}


def test_without_a_state_of_charge_nothing_is_sent():
    assert telemetry(*POSITION, reported(families.ODOMETER, 1000.0, ago=1)) is None


def test_an_old_state_of_charge_is_not_sent():
    assert telemetry(reported(families.BATTERY_CHARGE, 0.5, ago=MAX_AGE_SECONDS)) is not None
    assert telemetry(reported(families.BATTERY_CHARGE, 0.5, ago=MAX_AGE_SECONDS + 1), *POSITION) is None


def test_other_old_values_are_left_out():
    known = telemetry(
        CHARGE,
        reported(families.LATITUDE, 57.7, ago=MAX_AGE_SECONDS + 1),
        reported(families.LONGITUDE, 11.9, ago=MAX_AGE_SECONDS + 1),
        reported(families.ODOMETER, 1000.0, ago=MAX_AGE_SECONDS + 1),
        reported(families.WEATHER_TEMPERATURE, 5.0, ago=MAX_WEATHER_AGE_SECONDS + 1),
        activity=Activity.UNKNOWN,
    )

    assert known.keys() == {"utc", "soc"}


def test_the_position_is_sent_only_where_it_may_be_exact_and_is_complete():
    assert {"lat", "lon"} <= telemetry(CHARGE, *POSITION).keys()
    assert not {"lat", "lon"} & telemetry(CHARGE, *POSITION, with_position=False).keys()
    assert not {"lat", "lon"} & telemetry(CHARGE, POSITION[0]).keys()


def test_a_car_whose_clock_is_ahead_sends_the_present():
    assert telemetry(reported(families.BATTERY_CHARGE, 0.5, ago=-90))["utc"] == NOW
