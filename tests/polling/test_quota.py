import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volvo_exporter.catalogue.model import Api
from volvo_exporter.polling import quota as rules
from volvo_exporter.polling.quota import (
    BURST_SHARE,
    DAY,
    METERED,
    PROBE_RETRY_SECONDS,
    PROBE_SECONDS,
    RECHECK_SECONDS,
    WINDOW_SECONDS,
    Quota,
    is_undecided,
    latest_reset,
    merge,
    midnight,
    throttle,
)

CV, ENERGY, LOCATION = Api.CONNECTED_VEHICLE, Api.ENERGY, Api.LOCATION
NOON = 20_000 * DAY + DAY / 2
QUOTA = Quota(limit=10, per_minute=4)


def spend(quota: Quota, now: float, api: Api = CV) -> Quota:
    return rules.spend(quota, api, now)


def exhaust(quota: Quota, now: float, until: float | None, api: Api = CV) -> Quota:
    return rules.exhaust(quota, api, now, until)


def confirm(quota: Quota, sent: float, api: Api = CV, *, is_good: bool = True) -> Quota:
    return rules.confirm(quota, api, max(sent, NOON) + 0.2, sent=sent, is_good=is_good)


def open_at(quota: Quota, now: float, api: Api = CV) -> float:
    return rules.open_at(quota, now)[api]


def remaining(quota: Quota, now: float, api: Api = CV) -> int:
    return rules.remaining(quota, api, now)


def resets_at(quota: Quota, now: float, api: Api = CV) -> float:
    return rules.resets_at(quota, api, now)


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


def test_future_calls_do_not_count_after_the_clock_was_set_back():
    quota = spent(QUOTA, 4, NOON)

    assert open_at(quota, NOON - 3600) == NOON - 3600


def test_a_used_up_day_waits_for_midnight_utc():
    quota = Quota(limit=3, per_minute=100)
    quota = spent(quota, 3, NOON)

    assert remaining(quota, NOON) == 0
    assert open_at(quota, NOON) == resets_at(quota, NOON) == midnight(NOON)
    assert remaining(quota, midnight(NOON)) == 3


def test_a_quota_refusal_by_volvo_overrides_the_own_count():
    quota = exhaust(spend(QUOTA, NOON), NOON, NOON + 3600)

    assert remaining(quota, NOON + 3599) == 0
    assert open_at(quota, NOON) == resets_at(quota, NOON) == NOON + 3600
    assert remaining(quota, NOON + 3600) == 10


def test_a_quota_refusal_without_a_time_lasts_until_midnight():
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
def test_every_pause_ends_after_any_change_of_the_clock(then, now, until):
    for quota in (exhaust(QUOTA, then, until), throttle(QUOTA, then, until)):
        assert now <= open_at(quota, now) <= latest_reset(now)
        assert then + 30 <= open_at(quota, then) <= latest_reset(then)


def test_after_a_refusal_one_call_tests_whether_the_limit_is_lifted():
    quota = spend(throttle(QUOTA, NOON, NOON + 40), NOON + 40)

    assert open_at(quota, NOON + 40) == NOON + 70
    assert open_at(confirm(quota, NOON + 40), NOON + 41) == NOON + 41


def test_a_response_to_a_call_sent_before_the_refusal_is_inconclusive():
    quota = throttle(QUOTA, NOON, NOON + 40)

    assert confirm(quota, NOON - 1) == quota


@given(st.lists(st.floats(0, 7200), max_size=80))
def test_waiting_until_the_quota_opens_never_exceeds_a_limit(pauses):
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
        assert rules.used(quota, CV, now) == len(today)


@pytest.fixture
def refused() -> Quota:
    """A quota of which Volvo has reported that no calls of Connected Vehicle are left, at noon."""
    return exhaust(spent(Quota(limit=1000, per_minute=100), 5, NOON - 1), NOON, NOON + 3600)


def learned(quota: Quota) -> Quota:
    """The quota after an answer of energy to the call that finds out."""
    return confirm(spend(quota, NOON + PROBE_SECONDS, ENERGY), NOON + PROBE_SECONDS, ENERGY)


def test_all_apis_share_one_quota_until_a_refusal():
    quota = spent(spend(QUOTA, NOON, ENERGY), 4, NOON)

    assert {remaining(quota, NOON, api) for api in METERED} == {5}


def test_after_a_refusal_of_one_api_a_minute_passes_before_another_one_is_called(refused):
    assert open_at(refused, NOON) == NOON + 3600
    assert {open_at(refused, NOON, api) for api in METERED if api is not CV} == {NOON + PROBE_SECONDS}


def test_one_call_of_another_api_tests_the_quota_and_the_others_wait_for_its_response(refused):
    quota = spend(refused, NOON + PROBE_SECONDS, LOCATION)

    assert open_at(quota, NOON + PROBE_SECONDS, ENERGY) == NOON + PROBE_SECONDS + PROBE_RETRY_SECONDS


def test_a_successful_call_of_another_api_shows_that_each_api_has_its_own_quota(refused):
    quota = learned(refused)

    assert quota.per_api
    assert open_at(quota, NOON + 61, ENERGY) == NOON + 61
    assert remaining(quota, NOON + 61, ENERGY) == 999
    assert remaining(quota, NOON + 61, CV) == 0
    assert open_at(quota, NOON + 61, CV) == NOON + 3600
    assert rules.scarcest(quota, NOON + 61) is CV


def test_a_refusal_of_a_second_api_shows_that_all_share_one_quota(refused):
    quota = exhaust(spend(refused, NOON + 60, ENERGY), NOON + 61, NOON + 3600, ENERGY)

    assert not quota.per_api
    assert not is_undecided(quota)
    assert {open_at(quota, NOON + 62, api) for api in METERED} == {NOON + 3600}


@pytest.mark.parametrize("sent", [NOON - 1, NOON])
def test_a_call_in_progress_at_the_refusal_is_inconclusive(refused, sent):
    assert not confirm(refused, sent, ENERGY).per_api


def test_an_error_is_inconclusive_and_a_later_call_tests_again(refused):
    quota = confirm(spend(refused, NOON + 60, ENERGY), NOON + 60, ENERGY, is_good=False)

    assert is_undecided(quota)
    assert open_at(quota, NOON + 61, ENERGY) == NOON + 60 + PROBE_RETRY_SECONDS


def test_a_shared_quota_is_checked_again_after_a_day(refused):
    shared = exhaust(refused, NOON + 60, NOON + 3600, ENERGY)
    soon = exhaust(shared, NOON + RECHECK_SECONDS - 3600, None)
    late = exhaust(shared, NOON + RECHECK_SECONDS + 61, None)

    assert open_at(soon, NOON + RECHECK_SECONDS - 3600, ENERGY) == midnight(NOON + RECHECK_SECONDS - 3600)
    assert open_at(late, NOON + RECHECK_SECONDS + 61, ENERGY) == NOON + RECHECK_SECONDS + 61 + PROBE_SECONDS


def test_a_refusal_while_another_api_has_no_calls_left_means_a_shared_quota_again(refused):
    quota = exhaust(learned(refused), NOON + 600, NOON + 3600, ENERGY)

    assert not quota.per_api
    assert open_at(quota, NOON + 601, LOCATION) == NOON + 3600


def test_each_api_returns_at_its_own_reset(refused):
    quota = spent(learned(refused), 1, NOON + 100)
    energy = rules.spend(quota, ENERGY, NOON + 100)

    assert remaining(energy, NOON + 3600, CV) == 1000
    assert remaining(energy, NOON + 3600, ENERGY) == 998


def test_at_the_reset_one_call_of_the_refused_api_tests_whether_its_limit_is_lifted(refused):
    quota = spend(learned(refused), NOON + 3600)

    assert open_at(quota, NOON + 3600) == NOON + 3630
    assert open_at(confirm(quota, NOON + 3600), NOON + 3601) == NOON + 3601


def test_a_result_from_a_clock_that_was_ahead_is_checked_again():
    ahead = exhaust(exhaust(QUOTA, NOON + 400 * DAY, None), NOON + 400 * DAY, None, ENERGY)
    quota = exhaust(ahead, NOON, NOON + 3600)

    assert is_undecided(quota)
    assert open_at(quota, NOON, ENERGY) == NOON + PROBE_SECONDS


def test_the_newest_result_of_two_processes_counts(refused):
    stored = learned(refused)

    assert merge(refused, stored, unsaved={}, now=NOON + 90).per_api
    assert merge(stored, refused, unsaved={}, now=NOON + 90).per_api


@given(st.lists(st.tuples(st.sampled_from(METERED), st.floats(0, 600)), max_size=120))
def test_no_api_ever_exceeds_its_own_quota(calls):
    now, quota = NOON, Quota(limit=10, per_minute=100, per_api=True, checked_at=NOON - 60)
    sent: dict[Api, list[float]] = {api: [] for api in METERED}
    for api, pause in calls:
        now = open_at(quota, now + pause, api)
        quota = spend(quota, now, api)
        sent[api].append(now)

        assert len([at for at in sent[api] if at // DAY == now // DAY]) <= 10


MINUTE = Quota(limit=10_000, per_minute=100)
BURST = round(BURST_SHARE * 100)


def send_all(quota: Quota, now: float, seconds: float) -> tuple[Quota, list[float]]:
    """Send as many calls as the quota allows."""
    sent, end = [], now + seconds
    while (now := open_at(quota, now)) < end:
        quota = spend(quota, now)
        sent.append(now)
    return quota, sent


def test_the_calls_of_a_burst_are_sent_at_once_and_the_rest_of_the_minute_evenly():
    _, sent = send_all(MINUTE, NOON, 60)

    gaps = [later - before for before, later in itertools.pairwise(sent[BURST - 1 :])]
    assert sent[:BURST] == [NOON] * BURST
    assert 90 <= len(sent) <= 100
    assert max(gaps) - min(gaps) < 0.1


def test_calls_that_do_not_end_use_the_whole_minute_evenly():
    _, sent = send_all(MINUTE, NOON, 1200)

    for begin in range(180, 1140, 60):
        assert 97 <= len([at for at in sent if NOON + begin <= at < NOON + begin + 60]) <= 100
    assert all(later - before > 0.5 for before, later in itertools.pairwise(sent[BURST:]))


def test_a_burst_is_possible_again_after_ten_quiet_minutes():
    quota, sent = send_all(MINUTE, NOON, 1)
    _, soon = send_all(quota, sent[-1] + 300, 0.1)
    _, later = send_all(quota, sent[-1] + 600, 0.1)

    assert len(soon) == BURST // 2
    assert len(later) == BURST


def test_a_burst_leaves_out_the_calls_of_another_process_in_the_last_minute():
    quota = Quota(limit=10_000, per_minute=100, recent=(NOON,) * 55)
    _, sent = send_all(quota, NOON + 5, 120)

    assert sent[:45] == [NOON + 5] * 45
    assert sent[45] == NOON + WINDOW_SECONDS


def test_a_wrong_clock_prevents_bursts_for_at_most_ten_minutes():
    quota, _ = send_all(MINUTE, NOON + 400 * DAY, 1)
    _, sent = send_all(quota, NOON, 700)

    assert len([at for at in sent if at <= NOON + 62]) >= 40
    assert len(send_all(spend(quota, NOON), NOON + 700, 0.1)[1]) == BURST


def test_an_old_call_does_not_release_the_rest_of_the_minute_at_once():
    quota = spent(spend(MINUTE, NOON), BURST - 1, NOON + 60)
    _, sent = send_all(quota, NOON + 60, 60)

    assert all(later - before > 1 for before, later in itertools.pairwise(sent))


@given(st.lists(st.floats(0, 3) | st.floats(0, 90), max_size=300), st.sampled_from([1, 2, 7, 20]))
def test_no_minute_exceeds_its_limit_in_any_order_of_calls(pauses, limit):
    now, quota = NOON, Quota(limit=10_000, per_minute=limit)
    sent: list[float] = []
    for pause in pauses:
        now = open_at(quota, now + pause)
        quota = spend(quota, now)
        sent.append(now)

        assert len([at for at in sent if now - 60 < at]) <= limit
