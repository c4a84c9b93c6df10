"""The journal as pages, JSON and metrics read it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, Row, Select

from volvo_exporter.journal import rows
from volvo_exporter.journal.codec import decode_event
from volvo_exporter.journal.engine import failures
from volvo_exporter.journal.events import Derivation
from volvo_exporter.journal.library import Entry, Found, Kind, Query
from volvo_exporter.journal.observations import Corrected, Observed
from volvo_exporter.journal.schema import event, observation, series, vehicle
from volvo_exporter.journal.store import SECOND, vins

_KEY_PARTS = 3


class ReadingStore:
    """Implements `library.Library` on the tables.

    Args:
        engine: Opens connections that only read.
        correct: Stores a correction and derives the vehicle again.
    """

    def __init__(self, engine: Engine, *, correct: Callable[[Corrected], None]) -> None:
        self._engine = engine
        self._correct = correct

    def find(self, query: Query) -> Found:
        """Return a page of events; raises ValueError for a wrong cursor, and JournalUnavailable."""
        table = event.c
        wanted = select_events().where(
            table.kind == query.kind.value,
            table.end > rows.bounded(query.since),
            table.start < rows.bounded(query.until),
        )
        if query.vins:
            wanted = wanted.where(vehicle.c.vin.in_(query.vins))
        if query.cursor:
            start, owner, number = _parse(query.cursor)
            key = sa.tuple_(table.start, table.vehicle_id, table.number)
            wanted = wanted.where(key < sa.tuple_(start, owner, number))
        wanted = wanted.order_by(table.start.desc(), table.vehicle_id.desc(), table.number.desc())
        with failures(), self._engine.connect() as connection:
            found = connection.execute(wanted.limit(query.limit + 1)).all()
        page = found[: query.limit]
        cursor = _format(page[-1]) if len(found) > len(page) > 0 else ""
        return Found(entries=tuple(map(decode_row, page)), cursor=cursor)

    def get(self, kind: Kind, event_id: str) -> Entry | None:
        """Return one event; None where there is none. Raises JournalUnavailable."""
        try:
            start, owner, number = _parse(event_id)
        except ValueError:
            return None
        table = event.c
        key = (table.kind == kind.value, table.start == start, table.vehicle_id == owner)
        with failures(), self._engine.connect() as connection:
            row = connection.execute(select_events().where(*key, table.number == number)).first()
        return None if row is None else decode_row(row)

    def observations(
        self, vin: str, series: Sequence[str], *, since: float, until: float
    ) -> tuple[Observed, ...]:
        """Return rows of the log by `seen`, and the row before `since` of each series."""
        named = (vehicle.c.vin == vin, _NAME.in_(series))
        start, end = rows.bounded(since), rows.bounded(until)
        with failures(), self._engine.connect() as connection:
            before = rows.before(connection, since, *named)
            seen = observation.c.seen
            return (*before, *rows.observations(connection, *named, seen >= start, seen <= end))

    def vins(self) -> tuple[str, ...]:
        """Return every vehicle with events or observations."""
        with failures(), self._engine.connect() as connection:
            return vins(connection)

    def correct(self, correction: Corrected) -> None:
        """Store a correction and derive the vehicle again; raises JournalUnavailable."""
        self._correct(correction)

    def close(self) -> None:
        """Close the connections; the next query opens the file that is then at its path."""
        self._engine.dispose()


_NAME = series.c.name


def select_events() -> Select[Any]:
    """Return the query of events with their vehicles."""
    return sa.select(vehicle.c.vin, event).join(vehicle, vehicle.c.id == event.c.vehicle_id)


def count_events(connection: Connection, vin: str) -> Mapping[Kind, int]:
    """Return the number of events of a vehicle, in the transaction of the caller."""
    query = sa.select(event.c.kind, sa.func.count().label("events")).join(vehicle)
    counted = connection.execute(query.where(vehicle.c.vin == vin).group_by(event.c.kind))
    return {Kind(row.kind): row.events for row in counted}


def decode_row(row: Row[Any]) -> Entry:
    """Return the event of a row."""
    kind = Kind(row.kind)
    derivation = Derivation(version=row.version, parameters=row.parameters)
    found = decode_event(kind, row.body, vin=row.vin, derivation=derivation)
    return Entry(id=_format(row), settled=bool(row.settled), event=found)


def _format(row: Row[Any]) -> str:
    """Return the id of an event, which is the place of a page's end as well."""
    return f"{row.start:x}-{row.vehicle_id:x}-{row.number:x}"


def _parse(text: str) -> tuple[int, int, int]:
    """Return start, vehicle and number of an id; raises ValueError where it is none."""
    parts = text.split("-")
    if len(parts) != _KEY_PARTS:
        message = "not an event"
        raise ValueError(message)
    start, owner, number = (int(part, 16) for part in parts)
    if max(start, owner, number) > rows.MAX_SECONDS * SECOND:
        message = "not an event"
        raise ValueError(message)
    return start, owner, number
