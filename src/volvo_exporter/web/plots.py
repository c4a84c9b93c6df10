"""Plots of the last day of a car, with axes, and a text for screen readers. Pure."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from volvo_exporter.catalogue import families
from volvo_exporter.catalogue.model import Family
from volvo_exporter.web.formatting import Formatter, tank_scale
from volvo_exporter.web.language import mark
from volvo_exporter.web.trace import DAY, Point

WIDTH, HEIGHT = 240, 48
"""Size of the drawing, in its own units."""
STEPS = (1.0, 2.0, 5.0, 10.0)
"""Distances of grid lines, times a power of ten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """A value over the last day."""

    name: str
    text: str
    """Description of the values."""
    line: str
    """An SVG path within WIDTH and HEIGHT."""
    high: str
    middle: str
    low: str
    """Labels of the vertical axis, at its top, middle and bottom."""
    times: tuple[float, float, float]
    """Unix time of the left edge, the middle and the right edge."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    family: Family
    name: str
    bounds: Callable[[Sequence[float], Formatter], tuple[float, float]]
    """Return the values at the lower and the upper edge."""
    label: Callable[[float, Formatter], str]
    describe: Callable[[Sequence[float], Formatter], str]
    is_relative: bool = False
    """Whether the labels count from the lowest value."""


def _extent(values: Sequence[float], f: Formatter) -> tuple[float, float]:
    """Return the lowest value, and the end of a scale of round numbers above the highest one."""
    low, unit = min(values), f.units.meters * 2
    return low, low + _round_up((max(values) - low) / unit) * unit


def _round_up(value: float) -> float:
    """Return the next of 1, 2, 5, 10, 20 …; at least 1."""
    power = 10.0 ** math.floor(math.log10(max(value, 1.0)))
    return next(step * power for step in STEPS if step * power >= value)


def _range_and_last(
    value_text: Callable[[float, Formatter], str],
) -> Callable[[Sequence[float], Formatter], str]:
    def describe(values: Sequence[float], f: Formatter) -> str:
        low, high, last = (value_text(value, f) for value in (min(values), max(values), values[-1]))
        if low == high:
            return f.gettext("now %(value)s", value=last)
        return f.gettext("between %(low)s and %(high)s, now %(value)s", low=low, high=high, value=last)

    return describe


def _driven(values: Sequence[float], f: Formatter) -> str:
    return f.gettext("%(distance)s driven", distance=f.distance(max(values) - min(values)))


KINDS = (
    _Kind(
        family=families.BATTERY_CHARGE,
        name=mark("Charge"),
        bounds=lambda _values, _f: (0.0, 1.0),
        label=lambda value, f: f.percent(value),
        describe=_range_and_last(lambda value, f: f.percent(value)),
    ),
    _Kind(
        family=families.FUEL_AMOUNT,
        name=mark("Fuel"),
        bounds=lambda values, _f: (0.0, tank_scale(max(values))),
        label=lambda value, f: f.volume(value, digits=0),
        describe=_range_and_last(lambda value, f: f.volume(value)),
    ),
    _Kind(
        family=families.ODOMETER,
        name=mark("Driven"),
        bounds=_extent,
        label=lambda value, f: f.distance(value),
        describe=_driven,
        is_relative=True,
    ),
)


def draw(trace: Mapping[Family, Sequence[Point]], *, now: float, f: Formatter) -> Iterable[Plot]:
    """Return a plot of each value that has at least two points; `now` is Unix time."""
    for kind in KINDS:
        points = _last_day(trace.get(kind.family, ()), now)
        values = [point.value for point in points if point.value is not None]
        begin = points[0].at if points else now
        if len(points) < 2 or not values or begin >= now:  # noqa: PLR2004 - no line has one end
            continue
        low, high = kind.bounds(values, f)
        start = low if kind.is_relative else 0.0
        bottom, middle, top = (kind.label(value - start, f) for value in (low, (low + high) / 2, high))
        yield Plot(
            name=f.gettext(kind.name),
            text=kind.describe(values, f),
            line=_path(points, (low, high), begin=begin, end=now),
            high=top,
            middle=middle,
            low=bottom,
            times=(begin, (begin + now) / 2, now),
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
        share = (point.value - low) / (high - low)
        left, right = (WIDTH * (at - begin) / (end - begin) for at in (point.at, until))
        top = HEIGHT * (1 - share)
        steps.append(f"{'L' if pen_down else 'M'}{left:.1f} {top:.1f}H{right:.1f}")
        pen_down = True
    return "".join(steps)
