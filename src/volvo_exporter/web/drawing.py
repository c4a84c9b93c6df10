"""Drawing of the car from above: an SVG path for each part with a reported state. Data only.

The front is at the top, the drawing is 200 wide and 360 high. Parts with a left and a right side are defined
on the left and mirrored.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MIRROR = "matrix(-1 0 0 1 200 0)"
OPEN_DOOR_DEGREES = 40
"""Angle of an open door in the drawing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of the drawing."""

    name: str
    """Label value in the metrics, with the kind where needed: front_left_door."""
    kind: str
    path: str
    opened: str = ""
    """SVG transformation of the open part."""
    open_path: str = ""
    """SVG path of the open part; empty if it is `path`."""
    mirrored: bool = False


def _dot(x: float, y: float, radius: float = 3.6) -> str:
    return (
        f"M{x - radius} {y}a{radius} {radius} 0 1 0 {2 * radius} 0a{radius} {radius} 0 1 0 -{2 * radius} 0z"
    )


def _ring(x: float, y: float, radius: float, hole: float) -> str:
    inner = f"M{x - hole} {y}a{hole} {hole} 0 1 1 {2 * hole} 0a{hole} {hole} 0 1 1 -{2 * hole} 0z"
    return _dot(x, y, radius) + inner


def _box(x: float, y: float, width: float, height: float) -> str:
    return f"M{x} {y}h{width}v{height}h-{width}z"


BODY = (
    "M70 30Q100 14 130 30Q148 40 149 80L151 290Q150 330 128 338"  # the front and the right side
    "Q100 346 72 338Q50 330 49 290L51 80Q52 40 70 30z"
)
GLASS = (
    "M66 110Q100 98 134 110L126 138Q100 130 74 138z",
    "M76 242Q100 248 124 242L131 268Q100 275 69 268z",
)
"""Windscreen and rear window; not reported, drawn for orientation."""

PAIRS: tuple[tuple[str, str, str, str], ...] = (
    ("front_{}_tyre", "Tyres", "M38 66q0-4 4-4h5q4 0 4 4v36q0 4-4 4h-5q-4 0-4-4z", ""),
    ("rear_{}_tyre", "Tyres", "M38 258q0-4 4-4h5q4 0 4 4v36q0 4-4 4h-5q-4 0-4-4z", ""),
    (
        "front_{}_door",
        "Doors",
        "M46 121q0-3 3-3h2q3 0 3 3v60q0 3-3 3h-2q-3 0-3-3z",
        f"rotate({OPEN_DOOR_DEGREES} 50 118)",
    ),
    (
        "rear_{}_door",
        "Doors",
        "M46 191q0-3 3-3h2q3 0 3 3v50q0 3-3 3h-2q-3 0-3-3z",
        f"rotate({OPEN_DOOR_DEGREES} 50 188)",
    ),
    ("front_{}_window", "Windows", "M58 122l12 18v44h-12z", ""),
    ("rear_{}_window", "Windows", "M58 190h12v42l-12 12z", ""),
    ("turn_indication_front_{}", "Lamps", _dot(60, 55), ""),
    ("position_light_front_{}", "Lamps", _dot(63, 45.5), ""),
    ("daytime_running_light_{}", "Lamps", _dot(70, 37.5), ""),
    ("low_beam_{}", "Lamps", _dot(72.5, 47), ""),
    ("high_beam_{}", "Lamps", _dot(80, 39.5), ""),
    ("turn_indication_rear_{}", "Lamps", _dot(59, 309), ""),
    ("position_light_rear_{}", "Lamps", _dot(64, 319), ""),
    ("brake_light_{}", "Lamps", _dot(73, 325.5), ""),
)
SINGLE: tuple[tuple[str, str, str, str], ...] = (
    ("hood", "Doors", "M63 60Q100 48 137 60L133 103Q100 92 67 103z", ""),
    ("tailgate", "Doors", "M66 280Q100 287 134 280L135 306Q100 316 65 306z", ""),
    ("tank_lid", "Doors", _dot(61, 258, 5), ""),
    ("sunroof", "Windows", "M80 162q0-6 6-6h28q6 0 6 6v26q0 6-6 6h-28q-6 0-6-6z", ""),
    ("fog_light_front", "Lamps", _box(91, 26, 18, 5), ""),
    ("fog_light_rear", "Lamps", _dot(86, 329.5), ""),
    ("reverse_lights", "Lamps", _dot(114, 329.5), ""),
    ("registration_plate_light", "Lamps", _box(93, 322, 14, 5), ""),
    ("brake_light_center", "Lamps", _box(88, 275, 24, 4), ""),
    ("side_mark_lights", "Lamps", _box(52, 106, 4, 8) + _box(144, 106, 4, 8), ""),
    ("hazard_lights", "Lamps", "M100 139l7 12h-14z", ""),
    ("lock", "Lock", "M91 213v-6a9 9 0 0 1 18 0v6h4v19h-26v-19zM96 213h8v-6a4 4 0 0 0 -8 0z", ""),
)
OPEN_PATHS = {
    "lock": "M87 213h4v-8a4 4 0 0 0-8 0v4h-5v-4a9 9 0 0 1 18 0v8h17v19h-26z",  # with an open shackle
    "tank_lid": _ring(61, 258, 5, 2.5),
}


def _both_sides(pairs: Iterable[tuple[str, str, str, str]]) -> Iterator[Part]:
    for name, kind, path, opened in pairs:
        yield Part(name=name.format("left"), kind=kind, path=path, opened=opened)
        yield Part(name=name.format("right"), kind=kind, path=path, opened=opened, mirrored=True)


PARTS: tuple[Part, ...] = (
    *_both_sides(PAIRS),
    *(
        Part(name=name, kind=kind, path=path, opened=opened, open_path=OPEN_PATHS.get(name, ""))
        for name, kind, path, opened in SINGLE
    ),
)
"""All parts; a test compares them with the catalogue."""

KINDS = tuple(dict.fromkeys(part.kind for part in PARTS))
