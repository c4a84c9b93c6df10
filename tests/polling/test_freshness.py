from dataclasses import replace

import pytest

from volvo_exporter import catalogue
from volvo_exporter.polling.activity import Activity, Condition
from volvo_exporter.polling.freshness import MIN_FRESH_SECONDS, max_age, max_ages
from volvo_exporter.polling.outcomes import Outcome
from volvo_exporter.polling.plan import Plan
from volvo_exporter.polling.schedule import Slot, enter
from volvo_exporter.polling.stretch import Stretch

NOW, DAY = 1_800_000_000.0, 86400.0
VIN = "V1"


def a_plan(activity: Activity, **more: object) -> Plan:
    """A car of which every resource is asked."""
    slots = [Slot(resource=resource, vin=VIN) for resource in catalogue.RESOURCES]
    return Plan(
        resources=catalogue.RESOURCES,
        scrape_interval=300,
        entries={slot: enter(slot, now=NOW) for slot in slots},
        conditions={VIN: Condition(activity=activity)},
        **more,
    )


def slot(name: str) -> Slot:
    return Slot(resource=next(known for known in catalogue.RESOURCES if known.name == name), vin=VIN)


@pytest.mark.parametrize(
    ("resource", "activity", "seconds"),
    [
        ("engine-status", Activity.DRIVING, MIN_FRESH_SECONDS),
        ("doors", Activity.PARKED, 600),
        ("engine-status", Activity.ASLEEP, 1200),
        ("odometer", Activity.PARKED, 4 * 3600),
        ("details", Activity.PARKED, 2 * DAY),
    ],
)
def test_an_answer_is_current_for_two_intervals_and_at_least_ten_minutes(resource, activity, seconds):
    assert max_age(a_plan(activity), slot(resource), NOW) == seconds


def test_a_stretched_interval_counts_as_it_is():
    assert max_age(a_plan(Activity.PARKED, stretch=Stretch(usual=4.0)), slot("doors"), NOW) == 2400


def test_values_become_stale_too_when_the_quota_leaves_no_request():
    nothing = Stretch(live=float("inf"), usual=float("inf"), slow=float("inf"))

    assert max_age(a_plan(Activity.PARKED, stretch=nothing), slot("odometer"), NOW) == 4 * 3600


def test_a_resource_without_values_is_not_late_before_its_next_request():
    plan, empty = a_plan(Activity.PARKED), slot("windows")
    plan.entries[empty] = replace(
        plan.entries[empty], outcome=Outcome.EMPTY, last_success=NOW, rests_until=NOW + DAY
    )

    assert max_age(plan, empty, NOW) == 2 * DAY


def test_every_resource_of_every_car_has_its_age():
    ages = max_ages(a_plan(Activity.PARKED), NOW)

    assert ages.keys() == {VIN}
    assert ages[VIN]["doors"] == 600
