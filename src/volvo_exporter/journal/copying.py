"""Copies a journal to another database: rows are the same on every engine."""

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, Table

from volvo_exporter.journal.engine import failures
from volvo_exporter.journal.failures import JournalUnavailable
from volvo_exporter.journal.migration import upgrade
from volvo_exporter.journal.schema import TABLES, vehicle

CHUNK = 1000
"""Rows at once."""


def copy(source: Engine, target: Engine) -> Mapping[str, int]:
    """Copy all rows to a database without a journal; return how many, by table.

    Raises:
        JournalUnavailable: One of them cannot be used, or the other has a journal already.
    """
    with failures():
        upgrade(target)
        with _snapshot(source).connect() as reading, target.begin() as writing:
            if writing.scalar(sa.select(vehicle.c.id).limit(1)) is not None:
                message = "the target contains a journal already; choose an empty database"
                raise JournalUnavailable(message)
            for table in TABLES:
                _copy_table(table, reading, writing)
            counts = {table.name: _count(table, writing) for table in TABLES}
            if counts != {table.name: _count(table, reading) for table in TABLES}:
                message = "the copy has another number of rows than the journal; nothing was copied"
                raise JournalUnavailable(message)
    return counts


def _snapshot(engine: Engine) -> Engine:
    """Return an engine whose transactions read everything as of their beginning, as those of SQLite do."""
    if engine.dialect.name != "postgresql":
        return engine
    return engine.execution_options(isolation_level="REPEATABLE READ")


def _copy_table(table: Table, reading: Connection, writing: Connection) -> None:
    rows = reading.execution_options(yield_per=CHUNK).execute(sa.select(table).order_by(*table.primary_key))
    for chunk in rows.mappings().partitions(CHUNK):
        writing.execute(sa.insert(table), [dict(row) for row in chunk])
    if writing.dialect.name == "postgresql" and "id" in table.c:
        # The keys were given, which leaves the counter for the next one behind.
        last = sa.select(sa.func.coalesce(sa.func.max(table.c.id), 0) + 1).scalar_subquery()
        counter = sa.func.pg_get_serial_sequence(table.name, "id")
        writing.execute(sa.select(sa.func.setval(counter, last, sa.false())))


def _count(table: Table, connection: Connection) -> int:
    return connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
