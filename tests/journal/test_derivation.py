"""Invariants of the derivation, checked on recorded logs that are damaged at random."""

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.journal_checks import (
    attributed,
    check_order,
    derive_in_parts,
    odometer_difference,
    until,
)
from tests.support.journal_files import a_writer, parts_of, stored_events
from tests.support.postgres import postgres
from volvo_exporter.journal.derivation import BEGINNING, Parameters, derive
from volvo_exporter.journal.events import Charge, Drive, Flag, Unattributed
from volvo_exporter.journal.location import Location
from volvo_exporter.journal.observations import Corrected, Correction
from volvo_exporter.simulator import Era

pytestmark = pytest.mark.slow
BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
DAYS = 2
LONG_RUN = settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))


def load(name):
    spec = importlib.util.spec_from_file_location(name, BENCHMARKS / f"{name}.py")
    sys.modules[name] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def fortnight():
    yield load("fortnight")
    del sys.modules["fortnight"]


@pytest.fixture(scope="module")
def comparison(fortnight):  # noqa: ARG001 - the benchmark imports it
    yield load("journal")
    del sys.modules["journal"]


@pytest.fixture(scope="module")
def whole(fortnight):
    """Logs of five kinds of car in two days without a gap."""
    return fortnight.record(fortnight.CARS, days=DAYS, era=Era.NULL)


@pytest.fixture(scope="module")
def logs(fortnight):
    """Logs of three kinds of car in two days with a gap on each."""
    cars = (fortnight.CARS[0], fortnight.CARS[2], fortnight.CARS[4])
    gaps = fortnight.daily_gaps(DAYS)
    return tuple(fortnight.record(cars, days=DAYS, era=Era.OMIT, gaps=gaps).values())


def damaged(log, random):
    """Delete, delay, repeat and reorder some rows of a log."""
    rows = list(log.observations)
    if random.random() < 0.6:
        share = random.choice([0.02, 0.2, 0.6])
        rows = [row for row in rows if random.random() > share]
    if random.random() < 0.4 and rows:
        series = random.choice(rows).series
        rows = [row for row in rows if row.series != series or random.random() < 0.5]
    if random.random() < 0.5:
        delay = random.choice([10.0, 300.0, 5000.0])
        rows = [replace(row, seen=row.seen + delay) if random.random() < 0.2 else row for row in rows]
    if random.random() < 0.5 and rows:
        again = random.sample(rows, min(len(rows), 40))
        rows += again
        rows += [replace(row, seen=row.seen + random.uniform(1.0, 4000.0)) for row in again]
    if random.random() < 0.5 and len(rows) > 1:
        for _ in range(30):
            first = random.randrange(len(rows) - 1)
            before, after = rows[first], rows[first + 1]
            rows[first] = replace(after, seen=before.seen)
            rows[first + 1] = replace(before, seen=after.seen)
    return replace(log, observations=tuple(sorted(rows, key=lambda row: row.seen)))


def corrections_of(log, random):
    """Return some corrections of drives and charges, at moments in them and anywhere."""
    derived = derive(log, Parameters())
    events = [event for event in (*derived.events, *derived.open) if isinstance(event, Drive | Charge)]
    made = []
    for number in range(random.randrange(6)):
        correction = random.choice(list(Correction))
        event = random.choice(events) if events else None
        at = 0.0 if event is None else random.choice([event.start.latest, event.end.latest + 60.0])
        at += random.uniform(0.0, 600.0)
        kind = random.choice(["drive", "charge", "refuel"])
        made.append(
            Corrected(
                vin=log.vin,
                made=float(number),
                correction=correction,
                kind=kind,
                at=at,
                text="work",
                amount=3.6e7,
            )
        )
    return replace(log, corrections=tuple(made))


@given(data=st.data())
@LONG_RUN
def test_lost_rows_never_change_the_total_distance_or_make_events_overlap(logs, data):
    random = Random(data.draw(st.integers(0, 10**9)))
    log = damaged(random.choice(logs), random)

    derived = derive(log, Parameters())

    assert attributed(derived) == odometer_difference(log)
    check_order(derived)


@given(data=st.data())
@LONG_RUN
def test_a_log_read_in_parts_gives_the_same_events(logs, data):
    random = Random(data.draw(st.integers(0, 10**9)))
    log = random.choice(logs)
    log = corrections_of(damaged(log, random) if random.random() < 0.7 else log, random)
    first, last = log.observations[0].seen, log.observations[-1].seen
    moments = [random.uniform(first, last) for _ in range(random.choice([1, 5, 40]))]

    derived = derive(log, Parameters())
    settled, end = derive_in_parts(log, moments, Parameters())

    assert repr(settled) == repr(derived.events)
    assert repr(end.open) == repr(derived.open)
    assert end.settled.memory == derived.settled.memory


@given(data=st.data())
@LONG_RUN
def test_corrections_neither_lose_distance_nor_make_events_overlap(logs, data):
    random = Random(data.draw(st.integers(0, 10**9)))
    log = corrections_of(random.choice(logs), random)

    derived = derive(log, Parameters())

    assert attributed(derived) == odometer_difference(log)
    check_order(derived)


def test_the_true_drives_and_charges_are_found_and_none_is_invented(whole, fortnight, comparison):
    figures = comparison.measure(fortnight.CARS, whole, DAYS)

    assert (figures.drives.found, figures.drives.invented) == (figures.drives.true, 0)
    assert (figures.charges.found, figures.charges.invented) == (figures.charges.true, 0)
    assert figures.drives.true >= 20
    assert figures.charges.true >= 8
    assert comparison.misses(figures, gaps=False) == []


@pytest.mark.services
def test_sqlite_and_postgresql_derive_the_same_events_of_the_same_days(whole, fortnight, tmp_path):
    ends = [fortnight.MONDAY + 3 * fortnight.HOUR * number for number in range(1, 8 * DAYS)]
    stored = []
    with postgres() as create:
        for location in (Location(file=tmp_path / "journal.db"), Location(url=create("days"))):
            writer = a_writer(location)
            writer.open(now=fortnight.MONDAY)
            # By time: the log of a car reaches as far as the last start or stop of the exporter.
            for batches in zip(*(parts_of(log, ends) for log in whole.values()), strict=True):
                for batch in batches:
                    writer.write(batch)
            writer.close()
            stored.append(sorted(map(repr, stored_events(location))))

    assert stored[0] == stored[1]
    derived = [derive(log, Parameters()) for log in whole.values()]
    assert len(stored[0]) == sum(len(one.events) + len(one.open) for one in derived)


def test_most_drives_are_settled_before_the_next_one(whole):
    for log in whole.values():
        derived = derive(log, Parameters())
        settled = [event for event in derived.events if isinstance(event, Drive)]
        provisional = [event for event in derived.open if isinstance(event, Drive)]

        assert len(settled) >= len(provisional) + 3


def test_a_drive_is_settled_a_quarter_of_an_hour_after_its_last_sign(whole):
    log = next(iter(whole.values()))
    drive = next(event for event in derive(log, Parameters()).events if isinstance(event, Drive))

    early = derive(until(log, drive.end.latest + 600), Parameters())
    late = derive(until(log, drive.end.latest + 1500), Parameters())

    assert not [event for event in early.events if isinstance(event, Drive)]
    assert [event.start for event in late.events if isinstance(event, Drive)] == [drive.start]


def test_without_rows_there_are_no_events(logs):
    derived = derive(replace(logs[0], observations=(), runs=(), processes=()), Parameters())

    assert (derived.events, derived.open, derived.settled) == ((), (), BEGINNING)


def test_a_split_divides_the_distance_and_a_merge_adds_it_up(whole):
    log = next(iter(whole.values()))
    drives = [event for event in derive(log, Parameters()).events if isinstance(event, Drive)]
    first, second = drives[:2]
    middle = (first.start.latest + first.end.earliest) / 2
    rest = (first.end.latest + second.start.earliest) / 2

    def correct(correction, at):
        made = Corrected(vin=log.vin, made=1.0, correction=correction, kind="drive", at=at)
        derived = derive(replace(log, corrections=(made,)), Parameters())
        return [event for event in derived.events if isinstance(event, Drive)]

    parts = correct(Correction.SPLIT, middle)
    merged = correct(Correction.MERGE, rest)

    assert sum(part.distance_meters for part in parts[:2]) == first.distance_meters
    assert min(part.distance_meters for part in parts[:2]) > 0
    assert all(Flag.USER in part.flags for part in parts[:2])
    assert merged[0].distance_meters == first.distance_meters + second.distance_meters
    assert {Flag.USER, Flag.MERGED} <= merged[0].flags
    assert len(merged[0].stops) == 1


def test_notes_tags_and_receipts_are_kept(whole):
    log = next(iter(whole.values()))
    charge = next(event for event in derive(log, Parameters()).events if isinstance(event, Charge))
    made = [
        (Correction.NOTE, "at work", None),
        (Correction.TAG, "business", None),
        (Correction.TAG, "paid", None),
        (Correction.UNTAG, "business", None),
        (Correction.RECEIPT, "", 3.6e7),
    ]
    corrections = tuple(
        Corrected(
            vin=log.vin,
            made=float(number),
            correction=correction,
            kind="charge",
            at=charge.start.latest,
            text=text,
            amount=amount,
        )
        for number, (correction, text, amount) in enumerate(made)
    )

    derived = derive(replace(log, corrections=corrections), Parameters())
    corrected = next(event for event in derived.events if isinstance(event, Charge))

    assert (corrected.note, corrected.tags) == ("at work", ("paid",))
    assert corrected.energy.receipt.estimate == 3.6e7
    assert corrected.energy.charge == charge.energy.charge
    assert Flag.USER in corrected.flags


def test_every_event_names_its_version_and_its_parameters(whole):
    log = next(iter(whole.values()))
    usual = derive(log, Parameters()).events
    other = derive(log, Parameters(usable_battery_capacity_joules=60 * 3.6e6)).events

    assert len({event.derivation for event in usual}) == 1
    assert usual[0].derivation != other[0].derivation


def test_no_distance_is_unattributed_in_an_ordinary_log(whole):
    for log in whole.values():
        derived = derive(log, Parameters())

        assert not [event for event in derived.events if isinstance(event, Unattributed)]
