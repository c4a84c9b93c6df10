"""The journal as an output of the update stream, and as pages read it.

Everything that blocks runs in a thread, one call at a time. A database or disk that fails delays no poll:
rows wait in memory, are counted when they are too many, and are written when it works again.
"""

import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeVar

import anyio
import structlog

from volvo_exporter.catalogue.model import Key
from volvo_exporter.journal.deriving import Deriver
from volvo_exporter.journal.engine import connect
from volvo_exporter.journal.failures import JournalDamaged, JournalUnavailable
from volvo_exporter.journal.library import Entry, Found, Kind, Query, RunBlocking
from volvo_exporter.journal.location import Location
from volvo_exporter.journal.observations import Corrected, Observed, Process, Run, Transition
from volvo_exporter.journal.owner import owner_of
from volvo_exporter.journal.reading_store import ReadingStore
from volvo_exporter.journal.recorder import Recorder
from volvo_exporter.journal.writer import Batch, Values, Writer
from volvo_exporter.vehicles.updates import Subscription, Update

RUNS_SECONDS = 600.0
"""How often the ends of runs are written: with the next change of a value after this."""
SILENCE_SECONDS = 1800.0
"""How often they are written while no value changes: a crash loses at most this knowledge.

Each time 4 KB are written: every 10 minutes they would be a quarter of all that is written.
"""
LINGER_SECONDS = 10.0
"""How long a change waits for others, so that they are written together: at least 4 KB are written each time.

Measured with a plug-in hybrid: 1.7 MB a day instead of 2.3."""
DAY = 86400.0
RETRY_SECONDS = 60.0
"""After a failure of the database or the disk."""
MAX_WAITING_ROWS = 100_000
"""About 250 days of one car, 30 MB; the oldest are dropped beyond it."""

T = TypeVar("T")


class Journal:
    """Records updates and derives events until cancelled.

    Args:
        location: Where the journal is stored.
        deriver: How events are derived.
        version: Of the exporter.
        attributes: Returns the attributes of a vehicle, by VIN.
        on_values: Receives counters and latest figures of a vehicle.
        clock: Unix time.
        run_blocking: Runs what blocks.
        max_waiting_rows: How many rows wait at most for a database that cannot be written.
        fill: Fills the journal before it is opened, as with the past of simulated cars.
    """

    name = "journal"

    def __init__(
        self,
        *,
        location: Location,
        deriver: Deriver,
        version: str,
        attributes: Callable[[str], Mapping[str, str]],
        on_values: Callable[[str, Mapping[Key, float]], None],
        clock: Callable[[], float],
        run_blocking: RunBlocking,
        max_waiting_rows: int = MAX_WAITING_ROWS,
        fill: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._writer = Writer(location, deriver, version=version, owner=owner_of(location))
        self._reading = ReadingStore(connect(location, read_only=True), correct=self._correct)
        self._version = version
        self._attributes = attributes
        self._on_values = on_values
        self._clock = clock
        self._run_blocking = run_blocking
        self._max_waiting_rows = max_waiting_rows
        self._fill = fill
        self._is_filling = False
        self._lock = threading.Lock()
        self._is_open = False
        self._recorder = Recorder()
        self._waiting = Batch(at=0.0)
        self._runs: dict[tuple[str, str, float], Run] = {}
        self._runs_written = 0.0
        self._has_new_run = False
        self._retry_at = 0.0
        self._backed_up = 0.0
        self._failing = ""
        self._log = structlog.get_logger()

    async def run(self, updates: Subscription) -> None:
        """Record updates until cancelled; raises ConfigurationError where only a user can help."""
        try:
            if self._fill:
                await self._blocking(self._writer.prepare)
                # Pages show what is there already.
                self._is_filling = True
                await self._fill()
                self._is_filling = False
            await self._open()
            async for update in updates:
                self._take(update)
                if self._is_due(update.at):
                    await self._flush(await self._linger(updates, update.at))
                if not self._failing and self._clock() // DAY != self._backed_up // DAY:
                    await self._back_up()
        finally:
            with anyio.CancelScope(shield=True):
                await self._close()

    async def _open(self) -> None:
        """Open the journal; while it cannot be opened, retry."""
        while not self._is_open:
            now = self._clock()
            try:
                self._recorder = await self._blocking(partial(self._writer.open, now=now))
                self._is_open = True
                self._publish(await self._blocking(partial(self._writer.derive_all, now=now)))
            except JournalUnavailable as error:
                self._report(error)
                await anyio.sleep(RETRY_SECONDS)

    async def _linger(self, updates: Subscription, at: float) -> float:
        """Take what else arrives within a few seconds; return the time of the last update."""
        with anyio.move_on_after(LINGER_SECONDS):
            async for update in updates:
                self._take(update)
                at = update.at
        return at

    def _take(self, update: Update) -> None:
        if len(self._waiting.observations) > self._max_waiting_rows:
            self._shorten()
        recorded = self._recorder.take(update)
        if (run := recorded.run) is not None:
            # Also one that another run follows before it is written, as while the disk is full.
            self._runs[run.vin, run.resource, run.first] = run
        attributes = {update.vin: self._attributes(update.vin)} if update.change.attributes else {}
        self._has_new_run = self._has_new_run or recorded.began
        self._waiting = replace(
            self._waiting,
            observations=(*self._waiting.observations, *recorded.observations),
            attributes={**self._waiting.attributes, **attributes},
        )

    def _shorten(self) -> None:
        """Keep the last row of each series, and record that nothing is known of the time before."""
        rows = self._waiting.observations
        last = tuple({(row.vin, row.resource, row.series): row for row in rows}.values())
        if len(last) < len(rows):
            self._log.error("rows of the journal were dropped: too many wait", rows=len(rows) - len(last))
            self._recorder.interrupt()
            self._runs.clear()
            self._waiting = replace(self._waiting, observations=last)

    def _is_due(self, now: float) -> bool:
        if now < self._retry_at <= now + RETRY_SECONDS:
            return False
        changed = bool(self._waiting.observations or self._waiting.attributes)
        return changed or self._are_runs_due(now, SILENCE_SECONDS)

    def _are_runs_due(self, now: float, seconds: float) -> bool:
        return self._has_new_run or not self._runs_written <= now < self._runs_written + seconds

    async def _flush(self, now: float, *, processes: tuple[Process, ...] = ()) -> None:
        """Write what waits; keep it where that fails."""
        with_runs = bool(processes) or self._are_runs_due(now, RUNS_SECONDS)
        runs = tuple(self._runs.values()) if with_runs else ()
        batch = replace(self._waiting, at=now, runs=runs, processes=processes)
        try:
            values = await self._blocking(partial(self._writer.write, batch))
        except JournalDamaged as error:
            self._report(error)
            await self._start_again(error, now)
            return
        except JournalUnavailable as error:
            self._report(error)
            self._retry_at = now + RETRY_SECONDS
            return
        if self._failing:
            self._log.info("the journal is written again")
            self._failing = ""
        self._waiting = Batch(at=now)
        if with_runs:
            self._runs.clear()
            self._runs_written, self._has_new_run = now, False
        self._publish(values)

    async def _back_up(self) -> None:
        """Make the backup of the day; one that fails is tried again tomorrow."""
        self._backed_up = self._clock()
        try:
            await self._blocking(partial(self._writer.back_up, now=self._backed_up))
        except JournalUnavailable as error:
            self._log.error("the journal was not backed up; will retry tomorrow", reason=str(error))

    async def _start_again(self, error: JournalDamaged, now: float) -> None:
        """Begin a new file with the last row of each series and what waits."""
        self._reading.close()
        try:
            await self._blocking(partial(self._writer.move_aside, error, now=now))
        except JournalUnavailable as another:
            self._report(another)
        known = {row.vin: self._attributes(row.vin) for row in self._recorder.latest}
        rows = (*self._recorder.latest, *self._waiting.observations)
        self._waiting = replace(self._waiting, observations=tuple(dict.fromkeys(rows)), attributes=known)
        self._runs.update({(run.vin, run.resource, run.first): run for run in self._recorder.runs})
        self._runs_written = 0.0
        self._retry_at = now + RETRY_SECONDS

    async def _close(self) -> None:
        if self._is_open:
            now = self._clock()
            stop = Process(at=now, transition=Transition.STOP, version=self._version)
            await self._flush(now, processes=(stop,))
            self._is_open = False
        self._reading.close()
        await self._blocking(self._writer.close)

    async def _blocking(self, function: Callable[[], T]) -> T:
        def alone() -> T:
            with self._lock:
                return function()

        return await self._run_blocking(alone)

    def _publish(self, values: Values) -> None:
        for vin, figures in values.items():
            self._on_values(vin, figures)

    def _report(self, error: JournalUnavailable) -> None:
        """Log a failure once, until another one follows or it works again."""
        if str(error) != self._failing:
            self._failing = str(error)
            self._log.error("the journal cannot be written; polling continues, will retry", reason=str(error))

    # As pages read it, in a thread of theirs.

    def find(self, query: Query) -> Found:
        """Return a page of events; raises ValueError for a wrong cursor, and JournalUnavailable."""
        return self._opened().find(query)

    def get(self, kind: Kind, event_id: str) -> Entry | None:
        """Return one event; None where it does not exist. Raises JournalUnavailable."""
        return self._opened().get(kind, event_id)

    def observations(
        self, vin: str, series: Sequence[str], *, since: float, until: float
    ) -> tuple[Observed, ...]:
        """Return rows of the log by `seen`, and the row before `since` of each series."""
        return self._opened().observations(vin, series, since=since, until=until)

    def vins(self) -> tuple[str, ...]:
        """Return every vehicle of the journal; raises JournalUnavailable."""
        return self._opened().vins()

    def correct(self, correction: Corrected) -> None:
        """Store a correction and derive the vehicle again; raises JournalUnavailable."""
        self._opened().correct(correction)

    def _opened(self) -> ReadingStore:
        if not (self._is_open or self._is_filling):
            message = "the journal is not open; see the log, or retry in a minute"
            raise JournalUnavailable(message)
        return self._reading

    def _correct(self, correction: Corrected) -> None:
        with self._lock:
            values = self._writer.correct(correction)
        self._publish(values)
