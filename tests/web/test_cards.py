import pytest

from volvo_exporter.catalogue import ATTRIBUTES, families
from volvo_exporter.metrics.readings import Sample
from volvo_exporter.web.cards import ago, describe_car, duration, kilometres

NOW = 1_800_000_000.0
NOBODY = dict.fromkeys(ATTRIBUTES, "") | {"vin": "YV1TESTCAR0001234"}


def sample(family, value, **labels):
    return Sample(family=family, value=value, labels=tuple(labels.items()))


def states(family, current, **labels):
    return [sample(family, float(state == current), **labels, state=state) for state in family.states]


def card(*samples, activity="parked", **attributes):
    return describe_car(NOBODY | attributes, samples, activity=activity, now=NOW)


def test_a_car_of_which_nothing_is_known_says_so_and_nothing_is_zero():
    unknown = card(activity="")

    assert unknown.activity == "unknown"
    assert unknown.gauges == unknown.warnings == ()
    assert dict(unknown.facts) == {
        "Lock": "unknown",
        "Odometer": "unknown",
        "Last word of the car": "unknown",
    }
    assert unknown.parts == {}
    assert unknown.map_link == ""


def test_the_whole_vin_stands_nowhere():
    named = card(name="Anna's", model="EX30", model_year="2024", colour="Cloud Blue")

    assert (named.title, named.subtitle) == ("Anna's", "EX30 2024 · VIN …1234")
    assert NOBODY["vin"] not in repr(named)


def test_charge_and_range_make_a_gauge():
    (gauge,) = card(
        sample(families.BATTERY_CHARGE, 0.57), sample(families.DISTANCE_TO_EMPTY, 251_000.0, source="battery")
    ).gauges

    assert (gauge.percent, gauge.words) == (pytest.approx(57), "57%, 251\u00a0km")


def test_an_empty_battery_is_zero_and_an_unknown_one_is_not():
    assert card(sample(families.BATTERY_CHARGE, 0.0)).gauges[0].words == "0%, unknown"
    assert card(sample(families.ELECTRIC_RANGE, 5000.0)).gauges[0].percent is None


def test_what_is_open_or_broken_is_named_and_drawn():
    troubled = card(
        sample(families.DOOR_OPEN, 1.0, door="front_left"),
        sample(families.DOOR_OPEN, 0.0, door="hood"),
        sample(families.WINDOW_OPEN, 1.0, window="sunroof"),
        sample(families.LAMP_FAILURE, 1.0, lamp="brake_light_left"),
        sample(families.BRAKE_FLUID_LOW, 1.0),
        *states(families.TYRE_PRESSURE, "low_pressure", tyre="rear_right"),
        *states(families.OIL_LEVEL, "no_warning"),
        sample(families.LOCKED, 0.0),
    )

    assert troubled.warnings == (
        "Front left door is open",
        "Sunroof is open",
        "Brake light left has failed",
        "Rear right tyre: low pressure",
        "Brake fluid is low",
    )
    assert troubled.parts["front_left_door"] == troubled.parts["sunroof"] == troubled.parts["lock"] == "open"
    assert troubled.parts["rear_right_tyre"] == troubled.parts["rear_lamps"] == "bad"
    assert troubled.parts["hood"] == "ok"


def test_a_charge_port_that_a_cable_holds_open_is_no_warning():
    lid = sample(families.DOOR_OPEN, 1.0, door="tank_lid")

    assert card(lid).warnings == ("Tank lid is open",)
    assert card(lid, *states(families.CHARGER_CONNECTION, "connected")).warnings == ()


def test_a_car_in_use_is_not_called_out_of_reach():
    gone = sample(families.AVAILABLE, 0.0)

    assert card(gone, *states(families.UNAVAILABLE_REASON, "car_in_use")).warnings == ()
    (warning,) = card(gone, *states(families.UNAVAILABLE_REASON, "power_saving_mode")).warnings
    assert warning == "The car cannot be reached (power saving mode)"


def test_charging_is_told_with_power_and_time():
    facts = dict(
        card(
            *states(families.CHARGING_STATUS, "charging"),
            sample(families.CHARGING_POWER, 10656.0),
            sample(families.CHARGING_TIME, 5400.0),
            sample(families.CHARGING_TARGET, 0.9),
        ).facts
    )

    assert facts["Charging"] == "charging, 10.7\u00a0kW, 2 hours to 90%"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (5, "less than a minute"),
        (60, "1 minute"),
        (7200, "2 hours"),
        (86400, "1 day"),
        (180 * 86400, "180 days"),
    ],
)
def test_time_is_told_in_its_largest_unit(seconds, words):
    assert duration(seconds) == words


def test_distances_have_no_line_breaks_in_them():
    assert kilometres(12_289_000.0) == "12\u202f289\u00a0km"
    assert ago(10) == "just now"
