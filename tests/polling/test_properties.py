"""Whatever happens, the plan keeps its promises: simulated days of random outcomes, without any I/O."""

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from volvo_exporter import catalogue
from volvo_exporter.catalogue import connected_vehicle, extended_vehicle, weather
from volvo_exporter.catalogue.model import Activity
from volvo_exporter.polling.budget import Budget
from volvo_exporter.polling.outcomes import Outcome
from volvo_exporter.polling.plan import Plan
from volvo_exporter.polling.quota import DAY, Quota
from volvo_exporter.polling.schedule import advance
from volvo_exporter.vehicles.activity import ActivityState
from volvo_exporter.vehicles.garage import Garage

pytestmark = pytest.mark.slow

MIDNIGHT = 20_000 * DAY
RESOURCES = tuple(
    resource
    for resource in catalogue.RESOURCES
    if resource not in (*extended_vehicle.RESOURCES, weather.WEATHER)
)
WEIGHTS = {
    Outcome.OK: 60,
    Outcome.EMPTY: 10,
    Outcome.TRANSIENT: 20,
    Outcome.UNSUPPORTED: 1,
    Outcome.FORBIDDEN: 1,
    Outcome.FOREIGN: 1,
    Outcome.KEY_REFUSED: 5,
}
Calls = list[tuple[float, str, str]]


def live_a_day(seed: int, *, cars: int, limit: int, hours: float, good=False, still=False) -> Calls:
    """The calls of cars that do things at random, answered at random."""
    random = Random(seed)
    garage = Garage()
    plan = Plan(resources=RESOURCES, scrape_interval=300, garage=garage)
    budget = Budget(Quota(limit=limit, per_minute=100))
    budget.plans.append(plan)
    now, calls = MIDNIGHT, []
    plan.begin(now)
    vins = [f"V{number}" for number in range(cars)]
    for vin in vins:
        garage.add(vin, account="a")
        plan.add_vehicle(vin, now)
    while now < MIDNIGHT + hours * 3600:
        if not still and random.random() < 0.01:
            vin = random.choice(vins)
            garage[vin].state = ActivityState(activity=random.choice(list(Activity)))
            plan.react(vin, (), now)
        budget.plan(now)
        while (slot := plan.first_due(now)) is not None:
            if budget.open_at(now)[slot.resource.api] > now:
                break
            budget.spend(slot.resource.api, now)
            plan.record_request(slot, now)
            calls.append((now, slot.vin, slot.resource.name))
            outcome = Outcome.OK if good else random.choices(list(WEIGHTS), WEIGHTS.values())[0]
            interval = plan.interval(slot, now)
            entry = advance(plan.entries[slot], outcome, now=now, interval=interval, chance=random.random())
            plan.settle(entry, now)
        now += 30
    return calls


modest = settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@modest
@given(st.integers(), st.integers(1, 12), st.sampled_from([60, 300, 1000, 10_000]))
def test_the_calls_of_a_day_stay_within_the_limit_whatever_happens(seed, cars, limit):
    assert len(live_a_day(seed, cars=cars, limit=limit, hours=24)) <= limit


@modest
@given(st.integers(), st.integers(1, 6))
def test_the_same_state_and_clock_give_the_same_plan(seed, cars):
    first = live_a_day(seed, cars=cars, limit=2000, hours=6)

    assert first == live_a_day(seed, cars=cars, limit=2000, hours=6)


@modest
@given(st.integers(), st.integers(1, 10))
def test_every_resource_is_requested_and_the_day_ends_with_data(seed, cars):
    calls = live_a_day(seed, cars=cars, limit=10_000, hours=24, good=True)

    last: dict[tuple[str, str], float] = {}
    for at, vin, resource in calls:
        last[vin, resource] = at
    for vin in {vin for _, vin, _ in calls if vin}:
        for resource in RESOURCES:
            if resource is not connected_vehicle.VEHICLES:
                assert (vin, resource.name) in last
        # Ten cars of which some always drive want several times the quota; each is still heard every hour.
        assert MIDNIGHT + DAY - last[vin, "engine-status"] <= 3600


def test_cars_share_the_quota_fairly():
    calls = live_a_day(1, cars=8, limit=1000, hours=8, good=True, still=True)

    counts = [len([call for call in calls if call[1] == f"V{number}"]) for number in range(8)]
    assert max(counts) <= 1.2 * min(counts)
