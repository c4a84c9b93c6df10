"""The backfill of the demo: right, whole, and something that Prometheus takes."""

import io
import subprocess
from itertools import pairwise

import anyio
import pytest
from click.testing import CliRunner
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from tests.support.installation import MONDAY, a_world, installed
from tests.support.services import program
from volvo_exporter.backfill import Backfill, BackfilledCar, Span
from volvo_exporter.catalogue import EXPORTER_FAMILIES, VEHICLE_FAMILIES
from volvo_exporter.cli import commands
from volvo_exporter.simulator import FLEET, World
from volvo_exporter.simulator.plan import begin_of, day_of

pytestmark = pytest.mark.slow

END = int(MONDAY + 7 * 3600)
SPAN = Span(end=END, seconds=10 * 3600, step=300)


def a_past(*, seed: int = 1, span: Span = SPAN, labels=()) -> bytes:
    world = World(clock=lambda: float(END), seed=seed)
    backfill = Backfill(world, seed=seed, span=span)
    for moment in span.moments():
        backfill.live(moment)
    output = io.BytesIO()
    backfill.write(output, labels=labels)
    return output.getvalue()


@pytest.fixture(scope="module")
def text() -> str:
    return a_past().decode()


def series_of(text: str, name: str) -> dict[str, list[tuple[float, float]]]:
    series: dict[str, list[tuple[float, float]]] = {}
    for line in text.splitlines():
        if line.startswith(name + "{"):
            labels, value, time = line.rsplit(" ", 2)
            series.setdefault(labels, []).append((float(time), float(value)))
    return series


def test_a_history_is_openmetrics_with_the_names_of_the_catalogue():
    small = a_past(span=Span(end=END, seconds=1800, step=300), labels=(("job", "volvo"),)).decode()
    families = list(text_string_to_metric_families(small))

    assert {family.name for family in families} <= {
        family.name for family in (*VEHICLE_FAMILIES, *EXPORTER_FAMILIES)
    }
    assert all(sample.labels["job"] == "volvo" for family in families for sample in family.samples)
    assert small.endswith("# EOF\n")


def test_odometers_never_go_back_and_charge_is_a_ratio(text):
    odometers = series_of(text, "volvo_odometer_meters")
    assert len(odometers) == len(FLEET)
    for samples in odometers.values():
        assert samples == sorted(samples)
        values = [value for _, value in samples]
        assert values == sorted(values)
    charges = series_of(text, "volvo_battery_charge_ratio")
    assert charges
    assert all(0 <= value <= 1 for samples in charges.values() for _, value in samples)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_history_of_two_weeks_continues_with_the_cars_of_the_demo(seed):
    world = World(clock=lambda: float(END), seed=seed)
    for vin, car in world.cars.items():
        past = BackfilledCar(car, seed=seed, clock=world.simulated_clock, seconds=14 * 86400)
        states = [past.state(time) for time in range(END - 14 * 86400, END + 1, 600)]
        steps = [after.odometer.value - before.odometer.value for before, after in pairwise(states)]
        # A car that reports after drives adds a whole drive, to work or to an outing, when its engine stops.
        late = "odometer" in car.profile.reports_after_drive
        limits = [
            100 if late and before.engine != after.engine and not after.engine.value else 30
            for before, after in pairwise(states)
        ]
        assert all(0 <= step <= limit for step, limit in zip(steps, limits, strict=True))
        meeting = begin_of(day_of(END))
        assert past.state(meeting - 1).odometer.value == past.state(meeting).odometer.value
        assert sum(step > 0 for step in steps) > 10
        assert states[-1] == world.state(vin)


def test_a_history_has_a_sample_for_every_step_until_now(text):
    for samples in series_of(text, "volvo_exporter_quota_used").values():
        assert [time for time, _ in samples] == [float(moment) for moment in SPAN.moments()]
        assert samples[-1][0] == END


def test_a_history_depends_on_the_seed_only(text):
    assert a_past().decode() == text
    assert a_past(seed=2).decode() != text


async def test_a_history_ends_with_the_values_that_the_exporter_shows_then(text, tmp_path):
    names = ("volvo_odometer_meters", "volvo_battery_charge_ratio", "volvo_locked")
    async with installed(tmp_path, a_world(start=END - anyio.current_time())) as it:
        await anyio.sleep(10)
        shown = {name: await it.series(name + "{") for name in names}
    for name in names:
        last = {labels: samples[-1][1] for labels, samples in series_of(text, name).items()}
        assert last == shown[name]


@pytest.mark.parametrize(
    ("arguments", "fix"),
    [
        (("--history", "two weeks"), "14d"),
        (("--history", "1d", "--step", "10m"), "5m"),
        (("--history", "400d"), "180d"),
        (("--history", "1d", "--label", "job"), "NAME=VALUE"),
    ],
)
def test_an_output_that_is_not_writable_is_reported_with_its_fix(arguments, fix):
    result = CliRunner().invoke(commands, ["simulate", *arguments])
    assert result.exit_code == 2
    assert fix in result.output


@pytest.mark.services
def test_promtool_makes_blocks_of_a_history(text, tmp_path):
    promtool = program("promtool")
    file = tmp_path / "history.om"
    file.write_text(text)
    command = [promtool, "tsdb", "create-blocks-from", "openmetrics", "--max-block-duration=162h"]
    made = subprocess.run([*command, str(file), str(tmp_path / "data")], capture_output=True, check=False)
    assert made.returncode == 0, made.stderr
    listed = subprocess.run(
        [promtool, "tsdb", "list", str(tmp_path / "data")], capture_output=True, check=True
    )
    assert len(listed.stdout.splitlines()) > 1
