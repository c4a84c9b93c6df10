from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volvo_exporter import catalogue
from volvo_exporter.catalogue.model import Activity, Event
from volvo_exporter.vehicles.silence import NO_REPORTS, SILENT_POLLS, DriveReports, can_be_silent, follow
from volvo_exporter.vehicles.updates import Update

RESOURCES = {resource.name: resource for resource in catalogue.RESOURCES}
BEGIN = 1_800_000_000.0


def started(reports, *, at=BEGIN):
    """A drive begins, as the state of the engine shows."""
    events = frozenset({Event.DRIVE_STARTED})
    update = Update(vin="X", at=at + 20, activity=Activity.DRIVING, events=events)
    return follow(reports, RESOURCES["engine-status"], update, measured=at)


def polled(reports, name, measured, *, activity=Activity.DRIVING):
    update = Update(vin="X", at=BEGIN + 9999, activity=activity)
    return follow(reports, RESOURCES[name], update, measured=measured)


def polled_often(reports, name, measured, *, times=SILENT_POLLS):
    return reduce(lambda known, _: polled(known, name, measured), range(times), reports)


@pytest.fixture
def silent():
    """The odometer was not updated during a drive."""
    return polled_often(started(NO_REPORTS), "odometer", BEGIN - 60)


def test_resources_that_can_be_silent_are_those_that_are_requested_often_in_a_drive_and_at_its_end():
    names = {name for name, resource in RESOURCES.items() if can_be_silent(resource)}
    assert names == {"odometer", "fuel", "statistics", "energy-state", "location"}


def test_state_of_the_engine_is_never_silent():
    reports = polled_often(started(NO_REPORTS), "engine-status", BEGIN, times=50)
    assert reports.silent == frozenset()


def test_resource_whose_time_never_advances_in_a_drive_is_silent():
    reports = polled_often(started(NO_REPORTS), "odometer", BEGIN - 60, times=SILENT_POLLS - 1)
    assert reports.silent == frozenset()
    assert polled(reports, "odometer", BEGIN - 60).silent == {"odometer"}


def test_time_from_before_the_drive_does_not_count_as_advanced():
    reports = started(NO_REPORTS)
    for number in range(SILENT_POLLS):
        reports = polled(reports, "odometer", BEGIN - 600 + number)
    assert reports.silent == {"odometer"}


def test_parked_car_is_not_silent():
    reports = NO_REPORTS
    for _ in range(50):
        reports = polled(reports, "odometer", BEGIN - 60, activity=Activity.PARKED)
    assert reports.silent == frozenset()


def test_resource_without_times_is_never_silent():
    assert polled_often(started(NO_REPORTS), "statistics", None, times=50).silent == frozenset()


def test_silence_is_remembered_for_the_next_drive(silent):
    parked = polled(silent, "odometer", BEGIN + 1800, activity=Activity.PARKED)
    assert started(parked, at=BEGIN + 36_000).silent == {"odometer"}


def test_report_at_the_end_of_a_drive_does_not_end_silence(silent):
    # The odometer is polled before the stop of the engine is seen.
    ended = polled(silent, "odometer", BEGIN + 1800)
    ended = polled(ended, "engine-status", BEGIN + 1800, activity=Activity.PARKED)
    following = started(ended, at=BEGIN + 36_000)
    assert polled(following, "engine-status", BEGIN + 36_000).silent == {"odometer"}


def test_report_during_a_drive_ends_silence_once_the_drive_is_seen_to_continue(silent):
    advanced = polled(silent, "odometer", BEGIN + 300)
    assert advanced.silent == {"odometer"}
    assert polled(advanced, "engine-status", BEGIN).silent == frozenset()


def test_two_reports_during_a_drive_end_silence_without_the_engine(silent):
    reports = polled(polled(silent, "odometer", BEGIN + 300), "odometer", BEGIN + 360)
    assert reports.silent == frozenset()


def test_silence_of_one_resource_does_not_affect_another(silent):
    reports = polled_often(silent, "fuel", BEGIN + 30, times=1)
    assert reports.silent == {"odometer"}


@given(st.lists(st.booleans(), max_size=60))
def test_car_that_reports_at_least_every_fourth_poll_is_never_silent(reported):
    """Whatever happens in between, as long as the engine is polled too."""
    reports, newest, unchanged = started(NO_REPORTS), BEGIN, 0
    for number, has_news in enumerate(reported):
        fresh = has_news or unchanged >= SILENT_POLLS - 2
        newest, unchanged = (BEGIN + 60 * number + 1, 0) if fresh else (newest, unchanged + 1)
        reports = polled(polled(reports, "odometer", newest), "engine-status", BEGIN)
        assert isinstance(reports, DriveReports)
        assert reports.silent == frozenset()
