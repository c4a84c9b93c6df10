"""The intervals that the documents print, compared with when a plan really requests things."""

import itertools
import re
from statistics import median

import pytest

from tests.support.services import ROOT
from volvo_exporter import catalogue
from volvo_exporter.catalogue.model import Activity
from volvo_exporter.polling.outcomes import Outcome
from volvo_exporter.polling.plan import FOLLOW_DELAY_INTERVALS, Plan
from volvo_exporter.polling.reducer import record
from volvo_exporter.vehicles.activity import ActivityState
from volvo_exporter.vehicles.garage import Garage

NOW, DAYS = 1_800_000_000.0, 3
SECONDS = {"min": 60.0, "h": 3600.0}
ROWS = re.findall(
    r"^\| ([\w-]+)[^|]* \| `/[^`]*` \| ([\d.]+) (min|h) \|",
    (ROOT / "docs" / "metrics.md").read_text(),
    flags=re.MULTILINE,
)
DOCUMENTED = {name: float(number) * SECONDS[unit] for name, number, unit in ROWS}


@pytest.fixture(scope="module")
def requested() -> dict[str, list[float]]:
    """When each resource of a parked car was requested over three days."""
    garage, now = Garage(), NOW
    garage.add("X", account="a")
    garage["X"].state = ActivityState(activity=Activity.PARKED)
    plan = Plan(resources=catalogue.RESOURCES, scrape_interval=300, garage=garage)
    plan.begin(now)
    plan.add_vehicle("X", now)
    times: dict[str, list[float]] = {resource.name: [] for resource in catalogue.RESOURCES}
    while now < NOW + DAYS * 86400:
        while (slot := plan.first_due(now)) is not None:
            times[slot.resource.name].append(now)
            plan.record_request(slot, now)
            record(plan, slot, Outcome.OK, now=now, chance=0.5)
        plan.list_items("X", ["odometer"], now)
        plan.locate("X", now)
        now = max(plan.next_due(), now + 1)
    return times


def test_every_resource_has_an_interval_in_the_document():
    assert DOCUMENTED.keys() == {resource.name for resource in catalogue.RESOURCES}


@pytest.mark.parametrize("name", [resource.name for resource in catalogue.RESOURCES])
def test_the_documented_interval_of_a_parked_car_is_the_real_one(name, requested):
    times = requested[name]
    follows = next(resource for resource in catalogue.RESOURCES if resource.name == name).follows
    interval = median(later - before for before, later in itertools.pairwise(times))
    longest = DOCUMENTED[name] * (1 + FOLLOW_DELAY_INTERVALS if follows else 1.02)

    assert DOCUMENTED[name] <= interval <= longest
