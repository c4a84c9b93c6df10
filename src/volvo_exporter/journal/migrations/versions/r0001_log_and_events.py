"""Tables of the log and of the events."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "vehicle",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("vin", sa.Text, nullable=False, unique=True),
    )
    op.create_table(
        "attribute",
        _vehicle(),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "series",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("vehicle_id", sa.Integer, sa.ForeignKey("vehicle.id"), nullable=False),
        sa.Column("resource", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("type", sa.Text, _one_of("type", "number", "flag", "state", "list"), nullable=False),
        sa.Column("source", sa.Text, _source(), nullable=False),
        sa.UniqueConstraint("vehicle_id", "resource", "name", "type", "source"),
    )
    op.create_table(
        "observation",
        sa.Column("seen", sa.BigInteger, primary_key=True),
        sa.Column("series_id", sa.Integer, sa.ForeignKey("series.id"), primary_key=True),
        sa.Column("absence", sa.Text, _one_of("absence", "null", "unspecified", "error")),
        sa.Column("number", sa.Double),
        sa.Column("text", sa.Text),
        sa.Column("measured_ago", sa.BigInteger),
        sa.Column("before_ago", sa.BigInteger),
        sa.CheckConstraint(
            "CASE WHEN absence IS NULL THEN (number IS NULL) <> (text IS NULL) "
            "ELSE number IS NULL AND text IS NULL END",
            name="value_or_absence",
        ),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "postgresql":
        # A database of many cars; a file is smaller without it.
        op.create_index("observation_of_series", "observation", ["series_id", "seen"])
    op.create_table(
        "run",
        _vehicle(),
        sa.Column("resource", sa.Text, primary_key=True),
        sa.Column("first", sa.BigInteger, primary_key=True),
        sa.Column("last", sa.BigInteger, nullable=False),
        sa.CheckConstraint('"first" <= "last"', name="in_order"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "process",
        sa.Column("at", sa.BigInteger, primary_key=True),
        sa.Column("transition", sa.Text, _one_of("transition", "start", "stop", "crash"), primary_key=True),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("source", sa.Text, _source(), nullable=False),
        sqlite_with_rowid=False,
    )
    corrections = ("split", "merge", "note", "tag", "untag", "receipt")
    op.create_table(
        "correction",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("vehicle_id", sa.Integer, sa.ForeignKey("vehicle.id"), nullable=False),
        sa.Column("made", sa.BigInteger, nullable=False),
        sa.Column("correction", sa.Text, _one_of("correction", *corrections), nullable=False),
        sa.Column("kind", sa.Text, _kind(), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("amount", sa.Double),
    )
    _create_derived_tables()


def _create_derived_tables() -> None:
    op.create_table(
        "event",
        _vehicle(),
        sa.Column("kind", sa.Text, _kind(), primary_key=True),
        sa.Column("start", sa.BigInteger, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("end", sa.BigInteger, nullable=False),
        sa.Column("settled", sa.Boolean, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("parameters", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    is_open = sa.column("settled") == sa.false()
    op.create_index("open_event", "event", ["vehicle_id"], sqlite_where=is_open, postgresql_where=is_open)
    op.create_table(
        "settled",
        _vehicle(),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("parameters", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("published", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )


def _vehicle() -> sa.Column[int]:
    return sa.Column("vehicle_id", sa.Integer, sa.ForeignKey("vehicle.id"), primary_key=True)


def _source() -> sa.CheckConstraint:
    return _one_of("source", "poll", "backfill")


def _kind() -> sa.CheckConstraint:
    return _one_of("kind", "drive", "charge", "plug", "refuel", "standing", "unattributed")


def _one_of(name: str, *values: str) -> sa.CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"{name} IN ({listed})", name=f"known_{name}")
