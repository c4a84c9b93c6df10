import pytest

from tests.support.services import ROOT
from volvo_exporter import catalogue
from volvo_exporter.catalogue.model import Activity, Event
from volvo_exporter.polling.pace import multiple, parked_multiple
from volvo_exporter.polling.reference import render_events, render_paces
from volvo_exporter.vehicles.activity import ActivityState, Observation

RESOURCES = {resource.name: resource for resource in catalogue.RESOURCES}


def test_every_followed_resource_exists():
    assert {resource.follows for resource in catalogue.RESOURCES} - {""} <= RESOURCES.keys()


def test_each_event_triggers_a_request():
    assert {event for resource in catalogue.RESOURCES for event in resource.prompted_by} == set(Event)


@pytest.mark.parametrize("name", RESOURCES)
def test_a_parked_car_is_never_polled_more_often_than_a_driving_one(name):
    driving = multiple(RESOURCES[name], ActivityState(activity=Activity.DRIVING), 0)
    asleep = multiple(RESOURCES[name], ActivityState(activity=Activity.ASLEEP), 0)

    assert driving <= parked_multiple(RESOURCES[name]) <= asleep


def test_a_driving_car_is_polled_every_minute_and_a_parked_car_at_the_scrape_interval():
    driving, parked = (ActivityState(activity=activity) for activity in (Activity.DRIVING, Activity.PARKED))

    assert 300 * multiple(RESOURCES["odometer"], driving, 0) == 60
    assert 300 * multiple(RESOURCES["doors"], parked, 0) == 300


def test_watching_never_lengthens_an_interval_and_ends():
    for resource in catalogue.RESOURCES:
        for activity in Activity:
            state = ActivityState(activity=activity, watched_until=100.0)

            assert multiple(resource, state, 99.0) <= multiple(resource, state, 100.0)


def test_resources_that_hardly_ever_change_are_polled_once_a_day_in_every_activity():
    daily = [
        name
        for name, resource in RESOURCES.items()
        if {multiple(resource, ActivityState(activity=activity), 0) for activity in Activity} == {288}
    ]

    assert set(daily) == {"vehicles", "details", "commands", "energy-capabilities", "extended-vehicle"}


def test_a_charge_level_that_only_the_fuel_endpoint_reports_is_polled_there_during_a_charge():
    seen = Observation(charging=True, charge_by_fallback=True)
    charging = ActivityState(activity=Activity.CHARGING, observation=seen)

    assert 300 * multiple(RESOURCES["fuel"], charging, 0) == 60
    assert 300 * multiple(RESOURCES["odometer"], charging, 0) == 7200


def test_the_document_shows_the_current_tables():
    document = (ROOT / "docs" / "polling.md").read_text()

    assert render_paces() in document
    assert render_events() in document
