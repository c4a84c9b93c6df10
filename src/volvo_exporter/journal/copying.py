"""Copies a journal to another database: rows are the same on every engine."""

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, Table

from volvo_exporter.journal.engine import failures
from volvo_exporter.journal.failures import JournalUnavailable
from volvo_exporter.journal.migration import require_current, upgrade
from volvo_exporter.journal.schema import TABLES

CHUNK = 1000
"""Rows at once."""
_OURS = {"alembic_version", *(table.name for table in TABLES)}


def copy(source: Engine, target: Engine) -> Mapping[str, int]:
    """Copy all rows to an empty database; return how many, by table.

    Raises:
        JournalUnavailable: One of them cannot be used, or the other is not empty.
    """
    with failures():
        with target.connect() as connection:
            _require_empty(connection)
        upgrade(target)
        with _snapshot(source).connect() as reading, target.begin() as writing:
            require_current(reading)
            _require_empty(writing)
            for table in TABLES:
                _copy_table(table, reading, writing)
            counts = {table.name: _count(table, writing) for table in TABLES}
            if counts != {table.name: _count(table, reading) for table in TABLES}:
                message = "the copy has another number of rows than the journal; nothing was copied"
                raise JournalUnavailable(message)
    return counts


def _require_empty(connection: Connection) -> None:
    known = set(sa.inspect(connection).get_table_names())
    ours = [table for table in TABLES if table.name in known]
    if known - _OURS or any(_count(table, connection) for table in ours):
        message = "the target is not empty; choose an empty database"
        raise JournalUnavailable(message)


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
