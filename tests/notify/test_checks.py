"""Conditions that need days, and so are not in the comparison with Prometheus."""

import pytest

from volvo_exporter.notify.checks import CAR_CHECKS, LOST_CAR_CHECKS
from volvo_exporter.notify.past import Past
from volvo_exporter.notify.scene import AT_REST, CHARGE, CHARGING, INFO, ODOMETER, REPORTED_AT, Car, Scene

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0


def a_car(value_at, *, until, step=5 * MINUTE):
    """Return a car whose series have had these values, from 0 to a time in seconds."""
    past, moment = Past(), 0.0
    while moment <= until:
        present = {INFO: 1.0, **value_at(moment)}
        past.note([((name, ()), value) for name, value in present.items()], now=moment)
        moment += step
    return Car(vin="V", id="v", name="EX30", fuel_type="ELECTRIC", past=past, now=moment - step)


def values(name, car):
    return [value for _, value in CAR_CHECKS[name](car)]


@pytest.mark.parametrize(("back", "expected"), [(None, [0.0]), (2 * DAY, [])])
def test_a_car_is_unreachable_after_three_days_without_a_break(back, expected):
    def value_at(moment):
        reached = moment < HOUR or (back is not None and back < moment < back + HOUR)
        return {"volvo_available": float(reached)}

    assert values("VolvoUnreachable", a_car(value_at, until=3 * DAY + 2 * HOUR)) == expected


@pytest.mark.parametrize(("days", "expected"), [(6.9, 0), (7.1, 1)])
def test_a_car_is_silent_after_seven_days(days, expected):
    car = a_car(lambda _moment: {REPORTED_AT: 0.0}, until=days * DAY, step=HOUR)
    assert len(values("VolvoCarSilent", car)) == expected


@pytest.mark.parametrize(
    ("different", "moved"),
    [
        ({}, True),
        ({"volvo_locked": 0.0}, False),
        ({"volvo_engine_running": 1.0}, False),
        ({AT_REST: 0.0}, False),
        ({"volvo_location_latitude_degrees": 57.7}, False),
    ],
    ids=str,
)
def test_a_car_that_moves_while_it_is_locked_and_off_is_reported(different, moved):
    def value_at(moment):
        latitude = 57.7 if moment < 6 * HOUR else 57.71
        return {
            AT_REST: 1.0,
            ODOMETER: 100.0,
            "volvo_locked": 1.0,
            "volvo_engine_running": 0.0,
            "volvo_location_latitude_degrees": latitude,
            "volvo_location_longitude_degrees": 11.9,
            **different,
        }

    found = values("VolvoMovedWhileLocked", a_car(value_at, until=7 * HOUR))
    assert found == ([pytest.approx(1.112, abs=0.001)] if moved else [])


@pytest.mark.parametrize(("per_day", "driven", "expected"), [(8, 0.0, 1), (4, 0.0, 0), (8, 1.0, 0)])
def test_a_loss_of_more_than_five_points_a_day_while_standing_is_reported(per_day, driven, expected):
    def value_at(moment):
        return {
            AT_REST: 1.0,
            CHARGING: 0.0,
            CHARGE: 80.0 - int(moment / DAY * per_day),
            ODOMETER: 100.0 + driven * moment / MINUTE,
        }

    found = values("VolvoStandbyLoss", a_car(value_at, until=1.5 * DAY))
    assert len(found) == expected


def test_a_missing_car_is_reported_only_while_the_exporter_has_accounts():
    car = a_car(lambda _moment: {}, until=HOUR)
    for minute in range(11):
        car.past.note([], now=HOUR + minute * MINUTE)
    scene = Scene()
    assert list(LOST_CAR_CHECKS["VolvoVehicleMissing"](car, scene)) == []
    scene.accounts = (object(),)
    assert list(LOST_CAR_CHECKS["VolvoVehicleMissing"](car, scene)) == [1.0]
