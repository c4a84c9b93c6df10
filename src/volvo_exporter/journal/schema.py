"""The tables of the journal, for SQLite and PostgreSQL alike.

Times are integers: milliseconds since 1970 in UTC, as the API reports them; microseconds would add 2 bytes to
each. Enumerations are text with a CHECK, since a new member of an enumeration of PostgreSQL would need a
migration. A change here needs a revision in `migrations/`.
"""

from collections.abc import Iterable

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from volvo_exporter.journal.library import Kind
from volvo_exporter.journal.observations import Correction, Source, State, Transition

HEAD = "0001"
"""The newest revision of `migrations/`."""
TYPES = ("number", "flag", "state", "list")
ABSENCES = tuple(state for state in State if state is not State.OK)
metadata = MetaData()


def _one_of(name: str, values: Iterable[str]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{name} IN ({listed})", name=f"known_{name}")


def _vehicle() -> Column[int]:
    return Column("vehicle_id", Integer, ForeignKey("vehicle.id"), primary_key=True)


vehicle = Table(
    "vehicle",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("vin", Text, nullable=False, unique=True),
)
attribute = Table(
    "attribute",
    metadata,
    _vehicle(),
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
    sqlite_with_rowid=False,
)
series = Table(
    "series",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("vehicle_id", Integer, ForeignKey("vehicle.id"), nullable=False),
    Column("resource", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("type", Text, _one_of("type", TYPES), nullable=False),
    Column("source", Text, _one_of("source", Source), nullable=False),
    UniqueConstraint("vehicle_id", "resource", "name", "type", "source"),
)
"""What an observation is about; kept apart, because the words are longer than the values."""
observation = Table(
    "observation",
    metadata,
    Column("seen", BigInteger, primary_key=True),
    Column("series_id", Integer, ForeignKey("series.id"), primary_key=True),
    Column("absence", Text, _one_of("absence", ABSENCES)),
    Column("number", Double),
    Column("text", Text),
    Column("measured_ago", BigInteger),
    Column("before_ago", BigInteger),
    CheckConstraint(
        "CASE WHEN absence IS NULL THEN (number IS NULL) <> (text IS NULL) "
        "ELSE number IS NULL AND text IS NULL END",
        name="value_or_absence",
    ),
    sqlite_with_rowid=False,
)
"""Ordered by time, since pages that are only appended to are full. The vehicle is that of the series.

`measured_ago` and `before_ago` count back from `seen`: half as long as the moments, in each row.
"""
Index("observation_of_series", observation.c.series_id, observation.c.seen).ddl_if(dialect="postgresql")
run = Table(
    "run",
    metadata,
    _vehicle(),
    Column("resource", Text, primary_key=True),
    Column("first", BigInteger, primary_key=True),
    Column("last", BigInteger, nullable=False),
    CheckConstraint('"first" <= "last"', name="in_order"),
    sqlite_with_rowid=False,
)
process = Table(
    "process",
    metadata,
    Column("at", BigInteger, primary_key=True),
    Column("transition", Text, _one_of("transition", Transition), primary_key=True),
    Column("version", Text, nullable=False),
    Column("source", Text, _one_of("source", Source), nullable=False),
    sqlite_with_rowid=False,
)
correction = Table(
    "correction",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("vehicle_id", Integer, ForeignKey("vehicle.id"), nullable=False),
    Column("made", BigInteger, nullable=False),
    Column("correction", Text, _one_of("correction", Correction), nullable=False),
    Column("kind", Text, _one_of("kind", Kind), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("text", Text, nullable=False),
    Column("amount", Double),
)
event = Table(
    "event",
    metadata,
    _vehicle(),
    Column("kind", Text, _one_of("kind", Kind), primary_key=True),
    Column("start", BigInteger, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("end", BigInteger, nullable=False),
    Column("settled", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("parameters", Text, nullable=False),
    Column("body", Text, nullable=False),
    sqlite_with_rowid=False,
)
"""Derived events: the earliest start and the latest end. `number` distinguishes events of the same start."""
Index(
    "open_event",
    event.c.vehicle_id,
    sqlite_where=event.c.settled == false(),
    postgresql_where=event.c.settled == false(),
)
settled = Table(
    "settled",
    metadata,
    _vehicle(),
    Column("version", Integer, nullable=False),
    Column("parameters", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("published", Text, nullable=False),
    sqlite_with_rowid=False,
)
"""How far a vehicle is derived, and the counters that were shown last."""

LOG = (vehicle, attribute, series, observation, run, process, correction)
"""The tables that nothing can restore; the others are derived from them."""
TABLES = (*LOG, event, settled)
