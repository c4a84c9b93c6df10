"""Journals in a folder: a writer with the real derivation, and what its file contains."""

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import sqlalchemy as sa

from volvo_exporter.journal import rows
from volvo_exporter.journal.derivation import Parameters, derive
from volvo_exporter.journal.deriving import Deriver
from volvo_exporter.journal.engine import connect
from volvo_exporter.journal.location import Location
from volvo_exporter.journal.observations import Log
from volvo_exporter.journal.schema import event, vehicle
from volvo_exporter.journal.writer import Batch, Writer

DERIVER = Deriver(
    derive=lambda log, parameters, since: derive(log, parameters, since=since),
    parameters=lambda _vin: Parameters(),
)


def a_writer(location: Location | Path, deriver: Deriver = DERIVER) -> Writer:
    place = Location(file=location) if isinstance(location, Path) else location
    return Writer(place, deriver, version="test")


def parts_of(log: Log, moments: Iterable[float]) -> list[Batch]:
    """The batches in which a log arrives that is written at some moments."""
    batches, before = [], float("-inf")
    for moment in (*sorted(moments), float("inf")):
        observations = tuple(row for row in log.observations if before < row.seen <= moment)
        runs = tuple(replace(run, last=min(run.last, moment)) for run in log.runs if run.first <= moment)
        processes = tuple(row for row in log.processes if before < row.at <= moment)
        latest = max([row.seen for row in observations] + [run.last for run in runs], default=0.0)
        batches.append(Batch(at=latest, observations=observations, runs=runs, processes=processes))
        before = moment
    first = replace(batches[0], attributes={log.vin: log.attributes})
    return [first, *batches[1:]]


def read(location: Location | Path, vin: str) -> Log:
    place = Location(file=location) if isinstance(location, Path) else location
    engine = connect(place, read_only=True)
    try:
        with engine.connect() as connection:
            return rows.read_log(connection, vin)
    finally:
        engine.dispose()


def stored_events(location: Location | Path, *, settled: bool | None = None) -> list[Sequence[object]]:
    """The events as they are stored, byte for byte."""
    place = Location(file=location) if isinstance(location, Path) else location
    engine = connect(place, read_only=True)
    table = event.c
    wanted = (vehicle.c.vin, table.kind, table.start, table.number, table.end, table.settled, table.body)
    query = sa.select(*wanted).join(vehicle, vehicle.c.id == table.vehicle_id)
    if settled is not None:
        query = query.where(table.settled == sa.literal(settled))
    try:
        with engine.connect() as connection:
            found = connection.execute(query.order_by(vehicle.c.vin, table.start, table.kind, table.number))
            return [tuple(one) for one in found]
    finally:
        engine.dispose()


def is_whole(file: Path) -> bool:
    """Return whether SQLite finds no fault in a file."""
    with closing(sqlite3.connect(file)) as connection:
        return list(connection.execute("PRAGMA integrity_check")) == [("ok",)]
