from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from volvo_exporter.simulator import CLASSIC_PHEV, EX30, EX40, FLEET, S90, XC60, Car, make_fleet

START = 1795413600.0
DAY = 86400.0
CARS = (*FLEET, CLASSIC_PHEV, EX40, *make_fleet(10, seed=7))
FORTNIGHT = [START + step * 600 for step in range(14 * 24 * 6)]
VALUE_NAMES = ("charge", "range", "odometer", "doors", "locks", "engine", "location", "fuel", "warnings")


def car(profile, seed=1):
    return Car(profile, seed=seed, simulated_start=START)


def value_of(state, what):
    return getattr(state, {"locks": "locked"}.get(what, what)).value


@pytest.fixture(scope="module", params=CARS, ids=lambda profile: profile.vin)
def profile(request):
    return request.param


@pytest.fixture(scope="module")
def states(profile):
    """The states of a car every ten minutes for two weeks."""
    living = car(profile)
    return [living.state(at) for at in FORTNIGHT]


def test_fortnight_is_plausible(profile, states):
    odometers = [state.odometer.value for state in states]
    assert odometers == sorted(odometers)
    assert 0 <= odometers[-1] - odometers[0] < 3000
    for state in states:
        if profile.has_battery:
            assert 0 <= state.charge.value <= 100
        else:
            assert (state.charge.value, state.range.value.battery) == (None, None)
        if profile.tank_liters:
            assert 0 <= state.fuel.value <= profile.tank_liters
        else:
            assert (state.fuel.value, state.range.value.tank) == (None, None)
        charging = state.charging.value
        assert (charging.watts is not None) == (charging.status == "CHARGING")
        assert not (charging.connection == "CONNECTED" and state.engine.value)


def test_energy_comes_from_charging_and_fuel_from_the_station(profile, states):
    for before, after in pairwise(states):
        if profile.has_battery and after.charge.value > before.charge.value:
            assert "CHARGING" in {before.charging.value.status, after.charging.value.status} or (
                after.charging.value.status == "DONE"
            )
        if profile.tank_liters and after.fuel.value > before.fuel.value:
            assert after.fuel.value > 0.9 * profile.tank_liters
        drives = before.engine.value or after.engine.value
        unseen = drives and "odometer" in profile.reports_after_drive
        if after.odometer.value == before.odometer.value and profile.tank_liters and not unseen:
            assert after.fuel.value >= before.fuel.value - 0.2


def test_no_value_is_uploaded_before_its_event_or_out_of_order(states):
    before = states[0]
    for at, state in zip(FORTNIGHT, states, strict=True):
        for name in state.__slots__:
            assert getattr(before, name).uploaded <= getattr(state, name).uploaded <= at
            assert getattr(state, name).happened <= getattr(state, name).uploaded
        before = state


def test_same_seed_gives_the_same_states_in_any_order_of_calls():
    straight, jumping = car(XC60), car(XC60)
    jumping.state(START + 40 * DAY)
    jumping.state(START + 3 * DAY)
    for at in FORTNIGHT[::37]:
        assert straight.state(at) == jumping.state(at)


def test_another_seed_gives_another_day():
    one, other = car(XC60, seed=1), car(XC60, seed=2)
    assert list(one.changes(START, START + DAY)) != list(other.changes(START, START + DAY))


@pytest.mark.parametrize("profile", FLEET, ids=lambda profile: profile.model)
def test_changes_are_reported_exactly_when_the_state_changes(profile):
    living = car(profile)
    changes = list(living.changes(START, START + 5 * DAY))
    assert changes == sorted(changes)
    assert {what for _, what in changes} >= {"odometer", "doors", "locks", "engine", "location", "range"}
    moments = {what: [at for at, found in changes if found == what] for what in VALUE_NAMES}
    for what, times in moments.items():
        for at, following in pairwise([*times, START + 5 * DAY]):
            assert value_of(living.state(at - 0.001), what) != value_of(living.state(at), what)
            assert value_of(living.state(at), what) == value_of(living.state(following - 0.001), what)


@settings(max_examples=60, deadline=None)
@given(
    profile=st.sampled_from(FLEET),
    start=st.floats(START, START + 10 * DAY),
    length=st.floats(0, 4 * 3600),
)
def test_values_without_a_change_are_equal(profile, start, length):
    living = car(profile)
    changed = {what for _, what in living.changes(start, start + length)}
    before, after = living.state(start), living.state(start + length)
    for what in VALUE_NAMES:
        if what not in changed:
            assert value_of(before, what) == value_of(after, what)


def test_changes_of_two_periods_add_up():
    living = car(EX30)
    whole = list(living.changes(START, START + 3 * DAY))
    for middle in (START + 1.7 * DAY, whole[len(whole) // 2][0]):
        halves = [*living.changes(START, middle), *living.changes(middle, START + 3 * DAY)]
        assert halves == whole


def test_unused_car_falls_asleep_and_stops_reporting():
    living = car(S90)
    asleep = [at for at in FORTNIGHT if living.state(at).unreachable.value == "POWER_SAVING_MODE"]
    assert asleep
    assert 10 < (asleep[0] - START) / DAY < 12
    first, last = living.state(asleep[0]), living.state(asleep[-1])
    assert first == last
    # Three days after its last use.
    assert asleep[0] - first.locked.uploaded == pytest.approx(3 * DAY, abs=700)
    assert living.state(START + 17 * DAY).unreachable.value != "POWER_SAVING_MODE"


def test_incident_begins_and_ends():
    living = car(EX30)
    low = [
        (at - START) / DAY for at in FORTNIGHT if "washerFluidLevelWarning" in living.state(at).warnings.value
    ]
    assert 0.8 < low[0] < 1.8
    assert 3 < low[-1] < 5


def test_car_with_an_open_tailgate_stays_unlocked():
    living = car(EX30)
    open_at = [at for at in FORTNIGHT if living.state(at).doors.value.get("tailgate") == "AJAR"]
    assert len(open_at) > 10
    assert not any(living.state(at).locked.value for at in open_at)


def test_charging_tapers_and_counts_down_to_the_target():
    living = car(XC60)
    seen = [
        living.state(at).charging.value
        for at in FORTNIGHT
        if living.state(at).charging.value.status == "CHARGING"
    ]
    assert max(charging.watts for charging in seen) == XC60.ac_watts
    assert min(charging.watts for charging in seen) < XC60.ac_watts * 0.8
    assert all(charging.minutes >= 0 for charging in seen)


def test_scheduled_charge_waits_for_its_hour():
    living = car(EX30)
    scheduled = [at for at in FORTNIGHT if living.state(at).charging.value.status == "SCHEDULED"]
    charging = [at for at in FORTNIGHT if living.state(at).charging.value.status == "CHARGING"]
    assert scheduled
    assert all((at / 3600 + 1) % 24 >= 22 or (at / 3600 + 1) % 24 < 7 for at in charging)


def test_automatic_trip_meter_resets_more_often_than_the_manual_one():
    living = car(XC60)
    automatic = [living.state(at).trips.value.automatic.km for at in FORTNIGHT]
    manual = [living.state(at).trips.value.manual.km for at in FORTNIGHT]
    assert sum(after < before for before, after in pairwise(automatic)) >= 5
    assert sum(after < before for before, after in pairwise(manual)) <= 1


def test_position_changes_only_at_the_end_of_a_trip():
    living = car(EX30)
    places = EX30.places
    seen = {living.state(at).location.value.place for at in FORTNIGHT}
    assert seen <= {places.home, places.work, places.shop, places.outing}
    assert len(seen) >= 3
    for at, what in living.changes(START, START + 5 * DAY):
        if what == "location":
            assert living.state(at).engine == replace(living.state(at).engine, uploaded=at, value=False)


def test_live_position_changes_while_driving():
    living = car(replace(EX30, live_location=True))
    moved = [at for at, what in living.changes(START, START + DAY) if what == "location"]
    assert sum(living.state(at).engine.value for at in moved) > 20
    assert living.state(START + DAY).location.value == car(EX30).state(START + DAY).location.value


def test_before_its_first_day_a_car_has_its_initial_state():
    living = car(EX30)
    assert living.state(START - 100 * DAY) == living.state(START - 99 * DAY)


def test_fleet_is_varied_and_reproducible():
    fleet = make_fleet(50, seed=3)
    assert len({profile.vin for profile in fleet}) == 50
    assert all(len(profile.vin) == 17 and not set(profile.vin) & set("IOQ") for profile in (*fleet, *CARS))
    assert len({profile.places.home for profile in fleet}) == 50
    assert {profile.model for profile in fleet} == {"EX30", "EX40", "XC60", "S90"}
    assert fleet == make_fleet(50, seed=3)
    assert fleet != make_fleet(50, seed=4)
