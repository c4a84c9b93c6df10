"""The last drive, the last charge and the current month of each car, for the status page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from functools import partial

from volvo_exporter.journal.events import Charge, Drive, Event, Refuel
from volvo_exporter.journal.failures import JournalUnavailable
from volvo_exporter.journal.library import Entry, Kind, Library, Query, RunBlocking
from volvo_exporter.web.journal import months

MAX_EVENTS = 1000
"""Events of one request to the journal; more follow with its cursor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recent:
    """The latest events of a car; events that are not settled are included."""

    month: str
    """As 2026-11."""
    drive: Entry | None = None
    """The last drive."""
    charge: Entry | None = None
    """The last charge."""
    drives: tuple[Drive, ...] = ()
    charges: tuple[Charge, ...] = ()
    refuels: tuple[Refuel, ...] = ()
    """Those that started in this month."""


class RecentEvents:
    """Reads the latest events from the journal.

    Args:
        library: The journal.
        run_blocking: Runs a function that blocks.
        clock: Returns Unix time.
        zone: The time zone of the month; None is that of the machine.
    """

    def __init__(
        self,
        library: Library,
        run_blocking: RunBlocking,
        clock: Callable[[], float],
        zone: tzinfo | None = None,
    ) -> None:
        self._library = library
        self._run_blocking = run_blocking
        self._clock = clock
        self._zone = zone

    async def read(self) -> Mapping[str, Recent]:
        """Return the latest events of each car by VIN; none while the journal cannot be read."""
        month = months.month_of(self._clock(), self._zone)
        try:
            return await self._run_blocking(partial(self._read, month))
        except JournalUnavailable:
            return {}

    def _read(self, month: str) -> Mapping[str, Recent]:
        begin, _ = months.bounds(month, self._zone)
        entries = [
            entry
            for kind in (Kind.DRIVE, Kind.CHARGE, Kind.REFUEL)
            for entry in self._since(kind, begin)
            if entry.event.start.latest >= begin
        ]
        return {vin: self._recent(vin, month, entries) for vin in self._library.vins()}

    def _since(self, kind: Kind, begin: float) -> list[Entry]:
        found = self._library.find(Query(kind=kind, since=begin, limit=MAX_EVENTS))
        entries = list(found.entries)
        while found.cursor:
            query = Query(kind=kind, since=begin, limit=MAX_EVENTS, cursor=found.cursor)
            found = self._library.find(query)
            entries += found.entries
        return entries

    def _recent(self, vin: str, month: str, entries: list[Entry]) -> Recent:
        events: list[Event] = [entry.event for entry in entries if entry.event.vin == vin]
        return Recent(
            month=month,
            drive=self._last(vin, Kind.DRIVE),
            charge=self._last(vin, Kind.CHARGE),
            drives=tuple(event for event in events if isinstance(event, Drive)),
            charges=tuple(event for event in events if isinstance(event, Charge)),
            refuels=tuple(event for event in events if isinstance(event, Refuel)),
        )

    def _last(self, vin: str, kind: Kind) -> Entry | None:
        found = self._library.find(Query(kind=kind, vins=(vin,), limit=1))
        return found.entries[0] if found.entries else None
