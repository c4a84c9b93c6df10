import math

from hypothesis import given
from hypothesis import strategies as st

from volvo_exporter.polling.quota import (
    DAY,
    Quota,
    exhaust,
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

    assert open_at(quota, NOON + 30) == NOON + 60
    assert open_at(quota, NOON + 60) == NOON + 60


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


def test_an_absurd_wait_is_not_believed():
    assert resets_at(exhaust(QUOTA, NOON, NOON + 400 * DAY), NOON) == NOON + 2 * DAY
    assert open_at(throttle(QUOTA, NOON, math.inf), NOON) == NOON + DAY


def test_throttling_without_a_time_lasts_a_minute():
    assert open_at(throttle(QUOTA, NOON, None), NOON) == NOON + 60


def test_a_wait_that_is_over_already_does_not_hold():
    assert open_at(throttle(QUOTA, NOON, NOON - 5), NOON) == NOON
    assert open_at(exhaust(QUOTA, NOON, NOON - 5), NOON) >= NOON


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
