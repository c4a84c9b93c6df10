import pytest

from services import ROOT
from volvo_exporter import catalogue
from volvo_exporter.polling.activity import Activity, Condition
from volvo_exporter.polling.pace import AT_ONCE, COLUMNS, PACES, TRAILS, at_rest, multiple
from volvo_exporter.polling.reference import render_events, render_paces

RESOURCES = {resource.name: resource for resource in catalogue.RESOURCES}


def test_every_name_is_a_resource():
    named = {*PACES, *TRAILS, *TRAILS.values(), *(name for names in AT_ONCE.values() for name in names)}

    assert named <= RESOURCES.keys()


def test_every_activity_has_a_pace():
    assert set(COLUMNS) == set(Activity)


@pytest.mark.parametrize("name", PACES)
def test_a_car_at_rest_is_never_asked_more_often_than_one_that_drives(name):
    driving = multiple(RESOURCES[name], Condition(activity=Activity.DRIVING), 0)
    asleep = multiple(RESOURCES[name], Condition(activity=Activity.ASLEEP), 0)

    assert driving <= at_rest(RESOURCES[name]) <= asleep


def test_what_moves_is_asked_every_minute_and_a_parked_car_at_the_scrape_interval():
    driving, parked = Condition(activity=Activity.DRIVING), Condition(activity=Activity.PARKED)

    assert 300 * multiple(RESOURCES["odometer"], driving, 0) == 60
    assert 300 * multiple(RESOURCES["doors"], parked, 0) == 300


def test_looking_closely_never_slows_anything_down_and_ends():
    for name in PACES:
        for activity in COLUMNS:
            condition = Condition(activity=activity, closely_until=100.0)
            usual = multiple(RESOURCES[name], condition, 100.0)

            assert multiple(RESOURCES[name], condition, 99.0) <= usual


def test_what_the_table_does_not_name_is_asked_once_a_day():
    assert RESOURCES.keys() - PACES.keys() == {
        *("vehicles", "details", "commands", "energy-capabilities", "extended-vehicle")
    }
    assert multiple(RESOURCES["details"], Condition(activity=Activity.DRIVING), 0) == 288


def test_the_document_shows_the_tables_as_they_are():
    document = (ROOT / "docs" / "polling.md").read_text()

    assert render_paces() in document
    assert render_events() in document
