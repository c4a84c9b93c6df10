"""Appends the rows of the log. Every function works in the transaction of its caller."""

from collections.abc import Iterable, Mapping

import sqlalchemy as sa
from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

from volvo_exporter.journal import schema
from volvo_exporter.journal.observations import Corrected, Observed, Process, Run, State
from volvo_exporter.vehicles.reading import Value

SECOND = 1000
"""In milliseconds."""
ATTRIBUTES = ("model", "model_year", "fuel_type", "battery_capacity_kwh")
"""What the derivation may need of a vehicle besides its readings."""


def to_millis(seconds: float) -> int:
    """Return a time of the exporter as a time of the tables."""
    return round(seconds * SECOND)


def to_seconds(millis: int) -> float:
    """Return a time of the tables as a time of the exporter."""
    return millis / SECOND


def insert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Return an INSERT with ON CONFLICT, which both engines have in the same words."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def vehicle_id(connection: Connection, vin: str) -> int:
    """Return the key of a vehicle, which is added if it is new."""
    query = sa.select(schema.vehicle.c.id).where(schema.vehicle.c.vin == vin)
    known = connection.scalar(query)
    if known is None:
        connection.execute(insert(connection, schema.vehicle).on_conflict_do_nothing(), {"vin": vin})
        known = connection.execute(query).scalar_one()
    return int(known)


def vins(connection: Connection) -> tuple[str, ...]:
    """Return every vehicle of the journal, in the order in which they came."""
    return tuple(connection.scalars(sa.select(schema.vehicle.c.vin).order_by(schema.vehicle.c.id)))


class Appender:
    """Appends rows of the log; remembers the keys of vehicles and series."""

    def __init__(self) -> None:
        self._vehicles: dict[str, int] = {}
        self._series: dict[tuple[int, str, str, str, str], int] = {}

    def forget(self) -> None:
        """Forget the keys: a transaction that added some was not committed."""
        self._vehicles.clear()
        self._series.clear()

    def observations(self, connection: Connection, rows: Iterable[Observed]) -> None:
        """Append observations; one that is in the log already is left out."""
        values = [self._observation(connection, row) for row in rows]
        if values:
            connection.execute(insert(connection, schema.observation).on_conflict_do_nothing(), values)

    def runs(self, connection: Connection, runs: Iterable[Run]) -> None:
        """Append runs, and extend those that are in the log."""
        values = [
            {
                "vehicle_id": self.vehicle(connection, run.vin),
                "resource": run.resource,
                "first": to_millis(run.first),
                "last": to_millis(run.last),
            }
            for run in runs
        ]
        if values:
            statement = insert(connection, schema.run)
            keys = [column.name for column in schema.run.primary_key]
            last = {"last": statement.excluded.last}
            connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=last), values)

    def vehicle(self, connection: Connection, vin: str) -> int:
        """Return the key of a vehicle."""
        if vin not in self._vehicles:
            self._vehicles[vin] = vehicle_id(connection, vin)
        return self._vehicles[vin]

    def _observation(self, connection: Connection, row: Observed) -> Mapping[str, object]:
        kind, number, text = _split(row.value)
        vehicle, seen = self.vehicle(connection, row.vin), to_millis(row.seen)
        key = (vehicle, row.resource, row.series, kind, row.source.value)
        return {
            "seen": seen,
            "series_id": self._series_id(connection, key, any_type=row.value is None),
            "absence": None if row.state is State.OK else row.state.value,
            "number": number,
            "text": text,
            "measured_ago": None if row.measured is None else seen - to_millis(row.measured),
            "before_ago": None if row.before is None else seen - to_millis(row.before),
        }

    def _series_id(
        self, connection: Connection, key: tuple[int, str, str, str, str], *, any_type: bool
    ) -> int:
        if key in self._series:
            return self._series[key]
        table = schema.series.c
        names = ("vehicle_id", "resource", "name", "type", "source")
        values = dict(zip(names, key, strict=True))
        wanted = {name: value for name, value in values.items() if name != "type" or not any_type}
        query = sa.select(table.id).where(*(table[name] == value for name, value in wanted.items()))
        known = connection.scalar(query.order_by(table.id.desc()).limit(1))
        if known is None:
            connection.execute(insert(connection, schema.series).on_conflict_do_nothing(), values)
            known = connection.scalar(query)
        found = int(known or 0)
        if not any_type:
            self._series[key] = found
        return found


def _split(value: Value | None) -> tuple[str, float | None, str | None]:
    """Return type, number and text of a value."""
    match value:
        case None:
            return "number", None, None
        case bool():
            return "flag", float(value), None
        case str():
            return "state", None, value
        case tuple():
            return "list", None, "\n".join(value)
        case _:
            # SQLite has no -0.0: it is made 0.0 for PostgreSQL as well.
            return "number", float(value) + 0.0, None


def append_process(connection: Connection, row: Process) -> None:
    """Append a start, a stop or a crash of the exporter."""
    values = {
        "at": to_millis(row.at),
        "transition": row.transition.value,
        "version": row.version,
        "source": row.source.value,
    }
    connection.execute(insert(connection, schema.process).on_conflict_do_nothing(), values)


def append_correction(connection: Connection, row: Corrected) -> None:
    """Append a correction of a user."""
    values = {
        "vehicle_id": vehicle_id(connection, row.vin),
        "made": to_millis(row.made),
        "correction": row.correction.value,
        "kind": row.kind,
        "at": to_millis(row.at),
        "text": row.text,
        "amount": row.amount,
    }
    connection.execute(sa.insert(schema.correction), values)


def set_attributes(connection: Connection, vin: str, attributes: Mapping[str, str]) -> bool:
    """Store the attributes of a vehicle; return whether one is new or has changed."""
    vehicle = vehicle_id(connection, vin)
    table = schema.attribute.c
    known = connection.execute(sa.select(table.name, table.value).where(table.vehicle_id == vehicle))
    before = {row.name: row.value for row in known}
    changed = [
        {"vehicle_id": vehicle, "name": name, "value": value}
        for name, value in attributes.items()
        if name in ATTRIBUTES and value and before.get(name) != value
    ]
    if changed:
        statement = insert(connection, schema.attribute)
        value = {"value": statement.excluded.value}
        keys = ["vehicle_id", "name"]
        connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=value), changed)
    return bool(changed)
