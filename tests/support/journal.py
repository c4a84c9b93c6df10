"""A journal in memory, for the tests of what reads it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from volvo_exporter.journal.library import Entry, Found, Kind, Query
from volvo_exporter.journal.observations import Corrected, Observed

T = TypeVar("T")


async def run_inline(function: Callable[[], T], /) -> T:
    """Call a function that blocks without a thread, for which the virtual clock would not wait."""
    return function()


@dataclass(kw_only=True)
class Shelf:
    """Events by kind, the latest first."""

    entries: dict[Kind, list[Entry]] = field(default_factory=dict)
    rows: list[Observed] = field(default_factory=list)
    corrected: list[Corrected] = field(default_factory=list)

    def find(self, query: Query) -> Found:
        """Return a page of events; the cursor is the number of those before."""
        first = int(query.cursor or 0)
        matching = [
            entry
            for entry in self.entries.get(query.kind, [])
            if (not query.vins or entry.event.vin in query.vins)
            and entry.event.end.latest > query.since
            and entry.event.start.earliest < query.until
        ]
        last = first + query.limit
        return Found(entries=tuple(matching[first:last]), cursor=str(last) if last < len(matching) else "")

    def get(self, kind: Kind, event_id: str) -> Entry | None:
        """Return one event."""
        return next((entry for entry in self.entries.get(kind, []) if entry.id == event_id), None)

    def observations(
        self, vin: str, series: Sequence[str], *, since: float, until: float
    ) -> tuple[Observed, ...]:
        """Return the rows of some series."""
        del since
        return tuple(
            row for row in self.rows if row.vin == vin and row.series in series and row.seen <= until
        )

    def vins(self) -> tuple[str, ...]:
        """Return every vehicle."""
        return tuple(dict.fromkeys(entry.event.vin for entries in self.entries.values() for entry in entries))

    def correct(self, correction: Corrected) -> None:
        """Keep a correction."""
        self.corrected.append(correction)
