"""The one writer of the journal: opens, appends, derives, corrects. Blocks; it runs in a thread of its own.

Raises JournalUnavailable where the database or the disk fails, and ConfigurationError where only a user can
help. A file that is damaged is moved aside, and a new one is begun.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType

import structlog
from sqlalchemy import Connection, Engine

from volvo_exporter.catalogue.model import Key
from volvo_exporter.journal import backups, rows, store
from volvo_exporter.journal.deriving import Derivations, Deriver
from volvo_exporter.journal.engine import connect, create_private, failures
from volvo_exporter.journal.failures import JournalDamaged
from volvo_exporter.journal.library import Kind
from volvo_exporter.journal.location import Location
from volvo_exporter.journal.migration import upgrade
from volvo_exporter.journal.observations import Corrected, Correction, Observed, Process, Run, Transition
from volvo_exporter.journal.owner import NoOwner, Owner
from volvo_exporter.journal.reading_store import count_events
from volvo_exporter.journal.recorder import Recorder
from volvo_exporter.journal.store import Appender

Values = Mapping[str, Mapping[Key, float]]
"""Counters and latest figures by VIN."""
_RESHAPING = (Correction.SPLIT, Correction.MERGE)
"""They change what lies around their moment as well: a merge after a settled drive makes it a longer one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What is appended together."""

    at: float
    """Unix time."""
    observations: tuple[Observed, ...] = ()
    runs: tuple[Run, ...] = ()
    attributes: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: MappingProxyType({}))
    """By VIN, where they may have changed."""
    processes: tuple[Process, ...] = ()

    @property
    def vins(self) -> tuple[str, ...]:
        """The vehicles of the batch."""
        known = (*(row.vin for row in self.observations), *(run.vin for run in self.runs), *self.attributes)
        return tuple(dict.fromkeys(known))


class Writer:
    """Writes the journal.

    Args:
        location: Where it is stored.
        deriver: How events are derived.
        version: Of the exporter.
        owner: Keeps other exporters from writing the same journal.
    """

    def __init__(
        self, location: Location, deriver: Deriver, *, version: str, owner: Owner | None = None
    ) -> None:
        self._location = location
        self._version = version
        self._engine = connect(location)
        self._appender = Appender()
        self._derivations = Derivations(deriver)
        self._owner = owner or NoOwner()

    def open(self, *, now: float) -> Recorder:
        """Create or update the tables, record the start and return what the log ends with."""
        try:
            self.prepare()
        except JournalDamaged as error:
            self._move_aside(error, now=now)
            self.prepare()
        with self._transaction() as connection:
            self._record_start(connection, now)
            return Recorder(observations=rows.latest(connection), runs=rows.last_runs(connection))

    def write(self, batch: Batch) -> Values:
        """Append a batch, derive its vehicles, and return the counters that may have changed."""
        with self._transaction() as connection:
            for row in batch.processes:
                store.append_process(connection, row)
            self._appender.observations(connection, batch.observations)
            self._appender.runs(connection, batch.runs)
            for vin, attributes in batch.attributes.items():
                if store.set_attributes(connection, vin, attributes):
                    # With the attributes: if the process ends before it derives, the next one knows.
                    self._derivations.outdate(connection, vin)
        # In a transaction of its own: what the car reported is kept, whatever is derived from it.
        return self._derive(batch.vins, now=batch.at)

    def vins(self) -> tuple[str, ...]:
        """Return every vehicle of the journal, whose tables are brought up to date."""
        with failures():
            upgrade(self._engine)
        with self._transaction() as connection:
            return store.vins(connection)

    def count(self, vin: str) -> Mapping[Kind, int]:
        """Return the number of events of a vehicle."""
        with self._transaction() as connection:
            return count_events(connection, vin)

    def back_up(self, *, now: float) -> None:
        """Make the backup of the day where it is missing; PostgreSQL has programs of its own for that."""
        file = self._location.file
        if file is not None and not (target := backups.daily(file, now=now)).exists():
            backups.back_up(file, target)
            backups.prune(file)

    def derive_all(self, *, now: float) -> Values:
        """Derive every vehicle, as after a start: the log may have rows that were not derived."""
        with self._transaction() as connection:
            known = store.vins(connection)
        return self._derive(known, now=now)

    def correct(self, correction: Corrected) -> Values:
        """Append a correction and derive its vehicle again."""
        vin = correction.vin
        with self._transaction(durable=True) as connection:
            store.append_correction(connection, correction)
            if correction.correction in _RESHAPING or self._derivations.is_settled_at(
                connection, vin, correction.at
            ):
                return {vin: self._derivations.rebuild(connection, vin, now=correction.made)}
            values = self._derivations.update(connection, vin, now=correction.made)
            return {} if values is None else {vin: values}

    def rebuild(self, vin: str, *, now: float) -> Mapping[Key, float]:
        """Derive a vehicle from the beginning of the log."""
        with self._transaction(durable=True) as connection:
            return self._derivations.rebuild(connection, vin, now=now)

    def close(self) -> None:
        """Close the connections; SQLite moves what is in its log to the file."""
        self._engine.dispose()
        self._owner.release()

    def move_aside(self, error: JournalDamaged, *, now: float) -> None:
        """Move a damaged file aside and begin a new one."""
        self._move_aside(error, now=now)
        self.prepare()
        with self._transaction() as connection:
            self._record_start(connection, now)

    def _derive(self, vins: tuple[str, ...], *, now: float) -> Values:
        found: dict[str, Mapping[Key, float]] = {}
        for vin in vins:
            with self._transaction(durable=True) as connection:
                values = self._derivations.update(connection, vin, now=now)
            if values is not None:
                found[vin] = values
        return found

    def prepare(self) -> None:
        """Create or update the tables; raises JournalDamaged."""
        with failures():
            self._owner.claim()
        if self._location.file is None:
            with self._transaction():
                pass  # claims the session before the tables are changed
        with failures():
            if self._location.file is not None:
                create_private(self._location.file)
                check_integrity(self._engine)
            upgrade(self._engine)

    def _record_start(self, connection: Connection, now: float) -> None:
        """Append the start; before it a crash, where the process before did not stop."""
        known = rows.processes(connection)
        if known and known[-1].transition is Transition.START:
            last = rows.last_moment(connection) or known[-1].at
            crash = Process(
                at=max(last, known[-1].at), transition=Transition.CRASH, version=known[-1].version
            )
            store.append_process(connection, crash)
        store.append_process(connection, Process(at=now, transition=Transition.START, version=self._version))

    def _move_aside(self, error: JournalDamaged, *, now: float) -> None:
        file = self._location.file
        if file is None:
            raise error
        self._engine.dispose()
        self._appender.forget()
        self._derivations.forget()
        stamp = datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%SZ")
        aside = file.with_name(f"{file.name}.damaged-{stamp}")
        with failures():
            for ending in ("", "-wal", "-shm"):
                part = file.with_name(f"{file.name}{ending}")
                if part.exists():
                    part.rename(aside.with_name(f"{aside.name}{ending}"))
        structlog.get_logger().error(
            "the journal is damaged: moved aside, and a new one was started; to use a backup instead, stop "
            "the exporter and copy the backup to the path of the journal",
            journal=str(file),
            moved_to=str(aside),
        )

    @contextmanager
    def _transaction(self, *, durable: bool = False) -> Iterator[Connection]:
        """Run a transaction; one that is durable survives a loss of power as well as of the process."""
        try:
            with failures(), self._engine.connect() as connection:
                if self._engine.dialect.name == "sqlite":
                    level = "FULL" if durable else "NORMAL"
                    # Not inside the transaction, where SQLite refuses it.
                    connection.connection.cursor().execute(f"PRAGMA synchronous = {level}")
                self._owner.claim_session(connection)
                with connection.begin():
                    yield connection
        except BaseException:
            self._appender.forget()
            self._derivations.forget()
            raise


def check_integrity(engine: Engine) -> None:
    """Raise JournalDamaged where a file of SQLite is not whole."""
    with engine.connect() as connection:
        found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
    if found != "ok":
        message = "the file is damaged"
        raise JournalDamaged(message)
