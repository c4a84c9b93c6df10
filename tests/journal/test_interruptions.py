"""What the log holds after a restart, and after a database could not be written for a while."""

from contextlib import asynccontextmanager

import anyio
import pytest
from structlog.testing import capture_logs

from tests.support.installation import MONDAY, a_world, installed
from tests.support.journal import run_inline
from tests.support.journal_store import a_deriver, an_engine
from volvo_exporter.journal import rows
from volvo_exporter.journal.failures import JournalDamaged, JournalUnavailable
from volvo_exporter.journal.location import Location
from volvo_exporter.journal.observations import State
from volvo_exporter.journal.output import Journal
from volvo_exporter.journal.recorder import series_of
from volvo_exporter.simulator import XC60
from volvo_exporter.vehicles.updates import Subscription

pytestmark = pytest.mark.slow

HOUR = 3600.0
FALLBACK = ("fuel", "volvo_battery_charge_ratio")
"""Not recorded while the energy state reports the same."""
FULL = JournalUnavailable("the disk is full; free some space")


class Disk:
    """Runs what blocks, or fails as a disk does."""

    def __init__(self):
        self.failure = None
        self.failed = 0

    async def run(self, function, /):
        if failure := self.failure:
            self.failed += 1
            if isinstance(failure, JournalDamaged):
                self.failure = None
            raise failure
        return await run_inline(function)


@asynccontextmanager
async def recording(it, file, disk=None, **more):
    """A journal beside the exporter that ends with the block."""
    journal = Journal(
        location=Location(file=file),
        deriver=a_deriver(),
        version="1",
        attributes=lambda vin: it.exporter.garage[vin].vehicle.attributes,
        on_values=lambda _vin, _values: None,
        clock=it.world.now,
        run_blocking=disk.run if disk else run_inline,
        **more,
    )
    updates: Subscription = it.exporter.updates.subscribe("journal")
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(journal.run, updates)
        yield journal
        tasks.cancel_scope.cancel()


def a_morning(**more):
    """A car that drives to work."""
    return a_world(start=MONDAY + 6.5 * HOUR, cars=(XC60,), **more)


def content(file):
    with an_engine(Location(file=file), read_only=True).connect() as connection:
        return rows.read_log(connection, XC60.vin)


def values(observations):
    """The last value of each series of each resource."""
    last = {(row.resource, row.series): row for row in observations}
    return {key: row.value for key, row in last.items() if row.state is State.OK and key != FALLBACK}


def reported(it):
    """The values that the car reports, by resource and series."""
    readings = it.exporter.garage[XC60.vin].vehicle.all_readings
    found = {(reading.resource.name, series_of(reading.key)): reading.value for reading in readings}
    del found[FALLBACK]
    return found


async def test_a_restart_repeats_no_row_and_leaves_a_gap(tmp_path):
    world = a_world(start=MONDAY + 12 * HOUR, cars=(XC60,))
    for _ in range(2):
        async with installed(tmp_path, world, journal="on", weather_api_key=None):
            await anyio.sleep(HOUR)
        await anyio.sleep(HOUR)
    log = content(tmp_path / "volvo_journal.db")

    again = [row for row in log.observations if row.seen > log.processes[2].at]
    assert [row.series for row in again if row.series == "volvo_locked"] == []
    assert [run.resource for run in log.runs].count("odometer") == 2
    assert len(log.processes) == 4


async def test_a_value_that_is_gone_after_a_restart_is_unknown(tmp_path):
    for resources in ("", "odometer"):
        world = a_world(start=MONDAY + 12 * HOUR - anyio.current_time(), cars=(XC60,))
        async with installed(
            tmp_path, world, journal="on", weather_api_key=None, disabled_resources=resources
        ):
            await anyio.sleep(HOUR)
    log = content(tmp_path / "volvo_journal.db")

    # A resource that is not requested has no rows: its run has ended, its value is not declared lost.
    assert [run.resource for run in log.runs].count("odometer") == 1
    assert [row.state for row in log.observations if row.series == "volvo_odometer_meters"][-1] is State.OK


async def test_a_full_disk_delays_rows_and_loses_none(tmp_path):
    disk = Disk()
    with capture_logs() as lines:
        async with (
            installed(tmp_path, a_morning(), weather_api_key=None) as it,
            recording(it, tmp_path / "good.db"),
            recording(it, tmp_path / "bad.db", disk),
        ):
            await anyio.sleep(0.5 * HOUR)
            calls, disk.failure = len(it.calls()), FULL
            await anyio.sleep(2 * HOUR)
            polled, disk.failure = len(it.calls()) - calls, None
            await anyio.sleep(0.5 * HOUR)
    good, bad = content(tmp_path / "good.db"), content(tmp_path / "bad.db")

    assert disk.failed > 10
    assert polled > 50
    assert set(bad.observations) == set(good.observations)
    errors = [line for line in lines if line["log_level"] == "error"]
    assert [line["reason"] for line in errors] == [str(FULL)]
    assert XC60.vin not in str(lines)


async def test_a_disk_that_is_full_for_too_long_causes_a_gap_and_keeps_the_last_values(tmp_path):
    disk = Disk()
    async with (
        installed(tmp_path, a_morning(), weather_api_key=None) as it,
        recording(it, tmp_path / "journal.db", disk, max_waiting_rows=30),
    ):
        await anyio.sleep(60)
        disk.failure = FULL
        await anyio.sleep(8 * HOUR)
        disk.failure = None
        await anyio.sleep(0.5 * HOUR)
        expected = reported(it)
    log = content(tmp_path / "journal.db")

    assert values(log.observations) == expected
    assert [run.resource for run in log.runs].count("odometer") > 1


async def test_a_damaged_journal_is_renamed_and_a_new_one_is_started(tmp_path):
    disk, file = Disk(), tmp_path / "journal.db"
    with capture_logs() as lines:
        async with (
            installed(tmp_path, a_morning(), weather_api_key=None) as it,
            recording(it, file, disk),
        ):
            await anyio.sleep(HOUR)
            disk.failure = JournalDamaged("the file is damaged")
            await anyio.sleep(2 * HOUR)
            expected = reported(it)

    assert values(content(file).observations) == expected
    assert [line["log_level"] for line in lines if "journal" in line["event"]] == ["error", "error", "info"]
    assert len(list(tmp_path.glob("journal.db.damaged-*Z"))) == 1


async def test_a_journal_that_cannot_be_opened_is_opened_later(tmp_path):
    folder = tmp_path / "folder"
    folder.write_text("in the way")
    with capture_logs() as lines:
        async with (
            installed(tmp_path, a_morning(), weather_api_key=None) as it,
            recording(it, folder / "journal.db"),
        ):
            await anyio.sleep(HOUR)
            folder.unlink()
            await anyio.sleep(HOUR)
    log = content(folder / "journal.db")

    assert {row.seen for row in log.observations} & {run.first for run in log.runs}
    assert min(row.seen for row in log.observations) < log.processes[0].at
    assert len([line for line in lines if line["log_level"] == "error"]) == 1
