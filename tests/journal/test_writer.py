"""The journal's log and events in a file of SQLite."""

from dataclasses import replace
from random import Random

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.journal_files import DERIVER, a_writer, is_whole, parts_of, read, stored_events
from tests.support.journal_rows import VIN, commuting, row
from volvo_exporter.catalogue import journal as families
from volvo_exporter.journal.failures import JournalUnavailable
from volvo_exporter.journal.observations import Corrected, Correction, Observed, Process, State, Transition
from volvo_exporter.journal.parameters import Parameters
from volvo_exporter.journal.writer import Batch

pytestmark = pytest.mark.slow

LONG_RUN = settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))
HOUR, DAY = 3600.0, 24 * 3600.0
KWH = 3.6e6
LONG_AGO = 1.7e9
TIMES = st.integers(min_value=-(10**9), max_value=2 * 10**12).map(lambda millis: millis / 1000)
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00\n"), max_size=20)
VALUES = st.one_of(
    st.floats(allow_nan=False),
    st.booleans(),
    TEXT,
    st.lists(TEXT.filter(bool), max_size=3).map(tuple),
)


@st.composite
def observed(draw):
    state = draw(st.sampled_from(State))
    seen = draw(TIMES)
    ago = st.none() | TIMES
    return Observed(
        vin=VIN,
        resource=draw(st.sampled_from(("odometer", "doors"))),
        series=draw(st.sampled_from(("volvo_odometer_meters", 'volvo_door_open{door="hood"}'))),
        state=state,
        value=draw(VALUES) if state is State.OK else None,
        measured=draw(ago),
        before=draw(ago),
        seen=seen,
    )


def distinct(rows):
    """Of rows of the same series at the same moment a log has one."""
    return list({(row.resource, row.series, row.seen): row for row in rows}.values())


def typed(rows):
    """1.0 and True are equal, but not the same value."""
    return sorted((row.seen, row.resource, row.series, repr(row)) for row in rows)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "journal.db"


@LONG_RUN
@given(rows=st.lists(observed(), max_size=8).map(distinct))
def test_what_is_read_back_is_what_was_written(tmp_path_factory, rows):
    file = tmp_path_factory.mktemp("journal") / "journal.db"
    writer = a_writer(file)
    writer.open(now=LONG_AGO)
    writer.write(Batch(at=LONG_AGO, observations=tuple(rows)))
    writer.close()

    assert typed(read(file, VIN).observations) == typed(rows)


def test_a_batch_that_is_written_twice_is_in_the_log_once(file):
    writer = a_writer(file)
    writer.open(now=0.0)
    log = commuting(1)
    for batch in (*parts_of(log, ()), *parts_of(log, ())):
        writer.write(batch)
    writer.close()

    assert typed(read(file, VIN).observations) == typed(log.observations)
    assert sorted(read(file, VIN).runs, key=repr) == sorted(log.runs, key=repr)


@pytest.mark.parametrize("seed", range(4))
def test_events_derived_part_by_part_equal_those_of_a_rebuild_byte_for_byte(file, seed):
    log = commuting(4)
    random = Random(seed)
    writer = a_writer(file)
    writer.open(now=0.0)
    for batch in parts_of(log, (random.uniform(0, 4 * DAY) for _ in range(40))):
        writer.write(batch)
        if random.random() < 0.1:  # a restart
            writer.close()
            writer = a_writer(file)
            writer.open(now=batch.at)
    in_parts = stored_events(file, settled=True)
    writer.rebuild(VIN, now=4 * DAY)
    writer.close()

    assert len(in_parts) > 20
    assert in_parts == stored_events(file, settled=True)


def written(file, days=4):
    writer = a_writer(file)
    writer.open(now=0.0)
    for batch in parts_of(commuting(days), (hour * HOUR for hour in range(24 * days))):
        writer.write(batch)
    return writer


def a_correction(correction, kind, at, **more):
    return Corrected(vin=VIN, made=4 * DAY, correction=correction, kind=kind, at=at, **more)


CORRECTIONS = (
    a_correction(Correction.SPLIT, "drive", DAY + 7.25 * HOUR),
    a_correction(Correction.MERGE, "drive", DAY + 10 * HOUR),
    a_correction(Correction.MERGE, "drive", 3 * DAY + 22 * HOUR),
    a_correction(Correction.MERGE, "charge", 3 * DAY + 23 * HOUR),
    a_correction(Correction.MERGE, "charge", 2 * DAY + 12 * HOUR),
    a_correction(Correction.NOTE, "drive", DAY + 7.25 * HOUR, text="to the sea"),
    a_correction(Correction.TAG, "charge", 19 * HOUR, text="at home"),
    a_correction(Correction.RECEIPT, "charge", 19 * HOUR, amount=9 * KWH),
    a_correction(Correction.NOTE, "drive", 4 * DAY, text="after the last drive"),
)


@pytest.mark.parametrize("correction", CORRECTIONS, ids=lambda one: f"{one.correction}-{one.kind}-{one.at:g}")
def test_corrections_survive_a_rebuild(file, correction):
    writer = written(file)
    writer.correct(correction)
    corrected = stored_events(file)
    writer.rebuild(VIN, now=4 * DAY)
    writer.close()

    assert stored_events(file) == corrected
    assert read(file, VIN).corrections == (correction,)


@pytest.mark.parametrize("moment", range(10, 96, 15))
def test_a_correction_equals_one_that_was_known_from_the_beginning_of_a_rebuild(file, moment):
    """Whenever it is made: the boundary lies elsewhere each time."""
    writer = a_writer(file)
    writer.open(now=0.0)
    for batch in parts_of(commuting(4), (hour * HOUR for hour in range(96))):
        writer.write(batch)
        if batch.at >= moment * HOUR:
            for kind in ("drive", "charge"):
                writer.correct(a_correction(Correction.MERGE, kind, batch.at - HOUR))
            break
    corrected = stored_events(file, settled=True)
    writer.rebuild(VIN, now=4 * DAY)
    writer.close()

    assert stored_events(file, settled=True) == corrected


def test_a_note_is_in_the_event_and_the_user_is_named_as_its_source(file):
    writer = written(file)
    writer.correct(CORRECTIONS[5])
    writer.close()

    (body,) = [one[-1] for one in stored_events(file) if "to the sea" in one[-1]]
    assert '"user"' in body


def test_counters_never_fall_after_a_correction(file):
    writer = written(file)
    before = writer.rebuild(VIN, now=4 * DAY)
    energy = (families.CHARGED_ENERGY.name, (("type", "unknown"),))
    drives = (families.DRIVES.name, ())
    lowering = (
        a_correction(Correction.RECEIPT, "charge", 19 * HOUR, amount=KWH),
        a_correction(Correction.MERGE, "drive", 10 * HOUR),
    )
    shown = [before, *(writer.correct(correction)[VIN] for correction in lowering)]
    writer.close()
    writer = a_writer(file)
    writer.open(now=5 * DAY)
    shown.append(writer.derive_all(now=5 * DAY)[VIN])
    writer.close()

    for key in (energy, drives):
        assert before[key] > 0
        assert [values[key] for values in shown] == sorted(values[key] for values in shown)


def test_a_crash_is_found_at_the_next_start(file):
    first = a_writer(file)
    first.open(now=100.0)
    first.write(Batch(at=160.0, observations=(row("volvo_odometer_meters", 1.0, seen=160.0),)))
    first.close()  # the process died: no stop was recorded
    second = a_writer(file)
    second.open(now=900.0)
    second.write(Batch(at=950.0, processes=(Process(at=950.0, transition=Transition.STOP, version="test"),)))
    second.close()
    third = a_writer(file)
    third.open(now=1000.0)
    third.close()

    assert [(one.transition, one.at) for one in read(file, VIN).processes] == [
        (Transition.START, 100.0),
        (Transition.CRASH, 160.0),
        (Transition.START, 900.0),
        (Transition.STOP, 950.0),
        (Transition.START, 1000.0),
    ]


def test_new_attributes_reach_every_event_even_if_the_first_attempt_to_derive_fails(file):
    """The capacity of a battery changes the energy of drives that are settled already."""
    writer = written(file)
    writer.close()
    failing = [True]

    def derive(log, parameters, since):
        if failing:
            failing.clear()
            message = "the disk is full"
            raise JournalUnavailable(message)
        return DERIVER.derive(log, parameters, since)

    writer = a_writer(file, replace(DERIVER, derive=derive))
    writer.open(now=4 * DAY)
    batch = Batch(at=4 * DAY, attributes={VIN: {"battery_capacity_kwh": "51"}})
    with pytest.raises(JournalUnavailable):
        writer.write(batch)
    writer.write(batch)
    retried = stored_events(file)
    writer.rebuild(VIN, now=4 * DAY)
    writer.close()

    assert retried == stored_events(file)


def test_other_parameters_derive_everything_again(file):
    written(file).close()
    before = stored_events(file)
    other = replace(DERIVER, parameters=lambda _vin: Parameters(usable_battery_capacity_joules=50 * KWH))
    writer = a_writer(file, other)
    writer.open(now=4 * DAY)
    writer.derive_all(now=4 * DAY)
    writer.close()

    assert [one[:-1] for one in stored_events(file)] == [one[:-1] for one in before]
    assert stored_events(file) != before


def test_a_file_without_a_database_is_moved_aside(file, capsys):
    file.write_bytes(b"no database" * 1000)
    writer = a_writer(file)
    writer.open(now=0.0)
    writer.close()

    aside = file.with_name("journal.db.damaged-19700101T000000Z")
    assert aside.read_bytes().startswith(b"no database")
    assert is_whole(file)
    assert "moved aside" in capsys.readouterr().out


def test_the_file_and_those_beside_it_are_private(file):
    writer = written(file, days=1)
    modes = {part.name: part.stat().st_mode & 0o777 for part in file.parent.iterdir()}
    writer.close()

    assert set(modes) == {"journal.db", "journal.db-wal", "journal.db-shm"}
    assert set(modes.values()) == {0o600}


def test_errors_of_the_database_show_no_vehicle(file):
    writer = written(file, days=1)
    engine = sa.create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE run")
    engine.dispose()
    with pytest.raises(JournalUnavailable) as raised:
        writer.write(parts_of(commuting(2), ())[0])
    writer.close()

    assert VIN not in str(raised.value)
