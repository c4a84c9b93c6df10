"""Two exporters on one journal: the second one waits, reports it, and takes over when the first one ends."""

import subprocess
import sys

import anyio
import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from tests.journal.test_interruptions import HOUR, a_morning, content, recording
from tests.support.installation import installed
from tests.support.journal_store import START, a_batch, a_deriver
from tests.support.postgres import postgres
from tests.support.services import until
from volvo_exporter.journal.engine import connected
from volvo_exporter.journal.failures import JournalUnavailable
from volvo_exporter.journal.location import Location
from volvo_exporter.journal.owner import IN_USE, owner_of
from volvo_exporter.journal.writer import Writer

HOLDERS = sa.text("SELECT pid FROM pg_locks WHERE locktype = 'advisory'")


@pytest.fixture(scope="module")
def server():
    with postgres() as create:
        yield create


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.services)])
def location(request, tmp_path):
    if request.param == "sqlite":
        return Location(file=tmp_path / "journal.db")
    create = request.getfixturevalue("server")
    return Location(url=create(f"d{abs(hash(request.node.nodeid)):x}"))


@pytest.fixture
def exporter(location):
    """Return a function that gives the writer of another exporter; all are closed at the end."""
    writers = []

    def create():
        writers.append(Writer(location, a_deriver(), version="1", owner=owner_of(location)))
        return writers[-1]

    yield create
    for writer in writers:
        writer.close()


def test_a_second_exporter_is_refused_until_the_first_one_ends(exporter):
    first, second = exporter(), exporter()
    first.open(now=START)
    with pytest.raises(JournalUnavailable, match="another exporter writes this journal"):
        second.open(now=START + 1)
    first.write(a_batch())
    first.close()

    second.open(now=START + 200)
    second.write(a_batch(at=START + 300))


def test_the_first_exporter_keeps_the_journal_while_others_try(exporter):
    first, second = exporter(), exporter()
    first.open(now=START)
    for number in range(3):
        with pytest.raises(JournalUnavailable):
            second.open(now=START + number)
        first.write(a_batch(at=START + 120 + number))


def test_a_command_writes_beside_the_exporter(exporter, location):
    first = exporter()
    first.open(now=START)
    first.write(a_batch())
    command = Writer(location, a_deriver(), version="1")

    assert [command.rebuild(vin, now=START + 200) for vin in command.vins()] != []
    command.close()


@pytest.mark.slow
def test_a_crash_releases_the_journal(exporter, location):
    script = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from tests.support.journal_store import START, a_deriver\n"
        "from volvo_exporter.journal.location import Location\n"
        "from volvo_exporter.journal.owner import owner_of\n"
        "from volvo_exporter.journal.writer import Writer\n"
        "kind, place = sys.argv[1:]\n"
        "location = Location(file=Path(place)) if kind == 'file' else Location(url=place)\n"
        "writer = Writer(location, a_deriver(), version='1', owner=owner_of(location))\n"
        "writer.open(now=START)\n"
        "print('open', flush=True)\n"
        "sys.stdin.read()\n"
    )
    place = ["file", str(location.file)] if location.file else ["url", location.url]
    command = [sys.executable, "-c", script, *place]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        with pytest.raises(JournalUnavailable, match="another exporter"):
            exporter().open(now=START + 1)
        process.kill()
        process.wait()

        second = exporter()
        # The server of PostgreSQL needs a moment to see that its client is gone.
        until(lambda: is_opened(second))


def is_opened(writer):
    """Open a journal; return whether that succeeded."""
    try:
        writer.open(now=START + 2)
    except JournalUnavailable:
        return False
    return True


@pytest.mark.services
def test_the_lock_is_taken_anew_after_the_connection_was_lost(server, request):
    location = Location(url=server(f"d{abs(hash(request.node.nodeid)):x}"))
    first = Writer(location, a_deriver(), version="1", owner=owner_of(location))
    second = Writer(location, a_deriver(), version="1", owner=owner_of(location))
    first.open(now=START)
    with connected(location) as engine, engine.begin() as connection:
        before = list(connection.scalars(HOLDERS))
        connection.execute(sa.text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": before[0]})

    first.write(a_batch())
    with pytest.raises(JournalUnavailable, match="another exporter"):
        second.open(now=START + 200)
    with connected(location) as engine, engine.begin() as connection:
        after = list(connection.scalars(HOLDERS))
    assert len(before) == len(after) == 1
    assert before != after

    first.close()
    second.close()


async def _record_until(it, file, ended):
    async with recording(it, file):
        await ended.wait()


@pytest.mark.slow
async def test_a_second_exporter_polls_reports_once_and_records_when_the_first_one_is_gone(tmp_path):
    file = tmp_path / "journal.db"
    with capture_logs() as lines:
        async with (
            installed(tmp_path, a_morning(), weather_api_key=None) as it,
            anyio.create_task_group() as tasks,
        ):
            ended = anyio.Event()
            tasks.start_soon(_record_until, it, file, ended)
            await anyio.sleep(60)
            async with recording(it, file):
                calls = len(it.calls())
                await anyio.sleep(HOUR)
                polled = len(it.calls()) - calls
                ended.set()
                left = it.world.now()
                await anyio.sleep(HOUR)

    assert polled > 10
    assert [line["reason"] for line in lines if line["log_level"] == "error"] == [IN_USE]
    assert [str(row.transition) for row in content(file).processes] == ["start", "stop", "start", "stop"]
    assert max(run.last for run in content(file).runs) > left
