"""The state of charge of an event as a curve, and the track of a drive, as SVG paths. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import cos, radians

from volvo_exporter.catalogue import families
from volvo_exporter.journal.observations import Observed, State
from volvo_exporter.web.journal.files import TrackPoint

CURVE_WIDTH, CURVE_HEIGHT = 640, 200
"""Size of a curve in its own units."""
TRACK_SIZE = 320
SERIES = tuple(
    family.name for family in (families.BATTERY_CHARGE, families.FUEL_AMOUNT, families.CHARGING_POWER)
)
"""What is drawn of an event, where the car reports it."""
POSITION = (families.LATITUDE.name, families.LONGITUDE.name)
_SAME_POSITION_SECONDS = 2.0
"""Latitude and longitude of one answer share their time; chosen, far below the interval of two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """A series between two moments."""

    series: str
    path: str
    """An SVG path within CURVE_WIDTH and CURVE_HEIGHT."""
    low: float
    high: float
    """The values at the lower and the upper edge, in base units."""
    first: float
    last: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """Where a car was, in order of time."""

    points: tuple[TrackPoint, ...]
    line: tuple[tuple[float, float], ...]
    """The same as coordinates within TRACK_SIZE in both directions; north is up."""

    @property
    def path(self) -> str:
        """Return the line as an SVG path."""
        return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in self.line)


def curve(series: str, rows: Iterable[Observed], *, since: float, until: float) -> Curve | None:
    """Return the curve of a series; None where fewer than two values are known.

    The value before `since` is drawn at `since`. Where a value is unknown, the line is interrupted.
    """
    steps = [
        (max(row.measured or row.seen, since), _number(row))
        for row in rows
        if row.series == series and (row.measured or row.seen) <= until
    ]
    values = [value for _, value in steps if value is not None]
    if len(values) < 2 or until <= since:  # noqa: PLR2004 - a line has two ends
        return None
    low, high = min(values), max(values)
    if series == families.BATTERY_CHARGE.name:
        low, high = 0.0, 1.0
    elif series == families.CHARGING_POWER.name:
        low = 0.0
    return Curve(
        series=series,
        path=_path(steps, since=since, until=until, low=low, high=high),
        low=low,
        high=high,
        first=values[0],
        last=values[-1],
    )


def track(rows: Sequence[Observed]) -> Track | None:
    """Return the track of a drive; None where fewer than two positions are known."""
    points = tuple(_points(rows))
    if len(points) < 2:  # noqa: PLR2004 - a way has two ends
        return None
    return Track(points=points, line=tuple(_outline(points)))


def _number(row: Observed) -> float | None:
    return row.value if row.state is State.OK and isinstance(row.value, float) else None


def _path(
    steps: Sequence[tuple[float, float | None]], *, since: float, until: float, low: float, high: float
) -> str:
    """Draw straight lines between values; a value holds until it is unknown."""
    span = high - low or 1.0
    parts: list[str] = []
    pen_down = False
    for at, value in steps:
        x = (at - since) / (until - since) * CURVE_WIDTH
        if value is None:
            pen_down = False
            continue
        y = CURVE_HEIGHT * (1 - (value - low) / span)
        parts.append(f"{'L' if pen_down else 'M'}{x:.1f} {y:.1f}")
        pen_down = True
    if pen_down:
        parts.append(f"H{CURVE_WIDTH}")
    return "".join(parts)


def _points(rows: Sequence[Observed]) -> Iterable[TrackPoint]:
    """Pair each longitude with the latitude of the same time; an unchanged one still holds."""
    known: dict[str, float] = {}
    moments: dict[float, dict[str, float]] = {}
    for row in rows:
        value = _number(row)
        if row.series in POSITION and value is not None:
            at = row.measured or row.seen
            same = next((moment for moment in moments if abs(moment - at) <= _SAME_POSITION_SECONDS), at)
            moments.setdefault(same, {})[row.series] = value
    for at in sorted(moments):
        known.update(moments[at])
        if len(known) == len(POSITION):
            yield TrackPoint(at=at, latitude=known[POSITION[0]], longitude=known[POSITION[1]])


def _outline(points: Sequence[TrackPoint]) -> Iterable[tuple[float, float]]:
    """Project the points so that a kilometre is as long to the north as to the east."""
    shrink = cos(radians(sum(point.latitude for point in points) / len(points)))
    flat = [(point.longitude * shrink, point.latitude) for point in points]
    west, south = (min(axis) for axis in zip(*flat, strict=True))
    east, north = (max(axis) for axis in zip(*flat, strict=True))
    extent = max(east - west, north - south) or 1.0
    margin = 16
    scale = (TRACK_SIZE - 2 * margin) / extent
    left = (TRACK_SIZE - (east - west) * scale) / 2
    bottom = (TRACK_SIZE - (north - south) * scale) / 2
    return ((left + (x - west) * scale, TRACK_SIZE - bottom - (y - south) * scale) for x, y in flat)
