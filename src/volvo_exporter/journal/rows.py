"""Reads the log. Every function works in the transaction of its caller."""

import math
from collections.abc import Iterable, Iterator, Sequence
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection, Row

from volvo_exporter.journal.observations import (
    Corrected,
    Correction,
    Log,
    Observed,
    Process,
    Run,
    Source,
    State,
    Transition,
)
from volvo_exporter.journal.schema import attribute, correction, observation, process, run, series, vehicle
from volvo_exporter.journal.store import to_millis, to_seconds
from volvo_exporter.vehicles.reading import Value

MAX_SECONDS = 1e12
"""Of a time: what 64 bits hold in milliseconds is nine thousand times as much."""
FETCHED_ROWS = 1000
_OBSERVATIONS = (
    sa.select(
        vehicle.c.vin,
        series.c.resource,
        series.c.name,
        series.c.type,
        series.c.source,
        observation.c.seen,
        observation.c.absence,
        observation.c.number,
        observation.c.text,
        observation.c.measured_ago,
        observation.c.before_ago,
    )
    .join(series, series.c.id == observation.c.series_id)
    .join(vehicle, vehicle.c.id == series.c.vehicle_id)
    .order_by(observation.c.seen, observation.c.series_id)
)
_RUNS = (
    sa.select(vehicle.c.vin, run.c.resource, run.c.first, run.c.last)
    .join(vehicle, vehicle.c.id == run.c.vehicle_id)
    .order_by(run.c.first, run.c.resource)
)
_CORRECTIONS = (
    sa.select(vehicle.c.vin, correction)
    .join(vehicle, vehicle.c.id == correction.c.vehicle_id)
    .order_by(correction.c.id)
)


def read_log(connection: Connection, vin: str, *, since: float = -math.inf) -> Log:
    """Return the log of a vehicle: what was seen at `since` or later, and all corrections and processes."""
    start = bounded(since)
    of_vehicle = vehicle.c.vin == vin
    attributes = connection.execute(
        sa.select(attribute.c.name, attribute.c.value)
        .join(vehicle, vehicle.c.id == attribute.c.vehicle_id)
        .where(of_vehicle)
        .order_by(attribute.c.name)
    )
    return Log(
        vin=vin,
        observations=observations(connection, of_vehicle, observation.c.seen >= start),
        runs=runs(connection, of_vehicle, run.c.last >= start),
        processes=processes(connection),
        corrections=corrections(connection, of_vehicle),
        attributes=MappingProxyType({row.name: row.value for row in attributes}),
    )


def observations(connection: Connection, *conditions: ColumnElement[bool]) -> tuple[Observed, ...]:
    """Return observations by `seen`."""
    return tuple(map(_observed, connection.execute(_OBSERVATIONS.where(*conditions))))


def each_observation(connection: Connection) -> Iterator[Observed]:
    """Return the observations of all vehicles by `seen`, a few at a time: the log may not fit in memory."""
    query = _OBSERVATIONS.execution_options(yield_per=FETCHED_ROWS)
    yield from map(_observed, connection.execute(query))


def latest(connection: Connection, *conditions: ColumnElement[bool]) -> tuple[Observed, ...]:
    """Return the last observation of each series."""
    last = (
        sa.select(observation.c.series_id, sa.func.max(observation.c.seen))
        .join(series, series.c.id == observation.c.series_id)
        .join(vehicle, vehicle.c.id == series.c.vehicle_id)
        .where(*conditions)
        .group_by(observation.c.series_id)
    )
    key = sa.tuple_(observation.c.series_id, observation.c.seen)
    return _last_of_each(observations(connection, key.in_(last)))


def before(connection: Connection, moment: float, *conditions: ColumnElement[bool]) -> tuple[Observed, ...]:
    """Return the last observation of each series before a moment.

    Each is searched backwards from there: SQLite has no index by series, and `latest` reads the whole log.
    """
    row = observation.alias()
    last = (
        sa.select(row.c.seen)
        .where(row.c.series_id == series.c.id, row.c.seen < bounded(moment))
        .order_by(row.c.seen.desc())
        .limit(1)
        .correlate(series)
        .scalar_subquery()
    )
    return _last_of_each(observations(connection, *conditions, observation.c.seen == last))


def _last_of_each(rows: Iterable[Observed]) -> tuple[Observed, ...]:
    """Return the last row of each series, which has one for each type of its values, of rows by `seen`."""
    return tuple({(row.vin, row.resource, row.series): row for row in rows}.values())


def runs(connection: Connection, *conditions: ColumnElement[bool]) -> tuple[Run, ...]:
    """Return runs by `first`."""
    return tuple(
        Run(vin=row.vin, resource=row.resource, first=to_seconds(row.first), last=to_seconds(row.last))
        for row in connection.execute(_RUNS.where(*conditions))
    )


def last_runs(connection: Connection) -> tuple[Run, ...]:
    """Return the last run of each resource."""
    last = sa.select(run.c.vehicle_id, run.c.resource, sa.func.max(run.c.first))
    key = sa.tuple_(run.c.vehicle_id, run.c.resource, run.c.first)
    return runs(connection, key.in_(last.group_by(run.c.vehicle_id, run.c.resource)))


def processes(connection: Connection) -> tuple[Process, ...]:
    """Return starts, stops and crashes by time."""
    return tuple(
        Process(
            at=to_seconds(row.at),
            transition=Transition(row.transition),
            version=row.version,
            source=Source(row.source),
        )
        for row in connection.execute(sa.select(process).order_by(process.c.at, process.c.transition))
    )


def corrections(connection: Connection, *conditions: ColumnElement[bool]) -> tuple[Corrected, ...]:
    """Return corrections in the order in which they were made."""
    return tuple(
        Corrected(
            vin=row.vin,
            made=to_seconds(row.made),
            correction=Correction(row.correction),
            kind=row.kind,
            at=to_seconds(row.at),
            text=row.text,
            amount=row.amount,
        )
        for row in connection.execute(_CORRECTIONS.where(*conditions))
    )


def last_moment(connection: Connection) -> float | None:
    """Return when the exporter last received anything; None where it never did."""
    moments: Sequence[int | None] = (
        connection.scalar(sa.select(sa.func.max(observation.c.seen))),
        connection.scalar(sa.select(sa.func.max(run.c.last))),
    )
    known = [moment for moment in moments if moment is not None]
    return to_seconds(max(known)) if known else None


def bounded(seconds: float) -> int:
    """Return a time of the tables; one before or after all others for infinity."""
    return to_millis(max(-MAX_SECONDS, min(MAX_SECONDS, seconds)))


def _observed(row: Row[*tuple[Any, ...]]) -> Observed:
    seen = row.seen
    return Observed(
        vin=row.vin,
        resource=row.resource,
        series=row.name,
        state=State.OK if row.absence is None else State(row.absence),
        value=_value(row.type, row.number, row.text),
        measured=None if row.measured_ago is None else to_seconds(seen - row.measured_ago),
        before=None if row.before_ago is None else to_seconds(seen - row.before_ago),
        seen=to_seconds(seen),
        source=Source(row.source),
    )


def _value(kind: str, number: float | None, text: str | None) -> Value | None:
    if text is not None:
        return text if kind == "state" else tuple(text.split("\n")) if text else ()
    if number is None:
        return None
    return bool(number) if kind == "flag" else float(number)
