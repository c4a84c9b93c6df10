"""The complete exposition of each kind of car against golden files."""

import os
from pathlib import Path

import anyio
import pytest

from tests.support.installation import MONDAY, a_world, installed
from tests.support.services import program
from volvo_exporter.simulator import CLASSIC_PHEV, EX40, FLEET, Era

CARS = {profile.model.lower() + f"_{profile.model_year}": profile for profile in (*FLEET, EX40, CLASSIC_PHEV)}
EVENING = MONDAY + 21.5 * 3600
"""Half past ten in the cars' time. No car drives then: how often a car is polled that drives when the
exporter starts depends on which of its answers comes first, which is random.
"""
GOLDEN = Path(__file__).parent / "golden"
"""A file for each car; UPDATE_GOLDEN=1 in the environment writes them."""


async def exposition_of(car, era, folder):
    """Return `/metrics` of a car in the evening, with the VIN as the only label of the vehicle."""
    world = a_world(start=EVENING - anyio.current_time(), cars=(CARS[car],), era=era)
    async with installed(folder, world, vehicle_labels=["vin"]) as it:
        await anyio.sleep(10)
        return it.exporter.metrics.exposition().decode()


@pytest.mark.parametrize("car", CARS)
async def test_the_exposition_of_each_kind_of_car_is_unchanged(car, tmp_path):
    exposition = await exposition_of(car, Era.NULL, tmp_path)
    file = GOLDEN / f"{car}.prom"
    if os.environ.get("UPDATE_GOLDEN") == "1":
        file.write_text(exposition, encoding="utf-8")

    assert exposition == file.read_text(encoding="utf-8")


def test_every_golden_file_belongs_to_a_car():
    assert {file.stem for file in GOLDEN.iterdir()} == CARS.keys()


@pytest.mark.parametrize("car", CARS)
async def test_a_car_has_the_same_exposition_in_both_wire_eras(car, tmp_path):
    expositions = []
    for era in Era:
        (folder := tmp_path / era.name).mkdir()
        lines = (await exposition_of(car, era, folder)).splitlines()
        expositions.append([line for line in lines if not line.startswith("volvo_field_timestamp_seconds{")])

    assert expositions[0] == expositions[1] != []


@pytest.mark.services
@pytest.mark.parametrize("era", list(Era), ids=lambda era: era.name.lower())
@pytest.mark.parametrize("car", CARS)
async def test_promtool_finds_no_problem(car, era, tmp_path):
    promtool = program("promtool")
    async with installed(tmp_path, a_world(cars=(CARS[car],), era=era)) as it:
        await anyio.sleep(10)
        body = (await it.scrape()).content

    checked = await anyio.run_process([promtool, "check", "metrics"], input=body, check=False)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, b"", b"")
