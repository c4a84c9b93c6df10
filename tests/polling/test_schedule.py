import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volvo_exporter.catalogue import RESOURCES, connected_vehicle, energy
from volvo_exporter.polling.outcomes import Outcome
from volvo_exporter.polling.schedule import DAY, Slot, advance, due, enter, lift, next_due

NOW = 1_800_000_000.0
ENTRY = enter(Slot(resource=energy.STATE, vin="X"), scrape_interval=300, now=NOW)


def test_a_new_slot_is_due_at_once():
    assert due([ENTRY], now=NOW) == [ENTRY]


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.name)
def test_the_interval_is_the_tiers_multiple_of_the_scrape_interval(resource):
    entry = enter(Slot(resource=resource), scrape_interval=100, now=NOW)

    assert entry.interval == 100 * resource.tier.value


def test_a_good_answer_is_followed_by_the_interval():
    entry = advance(replace(ENTRY, failures=3), Outcome.OK, now=NOW, chance=0.7)

    assert (entry.due, entry.failures, entry.last_success) == (NOW + 300, 0, NOW)


def test_failures_double_the_wait_up_to_a_bound():
    entry, waits = replace(ENTRY, interval=7200.0), []
    for _ in range(8):
        entry = advance(entry, Outcome.TRANSIENT, now=NOW, chance=0.0)
        waits.append(entry.due - NOW)

    assert waits == [30, 60, 120, 240, 480, 900, 900, 900]


def test_chance_takes_up_to_half_of_the_wait_away():
    waits = [advance(ENTRY, Outcome.TRANSIENT, now=NOW, chance=chance).due - NOW for chance in (0.0, 1.0)]

    assert waits == [30, 15]


@given(st.integers(1, 10_000), st.floats(0, 1), st.floats(10, 86400))
def test_whatever_fails_is_tried_again_within_one_interval(failures, chance, interval):
    entry = replace(ENTRY, failures=failures, interval=interval)
    wait = advance(entry, Outcome.TRANSIENT, now=NOW, chance=chance).due - NOW

    assert 0 < wait <= interval + 1e-3  # Unix time holds no finer fractions


@pytest.mark.parametrize("outcome", [Outcome.UNSUPPORTED, Outcome.FORBIDDEN, Outcome.FOREIGN])
def test_what_a_car_or_login_lacks_rests_for_a_day(outcome):
    assert advance(ENTRY, outcome, now=NOW, chance=0).due == NOW + DAY


def test_what_is_gone_is_never_due_again():
    entry = advance(ENTRY, Outcome.GONE, now=NOW, chance=0)

    assert entry.due == math.inf
    assert due([entry], now=NOW + 100 * DAY) == []
    assert next_due([entry]) == math.inf


def test_a_refused_key_is_tried_again_within_seconds():
    entry = advance(ENTRY, Outcome.KEY_REFUSED, now=NOW, chance=0.5)

    assert entry.due == NOW + 2


@pytest.mark.parametrize("outcome", list(Outcome))
def test_a_new_login_lifts_what_the_old_one_was_refused_and_nothing_else(outcome):
    entry = advance(ENTRY, outcome, now=NOW, chance=0)
    lifted = lift(entry, now=NOW + 0.5)

    assert (lifted.due == NOW + 0.5) == (outcome in (Outcome.FORBIDDEN, Outcome.FOREIGN))


def test_what_waits_longest_comes_first_and_then_what_changes_faster():
    slow = enter(Slot(resource=connected_vehicle.DETAILS), scrape_interval=300, now=NOW)
    late = replace(slow, due=NOW - 10)

    assert due([slow, ENTRY, late], now=NOW) == [late, ENTRY, slow]
    assert next_due([slow, ENTRY, late]) == NOW - 10
