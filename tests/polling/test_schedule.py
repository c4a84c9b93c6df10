from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volvo_exporter.catalogue import connected_vehicle, energy
from volvo_exporter.polling.outcomes import Outcome
from volvo_exporter.polling.schedule import (
    DAY,
    HOUR,
    Slot,
    advance,
    due_at,
    enter,
    prompt,
    record_request,
    retry_after_login,
    settled,
)

NOW = 1_800_000_000.0
INTERVAL = 300.0
NEW = enter(Slot(resource=energy.STATE, vin="X"), now=NOW)
REQUESTED = record_request(NEW, now=NOW)


def after(outcome: Outcome, entry=REQUESTED, *, interval: float = INTERVAL, chance: float = 0.0):
    return advance(entry, outcome, now=NOW, interval=interval, chance=chance)


def test_a_new_slot_is_due_at_once():
    assert due_at(NEW, INTERVAL) == NOW


def test_a_requested_slot_is_due_after_its_interval_even_if_the_interval_changes_later():
    entry = after(Outcome.OK)

    assert due_at(entry, 300) == NOW + 300
    assert due_at(entry, 60) == NOW + 60


def test_a_prompt_makes_a_slot_due_at_once_until_it_is_requested():
    prompted = prompt(after(Outcome.OK), now=NOW + 10)

    assert due_at(prompted, INTERVAL) == NOW + 10
    assert due_at(record_request(prompted, now=NOW + 11), INTERVAL) == NOW + 311


def test_a_prompt_does_not_affect_a_postponed_slot():
    entry = prompt(after(Outcome.UNSUPPORTED), now=NOW + 10)

    assert due_at(entry, INTERVAL) == NOW + HOUR


def test_a_flickering_value_does_not_cause_a_burst_of_requests():
    prompted = prompt(after(Outcome.OK), now=NOW + 10)

    assert due_at(prompted, INTERVAL, soonest=60) == NOW + 60


def test_a_prompt_never_delays_a_request():
    entry = prompt(after(Outcome.OK), now=NOW + 400)

    assert due_at(entry, INTERVAL) == NOW + 300


def test_failures_double_the_wait_up_to_a_bound():
    entry, waits = REQUESTED, []
    for _ in range(8):
        entry = after(Outcome.TRANSIENT, entry, interval=7200)
        waits.append(due_at(entry, 7200) - NOW)

    assert waits == [30, 60, 120, 240, 480, 900, 900, 900]


def test_jitter_shortens_the_wait_by_at_most_half():
    assert due_at(after(Outcome.TRANSIENT, chance=1.0), INTERVAL) == NOW + 15


@given(st.integers(0, 10_000), st.floats(0, 1), st.floats(10, 86400))
def test_a_failure_is_retried_within_one_interval(failures, chance, interval):
    entry = after(Outcome.TRANSIENT, replace(REQUESTED, failures=failures), interval=interval, chance=chance)

    assert 0 < due_at(entry, interval) - NOW <= interval + 1e-3  # Unix time holds no finer fractions


REFUSALS = [Outcome.UNSUPPORTED, Outcome.FORBIDDEN, Outcome.FOREIGN]


def waits_of(entry, outcome: Outcome, times: int) -> list[float]:
    waits = []
    for _ in range(times):
        entry = after(outcome, entry)
        waits.append(due_at(entry, INTERVAL) - NOW)
    return waits


@pytest.mark.parametrize("outcome", REFUSALS)
def test_a_resource_that_never_answered_is_postponed_for_an_hour_at_first_and_for_a_day_at_most(outcome):
    assert waits_of(REQUESTED, outcome, 7) == [hours * HOUR for hours in (1, 2, 4, 8, 16, 24, 24)]


@pytest.mark.parametrize("good", [Outcome.OK, Outcome.EMPTY])
@pytest.mark.parametrize("outcome", REFUSALS)
def test_a_resource_that_has_answered_before_is_requested_again_within_the_hour(good, outcome):
    assert waits_of(after(good), outcome, 4) == [30, 60, HOUR, HOUR]


@pytest.mark.parametrize("outcome", [*REFUSALS, Outcome.GONE])
def test_a_single_refusal_after_other_failures_does_not_count(outcome):
    entry = after(Outcome.OK)
    for _ in range(5):
        entry = after(Outcome.TRANSIENT, entry)
    entry = after(outcome, entry)

    assert due_at(entry, INTERVAL) - NOW <= INTERVAL
    assert not settled(entry, now=NOW + DAY)


@pytest.mark.parametrize("known", [False, True])
def test_a_removed_api_counts_as_removed_after_a_repetition_and_is_requested_daily(known):
    entry = after(Outcome.OK) if known else REQUESTED

    assert waits_of(entry, Outcome.GONE, 4) == [30, 60, DAY, DAY]


@pytest.mark.parametrize("outcome", list(Outcome))
def test_the_list_of_vehicles_is_never_postponed_for_more_than_15_minutes(outcome):
    entry = enter(Slot(resource=connected_vehicle.VEHICLES), now=NOW)
    for _ in range(6):
        entry = after(outcome, entry, interval=86400)
        assert entry.postponed_until is None or due_at(entry, 86400) <= NOW + 900


def test_a_refusal_counts_after_two_hours_without_a_success():
    entry = after(Outcome.OK)
    for _ in range(3):
        entry = after(Outcome.UNSUPPORTED, entry)

    assert not settled(entry, now=NOW + 2 * HOUR - 1)
    assert settled(entry, now=NOW + 2 * HOUR)


def test_a_resource_is_unsupported_after_three_empty_responses_and_not_after_two():
    waits, entry = [], REQUESTED
    for _ in range(4):
        entry = after(Outcome.EMPTY, entry)
        waits.append(due_at(entry, INTERVAL) - NOW)

    assert waits == [300, 300, DAY, DAY]


def test_a_resource_that_had_values_before_is_retried_within_the_hour():
    entry = after(Outcome.OK)
    for _ in range(3):
        entry = after(Outcome.EMPTY, entry)

    assert due_at(entry, INTERVAL) == NOW + HOUR


def test_an_empty_answer_does_not_count_as_a_failure():
    entry = after(Outcome.EMPTY, replace(REQUESTED, failures=4))

    assert (entry.failures, entry.last_success) == (0, NOW)


def test_a_refused_key_is_retried_within_seconds():
    assert due_at(after(Outcome.KEY_REFUSED, chance=0.5), INTERVAL) == NOW + 2


@pytest.mark.parametrize("outcome", list(Outcome))
def test_a_new_login_resets_the_refusals_of_the_old_one_and_nothing_else(outcome):
    retried = retry_after_login(after(outcome), now=NOW + 0.5)

    assert (due_at(retried, INTERVAL) == NOW + 0.5) == (outcome in REFUSALS)
