from dataclasses import replace

import pytest

from volvo_exporter import catalogue
from volvo_exporter.catalogue.model import Activity, Api
from volvo_exporter.polling.outcomes import Outcome
from volvo_exporter.polling.plan import MIN_FRESH_SECONDS, Plan
from volvo_exporter.polling.schedule import Slot
from volvo_exporter.polling.stretch import Stretch
from volvo_exporter.vehicles.activity import ActivityState
from volvo_exporter.vehicles.garage import Garage

NOW, DAY = 1_800_000_000.0, 86400.0
VIN = "V1"


def a_plan(activity: Activity, stretch: Stretch | None = None) -> Plan:
    """A car of which every resource is requested."""
    garage = Garage()
    garage.add(VIN, account="a")
    garage[VIN].state = ActivityState(activity=activity)
    plan = Plan(resources=catalogue.RESOURCES, scrape_interval=300, garage=garage)
    plan.begin(NOW)
    plan.add_vehicle(VIN, NOW)
    for entry in list(plan.entries.values()):
        plan.settle(replace(entry, outcome=Outcome.OK, last_success=NOW), NOW)
    plan.stretches = dict.fromkeys(Api, stretch or Stretch())
    return plan


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
    assert a_plan(activity).max_age(slot(resource), NOW) == seconds


def test_freshness_follows_the_stretched_interval():
    assert a_plan(Activity.PARKED, Stretch(usual=4.0)).max_age(slot("doors"), NOW) == 2400


def test_values_become_stale_too_when_the_quota_leaves_no_request():
    nothing = Stretch(live=float("inf"), usual=float("inf"), slow=float("inf"))

    assert a_plan(Activity.PARKED, nothing).max_age(slot("odometer"), NOW) == 4 * 3600


def test_a_resource_without_values_is_not_late_before_its_next_request():
    plan, empty = a_plan(Activity.PARKED), slot("windows")
    plan.entries[empty] = replace(
        plan.entries[empty], outcome=Outcome.EMPTY, last_success=NOW, postponed_until=NOW + DAY
    )

    assert plan.max_age(empty, NOW) == 2 * DAY


def test_every_resource_of_a_car_has_its_age():
    ages = a_plan(Activity.PARKED).max_ages(VIN, NOW)

    assert ages["doors"] == 600
    assert ages.keys() >= {"details", "energy-state", "location", "commands"}
