from dataclasses import replace

import pytest

from volvo_exporter.catalogue import families
from volvo_exporter.metrics.readings import Sample
from volvo_exporter.polling.activity import (
    AWAKE_FOR,
    CHARGING_BELIEVED_FOR,
    RUNNING_BELIEVED_FOR,
    Activity,
    Condition,
    Event,
    Signs,
    age,
    observe,
    read_signs,
)

NOW = 1_800_000_000.0
AT_REST = Signs(
    running=False,
    charging=False,
    connected=False,
    reachable=True,
    odometer=1e6,
    doors=(("d", 0.0),),
    told=NOW,
)
PARKED = Condition(activity=Activity.PARKED, signs=AT_REST)


@pytest.mark.parametrize(
    ("change", "activity"),
    [
        ({}, Activity.PARKED),
        ({"running": True}, Activity.DRIVING),
        ({"charging": True, "connected": True}, Activity.CHARGING),
        ({"connected": True}, Activity.PLUGGED_IN),
        ({"reachable": False}, Activity.ASLEEP),
        ({"reachable": False, "in_use": True}, Activity.PARKED),
        ({"told": NOW - AWAKE_FOR - 1}, Activity.ASLEEP),
        ({"running": None, "charging": None, "connected": None, "reachable": None}, Activity.PARKED),
        ({"running": None, "odometer": 1.1e6}, Activity.DRIVING),
        ({"running": True, "charging": True}, Activity.DRIVING),
    ],
)
def test_the_signs_say_what_a_car_is_doing(change, activity):
    condition, _ = observe(PARKED, replace(AT_REST, **change), NOW)

    assert condition.activity is activity


def test_without_any_sign_nothing_is_known():
    assert observe(Condition(), Signs(), NOW)[0].activity is Activity.UNKNOWN


def test_a_car_that_lost_its_connection_while_running_is_not_taken_to_drive_for_ever():
    frozen = replace(AT_REST, running=True, told=NOW - RUNNING_BELIEVED_FOR - 1)

    assert observe(PARKED, frozen, NOW)[0].activity is Activity.PARKED


def test_a_charge_that_is_not_confirmed_for_hours_is_not_believed():
    frozen = replace(AT_REST, charging=True, connected=True, told=NOW - CHARGING_BELIEVED_FOR - 1)

    assert observe(PARKED, frozen, NOW)[0].activity is Activity.PLUGGED_IN


@pytest.mark.parametrize(
    ("before", "change", "events"),
    [
        (PARKED, {}, set()),
        (PARKED, {"running": True}, {Event.STARTED}),
        (replace(PARKED, activity=Activity.DRIVING), {}, {Event.STOPPED}),
        (PARKED, {"odometer": 1.1e6}, {Event.STOPPED}),
        (replace(PARKED, activity=Activity.CHARGING), {"connected": True}, {Event.CHARGED, Event.CABLE}),
        (PARKED, {"connected": True}, {Event.CABLE}),
        (PARKED, {"connected": None}, set()),
        (PARKED, {"doors": (("d", 1.0),)}, {Event.DOOR}),
        (PARKED, {"doors": ()}, set()),
        (replace(PARKED, activity=Activity.ASLEEP), {}, {Event.WOKE}),
        (Condition(), {"running": True, "doors": (("d", 1.0),)}, set()),
    ],
)
def test_what_happens_between_two_polls_is_noticed(before, change, events):
    assert observe(before, replace(AT_REST, **change), NOW)[1] == events


def test_after_an_event_the_car_is_looked_at_closely_for_a_while_and_a_later_quiet_poll_does_not_end_it():
    condition, _ = observe(PARKED, replace(AT_REST, doors=(("d", 1.0),)), NOW)
    quiet, _ = observe(condition, condition.signs, NOW + 60)

    assert quiet.closely_until == condition.closely_until == NOW + 300


def test_signs_are_read_from_samples():
    def state(family, current):
        return [
            Sample(family=family, labels=(("state", name),), value=float(name == current))
            for name in family.states
        ]

    samples = [
        Sample(family=families.ENGINE_RUNNING, value=1.0),
        *state(families.CHARGING_STATUS, "charging"),
        *state(families.CHARGER_CONNECTION, "disconnected"),
        *state(families.UNAVAILABLE_REASON, "car_in_use"),
        Sample(family=families.AVAILABLE, value=0.0),
        Sample(family=families.ODOMETER, value=5.0),
        Sample(family=families.LOCKED, value=1.0),
        Sample(family=families.FIELD_TIMESTAMP, labels=(("resource", "a"), ("field", "b")), value=7.0),
        Sample(family=families.FIELD_TIMESTAMP, labels=(("resource", "a"), ("field", "c")), value=9.0),
    ]
    signs = read_signs(samples)

    assert signs.running is signs.charging is signs.in_use is True
    assert signs.connected is signs.reachable is False
    assert (signs.odometer, signs.told, len(signs.doors)) == (5.0, 9.0, 1)
    assert read_signs([]) == Signs()


STALE_ENGINE = replace(AT_REST, running=None, lost=True)


@pytest.mark.parametrize(
    ("change", "activity"),
    [
        ({}, Activity.UNKNOWN),
        ({"charging": True, "connected": True}, Activity.CHARGING),
        ({"connected": True}, Activity.PLUGGED_IN),
        ({"reachable": False}, Activity.ASLEEP),
        ({"told": NOW - AWAKE_FOR - 1}, Activity.ASLEEP),
    ],
)
def test_without_a_recent_state_of_the_engine_a_car_is_not_taken_to_be_parked(change, activity):
    assert age(PARKED, replace(STALE_ENGINE, **change), NOW)[0].activity is activity


def test_activity_ages_by_time_alone():
    driving, _ = observe(PARKED, replace(AT_REST, running=True), NOW)
    later, events = age(driving, driving.signs, NOW + RUNNING_BELIEVED_FOR + 1)

    assert driving.activity is Activity.DRIVING
    assert later.activity is Activity.PARKED
    assert events == {Event.STOPPED}


def test_a_car_that_drives_by_its_odometer_drives_on_until_that_is_read_again():
    rising = replace(AT_REST, running=None, odometer=1.1e6)
    driving, _ = observe(PARKED, rising, NOW)
    later, events = age(driving, rising, NOW + 60)

    assert later.activity is Activity.DRIVING
    assert events == set()


def test_after_an_outage_what_may_have_changed_is_read_at_once():
    lost, events = age(replace(PARKED, activity=Activity.DRIVING), STALE_ENGINE, NOW)

    assert events == set()
    assert observe(lost, AT_REST, NOW)[1] == {Event.WOKE}
