"""The rows of the log: the only source from which drives and charges are derived. Types only.

Times are Unix seconds. Rows are appended and never changed, except the end of the last run of a resource.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum, unique
from types import MappingProxyType

from volvo_exporter.vehicles.reading import Value


@unique
class State(StrEnum):
    """Whether a field had a value, and if not, how the API expressed that."""

    OK = "ok"
    NULL = "null"
    """The key or its value is missing."""
    UNSPECIFIED = "unspecified"
    ERROR = "error"


@unique
class Source(StrEnum):
    """Where a row comes from."""

    POLL = "poll"
    BACKFILL = "backfill"
    """The simulated past of the demo."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """A field of a vehicle changed, or was measured again although its value is the same.

    The change happened after `before` and not after `seen`.
    """

    vin: str
    resource: str
    series: str
    """Name of the metric family, with labels where it has some: `volvo_door_open{door="hood"}`."""
    state: State
    value: Value | None
    """In base units; None unless the state is OK."""
    measured: float | None
    """When the car measured the value, by its own clock; None where the API does not report it."""
    before: float | None
    """When the resource last answered without this change; None where it never did."""
    seen: float
    """When the exporter received the change."""
    source: Source = Source.POLL


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """The answers of a resource from `first` to `last` followed each other as planned.

    Between two runs of a resource nothing is known: the exporter was stopped, or the requests failed.
    """

    vin: str
    resource: str
    first: float
    last: float


@unique
class Transition(StrEnum):
    """How the exporter's own life changed."""

    START = "start"
    STOP = "stop"
    CRASH = "crash"
    """Found at the next start; its time is that of the last row before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """The exporter started or stopped."""

    at: float
    transition: Transition
    version: str
    source: Source = Source.POLL


@unique
class Correction(StrEnum):
    """What a user can correct."""

    SPLIT = "split"
    """A drive ends at the moment `at`, and another one begins."""
    MERGE = "merge"
    """The two drives, or the two charges, around the moment `at` are one."""
    NOTE = "note"
    TAG = "tag"
    UNTAG = "untag"
    RECEIPT = "receipt"
    """Energy (joules) or fuel (liters) as billed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """A user corrected an event. The event is named by a moment in it, so that a rebuild finds it again."""

    vin: str
    made: float
    """When the user made the correction."""
    correction: Correction
    kind: str
    """`drive`, `charge` or `refuel`."""
    at: float
    text: str = ""
    """The note or the tag."""
    amount: float | None = None
    """Joules or liters of a receipt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """A part of the log of one vehicle. Observations are ordered by `seen`, runs by `first`."""

    vin: str
    observations: tuple[Observed, ...] = ()
    runs: tuple[Run, ...] = ()
    processes: tuple[Process, ...] = ()
    corrections: tuple[Corrected, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Model, year and gross capacity: what the choice of the usable capacity needs."""
