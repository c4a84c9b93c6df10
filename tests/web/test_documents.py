"""The JSON pages over the whole exporter, and docs/api.md beside them."""

import io
import logging
import re

import anyio
import pytest

from tests.support.installation import a_world, installed
from tests.support.services import ROOT
from volvo_exporter import log
from volvo_exporter.simulator import FLEET, Fault

ROW = re.compile(r"^\| `([^`]+)` \| ([a-z ]+) \| .+ \|$", re.MULTILINE)
FREE = (
    "vehicles[].attributes",
    "vehicles[].readings[].labels",
    "vehicles[].last_day",
    "vehicles[].resources",
    "accounts[].quota.stretch",
)
"""Objects whose keys are facts themselves."""
TYPES = {
    str: "text",
    float: "number",
    int: "number",
    bool: "true or false",
    list: "list",
    dict: "object",
    type(None): "null",
}


@pytest.fixture
def recent():
    """What the log keeps, beside which the log stays as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    kept = log.Recent()
    log.set_up(level="info", stream=io.StringIO(), recent=kept)
    yield kept
    root.handlers[:] = handlers
    root.setLevel(level)


def documented():
    """The types of each key by page."""
    _, *pages = (ROOT / "docs/api.md").read_text().split("\n## `/api/v1/")
    return {page.partition("`")[0]: dict(ROW.findall(page)) for page in pages}


def keys(document, place=""):
    """Every key within the document, with the type of its value."""
    match document:
        case dict():
            for key, value in document.items():
                step = "*" if place in FREE else key
                below = f"{place}.{step}" if place else step
                yield below, TYPES[type(value)]
                yield from keys(value, below)
        case list():
            for value in document:
                yield f"{place}[]", TYPES[type(value)]
                yield from keys(value, f"{place}[]")


async def seen(tmp_path, recent):
    """Return both documents of cars that answer, cars that fail, and an account without a login."""
    world = a_world(cars=(FLEET[0], FLEET[1]))
    found = {"vehicles": [], "status": []}
    async with installed(tmp_path, world, warnings=recent.lines) as it:
        for path, documents in found.items():
            documents.append((await it.scrape(f"/api/v1/{path}")).json())
        await anyio.sleep(1800)
        world.faults.add(Fault(kind="internal_error"))
        await anyio.sleep(1800)
        for path, documents in found.items():
            documents.append((await it.scrape(f"/api/v1/{path}")).json())
    (tmp_path / "other").mkdir()
    async with installed(tmp_path / "other", a_world(), logged_in=False) as it:
        await anyio.sleep(10)
        found["status"].append((await it.scrape("/api/v1/status")).json())
    return found


async def test_every_key_is_documented_with_its_type_and_every_documented_key_exists(tmp_path, recent):
    found = await seen(tmp_path, recent)
    for path, documents in found.items():
        found = [pair for document in documents for pair in keys(document)]
        described = documented()[path]
        # An object whose parts are described needs no row of its own.
        plain = {key for key, kind in found if kind != "object"}
        assert plain <= described.keys()
        assert described.keys() <= {key for key, _ in found}
        for key, kind in found:
            if key in described:
                allowed = described[key]
                assert allowed == kind or kind in allowed.split(" or "), key


@pytest.mark.slow
async def test_the_last_day_and_the_last_report_of_a_car_are_included(tmp_path):
    world = a_world(cars=FLEET[:1])
    async with installed(tmp_path, world) as it:
        await anyio.sleep(26 * 3600)
        (car,) = (await it.scrape("/api/v1/vehicles")).json()["vehicles"]
    now = world.now()
    charge = car["last_day"]["volvo_battery_charge_ratio"]
    value = next(r["value"] for r in car["readings"] if r["metric"] == "volvo_battery_charge_ratio")

    assert charge[-1][1] == value
    assert charge[0][0] <= charge[-1][0] - 86400 < charge[1][0]
    assert len({value for _, value in charge}) > 3
    assert now - 86400 < car["last_word"] <= now
    assert not [metric for metric in car["last_day"] if "location" in metric]
