"""Storage on both engines: what is written is read again, and is the same on SQLite and PostgreSQL."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from tests.support.journal_store import (
    ODOMETER,
    OTHER,
    START,
    VIN,
    a_batch,
    a_deriver,
    a_drive,
    a_note,
    a_row,
    a_writer,
    an_engine,
    some_rows,
)
from tests.support.postgres import postgres
from volvo_exporter.journal import rows
from volvo_exporter.journal.copying import copy
from volvo_exporter.journal.failures import JournalUnavailable
from volvo_exporter.journal.library import Kind, Query
from volvo_exporter.journal.location import Location
from volvo_exporter.journal.migration import revision
from volvo_exporter.journal.observations import State, Transition
from volvo_exporter.journal.reading_store import ReadingStore
from volvo_exporter.journal.schema import HEAD, TABLES, metadata
from volvo_exporter.journal.writer import Batch


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


def log_of(location, vin=VIN, **more):
    with an_engine(location, read_only=True).connect() as connection:
        return rows.read_log(connection, vin, **more)


def library(location):
    return ReadingStore(an_engine(location, read_only=True), correct=lambda _: None)


def content(location):
    """Every row of every table."""
    with an_engine(location, read_only=True).connect() as connection:
        return {
            table.name: [
                tuple(row) for row in connection.execute(sa.select(table).order_by(*table.primary_key))
            ]
            for table in TABLES
        }


def fill(location):
    writer = a_writer(location, deriver=a_deriver())
    writer.write(a_batch())
    writer.write(a_batch(OTHER, at=START + 130))
    writer.correct(a_note(at=START + 60))
    writer.close()


def test_rows_of_the_log_are_read_as_they_were_written(location):
    writer = a_writer(location, deriver=a_deriver(), now=START)
    writer.write(a_batch())
    writer.correct(a_note())
    log = log_of(location)

    assert set(log.observations) == set(some_rows())
    assert [row.seen for row in log.observations] == sorted(row.seen for row in some_rows())
    assert log.runs == a_batch().runs
    assert log.corrections == (a_note(),)
    assert log.attributes == {"model": "EX30", "model_year": "2024"}
    assert a_batch().processes[0] in log.processes


def test_only_rows_since_a_moment_are_read(location):
    fill(location)
    log = log_of(location, since=START + 62)

    assert {row.seen for row in log.observations} == {START + 62, START + 63, START + 64}
    assert log.runs == ()
    assert len(log.corrections) == 1
    assert log.processes


def test_rows_that_are_written_again_are_not_doubled(location):
    writer = a_writer(location)
    writer.write(a_batch())
    writer.write(replace(a_batch(), runs=(replace(a_batch().runs[0], last=START + 99),)))

    assert len(log_of(location).observations) == len(some_rows())
    assert [run.last for run in log_of(location).runs] == [START + 99]


def test_recorder_continues_with_the_last_row_of_each_series(location):
    fill(location)
    recorder = a_writer(location).open(now=START + 1000)

    last = {row.series: row for row in recorder.latest if row.vin == VIN}
    assert last[ODOMETER].value == 12346000.0
    assert last["volvo_charge"].state is State.ERROR
    assert last["volvo_warnings"].value == ()
    assert recorder.runs == ()


def test_a_process_that_did_not_stop_has_crashed_at_its_last_row(location):
    a_writer(location, now=START - 10, version="1").write(replace(a_batch(), processes=()))
    a_writer(location, now=START + 500, version="2")
    transitions = [(row.transition, row.at, row.version) for row in log_of(location).processes]

    assert transitions == [
        (Transition.START, START - 10, "1"),
        (Transition.CRASH, START + 64, "1"),
        (Transition.START, START + 500, "2"),
    ]


def test_a_process_that_stopped_has_not_crashed(location):
    a_writer(location).write(a_batch())
    a_writer(location, now=START + 500)

    assert Transition.CRASH not in {row.transition for row in log_of(location).processes}


def test_events_are_paged_latest_first(location):
    writer = a_writer(location, deriver=a_deriver())
    for number in range(5):
        writer.write(Batch(at=START, observations=(a_row(float(number), seen=START + 60 * number),)))
    store = library(location)
    found, pages, query = [], 0, Query(kind=Kind.DRIVE, limit=2)
    while True:
        page = store.find(query)
        found += page.entries
        pages += 1
        if not page.cursor:
            break
        query = replace(query, cursor=page.cursor)

    assert pages == 3
    assert [entry.event for entry in found] == [a_drive(number) for number in (5, 4, 3, 2, 1, 0)]
    assert [entry.settled for entry in found] == [False, True, True, True, True, True]
    assert all(store.get(Kind.DRIVE, entry.id) == entry for entry in found)
    assert len({entry.id for entry in found}) == 6
    assert not any(VIN in entry.id for entry in found)


def test_events_are_found_by_vehicle_and_time(location):
    fill(location)
    store = library(location)

    assert {entry.event.vin for entry in store.find(Query(kind=Kind.DRIVE)).entries} == {VIN, OTHER}
    assert {entry.event.vin for entry in store.find(Query(kind=Kind.DRIVE, vins=(OTHER,))).entries} == {OTHER}
    late = store.find(Query(kind=Kind.DRIVE, vins=(VIN,), since=START + 80, until=START + 110)).entries
    assert [entry.event.start.earliest for entry in late] == [START + 60]
    assert store.find(Query(kind=Kind.CHARGE)).entries == ()
    assert store.vins() == (VIN, OTHER)


@pytest.mark.parametrize("key", ["", "x", "1-2", "1-2-zz", "-1-2-3", "1-2-3-4", f"{10**30:x}-1-0"])
def test_an_id_without_an_event_is_not_found(location, key):
    fill(location)

    assert library(location).get(Kind.DRIVE, key) is None
    if key:
        with pytest.raises(ValueError, match=r".+"):
            library(location).find(Query(kind=Kind.DRIVE, cursor=key))


def test_curve_begins_with_the_row_before_it(location):
    fill(location)
    found = library(location).observations(VIN, [ODOMETER], since=START + 30, until=START + 90)

    assert [row.value for row in found] == [12345000.0, 12346000.0]


def test_a_correction_of_a_settled_event_derives_the_vehicle_again(location):
    writer = a_writer(location, deriver=a_deriver())
    writer.write(a_batch())
    writer.correct(a_note(at=START + 60, text="to work"))

    notes = [entry.event.note for entry in library(location).find(Query(kind=Kind.DRIVE)).entries]
    assert notes == ["", "to work", ""]


def test_another_version_of_the_derivation_derives_again(location):
    a_writer(location, deriver=a_deriver()).write(a_batch())
    newer = a_deriver(lambda log, _, since: replace(a_deriver().derive(log, _, since), open=()), version=2)
    writer = a_writer(location, deriver=newer, now=START + 900)
    writer.derive_all(now=START + 900)

    assert len(library(location).find(Query(kind=Kind.DRIVE)).entries) == 2


def test_counters_survive_a_restart_and_do_not_fall(location):
    first = a_writer(location, deriver=a_deriver()).write(a_batch())[VIN]
    again = a_writer(location, deriver=a_deriver(), now=START + 900).derive_all(now=START + 900)[VIN]
    fewer = a_deriver(
        lambda _log, _, since: replace(a_deriver().derive(_log, _, since), events=()), version=2
    )
    less = a_writer(location, deriver=fewer, now=START + 950).derive_all(now=START + 950)[VIN]
    key = ("volvo_drives_total", ())

    assert first[key] == again[key] == less[key] == 2


def test_tables_are_those_of_the_first_revision(location):
    from alembic.autogenerate import compare_metadata  # noqa: PLC0415
    from alembic.migration import MigrationContext  # noqa: PLC0415

    a_writer(location)
    with an_engine(location).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = [
            one for one in compare_metadata(context, metadata) if "observation_of_series" not in str(one)
        ]

        assert differences == []
        assert revision(connection) == HEAD


@pytest.mark.services
def test_sqlite_and_postgresql_store_the_same(tmp_path, server):
    places = (Location(file=tmp_path / "journal.db"), Location(url=server("same")))
    for place in places:
        fill(place)

    assert content(places[0]) == content(places[1])


@pytest.mark.services
def test_copy_to_postgresql_and_back_has_the_same_rows(tmp_path, server):
    file, database, back = (
        Location(file=tmp_path / "journal.db"),
        Location(url=server("copied")),
        Location(file=tmp_path / "back.db"),
    )
    fill(file)
    counts = copy(an_engine(file, read_only=True), an_engine(database))
    copy(an_engine(database, read_only=True), an_engine(back))

    assert counts["observation"] == 2 * len(some_rows())
    assert content(file) == content(database) == content(back)
    # The counters of keys were moved, so that rows can be added.
    a_writer(database, now=START + 5000).write(a_batch("YV1TESTCAR0000003"))


def test_a_journal_is_not_copied_over_another_one(tmp_path):
    first, second = Location(file=tmp_path / "a.db"), Location(file=tmp_path / "b.db")
    fill(first)
    fill(second)

    with pytest.raises(JournalUnavailable, match="the target is not empty"):
        copy(an_engine(first), an_engine(second))
