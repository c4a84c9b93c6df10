"""Derives the events of a vehicle from the stored log, and stores them.

Everything works in the transaction of its caller: events, boundary and counters belong together.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy import Connection

from volvo_exporter.catalogue.model import Key
from volvo_exporter.catalogue.quantities import JOULES_PER_KWH
from volvo_exporter.journal import rows, schema, store
from volvo_exporter.journal.codec import KINDS, decode, encode, encode_event
from volvo_exporter.journal.derivation import BEGINNING, Derived, Settled, derive
from volvo_exporter.journal.events import Event
from volvo_exporter.journal.observations import Log
from volvo_exporter.journal.parameters import VERSION, Parameters
from volvo_exporter.journal.reading_store import decode_row, select_events
from volvo_exporter.journal.schema import event, settled
from volvo_exporter.journal.totals import NO_TOTALS, Totals, add, publish

DEFAULT_PARAMETERS = Parameters()

Derive = Callable[[Log, Parameters, Settled], Derived]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deriver:
    """How events are derived."""

    derive: Derive
    parameters: Callable[[str], Parameters]
    """By VIN."""
    version: int = VERSION


def build_deriver(
    usable_battery_capacity: Mapping[str, float], parameters: Parameters = DEFAULT_PARAMETERS
) -> Deriver:
    """Return how events are derived where the user gave some cars' capacity, in kWh by VIN."""
    joules = {vin: kwh * JOULES_PER_KWH for vin, kwh in usable_battery_capacity.items()}
    return Deriver(
        derive=lambda log, parameters, since: derive(log, parameters, since=since),
        parameters=lambda vin: replace(parameters, usable_battery_capacity_joules=joules.get(vin)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Boundary:
    """How far a vehicle is derived, as stored."""

    settled: Settled = BEGINNING
    published: Mapping[Key, float]
    is_current: bool = False
    """False where it is missing, or another version or other parameters derived it."""


@dataclass(slots=True, kw_only=True)
class _Known:
    """What was derived of a vehicle by this process."""

    boundary: str
    """The stored one that this belongs to: another process may have derived again."""
    totals: Totals
    open: tuple[str, ...] | None = None
    """The stored open events; None where they are not known."""
    open_since: float = 0.0
    """When the open events were last stored."""


OPEN_SECONDS = 600.0
"""How often an open event is stored while only its figures change; a new one is stored at once."""


class Derivations:
    """The events of the vehicles.

    Args:
        deriver: How events are derived.
    """

    def __init__(self, deriver: Deriver) -> None:
        self._deriver = deriver
        self._known: dict[str, _Known] = {}

    def forget(self) -> None:
        """Forget what was derived: a transaction was not committed."""
        self._known.clear()

    def update(self, connection: Connection, vin: str, *, now: float) -> Mapping[Key, float] | None:
        """Derive what the log shows beyond the boundary; return the counters if they may have changed."""
        vehicle = store.vehicle_id(connection, vin)
        boundary = self._boundary(connection, vin, vehicle)
        if not boundary.is_current:
            return self.rebuild(connection, vin, now=now)
        stored = encode(boundary.settled)
        known = self._known.get(vin)
        is_first = known is None or known.boundary != stored
        if known is None or is_first:
            known = _Known(boundary=stored, totals=_totals(connection, vehicle))
        derived = self._derive(connection, vin, boundary.settled)
        known.totals = add(known.totals, derived.events)
        values = publish(boundary.published, known.totals)
        if derived.events:
            self._store(connection, vin, vehicle, derived, values)
            known.boundary = encode(derived.settled)
        self._store_open(connection, vehicle, derived, known, now=now)
        self._known[vin] = known
        return _shown(known.totals, values) if derived.events or is_first else None

    def rebuild(self, connection: Connection, vin: str, *, now: float) -> Mapping[Key, float]:
        """Derive a vehicle from the beginning; return its counters."""
        vehicle = store.vehicle_id(connection, vin)
        published = self._boundary(connection, vin, vehicle).published
        connection.execute(sa.delete(event).where(event.c.vehicle_id == vehicle))
        derived = self._derive(connection, vin, BEGINNING)
        totals = add(NO_TOTALS, derived.events)
        values = publish(published, totals)
        self._store(connection, vin, vehicle, derived, values)
        known = _Known(boundary=encode(derived.settled), totals=totals)
        self._store_open(connection, vehicle, derived, known, now=now)
        self._known[vin] = known
        return _shown(totals, values)

    def outdate(self, connection: Connection, vin: str) -> None:
        """Let the next update derive a vehicle from the beginning; what its counters show is kept."""
        vehicle = store.vehicle_id(connection, vin)
        connection.execute(sa.update(settled).where(settled.c.vehicle_id == vehicle).values(parameters=""))

    def is_settled_at(self, connection: Connection, vin: str, moment: float) -> bool:
        """Return whether an event that is settled ends after a moment, or the vehicle was never derived."""
        vehicle = store.vehicle_id(connection, vin)
        later = sa.select(event.c.start).where(
            event.c.vehicle_id == vehicle,
            event.c.settled == sa.true(),
            event.c.end >= store.to_millis(moment),
        )
        return connection.scalar(later.limit(1)) is not None

    def _derive(self, connection: Connection, vin: str, since: Settled) -> Derived:
        log = rows.read_log(connection, vin, since=since.needed_from)
        return self._deriver.derive(log, self._deriver.parameters(vin), since)

    def _boundary(self, connection: Connection, vin: str, vehicle: int) -> Boundary:
        # In PostgreSQL, another process that derives this vehicle waits; SQLite has one writer anyway.
        owner = sa.select(schema.vehicle.c.id).where(schema.vehicle.c.id == vehicle)
        connection.execute(owner.with_for_update(key_share=True))
        found = connection.execute(sa.select(settled).where(settled.c.vehicle_id == vehicle)).first()
        if found is None:
            return Boundary(published={})
        published = {
            (name, tuple((label, text) for label, text in labels)): value
            for name, labels, value in json.loads(found.published)
        }
        current = (self._deriver.version, self._deriver.parameters(vin).fingerprint)
        if (found.version, found.parameters) != current:
            return Boundary(published=published)
        return Boundary(settled=decode(Settled, found.body), published=published, is_current=True)

    def _store(
        self,
        connection: Connection,
        vin: str,
        vehicle: int,
        derived: Derived,
        published: Mapping[Key, float],
    ) -> None:
        """Append settled events and move the boundary; what was open is stored again after this."""
        _delete_open(connection, vehicle)
        _insert(connection, vehicle, derived.events, is_settled=True)
        values = {
            "version": self._deriver.version,
            "parameters": self._deriver.parameters(vin).fingerprint,
            "body": encode(derived.settled),
            "published": json.dumps([[*key, value] for key, value in sorted(published.items())]),
        }
        statement = store.insert(connection, settled).values(vehicle_id=vehicle, **values)
        connection.execute(statement.on_conflict_do_update(index_elements=["vehicle_id"], set_=values))

    def _store_open(
        self, connection: Connection, vehicle: int, derived: Derived, known: _Known, *, now: float
    ) -> None:
        """Replace the open events where they changed."""
        bodies = tuple(f"{KINDS[type(one)]} {one.start.earliest} {encode_event(one)}" for one in derived.open)
        if not derived.events and known.open is not None:
            same = list(map(_which, bodies)) == list(map(_which, known.open))
            if bodies == known.open or (same and now < known.open_since + OPEN_SECONDS):
                return
        _delete_open(connection, vehicle)
        _insert(connection, vehicle, derived.open, is_settled=False)
        known.open, known.open_since = bodies, now


def _which(body: str) -> list[str]:
    """Return kind and start of an open event."""
    return body.split(" ", 2)[:2]


def _delete_open(connection: Connection, vehicle: int) -> None:
    is_open = event.c.settled == sa.false()
    connection.execute(sa.delete(event).where(event.c.vehicle_id == vehicle, is_open))


def _insert(connection: Connection, vehicle: int, events: Iterable[Event], *, is_settled: bool) -> None:
    found = list(events)
    if not found:
        return
    earliest = min(store.to_millis(one.start.earliest) for one in found)
    counted = sa.select(event.c.kind, event.c.start, sa.func.count().label("known")).where(
        event.c.vehicle_id == vehicle,
        # The key begins with the vehicle and the kind: without it, all events of the vehicle are read.
        event.c.kind.in_({KINDS[type(one)].value for one in found}),
        event.c.start >= earliest,
    )
    numbers = Counter(
        {(row.kind, row.start): row.known for row in connection.execute(counted.group_by("kind", "start"))}
    )
    values = []
    for one in found:
        kind, start = KINDS[type(one)], store.to_millis(one.start.earliest)
        values.append(
            {
                "vehicle_id": vehicle,
                "kind": kind.value,
                "start": start,
                "number": numbers[kind, start],
                "end": store.to_millis(one.end.latest),
                "settled": is_settled,
                "version": one.derivation.version,
                "parameters": one.derivation.parameters,
                "body": encode_event(one),
            }
        )
        numbers[kind, start] += 1
    connection.execute(sa.insert(event), values)


def _totals(connection: Connection, vehicle: int) -> Totals:
    """Return the sums of the stored settled events."""
    query = select_events().where(event.c.vehicle_id == vehicle, event.c.settled == sa.true())
    ordered = query.order_by(event.c.start, event.c.kind, event.c.number)
    return add(NO_TOTALS, (decode_row(row).event for row in connection.execute(ordered)))


def _shown(totals: Totals, published: Mapping[Key, float]) -> Mapping[Key, float]:
    return {**totals.latest, **published}
