"""The journal in the whole exporter, against the simulator and in virtual time."""

import json
import resource
import sqlite3
import subprocess
import sys
import zlib
from contextlib import closing

import anyio
import httpx2
import pytest

from tests.support.installation import MONDAY, a_world, installed
from tests.support.journal_files import is_whole, read, stored_events
from volvo_exporter.journal.observations import Transition
from volvo_exporter.simulator import EX30, FLEET, World, create_app

pytestmark = pytest.mark.slow

HOUR, DAY = 3600.0, 24 * 3600.0


@pytest.fixture
def file(tmp_path):
    return tmp_path / "journal" / "journal.db"


def on(file):
    return {"journal": "on", "journal_file": str(file)}


def drives_in(file):
    return [one for one in stored_events(file) if one[1] == "drive"]


async def test_after_a_day_the_drives_are_in_the_journal_the_json_and_the_metrics(tmp_path, file):
    async with installed(tmp_path, a_world(start=MONDAY), **on(file)) as it:
        await anyio.sleep(DAY)
        answer = (await it.scrape("/api/v1/drives")).json()
        counted = await it.series("volvo_drives_total")
    stored = drives_in(file)
    settled = [one for one in stored if one[5]]

    assert {one[0] for one in stored} == {car.vin for car in FLEET}
    assert len(answer["drives"]) == len(stored)
    assert sum(counted.values()) == len(settled) > 0


async def test_a_stop_is_recorded_and_no_temporary_file_of_the_log_is_left(tmp_path, file):
    async with installed(tmp_path, a_world(cars=(EX30,)), **on(file)):
        await anyio.sleep(HOUR)

    assert sorted(one.name for one in file.parent.iterdir()) == [
        "backups",
        file.name,
        f"{file.name}.lock",
    ]
    assert is_whole(file)
    transitions = [process.transition for process in read(file, EX30.vin).processes]
    assert transitions == [Transition.START, Transition.STOP]


class Network(httpx2.AsyncBaseTransport):
    """A network that can fail, and answers each address after a time of its own.

    No two answers arrive together, so that the random order in which trio runs tasks changes nothing.
    """

    def __init__(self, world: World) -> None:
        self.inner = httpx2.ASGITransport(app=create_app(world))
        self.is_down = False

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        await anyio.sleep(0.1 + zlib.crc32(request.url.raw_path) / 2**34)
        if self.is_down:
            message = "no route to host"
            raise httpx2.ConnectError(message, request=request)
        return await self.inner.handle_async_request(request)


class Disk:
    """Runs what the journal writes; while it is full, no file grows."""

    is_full = False

    async def __call__(self, function):
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        if self.is_full:
            resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
        try:
            return function()
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def half_a_day(folder, *, full=False, **settings):
    """An exporter for 12 hours, two without network; the disk is full around those."""
    folder.mkdir()
    world = a_world(start=MONDAY + 5.5 * HOUR - anyio.current_time(), cars=(EX30,))
    begin, network, disk = world.now(), Network(world), Disk()
    async with installed(folder, world, transport=network, run_blocking=disk, **settings):
        await anyio.sleep(1 * HOUR)
        disk.is_full = full
        await anyio.sleep(2 * HOUR)
        network.is_down = True
        await anyio.sleep(2 * HOUR)
        network.is_down = False
        await anyio.sleep(2 * HOUR)
        disk.is_full = False
        await anyio.sleep(5 * HOUR)
    return [(round(call.time - begin, 3), call.path) for call in world.log]


def moments(file):
    """Return the rows of the log of a car, by the time since its first row."""
    log = read(file, EX30.vin)
    start = log.observations[0].seen
    rows = [
        (round(row.seen - start, 3), row.resource, row.series, str(row.value)) for row in log.observations
    ]
    runs = [(run.resource, round(run.first - start, 3), round(run.last - start, 3)) for run in log.runs]
    return sorted(rows), sorted(runs)


async def test_the_requests_are_the_same_with_and_without_the_journal(tmp_path):
    without = await half_a_day(tmp_path / "off")
    file = tmp_path / "on" / "journal.db"

    assert await half_a_day(tmp_path / "on", **on(file)) == without
    assert len(without) > 200
    assert drives_in(file)


async def test_a_full_disk_does_not_stop_polling_and_loses_no_row_once_there_is_space(tmp_path, capsys):
    expected, file = tmp_path / "space" / "journal.db", tmp_path / "full" / "journal.db"
    requests = await half_a_day(tmp_path / "space", **on(expected))
    capsys.readouterr()

    assert await half_a_day(tmp_path / "full", full=True, **on(file)) == requests
    rows, runs = moments(file)
    assert rows == moments(expected)[0]
    assert runs == moments(expected)[1]
    assert len(runs) > len({name for name, *_ in runs})
    assert len(drives_in(file)) == len(drives_in(expected)) > 0
    assert is_whole(file)
    printed = capsys.readouterr().out
    assert printed.count("the journal cannot be written; polling continues") == 1
    assert printed.count("the journal is written again") == 1
    assert EX30.vin not in printed


async def test_a_file_that_is_damaged_while_the_exporter_runs_is_moved_aside(tmp_path, file, capsys):
    async with installed(tmp_path, a_world(start=MONDAY + 5.5 * HOUR, cars=(EX30,)), **on(file)) as it:
        await anyio.sleep(HOUR)
        assert (await it.scrape("/api/v1/drives")).status_code == 200
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        with file.open("r+b") as raw:
            for page in range(1, file.stat().st_size // 4096):
                raw.seek(page * 4096)
                raw.write(b"\xff" * 4096)
        await anyio.sleep(12 * HOUR)
        answer = (await it.scrape("/api/v1/drives")).json()
    aside = [one for one in file.parent.iterdir() if "damaged" in one.name]

    assert aside
    assert is_whole(file)
    assert drives_in(file)
    assert len(answer["drives"]) == len(drives_in(file))
    assert read(file, EX30.vin).processes[0].transition is Transition.START
    assert "moved aside" in capsys.readouterr().out


OFF = """
import sys, anyio, json, pathlib, trio.testing
sys.path.insert(0, {root!r})
from tests.support.installation import a_world, installed

async def main():
    folder = pathlib.Path({folder!r})
    async with installed(folder, a_world()) as it:
        await anyio.sleep(3600)
        assert (await it.scrape("/api/v1/drives")).status_code == 404
    loaded = [name for name in ("sqlalchemy", "alembic", "psycopg", "sqlite3") if name in sys.modules]
    print(json.dumps([loaded, sorted(one.name for one in folder.iterdir())]))

clock = trio.testing.MockClock(autojump_threshold=0)
anyio.run(main, backend="trio", backend_options={{"clock": clock}})
"""


def test_without_the_journal_no_database_library_is_imported_and_no_file_is_created(tmp_path, request):
    script = OFF.format(folder=str(tmp_path), root=str(request.config.rootpath))
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    loaded, files = json.loads(done.stdout.splitlines()[-1])
    assert loaded == []
    assert not [name for name in files if "journal" in name]
