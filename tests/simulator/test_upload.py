from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volvo_exporter.simulator import CLASSIC_PHEV, EX30, EX40, FLEET, S90, XC60, Car
from volvo_exporter.simulator.battery import charge, percent
from volvo_exporter.simulator.plan import begin_of, day_of
from volvo_exporter.simulator.upload import upload_time

START = 1795413600.0
DAY = 86400.0
CARS = (*FLEET, CLASSIC_PHEV, EX40)
MOMENTS = st.floats(START, START + 30 * DAY)
LAGS = st.tuples(st.floats(0, 120), st.floats(0, 120)).map(lambda pair: (min(pair), max(pair)))
NAMES = {"locks": "locked"}


def car(profile, *, lag=None):
    profile = profile if lag is None else replace(profile, upload_lag=lag)
    return Car(profile, seed=1, simulated_start=START)


def known(living, at, what):
    return getattr(living.state(at), NAMES.get(what, what))


def drives(living, days):
    """Start and end of each drive, as the cloud sees them."""
    moments = [at for at, what in living.changes(START, START + days * DAY) if what == "engine"]
    running = [at for at in moments if living.state(at).engine.value]
    return [(at, next(end for end in moments if end > at)) for at in running if at != moments[-1]]


@given(LAGS, MOMENTS)
def test_lag_of_an_upload_lies_in_its_range(lag, moment):
    assert lag[0] - 1e-3 <= upload_time("VIN", lag, moment) - moment <= lag[1] + 1e-3


@given(LAGS, MOMENTS, st.floats(0, 600))
def test_later_event_is_not_uploaded_earlier(lag, moment, later):
    assert upload_time("VIN", lag, moment) <= upload_time("VIN", lag, moment + later)


def test_lag_varies_over_most_of_its_range():
    lags = [
        upload_time("VIN", (2.0, 45.0), START + 60 * number) - START - 60 * number for number in range(1440)
    ]
    assert min(lags) < 5
    assert max(lags) > 42


def test_cars_have_different_lags_and_a_car_always_the_same():
    one, again, other = (upload_time(vin, (0.0, 120.0), START) for vin in ("A", "A", "B"))
    assert one == again != other


def test_without_lag_an_event_is_known_at_once():
    for event in car(EX30, lag=(0.0, 0.0)).events(START, START + 3 * DAY):
        assert event.uploaded == event.happened


@pytest.mark.parametrize("profile", CARS, ids=lambda profile: f"{profile.model}-{profile.model_year}")
@pytest.mark.parametrize("lag", [(0.0, 120.0), (2.0, 45.0), (300.0, 300.0)])
def test_every_event_of_a_fortnight_reaches_the_cloud_on_its_day(profile, lag):
    living = car(profile, lag=lag)
    events = list(living.events(START, START + 14 * DAY))
    assert [event.happened for event in events] == sorted(event.happened for event in events)
    assert {event.what for event in events} >= {"odometer", "doors", "locks", "engine", "location", "range"}
    for event in events:
        midnight = begin_of(day_of(event.happened) + 1)
        assert event.happened <= event.uploaded <= midnight
        if event.what not in profile.reports_after_drive and event.uploaded < midnight:
            assert lag[0] - 1e-3 <= event.uploaded - event.happened <= lag[1] + 1e-3
        # The cloud has this value, or one that came with the same upload.
        assert known(living, event.uploaded, event.what).happened >= event.happened
        before = known(living, event.uploaded - 1e-3, event.what)
        assert before.happened < event.happened or event.uploaded == midnight


def test_values_of_the_same_moment_share_one_upload():
    state = car(XC60).state(START + 10 * DAY)
    assert state.charge.happened == state.range.happened
    assert state.charge.uploaded == state.range.uploaded
    for event, following in pairwise(car(XC60).events(START, START + 3 * DAY)):
        assert event.uploaded <= following.uploaded


def test_changes_are_the_uploads_of_events():
    living = car(S90, lag=(0.0, 120.0))
    uploads = {(event.uploaded, event.what) for event in living.events(START - DAY, START + 5 * DAY)}
    changes = list(living.changes(START, START + 5 * DAY))
    assert set(changes) <= uploads
    assert len(changes) == len(set(changes))


@pytest.mark.parametrize("profile", [S90, CLASSIC_PHEV], ids=lambda profile: profile.model)
def test_classic_car_reports_odometer_and_statistics_at_the_end_of_a_drive(profile):
    living = car(profile)
    for start, end in drives(living, 5):
        before, during, after = (living.state(at) for at in (start, end - 1e-3, end))
        assert before.odometer == during.odometer != after.odometer
        assert before.trips == during.trips != after.trips
        assert before.range == during.range != after.range
        assert after.odometer.uploaded == after.trips.uploaded == after.engine.uploaded == end
    assert any(event.uploaded - event.happened > 600 for event in living.events(START, START + 5 * DAY))


def test_car_that_reports_at_the_end_of_drives_drives_as_far_as_another():
    late, live = car(S90), car(replace(S90, reports_after_drive=frozenset()))
    assert late.state(START + 14 * DAY).odometer.value == live.state(START + 14 * DAY).odometer.value
    assert len(list(late.changes(START, START + DAY))) < len(list(live.changes(START, START + DAY)))


def test_google_car_reports_its_odometer_while_it_drives():
    living = car(EX30)
    during = [
        at
        for start, end in drives(living, 2)
        for at, what in living.changes(start, end - 1.0)
        if what == "odometer"
    ]
    assert len(during) > 20


def test_unused_car_loses_charge_and_reports_it_when_it_is_used_again():
    away = replace(EX40, habits=replace(EX40.habits, away=((1, 11),), plugs_in=False), standby_watts=50.0)
    living = car(away)
    used = next(at for at, what in living.changes(START + 2 * DAY, START + 14 * DAY) if what == "locks")
    before, after = living.state(used - 600), living.state(used)
    parked = after.locked.happened - before.locked.happened
    lost = 100 * 50.0 * parked / 3.6e6 / EX40.usable_kwh
    assert parked > 9 * DAY
    assert before.charge.value - after.charge.value == pytest.approx(lost, abs=1)
    assert before.charge == living.state(START + 3 * DAY).charge
    assert after.engine.value is False


def test_car_that_is_plugged_in_loses_nothing():
    living = car(replace(EX40, standby_watts=500.0))
    charges = [living.state(START + hour * 3600) for hour in range(14 * 24)]
    done = [state for state in charges if state.charging.value.status == "DONE"]
    assert {state.charge.value for state in done} == {EX40.habits.target}


@pytest.mark.parametrize("profile", [EX30, XC60, CLASSIC_PHEV, EX40], ids=lambda profile: profile.vin)
def test_charging_fills_the_usable_part_of_the_battery(profile):
    steps = charge(profile, "AC", kwh=0.0, begin=START)
    times = [START, *(step.at for step in steps)]
    energy = sum(step.watts * (step.at - before) for step, before in zip(steps, times, strict=False))
    share = profile.habits.target / 100
    assert energy / 3.6e6 == pytest.approx(profile.usable_kwh * share)
    assert 0.75 < profile.usable_kwh / profile.battery_kwh < 0.97
    assert percent(profile, profile.usable_kwh) == 100
