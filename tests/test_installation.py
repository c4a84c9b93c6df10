"""Tests with the machine's clock: their simulated cars do not depend on the time of the run."""

import ast

from tests.support.installation import a_parked_world
from tests.support.services import ROOT

HOUR = 3600.0


def test_parked_cars_change_nothing_for_three_hours():
    world = a_parked_world()
    now = world.now()

    assert [change for vin in world.cars for change in world.changes(vin, now - HOUR, now + 3 * HOUR)] == []


def test_every_world_with_the_wall_clock_has_a_simulated_start():
    unset = []
    for path in (ROOT / "tests").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "World":
                given = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
                if given.get("clock") == "time.time" and "simulated_start" not in given:
                    unset.append(f"{path.name}:{node.lineno}")

    assert unset == []
