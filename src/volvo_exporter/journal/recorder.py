"""Turns updates into rows of the log. Pure but for its own state: the last row of each series.

A row is written when a value or its state changes. Of fields that report events, also when only the time of
the measurement advances: a newer time of an unchanged STOPPED reveals a drive that no poll saw.

Three kinds of change are left out, which would be half of the rows of a plug-in hybrid: newer times of the
charging status at each percent, a fallback while its main source reports the same, and of numbers from which
no event is derived all but one in ten minutes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from volvo_exporter.catalogue import families
from volvo_exporter.catalogue.model import Key, Service
from volvo_exporter.journal.knowledge import CHARGING, PLUG, TOPICS
from volvo_exporter.journal.observations import Observed, Run, Source, State
from volvo_exporter.vehicles.reading import Absence, Reading
from volvo_exporter.vehicles.updates import Update

EVENT_FAMILIES = frozenset(
    family.name
    for family in (
        families.ENGINE_RUNNING,
        families.LOCKED,
        families.CHARGING_STATUS,
        families.CHARGER_CONNECTION,
        families.LATITUDE,
        families.LONGITUDE,
        families.ODOMETER,
    )
)
"""Families whose newer timestamp means that something happened. Of the others it means an upload.

Doors are stamped with the lock, all at once: their times would add a tenth to the rows and no information.
"""
STAMPED_WHILE_CHARGING = frozenset({CHARGING, PLUG})
"""Series that the car stamps anew at each percent while current flows."""
MIN_SPACING_SECONDS = 600.0
"""Between two rows of a number from which no event is derived, as the range; the last one is written too."""
TIME_DIGITS = 3
"""Decimal places of the stored times."""
_STATES = {Absence.NULL: State.NULL, Absence.UNSPECIFIED: State.UNSPECIFIED, Absence.ERROR: State.ERROR}

_Place = tuple[str, str]
"""VIN and resource."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What an update adds to the log."""

    observations: tuple[Observed, ...] = ()
    run: Run | None = None
    """The run that the answer began or extended."""
    began: bool = False
    """True where the run is a new one."""


NOTHING = Recorded()


class Recorder:
    """The last row of each series and the last run of each resource.

    Args:
        observations: The last row of each series in the log.
        runs: The last run of each resource in the log; none of them is continued.
        source: What the rows of this recorder come from.
    """

    def __init__(
        self,
        *,
        observations: Iterable[Observed] = (),
        runs: Iterable[Run] = (),
        source: Source = Source.POLL,
    ) -> None:
        self._source = source
        self._latest = {(row.vin, row.resource, row.series): row for row in observations}
        self._answered: dict[_Place, float] = {}
        for run in runs:
            self._answered[run.vin, run.resource] = run.last
        self._runs: dict[_Place, Run] = {}
        self._overdue: dict[_Place, float] = {}
        self._seen: set[_Place] = set()
        """What has answered since the start."""
        self._held: dict[_Place, dict[str, Observed]] = {}
        """Changes that are too close to the last row of their series, by series."""

    def take(self, update: Update) -> Recorded:
        """Return what an update adds to the log."""
        resource = update.resource
        if resource is None or resource.api.service is not Service.VOLVO:
            return NOTHING
        name = f"{resource.name}/{update.item}" if update.item else resource.name
        place = (update.vin, name)
        if not update.answered:
            # A resource that the car turned out not to have has lost its readings without an answer.
            return Recorded(observations=self._lost(update, name))
        changed = (
            self._row(update, name, reading)
            for reading in update.change.changed
            if not self._is_repeated(update.vin, name, reading)
        )
        rows = (
            *(row for row in changed if row is not None),
            *self._lost(update, name),
            *self._gone(update, name),
            *self._due(place, update.at),
        )
        run, began = self._run(place, update)
        return Recorded(observations=rows, run=run, began=began)

    @property
    def latest(self) -> tuple[Observed, ...]:
        """The last row of each series."""
        return tuple(self._latest.values())

    def interrupt(self) -> None:
        """Continue no run: rows were lost, so that from the last written ones until now nothing is known."""
        self._runs.clear()

    @property
    def runs(self) -> tuple[Run, ...]:
        """The runs that continue."""
        return tuple(self._runs.values())

    def _run(self, place: _Place, update: Update) -> tuple[Run, bool]:
        before = self._runs.get(place)
        continues = before is not None and update.at <= self._overdue[place]
        run = (
            replace(before, last=max(before.last, update.at))
            if before is not None and continues
            else Run(vin=place[0], resource=place[1], first=update.at, last=update.at)
        )
        self._runs[place] = run
        self._overdue[place] = update.at + update.max_age
        self._answered[place] = update.at
        return run, not continues

    def _row(self, update: Update, resource: str, reading: Reading) -> Observed | None:
        row = Observed(
            vin=update.vin,
            resource=resource,
            series=series_of(reading.key),
            state=State.OK,
            value=reading.value,
            # As it is stored, so that a restart repeats no row: some timestamps have nanoseconds.
            measured=None if reading.measured is None else round(reading.measured, TIME_DIGITS),
            before=self._answered.get((update.vin, resource)),
            seen=update.at,
            source=self._source,
        )
        return self._keep(row)

    def _lost(self, update: Update, resource: str) -> tuple[Observed, ...]:
        absences: Mapping[Key, Absence] = update.change.absences
        rows = (
            Observed(
                vin=update.vin,
                resource=resource,
                series=series_of(reading.key),
                state=_STATES[absences.get(reading.key, Absence.NULL)],
                value=None,
                measured=None,
                before=self._answered.get((update.vin, resource)),
                seen=update.at,
                source=self._source,
            )
            for reading in update.change.lost
        )
        return tuple(row for row in rows if self._keep(row) is not None)

    def _gone(self, update: Update, resource: str) -> tuple[Observed, ...]:
        """Return rows for series of the log that the first answer since the start lacks.

        That answer changes everything that it has, and the garage does not know what was there before.
        """
        place = (update.vin, resource)
        if place in self._seen:
            return ()
        self._seen.add(place)
        present = {series_of(reading.key) for reading in update.change.changed}
        rows = [
            replace(
                row,
                state=State.NULL,
                value=None,
                measured=None,
                before=self._answered.get(place),
                seen=update.at,
                source=self._source,
            )
            for row in self._latest.values()
            if (row.vin, row.resource) == place and row.state is State.OK and row.series not in present
        ]
        return tuple(row for row in rows if self._keep(row) is not None)

    def _is_repeated(self, vin: str, resource: str, reading: Reading) -> bool:
        """Return whether a reading is that of a fallback while another resource reports the same."""
        if not reading.field.fallback:
            return False
        series = series_of(reading.key)
        return any(
            (row.vin, row.series) == (vin, series) and row.resource != resource and row.state is State.OK
            for row in self._latest.values()
        )

    def _due(self, place: _Place, now: float) -> tuple[Observed, ...]:
        """Return the changes of a resource that were held back, once they are far enough from the row before.

        They are seen now: the answer still has their values.
        """
        held = self._held.get(place, {})
        rows = [replace(row, seen=now) for row in held.values() if not self._is_too_close(row, now)]
        return tuple(row for row in rows if self._keep(row) is not None)

    def _keep(self, row: Observed) -> Observed | None:
        """Keep a row as the latest of its series; None where it adds nothing to the one before, or waits."""
        held = self._held.setdefault((row.vin, row.resource), {})
        held.pop(row.series, None)
        known = self._latest.get((row.vin, row.resource, row.series))
        if known is not None and (known.state, known.value) == (row.state, row.value):
            if not self._is_event(row) or row.measured is None or row.measured == known.measured:
                return None
        elif self._is_too_close(row, row.seen):
            held[row.series] = row
            return None
        self._latest[row.vin, row.resource, row.series] = row
        return row

    def _is_event(self, row: Observed) -> bool:
        """Return whether a newer time of an unchanged value means that something happened."""
        if row.series in STAMPED_WHILE_CHARGING:
            status = self._latest.get((row.vin, row.resource, CHARGING))
            return status is None or status.value != "CHARGING"
        return row.series.partition("{")[0] in EVENT_FAMILIES

    def _is_too_close(self, row: Observed, now: float) -> bool:
        known = self._latest.get((row.vin, row.resource, row.series))
        if known is None or known.state is not row.state or row.series in TOPICS:
            return False
        return isinstance(row.value, float) and known.seen <= now < known.seen + MIN_SPACING_SECONDS


def series_of(key: Key) -> str:
    """Return the name of a series with its labels, as in `volvo_door_open{door="hood"}`."""
    name, labels = key
    inside = ",".join(f'{label}="{value}"' for label, value in labels)
    return f"{name}{{{inside}}}" if inside else name
