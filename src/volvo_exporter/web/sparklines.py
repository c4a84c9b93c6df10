"""The last day of a car as small drawings, with the same in words for who cannot see them. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from volvo_exporter.catalogue import families
from volvo_exporter.catalogue.model import Family
from volvo_exporter.web.formatting import NO_BREAK, amount, kilometres, percent, short, tank_scale
from volvo_exporter.web.trace import DAY, Point

WIDTH, HEIGHT = 240, 48
"""Of the drawing, in its own units."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sparkline:
    """A value over the last day."""

    name: str
    words: str
    """What the drawing shows."""
    line: str
    """An SVG path within WIDTH and HEIGHT."""
    begins: str
    """How long ago the left edge is, in a few characters: three sparklines stand side by side on a phone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    family: Family
    name: str
    bounds: Callable[[Sequence[float]], tuple[float, float]]
    """The values at the lower and the upper edge."""
    tell: Callable[[Sequence[float]], str]


def _extent(values: Sequence[float]) -> tuple[float, float]:
    return min(values), max(values)


def _from_to(word: Callable[[float], str]) -> Callable[[Sequence[float]], str]:
    def tell(values: Sequence[float]) -> str:
        between = f"between {word(min(values))} and {word(max(values))}, "
        return f"{between if min(values) < max(values) else ''}now {word(values[-1])}"

    return tell


def _driven(values: Sequence[float]) -> str:
    return f"{kilometres(max(values) - min(values))} driven"


KINDS = (
    _Kind(
        family=families.BATTERY_CHARGE,
        name="Charge",
        bounds=lambda _: (0.0, 1.0),
        tell=_from_to(percent),
    ),
    _Kind(
        family=families.FUEL_AMOUNT,
        name="Fuel",
        bounds=lambda values: (0.0, tank_scale(max(values))),
        tell=_from_to(amount),
    ),
    _Kind(family=families.ODOMETER, name="Odometer", bounds=_extent, tell=_driven),
)


def draw(trace: Mapping[Family, Sequence[Point]], *, now: float) -> Iterable[Sparkline]:
    """A sparkline of each value of which at least two points are known; `now` is Unix time."""
    for kind in KINDS:
        points = _last_day(trace.get(kind.family, ()), now)
        values = [point.value for point in points if point.value is not None]
        begin = points[0].at if points else now
        if len(points) < 2 or not values or begin >= now:  # noqa: PLR2004 - no line has one end
            continue
        yield Sparkline(
            name=kind.name,
            words=kind.tell(values),
            line=_path(points, kind.bounds(values), begin=begin, end=now),
            begins=f"{short(now - begin)}{NO_BREAK}ago",
        )


def _last_day(points: Sequence[Point], now: float) -> list[Point]:
    """The points of the last day; the first one stands at its beginning, if it is older."""
    within = [point for point in points if point.at > now - DAY]
    before = [point for point in points if point.at <= now - DAY]
    return [Point(at=now - DAY, value=before[-1].value), *within] if before else within


def _path(points: Sequence[Point], bounds: tuple[float, float], *, begin: float, end: float) -> str:
    """Steps: a value holds until the next; where it is unknown there is no line."""
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
