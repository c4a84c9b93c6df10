"""The intervals that the documents print, compared with when a plan really requests things."""

import itertools
import re
from dataclasses import replace
from statistics import median

import pytest

from services import ROOT
from volvo_exporter import catalogue
from volvo_exporter.polling.activity import Activity, Signs
from volvo_exporter.polling.outcomes import Outcome
from volvo_exporter.polling.pace import TRAILS
from volvo_exporter.polling.plan import TRAILS_BY, Plan
from volvo_exporter.polling.schedule import advance

NOW, DAYS = 1_800_000_000.0, 3
PARKED = Signs(running=False, charging=False, connected=False, reachable=True, odometer=1e6)
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
    plan, now = Plan(resources=catalogue.RESOURCES, scrape_interval=300), NOW
    plan.begin(now)
    plan.welcome("X", now)
    times: dict[str, list[float]] = {resource.name: [] for resource in catalogue.RESOURCES}
    while now < NOW + DAYS * 86400:
        for slot in plan.due(now):
            times[slot.resource.name].append(now)
            plan.ask(slot, now)
            interval = plan.interval(slot, now)
            entry = advance(plan.entries[slot], Outcome.OK, now=now, interval=interval, chance=0.5)
            plan.settle(entry, now)
        plan.list_items("X", ["odometer"], now)
        plan.locate("X", now)
        plan.observe("X", replace(PARKED, told=now), now)
        assert plan.conditions["X"].activity is Activity.PARKED
        now = max(plan.next_due(now), now + 1)
    return times


def test_every_resource_has_an_interval_in_the_document():
    assert DOCUMENTED.keys() == {resource.name for resource in catalogue.RESOURCES}


@pytest.mark.parametrize("name", [resource.name for resource in catalogue.RESOURCES])
def test_the_document_says_how_often_a_parked_car_is_really_polled(name, requested):
    times = requested[name]
    interval = median(later - before for before, later in itertools.pairwise(times))
    longest = DOCUMENTED[name] * (1 + TRAILS_BY if name in TRAILS else 1.02)

    assert DOCUMENTED[name] <= interval <= longest
