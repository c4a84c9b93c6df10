"""Sparklines of the last day of a car, with a text for screen readers. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from volvo_exporter.catalogue import families
from volvo_exporter.catalogue.model import Family
from volvo_exporter.web.formatting import NO_BREAK, amount, kilometres, percent, short, tank_scale
from volvo_exporter.web.trace import DAY, Point

WIDTH, HEIGHT = 240, 48
"""Size of the drawing, in its own units."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sparkline:
    """A value over the last day."""

    name: str
    text: str
    """Description of the values."""
    line: str
    """An SVG path within WIDTH and HEIGHT."""
    begins: str
    """Age of the left edge in a few characters, as three sparklines fit side by side on a phone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    family: Family
    name: str
    bounds: Callable[[Sequence[float]], tuple[float, float]]
    """Return the values at the lower and the upper edge."""
    describe: Callable[[Sequence[float]], str]


def _extent(values: Sequence[float]) -> tuple[float, float]:
    return min(values), max(values)


def _range_and_last(value_text: Callable[[float], str]) -> Callable[[Sequence[float]], str]:
    def describe(values: Sequence[float]) -> str:
        between = f"between {value_text(min(values))} and {value_text(max(values))}, "
        return f"{between if min(values) < max(values) else ''}now {value_text(values[-1])}"

    return describe


def _driven(values: Sequence[float]) -> str:
    return f"{kilometres(max(values) - min(values))} driven"


KINDS = (
    _Kind(
        family=families.BATTERY_CHARGE,
        name="Charge",
        bounds=lambda _: (0.0, 1.0),
        describe=_range_and_last(percent),
    ),
    _Kind(
        family=families.FUEL_AMOUNT,
        name="Fuel",
        bounds=lambda values: (0.0, tank_scale(max(values))),
        describe=_range_and_last(amount),
    ),
    _Kind(family=families.ODOMETER, name="Odometer", bounds=_extent, describe=_driven),
)


def draw(trace: Mapping[Family, Sequence[Point]], *, now: float) -> Iterable[Sparkline]:
    """Return a sparkline of each value that has at least two points; `now` is Unix time."""
    for kind in KINDS:
        points = _last_day(trace.get(kind.family, ()), now)
        values = [point.value for point in points if point.value is not None]
        begin = points[0].at if points else now
        if len(points) < 2 or not values or begin >= now:  # noqa: PLR2004 - no line has one end
            continue
        yield Sparkline(
            name=kind.name,
            text=kind.describe(values),
            line=_path(points, kind.bounds(values), begin=begin, end=now),
            begins=f"{short(now - begin)}{NO_BREAK}ago",
        )


def _last_day(points: Sequence[Point], now: float) -> list[Point]:
    """Return the points of the last day; an older value is moved to its start."""
    within = [point for point in points if point.at > now - DAY]
    before = [point for point in points if point.at <= now - DAY]
    return [Point(at=now - DAY, value=before[-1].value), *within] if before else within


def _path(points: Sequence[Point], bounds: tuple[float, float], *, begin: float, end: float) -> str:
    """Return an SVG path of steps, as a value is valid until the next one; gaps where it is unknown."""
    low, high = bounds
    steps: list[str] = []
    pen_down = False
    for point, until in zip(points, [*(point.at for point in points[1:]), end], strict=True):
        if point.value is None:
            pen_down = False
            continue
        share = (point.value - low) / (high - low) if high > low else 0.5
        left, right = (WIDTH * (at - begin) / (end - begin) for at in (point.at, until))
        top = HEIGHT * (1 - share)
        steps.append(f"{'L' if pen_down else 'M'}{left:.1f} {top:.1f}H{right:.1f}")
        pen_down = True
    return "".join(steps)
