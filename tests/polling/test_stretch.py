import math

from hypothesis import given
from hypothesis import strategies as st

from volvo_exporter.polling.stretch import MAX_SLOW_STRETCH, MAX_USUAL_STRETCH, Demand, Stretch, stretch

DAY = 86400.0
RATES = st.just(0.0) | st.floats(0.001, 5)
KINDS = ("live", "usual", "slow", "live_later", "usual_parked", "slow_parked")
DEMANDS = st.builds(Demand, **dict.fromkeys(KINDS, RATES))
PARKED = Demand(usual=0.008, slow=0.004, usual_parked=0.008, slow_parked=0.004)


def cost(demand: Demand, factors: Stretch, seconds: float) -> float:
    soon, later = min(seconds, 3600.0), max(0.0, seconds - 3600.0)
    return (
        (demand.live * soon + demand.live_later * later) / factors.live
        + (demand.usual * soon + demand.usual_parked * later) / factors.usual
        + (demand.slow * soon + demand.slow_parked * later) / factors.slow
    )


def test_with_enough_calls_no_interval_is_stretched():
    assert stretch(PARKED, calls=9700, seconds=DAY) == Stretch(forecast=cost(PARKED, Stretch(), DAY))


def test_slow_resources_are_stretched_first():
    factors = stretch(PARKED, calls=800, seconds=DAY)

    assert 1 < factors.slow < MAX_SLOW_STRETCH
    assert factors.usual == factors.live == 1


def test_usual_resources_are_stretched_next_and_live_ones_last():
    driving = Demand(live=0.07, usual=0.004, slow=0.004, usual_parked=0.008, slow_parked=0.004)
    factors = stretch(driving, calls=500, seconds=DAY)

    assert factors.slow == MAX_SLOW_STRETCH
    assert 1 < factors.usual <= MAX_USUAL_STRETCH
    tighter = stretch(driving, calls=300, seconds=DAY)
    assert tighter.live > 1


def test_without_calls_nothing_is_sent():
    for demand in (PARKED, Demand()):
        factors = stretch(demand, calls=0, seconds=DAY)

        assert factors.live == factors.usual == factors.slow == math.inf
        assert factors.forecast == 0


@given(DEMANDS, st.floats(1, 20_000), st.floats(1, DAY))
def test_the_plan_never_needs_more_calls_than_the_quota_allows(demand, calls, seconds):
    factors = stretch(demand, calls=calls, seconds=seconds)

    assert cost(demand, factors, seconds) <= calls * (1 + 1e-9)
    assert min(factors.live, factors.usual, factors.slow) >= 1


@given(DEMANDS, st.floats(1, 20_000), st.floats(1, DAY))
def test_live_resources_are_stretched_only_if_the_others_are_at_their_bound(demand, calls, seconds):
    factors = stretch(demand, calls=calls, seconds=seconds)

    if factors.live > 1 + 1e-6 and demand.usual + demand.usual_parked * (seconds > 3600) > 0:
        assert factors.usual >= MAX_USUAL_STRETCH * (1 - 1e-6)
