import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volvo_exporter.polling.quota import (
    DAY,
    WINDOW_SECONDS,
    Quota,
    confirm,
    exhaust,
    latest_reset,
    midnight,
    open_at,
    remaining,
    resets_at,
    roll,
    spend,
    throttle,
)

NOON = 20_000 * DAY + DAY / 2
QUOTA = Quota(limit=10, per_minute=4)


def spent(quota: Quota, times: int, now: float) -> Quota:
    for _ in range(times):
        quota = spend(quota, now)
    return quota


def test_a_fresh_quota_is_open():
    assert open_at(QUOTA, NOON) == NOON
    assert remaining(QUOTA, NOON) == 10


def test_the_fifth_call_of_a_minute_waits_until_the_first_is_a_minute_old():
    quota = spent(spend(QUOTA, NOON), 3, NOON + 20)

    assert open_at(quota, NOON + 30) == NOON + WINDOW_SECONDS
    assert open_at(quota, NOON + WINDOW_SECONDS) == NOON + WINDOW_SECONDS


def test_calls_of_the_future_do_not_count_after_the_clock_was_set_back():
    quota = spent(QUOTA, 4, NOON)

    assert open_at(quota, NOON - 3600) == NOON - 3600


def test_a_used_up_day_waits_for_midnight_utc():
    quota = Quota(limit=3, per_minute=100)
    quota = spent(quota, 3, NOON)

    assert remaining(quota, NOON) == 0
    assert open_at(quota, NOON) == resets_at(quota, NOON) == midnight(NOON)
    assert remaining(quota, midnight(NOON)) == 3


def test_volvo_saying_that_no_calls_are_left_counts_more_than_our_own_count():
    quota = exhaust(spend(QUOTA, NOON), NOON, NOON + 3600)

    assert remaining(quota, NOON + 3599) == 0
    assert open_at(quota, NOON) == resets_at(quota, NOON) == NOON + 3600
    assert remaining(quota, NOON + 3600) == 10


def test_where_volvo_does_not_say_until_when_it_is_midnight():
    assert resets_at(exhaust(QUOTA, NOON, None), NOON) == midnight(NOON)


def test_throttling_without_a_time_lasts_a_minute():
    assert open_at(throttle(QUOTA, NOON, None), NOON) == NOON + 60


BEFORE_MIDNIGHT = midnight(NOON) - 5


@pytest.mark.parametrize("refuse", [exhaust, throttle])
@pytest.mark.parametrize("now", [NOON, BEFORE_MIDNIGHT])
@pytest.mark.parametrize("announced", [-400 * DAY, -5, 0, 1, 29])
def test_a_pause_lasts_half_a_minute_at_least(refuse, now, announced):
    assert open_at(refuse(QUOTA, now, now + announced), now) == now + 30


@pytest.mark.parametrize("refuse", [exhaust, throttle])
@pytest.mark.parametrize("announced", [3 * DAY, 400 * DAY, math.inf])
def test_a_pause_ends_a_day_after_the_next_midnight_at_most(refuse, announced):
    assert open_at(refuse(QUOTA, NOON, NOON + announced), NOON) == midnight(NOON) + DAY


@pytest.mark.parametrize("refuse", [exhaust, throttle])
@pytest.mark.parametrize("announced", [None, 3600, 400 * DAY])
def test_a_pause_that_began_while_the_clock_was_400_days_ahead_ends_when_the_clock_is_right(
    refuse, announced
):
    ahead = NOON + 400 * DAY
    quota = refuse(spend(QUOTA, ahead), ahead, None if announced is None else ahead + announced)

    assert open_at(quota, NOON) == NOON
    assert remaining(quota, NOON) == 10
    assert resets_at(quota, NOON) == midnight(NOON)


@given(st.floats(0, 4e9), st.floats(0, 4e9), st.floats())
def test_no_pause_is_endless_whatever_the_clock_did(then, now, until):
    for quota in (exhaust(QUOTA, then, until), throttle(QUOTA, then, until)):
        assert now <= open_at(quota, now) <= latest_reset(now)
        assert then + 30 <= open_at(quota, then) <= latest_reset(then)


def test_after_a_refusal_one_call_tests_whether_the_limit_is_lifted():
    quota = spend(throttle(QUOTA, NOON, NOON + 40), NOON + 40)

    assert open_at(quota, NOON + 40) == NOON + 70
    assert open_at(confirm(quota, NOON + 40), NOON + 41) == NOON + 41


def test_the_answer_to_a_call_sent_before_the_refusal_proves_nothing():
    quota = throttle(QUOTA, NOON, NOON + 40)

    assert confirm(quota, NOON - 1) == quota


@given(st.lists(st.floats(0, 7200), max_size=80))
def test_who_waits_until_it_opens_never_exceeds_a_limit(pauses):
    now, quota = NOON + DAY / 2 - 3600, Quota(limit=10, per_minute=4)
    sent: list[float] = []
    for pause in pauses:
        now = open_at(quota, now + pause)
        quota = spend(quota, now)
        sent.append(now)
        in_minute = [at for at in sent if now - 60 < at]
        today = [at for at in sent if at // DAY == now // DAY]

        assert len(in_minute) <= 4
        assert len(today) <= 10
        assert roll(quota, now).used == len(today)
