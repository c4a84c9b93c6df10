import pytest

from tests.support.reported import NOW, VIN, a_vehicle, reported
from volvo_exporter.catalogue import ATTRIBUTES, families
from volvo_exporter.catalogue.model import Activity
from volvo_exporter.web.cards import describe_car

UNKNOWN = dict.fromkeys(ATTRIBUTES, "") | {"vin": VIN}


def card(*readings, activity=Activity.PARKED, **attributes):
    return describe_car(
        a_vehicle(*readings), UNKNOWN | attributes, activity=activity, trace={}, slots=(), now=NOW
    )


def test_unknown_values_are_unknown_and_not_zero():
    unknown = card(activity=Activity.UNKNOWN)

    assert unknown.sentence == "Activity unknown"
    assert unknown.gauges == unknown.warnings == ()
    assert dict(unknown.facts) == {
        "Lock": "unknown",
        "Odometer": "unknown",
        "Next service": "unknown",
        "Last report": "unknown",
    }
    assert unknown.parts == {}
    assert unknown.map_link == ""


def test_the_full_vin_is_not_shown():
    named = card(name="Anna's", model="EX30", model_year="2024", colour="Cloud Blue")

    assert (named.title, named.subtitle) == ("Anna's", "EX30 2024 · Cloud Blue · VIN …1234")
    assert UNKNOWN["vin"] not in repr(named)


def test_the_gauge_of_the_charge_has_range_and_target():
    (gauge,) = card(
        reported(families.BATTERY_CHARGE, 0.57),
        reported(families.DISTANCE_TO_EMPTY, 251_000.0, source="battery"),
        reported(families.CHARGING_TARGET, 0.9),
    ).gauges

    assert (gauge.value, gauge.maximum, gauge.target) == (0.57, 1.0, 0.9)
    assert (gauge.text, gauge.range) == ("57\u00a0%", "251\u00a0km")


def test_an_empty_battery_is_zero_and_an_unknown_charge_is_not():
    (empty,) = card(reported(families.BATTERY_CHARGE, 0.0)).gauges
    (unknown,) = card(reported(families.ELECTRIC_RANGE, 5000.0)).gauges

    assert (empty.value, empty.text, empty.range) == (0.0, "0\u00a0%", "range unknown")
    assert (unknown.value, unknown.text, unknown.range) == (None, "unknown", "5\u00a0km")


@pytest.mark.parametrize(
    ("fuel_type", "capacity", "gauges"),
    [
        ("ELECTRIC", "69", ["Charge"]),
        ("NONE", "69", ["Charge"]),
        ("PETROL/ELECTRIC", "18.8", ["Charge", "Fuel"]),
        ("DIESEL", "", ["Fuel"]),
        ("", "", []),
    ],
)
def test_the_fuel_type_decides_the_gauges_before_a_level_is_known(fuel_type, capacity, gauges):
    shown = card(fuel_type=fuel_type, battery_capacity_kwh=capacity).gauges

    assert [gauge.name for gauge in shown] == gauges
    assert {(gauge.value, gauge.text) for gauge in shown} <= {(None, "unknown")}


@pytest.mark.parametrize(("litres", "top"), [(0.0, 70), (47.3, 70), (70.0, 70), (71.0, 80)])
def test_the_gauge_of_the_fuel_has_a_scale(litres, top):
    (gauge,) = card(
        reported(families.FUEL_AMOUNT, litres), reported(families.DISTANCE_TO_EMPTY, 400_000.0, source="tank")
    ).gauges

    assert (gauge.value, gauge.maximum, gauge.scale) == (litres, top, f"{top}\u00a0l")
    assert (gauge.text, gauge.range) == (f"{litres:.1f}\u00a0l", "400\u00a0km")


def test_open_and_failed_parts_are_listed_and_drawn():
    warned = card(
        reported(families.DOOR_OPEN, value=True, door="front_left"),
        reported(families.DOOR_OPEN, value=False, door="hood"),
        reported(families.WINDOW_OPEN, value=True, window="sunroof"),
        reported(families.LAMP_FAILURE, value=True, lamp="brake_light_left"),
        reported(families.BRAKE_FLUID_LOW, value=True),
        reported(families.TYRE_PRESSURE, "LOW_PRESSURE", tyre="rear_right"),
        reported(families.OIL_LEVEL, "NO_WARNING"),
        reported(families.LOCKED, value=False),
    )

    assert warned.warnings == (
        "Not locked",
        "Front left door is open",
        "Sunroof is open",
        "Brake light left has failed",
        "Rear right tyre: low pressure",
        "Brake fluid is low",
    )
    drawn = {name: (part.level, part.text) for name, part in warned.parts.items()}
    assert drawn == {
        "front_left_door": ("open", "open"),
        "hood": ("ok", "closed"),
        "sunroof": ("open", "open"),
        "brake_light_left": ("bad", "has failed"),
        "rear_right_tyre": ("bad", "low pressure"),
        "lock": ("open", "not locked"),
    }


@pytest.mark.parametrize(
    ("activity", "warnings"),
    [
        (Activity.PARKED, ("Not locked",)),
        (Activity.CHARGING, ("Not locked",)),
        (Activity.DRIVING, ()),
        (Activity.UNKNOWN, ()),
    ],
)
def test_an_unlocked_car_is_a_warning_unless_it_drives(activity, warnings):
    assert card(reported(families.LOCKED, value=False), activity=activity).warnings == warnings


def test_a_charging_port_with_a_cable_is_not_a_warning():
    lid = reported(families.DOOR_OPEN, value=True, door="tank_lid")

    assert card(lid).warnings == ("Tank lid is open",)
    assert card(lid, reported(families.CHARGER_CONNECTION, "CONNECTED")).warnings == ()
    assert card(lid, activity=Activity.CHARGING).warnings == ()


@pytest.mark.parametrize(
    ("activity", "colours"),
    [
        (Activity.DRIVING, {"tank_lid": "open", "lock": "ok"}),
        (Activity.CHARGING, {"tank_lid": "ok", "lock": "open"}),
        (Activity.PARKED, {"tank_lid": "open", "lock": "open"}),
    ],
)
def test_an_open_part_has_the_colour_of_a_warning_only_if_it_is_one(activity, colours):
    shown = card(
        reported(families.LOCKED, value=False),
        reported(families.DOOR_OPEN, value=True, door="tank_lid"),
        reported(families.DOOR_OPEN, value=False, door="hood"),
        activity=activity,
    )

    assert {name: part.level for name, part in shown.parts.items()} == colours | {"hood": "ok"}
    assert {name for name, part in shown.parts.items() if part.is_open} == {"tank_lid", "lock"}
    assert len(shown.warnings) == list(colours.values()).count("open")


def test_a_car_in_use_is_not_unreachable():
    gone = reported(families.AVAILABLE, value=False)

    assert card(gone, reported(families.UNAVAILABLE_REASON, "CAR_IN_USE")).warnings == ()
    (warning,) = card(gone, reported(families.UNAVAILABLE_REASON, "POWER_SAVING_MODE")).warnings
    assert warning == "The car cannot be reached (power saving mode)"


@pytest.mark.parametrize(
    ("readings", "words"),
    [
        (
            (
                reported(families.CHARGING_STATUS, "CHARGING"),
                reported(families.CHARGING_POWER, 10656.0),
                reported(families.CHARGING_TIME, 5400.0),
                reported(families.CHARGING_TARGET, 0.9),
            ),
            "charging, 10.7 kW, 1 h 30 min to 90 %",
        ),
        (
            (reported(families.CHARGING_STATUS, "CHARGING"), reported(families.CHARGING_TIME, 5400.0)),
            "charging, 1 h 30 min to the target",
        ),
        (
            (reported(families.CHARGING_STATUS, "DONE"), reported(families.CHARGING_TARGET, 0.8)),
            "charging: done, target 80 %",
        ),
        ((reported(families.CHARGER_CONNECTION, "CONNECTED"),), "charger: connected"),
        ((), ""),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_charging_is_described_by_the_known_values(readings, words):
    (gauge,) = card(reported(families.BATTERY_CHARGE, 0.5), *readings).gauges

    assert gauge.note.replace("\u00a0", " ") == words


def test_the_next_service_is_described_by_the_known_values():
    def service(*readings):
        return dict(card(*readings).facts)["Next service"].replace("\u00a0", " ").replace("\u202f", " ")

    distance, time = (
        reported(families.SERVICE_DISTANCE, 17_670_000.0),
        reported(families.SERVICE_TIME, 86400.0),
    )
    assert service(distance, time) == "17 670 km or 1 day"
    assert (service(distance), service(time), service()) == ("17 670 km", "1 day", "unknown")


@pytest.mark.parametrize(
    ("state", "warnings"),
    [
        ("no_warning", ()),
        ("unknown_warning", ("Service: unknown warning",)),
        ("distance_driven_almost_time_for_service", ("Service is due soon (distance driven)",)),
        ("regular_maintenance_time_for_service", ("Service is due (regular maintenance)",)),
        ("engine_hours_overdue_for_service", ("Service is overdue (engine hours)",)),
    ],
)
def test_a_due_service_is_listed_with_the_reason(state, warnings):
    assert card(reported(families.SERVICE_STATUS, state.upper())).warnings == warnings


@pytest.mark.parametrize(("usual", "other", "reach"), [(60, 0, "300"), (3600, 0, "320"), (0, 3600, "300")])
def test_the_range_is_that_of_volvos_app_unless_it_is_stale(usual, other, reach):
    (gauge,) = card(
        reported(families.DISTANCE_TO_EMPTY, 300_000.0, ago=usual, source="battery"),
        reported(families.ELECTRIC_RANGE, 320_000.0, ago=other),
    ).gauges

    assert gauge.range == f"{reach}\u00a0km"


def test_the_weather_is_not_a_report_of_the_car():
    weather = reported(families.WEATHER_TEMPERATURE, 4.0, ago=60)
    facts = dict(card(weather, reported(families.DOOR_OPEN, value=False, ago=7200, door="hood")).facts)

    assert facts["Last report"] == "2 hours ago"
