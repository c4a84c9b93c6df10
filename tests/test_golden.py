"""What each kind of car looks like to Prometheus, whole, in both wire eras."""

import anyio
import pytest
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from installation import MONDAY, a_world, installed
from services import program
from volvo_exporter.catalogue.families import FIELD_TIMESTAMP
from volvo_exporter.simulator import CLASSIC_PHEV, EX40, FLEET, Era

CARS = {profile.model.lower() + f"_{profile.model_year}": profile for profile in (*FLEET, EX40, CLASSIC_PHEV)}


class Exposition(SingleFileSnapshotExtension):
    """A golden file that is what Prometheus would read."""

    _write_mode = WriteMode.TEXT
    file_extension = "prom"


@pytest.mark.parametrize("era", list(Era), ids=lambda era: era.name.lower())
@pytest.mark.parametrize("car", CARS)
async def test_the_exposition_of_each_kind_of_car_is_as_it_was(car, era, tmp_path, snapshot):
    async with installed(tmp_path, a_world(cars=(CARS[car],), era=era)) as it:
        await anyio.sleep(10)
        exposition = it.exporter.store.exposition().decode()

    assert exposition == snapshot(extension_class=Exposition)


@pytest.mark.services
@pytest.mark.parametrize("era", list(Era), ids=lambda era: era.name.lower())
@pytest.mark.parametrize("car", CARS)
async def test_promtool_has_nothing_to_say(car, era, tmp_path):
    promtool = program("promtool")
    async with installed(tmp_path, a_world(cars=(CARS[car],), era=era)) as it:
        await anyio.sleep(10)
        body = (await it.scrape()).content

    checked = await anyio.run_process([promtool, "check", "metrics"], input=body, check=False)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, b"", b"")


@pytest.mark.parametrize("car", CARS)
async def test_both_eras_tell_the_same(car, tmp_path):
    told = []
    for era in Era:
        world = a_world(start=MONDAY + 7 * 3600 - anyio.current_time(), cars=(CARS[car],), era=era)
        async with installed(tmp_path, world) as it:
            await anyio.sleep(10)
            samples = it.exporter.store.samples(CARS[car].vin)
        values = {(sample.family, sample.labels): sample.value for sample in samples}
        told.append({place: value for place, value in values.items() if place[0] != FIELD_TIMESTAMP})

    assert told[0] == told[1] != {}
