"""Marks and labels of what is open, low or failed, on the silhouette of a car. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from volvo_exporter.catalogue.bodies import Body
from volvo_exporter.web.silhouettes import GROUND, SHAPES, SILHOUETTES, WIDTH, Silhouette

CHARACTER_WIDTH = 6.6
"""Average width of a character of a label, in units of the drawing; measured with the fonts of browsers."""
GAP = 10.0
"""Space between two labels of a row."""
ROW_HEIGHT = 19.0
TOP, BOTTOM = -6.0, GROUND + 20.0
"""Baselines of the rows that are closest to the car."""
LEVELS = ("bad", "open", "ok")
"""CSS classes, the most severe first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A part that is open, low or failed."""

    part: str
    """Name in `drawing`."""
    level: str
    """CSS class: open or bad."""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Callout:
    """A mark on the silhouette, and its label above or below the car."""

    level: str
    text: str
    x: float
    y: float
    """Position of the mark."""
    label_x: float
    """Middle of the label."""
    label_y: float
    """Baseline of the label."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """The silhouette of a car with its marks."""

    silhouette: Silhouette
    levels: Mapping[str, str]
    """CSS class of each shape with a known state."""
    opened: frozenset[str]
    """Shapes that are drawn open."""
    callouts: tuple[Callout, ...]
    top: float
    height: float
    """Extent of the drawing, with its labels."""
    is_plugged_in: bool


def lay_out(
    body: Body,
    levels: Mapping[str, str],
    opened: Iterable[str],
    findings: Iterable[Finding],
    *,
    is_plugged_in: bool,
) -> Drawing:
    """Return the drawing of a car.

    `levels` has the CSS class of each part with a known state, `opened` are the parts that are open.
    Labels do not overlap: one that does not fit in the row beside the car moves one row away from it.
    """
    silhouette = SILHOUETTES[body]
    callouts: list[Callout] = []
    of_rows: dict[bool, list[float]] = {True: [], False: []}
    placed = ((finding, *_position(finding.part, silhouette)) for finding in findings)
    for finding, x, y in sorted(placed, key=lambda place: (place[1], place[2], place[0].part)):
        below = _is_below(finding.part)
        width = len(finding.text) * CHARACTER_WIDTH
        middle = min(max(x, width / 2), WIDTH - width / 2)
        row = _first_free(of_rows[below], middle - width / 2)
        of_rows[below][row:] = [middle + width / 2 + GAP, *of_rows[below][row + 1 :]]
        callouts.append(
            Callout(
                level=finding.level,
                text=finding.text,
                x=x,
                y=y,
                label_x=middle,
                label_y=BOTTOM + row * ROW_HEIGHT if below else TOP - row * ROW_HEIGHT,
            )
        )
    top = min(-8.0, TOP - len(of_rows[False]) * ROW_HEIGHT)
    return Drawing(
        silhouette=silhouette,
        levels=_of_shapes(levels),
        opened=frozenset(SHAPES[part] for part in opened if part in SHAPES),
        callouts=tuple(callouts),
        top=top,
        height=GROUND + 6 + len(of_rows[True]) * ROW_HEIGHT - top,
        is_plugged_in=is_plugged_in,
    )


def _is_below(part: str) -> bool:
    return part.endswith(("_tyre", "_door")) or part in ("lock", "tank_lid")


def _position(part: str, silhouette: Silhouette) -> tuple[float, float]:
    shape = SHAPES[part]
    if shape.endswith("_tyre"):
        return silhouette.wheels[shape == "rear_tyre"], GROUND - silhouette.radius
    return silhouette.shapes[shape].x, silhouette.shapes[shape].y


def _first_free(ends: Sequence[float], left: float) -> int:
    """Return the first row whose last label ends before `left`, or a new row."""
    return next((row for row, end in enumerate(ends) if end <= left), len(ends))


def _of_shapes(levels: Mapping[str, str]) -> Mapping[str, str]:
    """Return the most severe level of the parts of each shape."""
    known: dict[str, str] = {}
    for part, level in levels.items():
        if shape := SHAPES.get(part):
            known[shape] = min(known.get(shape, level), level, key=LEVELS.index)
    return known
