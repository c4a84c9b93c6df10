import math
from dataclasses import replace

import pytest

from tests.support.reading import RESOURCES, item, read_at, value
from volvo_exporter.catalogue import families
from volvo_exporter.catalogue.model import Activity, Event
from volvo_exporter.vehicles.activity import (
    MAX_AWAKE_AGE_SECONDS,
    MAX_CHARGING_AGE_SECONDS,
    MAX_RUNNING_AGE_SECONDS,
    WATCH_SECONDS,
    ActivityState,
    Observation,
    advance,
    changes_pace,
    next_review,
    observe,
)
from volvo_exporter.vehicles.vehicle import Vehicle

MEASURED = 1_790_000_000.0
"""The time of `value` and `item`."""
READ = MEASURED + 60
FUEL_CHARGE = {"data": {"batteryChargeLevel": value(50, "%")}}
NOW = 1_800_000_000.0
HOOD = (families.DOOR_OPEN.name, (("door", "hood"),))
AT_REST = Observation(
    running=False,
    charging=False,
    connected=False,
    reachable=True,
    odometer=1e6,
    openings=((HOOD, False),),
    reported_at=NOW,
)
PARKED = ActivityState(activity=Activity.PARKED, observation=AT_REST)


@pytest.mark.parametrize(
    ("change", "activity"),
    [
        ({}, Activity.PARKED),
        ({"running": True}, Activity.DRIVING),
        ({"charging": True, "connected": True}, Activity.CHARGING),
        ({"connected": True}, Activity.PLUGGED_IN),
        ({"reachable": False}, Activity.ASLEEP),
        ({"reachable": False, "in_use": True}, Activity.PARKED),
        ({"reported_at": NOW - MAX_AWAKE_AGE_SECONDS - 1}, Activity.ASLEEP),
        ({"running": None, "charging": None, "connected": None, "reachable": None}, Activity.PARKED),
        ({"running": None, "odometer": 1.1e6}, Activity.DRIVING),
        ({"running": True, "charging": True}, Activity.DRIVING),
    ],
)
def test_readings_decide_the_activity(change, activity):
    condition, _ = advance(PARKED, replace(AT_REST, **change), NOW, received=True)

    assert condition.activity is activity


def test_without_readings_the_activity_is_unknown():
    assert advance(ActivityState(), Observation(), NOW, received=True)[0].activity is Activity.UNKNOWN


def test_a_car_without_connection_stops_driving():
    frozen = replace(AT_REST, running=True, reported_at=NOW - MAX_RUNNING_AGE_SECONDS - 1)

    assert advance(PARKED, frozen, NOW, received=True)[0].activity is Activity.PARKED


def test_a_charge_without_confirmation_for_hours_ends():
    frozen = replace(AT_REST, charging=True, connected=True, reported_at=NOW - MAX_CHARGING_AGE_SECONDS - 1)

    assert advance(PARKED, frozen, NOW, received=True)[0].activity is Activity.PLUGGED_IN


@pytest.mark.parametrize(
    ("before", "change", "events"),
    [
        (PARKED, {}, set()),
        (PARKED, {"running": True}, {Event.DRIVE_STARTED}),
        (replace(PARKED, activity=Activity.DRIVING), {}, {Event.DRIVE_ENDED}),
        (PARKED, {"odometer": 1.1e6}, {Event.DRIVE_ENDED}),
        (
            replace(PARKED, activity=Activity.CHARGING),
            {"connected": True},
            {Event.CHARGE_ENDED, Event.CABLE_CHANGED},
        ),
        (PARKED, {"connected": True}, {Event.CABLE_CHANGED}),
        (PARKED, {"connected": None}, set()),
        (PARKED, {"openings": ((HOOD, True),)}, {Event.DOOR_CHANGED}),
        (PARKED, {"openings": ()}, set()),
        (replace(PARKED, activity=Activity.ASLEEP), {}, {Event.WOKE_UP}),
        (ActivityState(), {"running": True, "openings": ((HOOD, True),)}, set()),
    ],
)
def test_changes_between_two_polls_are_events(before, change, events):
    assert advance(before, replace(AT_REST, **change), NOW, received=True)[1] == events


def test_after_an_event_the_car_is_polled_more_often_for_a_while():
    condition, _ = advance(PARKED, replace(AT_REST, openings=((HOOD, True),)), NOW, received=True)
    quiet, _ = advance(condition, condition.observation, NOW + 60, received=True)

    assert quiet.watched_until == condition.watched_until == NOW + 300


def a_vehicle(**answers):
    """Return a vehicle that reported these answers at MEASURED."""
    vehicle = Vehicle(vin="YV1TESTCAR0000001")
    for name, payload in answers.items():
        resource = RESOURCES[name.replace("_", "-")]
        vehicle.take(resource, "", read_at(resource.name, payload))
    return vehicle


def test_an_observation_is_made_of_readings():
    vehicle = a_vehicle(
        engine_status={"data": {"engineStatus": value("RUNNING")}},
        energy_state={
            "chargingStatus": item("CHARGING"),
            "chargerConnectionStatus": item("DISCONNECTED"),
        },
        command_accessibility={
            "data": {"availabilityStatus": {**value("UNAVAILABLE"), "unavailableReason": "CAR_IN_USE"}}
        },
        odometer={"data": {"odometer": value(5, "km", timestamp="2026-09-21T14:13:29Z")}},
        doors={"data": {"centralLock": value("LOCKED"), "hood": value("OPEN")}},
    )

    assert observe(vehicle, READ) == Observation(
        running=True,
        charging=True,
        connected=False,
        reachable=False,
        in_use=True,
        odometer=5000.0,
        openings=((HOOD, True), ((families.LOCKED.name, ()), True)),
        reported_at=MEASURED + 9,
    )
    assert observe(a_vehicle(), READ) == Observation()


def test_values_of_a_stale_resource_are_not_observed():
    vehicle = a_vehicle(
        engine_status={"data": {"engineStatus": value("RUNNING")}},
        doors={"data": {"centralLock": value("LOCKED")}},
    )
    for name in ("engine-status", "doors"):
        vehicle.note(RESOURCES[name], up=True, now=READ, max_age=600)
    current, late = observe(vehicle, READ + 600), observe(vehicle, READ + 601)

    assert (current.running, len(current.openings), current.lost) == (True, 1, False)
    assert (late.running, late.openings, late.lost) == (None, (), True)


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"fuel": FUEL_CHARGE}, True),
        ({"fuel": FUEL_CHARGE, "energy_state": {"batteryChargeLevel": item(57, "percentage")}}, False),
        ({}, False),
    ],
    ids=["fuel alone", "both", "neither"],
)
def test_a_charge_level_of_the_fuel_endpoint_alone_is_detected(answers, expected):
    assert observe(a_vehicle(**answers), READ).charge_by_fallback is expected


STALE_ENGINE = replace(AT_REST, running=None, lost=True)


@pytest.mark.parametrize(
    ("change", "activity"),
    [
        ({}, Activity.UNKNOWN),
        ({"charging": True, "connected": True}, Activity.CHARGING),
        ({"connected": True}, Activity.PLUGGED_IN),
        ({"reachable": False}, Activity.ASLEEP),
        ({"reported_at": NOW - MAX_AWAKE_AGE_SECONDS - 1}, Activity.ASLEEP),
    ],
)
def test_without_a_recent_engine_state_the_activity_is_unknown(change, activity):
    assert advance(PARKED, replace(STALE_ENGINE, **change), NOW, received=False)[0].activity is activity


def test_the_activity_changes_without_new_readings():
    driving, _ = advance(PARKED, replace(AT_REST, running=True), NOW, received=True)
    later, events = advance(driving, driving.observation, NOW + MAX_RUNNING_AGE_SECONDS + 1, received=False)

    assert driving.activity is Activity.DRIVING
    assert later.activity is Activity.PARKED
    assert events == {Event.DRIVE_ENDED}


def test_a_drive_by_odometer_lasts_until_the_next_reading():
    rising = replace(AT_REST, running=None, odometer=1.1e6)
    driving, _ = advance(PARKED, rising, NOW, received=True)
    later, events = advance(driving, rising, NOW + 60, received=False)

    assert later.activity is Activity.DRIVING
    assert events == set()


def test_after_an_outage_everything_that_may_have_changed_is_requested_at_once():
    driving = replace(PARKED, activity=Activity.DRIVING)
    lost, events = advance(driving, STALE_ENGINE, NOW, received=False)

    assert events == set()
    assert advance(lost, AT_REST, NOW, received=True)[1] == {Event.WOKE_UP}


@pytest.mark.parametrize(
    "change",
    [{"activity": Activity.ASLEEP}, {"watched_until": NOW + 300}],
    ids=lambda change: next(iter(change)),
)
def test_another_activity_or_watch_changes_the_pace(change):
    assert changes_pace(PARKED, replace(PARKED, **change))
    assert not changes_pace(PARKED, PARKED)


def test_a_charge_that_only_the_fuel_endpoint_reports_changes_the_pace_and_another_odometer_does_not():
    charge, odometer = (
        replace(PARKED, observation=replace(AT_REST, **change))
        for change in ({"charge_by_fallback": True}, {"odometer": 2e6})
    )

    assert changes_pace(PARKED, charge)
    assert not changes_pace(PARKED, odometer)


def test_a_state_is_reviewed_when_its_watch_ends_and_when_each_sign_is_too_old():
    watched = replace(PARKED, watched_until=NOW + WATCH_SECONDS[Event.DOOR_CHANGED])
    reviews = [next_review(watched, NOW)]
    for _ in range(4):
        reviews.append(next_review(watched, reviews[-1]))

    limits = (MAX_RUNNING_AGE_SECONDS, MAX_CHARGING_AGE_SECONDS, MAX_AWAKE_AGE_SECONDS)
    assert reviews == [NOW + 300, *(NOW + limit + 1 for limit in limits), math.inf]
    assert next_review(ActivityState(), NOW) == math.inf
