"""How pages read and correct the journal. Types only; the store implements them."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Protocol, TypeVar

from volvo_exporter.journal.events import Event
from volvo_exporter.journal.observations import Corrected, Observed

T = TypeVar("T")


class RunBlocking(Protocol):
    """Runs a function that blocks, and returns its result."""

    async def __call__(self, function: Callable[[], T], /) -> T:
        """Call the function."""


@unique
class Kind(StrEnum):
    """The kinds of events."""

    DRIVE = "drive"
    CHARGE = "charge"
    PLUG = "plug"
    REFUEL = "refuel"
    STANDING = "standing"
    UNATTRIBUTED = "unattributed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Which events are asked for; they are returned latest first."""

    kind: Kind
    vins: tuple[str, ...] = ()
    """Empty for every vehicle."""
    since: float = -math.inf
    """Events that end later than this, in Unix seconds."""
    until: float = math.inf
    """Events that start before this."""
    limit: int = 100
    cursor: str = ""
    """`Found.cursor` of the page before; empty for the first page. Raises ValueError if it is not one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An event of the journal."""

    id: str
    """Stable while the event is not derived again with another start: kind, vehicle and start, as a hash."""
    settled: bool
    """False while later answers may still change it."""
    event: Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A page of events."""

    entries: tuple[Entry, ...]
    cursor: str
    """Leads to the next page; empty on the last one."""


class Library(Protocol):
    """The journal as its readers see it. All methods block; call them in a thread."""

    def find(self, query: Query) -> Found:
        """Return a page of events."""

    def get(self, kind: Kind, event_id: str) -> Entry | None:
        """Return one event."""

    def observations(
        self, vin: str, series: Sequence[str], *, since: float, until: float
    ) -> tuple[Observed, ...]:
        """Return rows of the log by `seen`, and the row before `since` of each series."""

    def vins(self) -> tuple[str, ...]:
        """Return every vehicle with events or observations."""

    def correct(self, correction: Corrected) -> None:
        """Store a correction and derive the vehicle again; raises JournalUnavailable."""
