import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volvo_exporter.catalogue import energy
from volvo_exporter.polling.outcomes import Outcome
from volvo_exporter.polling.schedule import DAY, HOUR, Slot, advance, ask, due_at, enter, lift, prompt

NOW = 1_800_000_000.0
INTERVAL = 300.0
NEW = enter(Slot(resource=energy.STATE, vin="X"), now=NOW)
ASKED = ask(NEW, now=NOW)


def after(outcome: Outcome, entry=ASKED, *, interval: float = INTERVAL, chance: float = 0.0):
    return advance(entry, outcome, now=NOW, interval=interval, chance=chance)


def test_a_new_slot_is_due_at_once():
    assert due_at(NEW, INTERVAL) == NOW


def test_what_was_asked_is_due_after_its_interval_even_if_the_interval_changes_later():
    entry = after(Outcome.OK)

    assert due_at(entry, 300) == NOW + 300
    assert due_at(entry, 60) == NOW + 60


def test_a_prompt_makes_it_due_at_once_and_asking_settles_it():
    prompted = prompt(after(Outcome.OK), now=NOW + 10)

    assert due_at(prompted, INTERVAL) == NOW + 10
    assert due_at(ask(prompted, now=NOW + 11), INTERVAL) == NOW + 311


def test_a_prompt_does_not_wake_what_rests():
    entry = prompt(after(Outcome.UNSUPPORTED), now=NOW + 10)

    assert due_at(entry, INTERVAL) == NOW + DAY


def test_what_flickers_is_not_chased():
    prompted = prompt(after(Outcome.OK), now=NOW + 10)

    assert due_at(prompted, INTERVAL, soonest=60) == NOW + 60


def test_a_prompt_never_delays():
    entry = prompt(after(Outcome.OK), now=NOW + 400)

    assert due_at(entry, INTERVAL) == NOW + 300


def test_failures_double_the_wait_up_to_a_bound():
    entry, waits = ASKED, []
    for _ in range(8):
        entry = after(Outcome.TRANSIENT, entry, interval=7200)
        waits.append(due_at(entry, 7200) - NOW)

    assert waits == [30, 60, 120, 240, 480, 900, 900, 900]


def test_chance_takes_up_to_half_of_the_wait_away():
    assert due_at(after(Outcome.TRANSIENT, chance=1.0), INTERVAL) == NOW + 15


@given(st.integers(0, 10_000), st.floats(0, 1), st.floats(10, 86400))
def test_whatever_fails_is_tried_again_within_one_interval(failures, chance, interval):
    entry = after(Outcome.TRANSIENT, replace(ASKED, failures=failures), interval=interval, chance=chance)

    assert 0 < due_at(entry, interval) - NOW <= interval + 1e-3  # Unix time holds no finer fractions


@pytest.mark.parametrize("outcome", [Outcome.UNSUPPORTED, Outcome.FORBIDDEN, Outcome.FOREIGN])
def test_what_a_car_or_login_lacks_rests_for_a_day(outcome):
    assert due_at(after(outcome), INTERVAL) == NOW + DAY


@pytest.mark.parametrize("outcome", [Outcome.UNSUPPORTED, Outcome.FORBIDDEN, Outcome.FOREIGN])
def test_what_told_something_before_is_not_given_up_for_one_refusal(outcome):
    waits, entry = [], after(Outcome.OK)
    for _ in range(4):
        entry = after(outcome, entry)
        waits.append(due_at(entry, INTERVAL) - NOW)

    assert waits == [30, 60, HOUR, HOUR]


def test_two_empty_answers_may_be_chance_and_three_are_a_car_without():
    waits, entry = [], ASKED
    for _ in range(4):
        entry = after(Outcome.EMPTY, entry)
        waits.append(due_at(entry, INTERVAL) - NOW)

    assert waits == [300, 300, DAY, DAY]


def test_what_has_told_something_before_is_looked_at_again_within_the_hour():
    entry = after(Outcome.OK)
    for _ in range(3):
        entry = after(Outcome.EMPTY, entry)

    assert due_at(entry, INTERVAL) == NOW + HOUR


def test_an_empty_answer_is_no_failure():
    entry = after(Outcome.EMPTY, replace(ASKED, failures=4))

    assert (entry.failures, entry.last_success) == (0, NOW)


def test_what_is_gone_is_never_due_again():
    assert due_at(after(Outcome.GONE), INTERVAL) == math.inf


def test_a_refused_key_is_tried_again_within_seconds():
    assert due_at(after(Outcome.KEY_REFUSED, chance=0.5), INTERVAL) == NOW + 2


@pytest.mark.parametrize("outcome", list(Outcome))
def test_a_new_login_lifts_what_the_old_one_was_refused_and_nothing_else(outcome):
    lifted = lift(after(outcome), now=NOW + 0.5)

    assert (due_at(lifted, INTERVAL) == NOW + 0.5) == (outcome in (Outcome.FORBIDDEN, Outcome.FOREIGN))
