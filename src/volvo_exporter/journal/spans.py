"""Movements and plug sessions while they are put together: edges in one order, which tightens them. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum, auto, unique

from volvo_exporter.journal.events import Flag, Interval
from volvo_exporter.journal.knowledge import Bounds


@unique
class Proof(Enum):
    """What shows a movement."""

    ENGINE = auto()
    """It was received as running."""
    STAMP = auto()
    """It is stopped, but newly so."""
    ODOMETER = auto()


@dataclass(slots=True, kw_only=True)
class Span:
    """A movement of the car. Its bounds change while it is put together."""

    start: Bounds
    end: Bounds
    proof: Proof
    seen: float = 0.0
    """When the last sign of it was received."""
    is_open: bool = False
    """True while it continues."""
    meters: int = 0
    odometer: tuple[int, int] | None = None
    """At the start and at the end."""
    stops: list[Bounds] = field(default_factory=list)
    flags: set[Flag] = field(default_factory=set)

    def add(self, before: int, meters: int) -> None:
        """Add a distance that the odometer counted from `before` on."""
        first = before if self.odometer is None else self.odometer[0]
        self.odometer = (first, before + meters)
        self.meters += meters


@dataclass(slots=True, kw_only=True)
class Toggle:
    """The car was plugged in, or unplugged."""

    on: bool
    bounds: Bounds
    seen: float


def interval(bounds: Bounds) -> Interval:
    """Return bounds as they stand in an event."""
    return Interval(earliest=bounds[0], latest=bounds[1])


def middle(bounds: Bounds) -> float:
    """Return the middle of an interval."""
    return (bounds[0] + bounds[1]) / 2


def line_up(
    spans: Sequence[Span], toggles: Sequence[Toggle], *, plugged: bool
) -> tuple[list[Span | Toggle], list[Span]]:
    """Return movements and changes of the plug in one order, and the movements that fit nowhere.

    A plugged-in car does not drive. A movement that began before the car was plugged in ended before, too.
    """
    waiting = sorted(spans, key=lambda span: (span.start[1], span.end[1]))
    line: list[Span | Toggle] = []
    rejected: list[Span] = []
    for toggle in sorted(toggles, key=lambda toggle: toggle.seen):
        if toggle.on:
            before = [span for span in waiting if _began(span, toggle)]
            for span in before:
                _end(span, toggle.bounds[1])
            line += before
        else:
            before = [span for span in waiting if plugged and span.start[1] < toggle.bounds[0]]
            rejected += before
        waiting = [span for span in waiting if span not in before]
        line.append(toggle)
        plugged = toggle.on
    if plugged:
        return line, rejected + waiting
    return line + waiting, rejected


def _began(span: Span, toggle: Toggle) -> bool:
    """Return whether a movement began before the car was plugged in."""
    first = span.start[1] if span.proof is Proof.ENGINE else span.start[0]
    return first <= toggle.bounds[1]


def _end(span: Span, latest: float) -> None:
    if span.end[0] > latest or span.is_open:
        # It was received as running, but it cannot have: its end was not polled.
        span.end = (min(span.start[1], latest), latest)
        span.is_open = False


def ordered(edges: Sequence[Bounds], frontier: Bounds) -> list[Bounds]:
    """Return bounds of successive moments, narrowed so that both ends never decrease."""
    earliest, latest = frontier[0], float("inf")
    firsts, lasts = [], []
    for first, _ in edges:
        earliest = max(earliest, first)
        firsts.append(earliest)
    for _, last in reversed(edges):
        latest = max(min(latest, last), frontier[1])
        lasts.append(latest)
    return [(min(first, last), last) for first, last in zip(firsts, reversed(lasts), strict=True)]
