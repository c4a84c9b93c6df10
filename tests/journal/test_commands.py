"""`volvo-exporter journal …` on real databases."""

import json
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from dataclasses import replace

import anyio
import pytest
import sqlalchemy as sa
import yaml
from click.testing import CliRunner

from tests.support.installation import LOGIN, MONDAY, a_world, installed
from tests.support.journal_rows import BEV, VIN, engine, row
from tests.support.postgres import PASSWORD, postgres
from volvo_exporter.cli import commands
from volvo_exporter.journal import store
from volvo_exporter.journal.backups import MAX_BACKUPS, back_up, daily
from volvo_exporter.journal.deriving import Derivations, build_deriver
from volvo_exporter.journal.engine import connect, connected
from volvo_exporter.journal.failures import JournalUnavailable
from volvo_exporter.journal.knowledge import ODOMETER
from volvo_exporter.journal.location import Location
from volvo_exporter.journal.observations import Corrected, Correction, Observed, Run
from volvo_exporter.journal.schema import TABLES, event, vehicle
from volvo_exporter.journal.writer import Batch, Writer
from volvo_exporter.simulator import FLEET

NOON = 1793620800.0  # 2026-11-02 12:00 UTC
DAY = 86_400
OTHER_VIN = "YV1OTHER"


def drive(start: float) -> tuple[Observed, ...]:
    """A drive of 20 minutes and 12 km, as two resources report it each minute."""
    return (
        engine(runs=False, seen=start),
        row(ODOMETER, 1_000_000.0, seen=start),
        engine(runs=True, seen=start + 600, before=start + 540, measured=start + 590),
        engine(runs=False, seen=start + 1800, before=start + 1740, measured=start + 1790),
        row(ODOMETER, 1_012_000.0, seen=start + 1860, before=start + 1800, measured=start + 1790),
    )


def a_writer(file):
    return Writer(Location(file=file), build_deriver({}), version="test")


def write_drive(writer: Writer, start: float) -> None:
    observations = drive(start)
    end = start + 6 * 3600
    runs = tuple(
        Run(vin=VIN, resource=resource, first=start, last=end)
        for resource in sorted({one.resource for one in observations})
    )
    writer.write(Batch(at=end, observations=observations, runs=runs, attributes={VIN: BEV}))


@pytest.fixture
def file(tmp_path):
    """A journal with a drive and a note."""
    path = tmp_path / "volvo_journal.db"
    writer = a_writer(path)
    writer.open(now=NOON)
    write_drive(writer, NOON)
    note = Corrected(
        vin=VIN,
        made=NOON + DAY,
        correction=Correction.NOTE,
        kind="drive",
        at=NOON + 1200,
        text="Göteborg",
    )
    writer.correct(note)
    writer.close()
    return path


@pytest.fixture
def run(tmp_path):
    """Run a command of the journal with settings of its own."""

    def invoke(*arguments, **settings):
        config = tmp_path / "config.yaml"
        token_file = str(tmp_path / "volvo_token.json")
        config.write_text(yaml.safe_dump({**LOGIN, "token_file": token_file, **settings}))
        command, *rest = arguments
        return CliRunner().invoke(commands, ["journal", command, "--config", str(config), *map(str, rest)])

    return invoke


def rows_of(location):
    """Every row of every table."""
    source = connect(location, read_only=location.file is not None)
    with source.connect() as connection:
        found = {table.name: sorted(map(repr, connection.execute(sa.select(table)))) for table in TABLES}
    source.dispose()
    return found


def kinds_of(file):
    with closing(sqlite3.connect(file)) as connection:
        return dict(connection.execute("SELECT kind, count(*) FROM event GROUP BY kind"))


# backup


def test_a_backup_has_every_row_and_only_its_owner_can_read_it(file, run, tmp_path):
    target = tmp_path / "copies" / "copy.db"

    done = run("backup", target)

    assert done.exit_code == 0, done.output
    assert str(target) in done.output
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert rows_of(Location(file=target)) == rows_of(Location(file=file))
    assert rows_of(Location(file=target))["observation"]


def test_a_backup_has_what_the_running_exporter_wrote_last(file, run, tmp_path):
    writer = a_writer(file)
    writer.open(now=NOON + DAY)
    write_drive(writer, NOON + 2 * DAY)  # not yet moved from the log of SQLite to the file

    assert run("backup", tmp_path / "copy.db").exit_code == 0
    assert rows_of(Location(file=tmp_path / "copy.db")) == rows_of(Location(file=file))
    writer.close()


def test_a_backup_without_a_name_is_dated_and_replaces_the_one_of_the_day(file, run):
    done = [run("backup") for _ in range(2)]

    assert [one.exit_code for one in done] == [0, 0], done[0].output + done[1].output
    (written,) = (file.parent / "backups").iterdir()
    assert written.name.startswith("volvo_journal-2")
    assert len(written.name) == len("volvo_journal-20261102.db")
    assert str(written) in done[0].output


def test_a_backup_does_not_overwrite_another_file(file, run, tmp_path):
    target = tmp_path / "taxes.db"
    target.write_text("important")

    done = run("backup", target)

    assert file.exists()
    assert (done.exit_code, target.read_text()) == (2, "important")
    assert f"{target} exists" in done.output


def test_a_backup_that_fails_leaves_no_file(file, run, tmp_path):
    file.write_bytes(b"no database, " * 1000)

    done = run("backup", tmp_path / "folder" / "copy.db")

    assert done.exit_code == 1
    assert "damaged" in done.output
    assert isinstance(done.exception, SystemExit)
    assert list((tmp_path / "folder").iterdir()) == []


def test_daily_backups_are_kept_for_a_week(file):
    days = [NOON + day * DAY for day in range(MAX_BACKUPS + 3)]
    other = daily(file, now=NOON).with_name("volvo_journal-before-update.db")
    back_up(file, other)
    writer = a_writer(file)

    for now in days:
        writer.back_up(now=now)
    writer.close()

    kept = sorted(path.name for path in other.parent.iterdir())
    assert kept == sorted([*(daily(file, now=now).name for now in days[-MAX_BACKUPS:]), other.name])


def test_the_daily_backup_of_a_day_is_written_once(file):
    writer = a_writer(file)
    writer.back_up(now=NOON)
    written = daily(file, now=NOON).stat()
    writer.back_up(now=NOON + 3600)
    writer.close()

    assert daily(file, now=NOON).stat().st_ino == written.st_ino


def test_a_backup_that_cannot_be_written_is_an_error_of_the_journal(file):
    (file.parent / "backups").write_text("a file in place of the folder")

    with pytest.raises(JournalUnavailable, match="backups"):
        back_up(file, daily(file, now=NOON))


@pytest.mark.slow
async def test_the_exporter_backs_up_its_journal_once_a_day(tmp_path):
    world = a_world(start=MONDAY + 22 * 3600, cars=FLEET[:1])
    async with installed(tmp_path, world, journal="on"):
        await anyio.sleep(3600)
        first = (tmp_path / "backups" / "volvo_journal-20261102.db").stat()
        await anyio.sleep(3 * 3600)

    written = sorted((tmp_path / "backups").iterdir())
    assert [one.name for one in written] == ["volvo_journal-20261102.db", "volvo_journal-20261103.db"]
    assert written[0].stat().st_mtime_ns == first.st_mtime_ns
    runs = [rows_of(Location(file=one))["run"] for one in written]
    assert runs[0] != runs[1]


# rebuild


def test_a_rebuild_derives_the_same_events_again_and_keeps_corrections(file, run):
    before = rows_of(Location(file=file))

    done = run("rebuild")

    assert done.exit_code == 0, done.output
    assert rows_of(Location(file=file)) == before
    assert "drive               1        1" in done.output
    assert "Göteborg" in str(before["event"])


def test_a_rebuild_restores_events_that_are_missing(file, run):
    before = kinds_of(file)
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("DELETE FROM event WHERE kind = 'drive'")

    done = run("rebuild", "--vin", VIN.lower())

    assert "drive               0        1" in done.output, done.output
    assert kinds_of(file) == before


def test_a_rebuild_of_one_car_leaves_the_others_alone(file, run):
    engine_ = connect(Location(file=file))
    with engine_.begin() as connection:
        other = store.vehicle_id(connection, OTHER_VIN)
        known = connection.execute(sa.select(event).where(event.c.kind == "drive")).mappings().one()
        connection.execute(sa.insert(event), {**known, "vehicle_id": other})
    engine_.dispose()

    done = run("rebuild", "--vin", VIN)

    assert "drive               1        1" in done.output, done.output
    assert kinds_of(file)["drive"] == 2


def test_a_rebuild_works_while_the_exporter_has_the_journal_open(file, run):
    writer = a_writer(file)
    writer.open(now=NOON + DAY)
    write_drive(writer, NOON + 2 * DAY)
    open_before = kinds_of(file)

    done = run("rebuild")
    write_drive(writer, NOON + 4 * DAY)
    writer.close()

    assert done.exit_code == 0, done.output
    assert open_before["drive"] == 2
    assert kinds_of(file)["drive"] == 3


def test_a_rebuild_of_an_unknown_car_changes_nothing(file, run):
    before = rows_of(Location(file=file))

    done = run("rebuild", "--vin", "YV1UNKNOWN")

    assert done.exit_code == 2
    assert "no such vehicle" in done.output
    assert rows_of(Location(file=file)) == before


# export


def test_an_export_has_every_row_of_the_log_by_time(file, run):  # noqa: ARG001
    done = run("export")

    every = [json.loads(line) for line in done.output.splitlines()]
    lines = [line for line in every if line["table"] != "attribute"]
    moments = [line.get("seen") or line.get("first") or line.get("made") or line["at"] for line in lines]
    kinds = [line["table"] for line in lines]
    assert done.exit_code == 0
    assert moments == sorted(moments)
    assert {kind: kinds.count(kind) for kind in kinds} == {
        "process": 1,
        "observation": 5,
        "run": 2,
        "correction": 1,
    }
    assert lines[-1] == {
        "table": "correction",
        "vin": VIN,
        "made": NOON + DAY,
        "correction": "note",
        "kind": "drive",
        "at": NOON + 1200,
        "text": "Göteborg",
        "amount": None,
    }


@pytest.mark.slow
def test_an_export_to_a_closed_pipe_ends_without_a_traceback(file, tmp_path):
    config = tmp_path / "config.yaml"
    config.write_text(yaml.safe_dump({**LOGIN, "journal_file": str(file)}))
    command = f"{sys.executable} -m volvo_exporter journal export --config {config} | true"

    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)

    assert (done.stdout, done.stderr) == ("", "")


# what is wrong


@pytest.mark.parametrize("command", ["backup", "copy", "rebuild", "export"])
def test_a_command_names_the_fix_if_the_journal_is_off(command, file, run):  # noqa: ARG001
    arguments = ["--to", "postgresql://localhost/volvo"] if command == "copy" else []
    done = run(command, *arguments, journal="off")

    assert done.exit_code == 2
    assert "set journal: on" in done.output


@pytest.mark.parametrize("command", ["backup", "copy", "rebuild", "export"])
def test_a_command_names_the_file_that_is_missing_and_creates_none(command, run, tmp_path):
    arguments = ["--to", "postgresql://localhost/volvo"] if command == "copy" else []
    missing = tmp_path / "elsewhere.db"

    done = run(command, *arguments, journal_file=str(missing))

    assert done.exit_code == 2
    assert f"journal_file: {missing} does not exist" in " ".join(done.output.split())
    assert not missing.exists()


@pytest.mark.parametrize("command", ["rebuild", "export"])
def test_a_file_of_another_version_is_not_touched(command, file, run):
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")

    done = run(command)

    assert done.exit_code == 2
    assert "version of the exporter" in done.output


@pytest.mark.parametrize("command", ["rebuild", "export"])
def test_a_damaged_file_is_reported_without_a_traceback(command, file, run):
    file.write_bytes(b"no database, " * 1000)

    done = run(command)

    assert done.exit_code == 1
    assert "damaged" in done.output
    assert isinstance(done.exception, SystemExit)


@pytest.mark.parametrize("url", ["mysql://u:hunter2@host/x", "postgresql://u:hunter2@host:port/x"])
def test_a_wrong_url_is_reported_without_its_password(url, file, run, tmp_path):
    done = run("copy", "--to", url)

    assert done.exit_code == 2
    assert "postgresql://user:password@host/name" in done.output
    assert {path.name for path in tmp_path.iterdir()} == {"config.yaml", file.name}
    assert "hunter2" not in done.output


def test_a_copy_needs_a_database(file, run):  # noqa: ARG001
    done = run("copy")

    assert done.exit_code == 2
    assert "--to" in done.output


def test_a_database_that_does_not_answer_is_reported_without_the_password(file, run):  # noqa: ARG001
    done = run("copy", "--to", "postgresql://u:hunter2@127.0.0.1:1/x")

    assert done.exit_code == 1
    assert "hunter2" not in done.output
    assert isinstance(done.exception, SystemExit)


@pytest.mark.slow
def test_the_help_of_the_commands_needs_no_database_library():
    script = (
        "import sys\nfrom volvo_exporter.cli import main\n"
        "try:\n    main(['journal', 'copy', '--help'])\nexcept SystemExit:\n    pass\n"
        "assert not {'sqlalchemy', 'alembic'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


# PostgreSQL


@pytest.fixture(scope="module")
def cluster():
    with postgres() as create:
        yield create


@pytest.fixture
def database(cluster, request):
    """The URL of an empty database."""
    return cluster(f"d{abs(hash(request.node.nodeid)):x}")


@pytest.mark.slow
@pytest.mark.services
def test_a_copy_has_every_row_and_can_be_extended(file, run, database):
    done = run("copy", "--to", database)

    assert done.exit_code == 0, done.output
    assert PASSWORD not in done.output
    copied = rows_of(Location(url=database))
    assert copied == rows_of(Location(file=file))
    assert f"observation: {len(copied['observation'])} rows" in done.output
    continued = connect(Location(url=database))
    with continued.begin() as connection:  # its key is a new one
        store.vehicle_id(connection, OTHER_VIN)
        assert connection.scalar(sa.select(sa.func.count()).select_from(vehicle)) == 2
    continued.dispose()


@pytest.mark.slow
@pytest.mark.services
def test_a_database_with_rows_or_other_tables_is_refused(file, run, database):  # noqa: ARG001
    assert run("copy", "--to", database).exit_code == 0
    before = rows_of(Location(url=database))

    again = run("copy", "--to", database)

    assert again.exit_code == 1
    assert "not empty" in again.output
    assert PASSWORD not in again.output
    assert rows_of(Location(url=database)) == before


@pytest.mark.slow
@pytest.mark.services
def test_rebuild_and_export_work_in_postgresql_and_backup_names_its_tool(file, run, database):
    exported = run("export").output
    assert run("copy", "--to", database).exit_code == 0

    rebuilt = run("rebuild", database_url=database)
    backup = run("backup", database_url=database)

    assert "drive               1        1" in rebuilt.output, rebuilt.output
    assert rows_of(Location(url=database)) == rows_of(Location(file=file))
    assert run("export", database_url=database).output == exported
    assert (backup.exit_code, "pg_dump" in backup.output) == (2, True)


@pytest.mark.slow
@pytest.mark.services
def test_a_copy_in_postgresql_can_be_copied_back_to_a_file(file, run, database, tmp_path):
    assert run("copy", "--to", database).exit_code == 0
    back = tmp_path / "back.db"

    done = run("copy", "--to", back, database_url=database)

    assert done.exit_code == 0, done.output
    assert rows_of(Location(file=back)) == rows_of(Location(file=file))
    assert stat.S_IMODE(back.stat().st_mode) == 0o600


@pytest.mark.slow
@pytest.mark.services
def test_no_process_derives_a_car_in_postgresql_while_another_one_rebuilds_it(file, run, database):  # noqa: ARG001
    assert run("copy", "--to", database).exit_code == 0
    deriver = build_deriver({})

    def too_early(*_):
        pytest.fail("derived from what the other process is about to replace")

    with connected(Location(url=database)) as server, server.begin() as rebuilding:
        Derivations(deriver).rebuild(rebuilding, VIN, now=NOON + DAY)
        with server.connect() as exporter:
            exporter.exec_driver_sql("SET LOCAL lock_timeout = '200ms'")
            with pytest.raises(sa.exc.OperationalError, match="lock timeout"):
                Derivations(replace(deriver, derive=too_early)).update(exporter, VIN, now=NOON + DAY)


@pytest.mark.slow
@pytest.mark.services
def test_a_wrong_password_is_not_printed(file, run, database):  # noqa: ARG001
    done = run("copy", "--to", database.replace(PASSWORD, "hunter2"))

    assert done.exit_code == 1
    assert "authentication failed" in done.output
    assert "hunter2" not in done.output
