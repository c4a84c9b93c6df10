"""The past of the demo, derived at real speed, and the fast cars that continue it."""

from dataclasses import replace

import pytest

from tests.support.journal_store import START
from volvo_exporter.backfill import PastPoller, Span
from volvo_exporter.catalogue.model import Key
from volvo_exporter.cli.filling import fill
from volvo_exporter.journal import rows
from volvo_exporter.journal.acceleration import build_accelerated_deriver, log_until
from volvo_exporter.journal.derivation import BEGINNING, Parameters, derive
from volvo_exporter.journal.engine import connected
from volvo_exporter.journal.events import Drive
from volvo_exporter.journal.location import Location
from volvo_exporter.journal.memory import JournalInMemory
from volvo_exporter.journal.observations import Log, Source, Transition
from volvo_exporter.journal.store import vins
from volvo_exporter.journal.writer import Writer
from volvo_exporter.simulator import World

DAY = 86400
END = int(START + 7 * 3600)
SPAN = Span(end=END, seconds=3 * DAY, step=300)
FAST = build_accelerated_deriver({}, speed=60.0, since=float(END))


def a_world() -> World:
    return World(clock=lambda: float(END))


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("demo") / "journal.db"
    fill(path, a_world(), seed=1, span=SPAN, speed=60.0)
    return path


@pytest.fixture(scope="module")
def logs(file) -> dict[str, Log]:
    with connected(Location(file=file), read_only=True) as engine, engine.connect() as connection:
        return {vin: rows.read_log(connection, vin) for vin in vins(connection)}


def derived(log, settled=BEGINNING):
    return FAST.derive(log, FAST.parameters(log.vin), settled)


@pytest.mark.slow
def test_the_past_is_derived_as_that_of_cars_at_real_speed(logs):
    for log in logs.values():
        assert derived(log) == derive(log, Parameters())
        assert [event for event in derived(log).events if isinstance(event, Drive)]


@pytest.mark.slow
def test_the_past_is_marked_as_backfilled_between_a_start_and_a_stop(logs):
    for log in logs.values():
        assert {row.source for row in log.observations} == {Source.BACKFILL}
        assert [row.transition for row in log.processes] == [Transition.START, Transition.STOP]
        assert (log.processes[0].at, log.processes[1].at) == (float(END - 3 * DAY), float(END))


@pytest.mark.slow
def test_deriving_in_two_parts_equals_deriving_at_once(logs):
    for log in logs.values():
        # The cars continue fast: they repeat the last day within 24 minutes.
        later = tuple(
            replace(row, seen=END + 60 + (row.seen - END + DAY) / 60, before=None, measured=None)
            for row in log.observations
            if row.seen > END - DAY
        )
        whole = replace(log, observations=(*log.observations, *later))
        first = derived(log_until(whole, END - DAY))
        second = derived(log, first.settled)
        third = derived(whole, second.settled)
        at_once = derived(whole)

        assert (*first.events, *second.events, *third.events) == at_once.events
        assert third.settled == at_once.settled
        assert len(at_once.events) > len(derived(log).events)


@pytest.mark.slow
def test_the_exporter_continues_the_filled_journal_without_deriving_it_again(file):
    writer = Writer(Location(file=file), FAST, version="1")
    writer.open(now=END + 1.0)
    values = writer.derive_all(now=END + 1.0)
    drives = {vin: counted["volvo_drives_total", ()] for vin, counted in values.items()}
    rebuilt = {vin: writer.rebuild(vin, now=END + 2.0) for vin in values}
    writer.close()

    assert min(drives.values()) > 2
    assert rebuilt == values


@pytest.mark.slow
def test_the_journal_in_memory_counts_the_same_events_as_the_stored_one(file):
    in_memory: dict[str, dict[Key, float]] = {}
    journal = JournalInMemory(
        attributes=lambda vin: poller.garage[vin].vehicle.attributes,
        on_values=lambda vin, values: in_memory.update({vin: dict(values)}),
    )
    poller = PastPoller(a_world(), seed=1, span=SPAN, take=journal.take)
    for moment in SPAN.moments():
        poller.poll(moment)
    writer = Writer(Location(file=file), FAST, version="1")
    stored = writer.derive_all(now=END + 3.0)
    writer.close()

    assert in_memory == stored
    assert len(stored) == len(a_world().cars)
