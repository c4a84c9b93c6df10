"""Silhouettes of the body types from the left side: SVG paths of the outline and of each part. Data only.

The front is on the left. The drawing is 400 wide; the wheels stand on y = 150. A part has the same shape for
both sides of the car.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from volvo_exporter.catalogue.bodies import Body

WIDTH, GROUND = 400, 150


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A part of a silhouette."""

    path: str
    x: float
    """Position of the mark of the part."""
    y: float
    opened: str = ""
    """SVG transformation of the open part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Silhouette:
    """A car from the side."""

    outline: str
    windscreens: tuple[str, ...]
    """Glass that does not open: windscreen, rear window and quarter windows."""
    lines: str
    """Creases, for orientation."""
    wheels: tuple[float, float]
    """Horizontal position of the front and rear wheel."""
    radius: float
    shapes: Mapping[str, Shape]
    """The parts, by name."""
    port: tuple[float, float]
    """Position of the charging port."""


def _shapes(silhouette: Mapping[str, tuple[str, float, float, str]]) -> Mapping[str, Shape]:
    return MappingProxyType(
        {name: Shape(path=path, x=x, y=y, opened=opened) for name, (path, x, y, opened) in silhouette.items()}
    )


_SUV = Silhouette(
    outline=(
        "M29 125Q25 118 27 104Q28 90 33 83Q38 77 52 73Q86 64 121 60L160 31Q168 25 184 24L292 25Q324 26 343 33"
        "L349 37L345 40L363 66Q372 72 373 86L374 112Q375 124 366 127L333 130A31 31 0 0 0 271 130L131 132"
        "A31 31 0 0 0 69 130L38 130Q31 130 29 125z"
    ),
    windscreens=(
        "M131 59L164 35Q169 31 178 31L166 59z",
        "M289 33L316 34Q328 36 334 44L344 62L296 61z",
    ),
    lines="M140 119H262M60 84Q200 70 366 76",
    wheels=(100, 302),
    radius=26,
    shapes=_shapes(
        {
            "front_door": ("M133 64L216 64L215 122L146 124Q138 106 130 98Q128 80 133 64z", 175, 88, ""),
            "rear_door": ("M219 64L290 64Q290 86 277 100Q267 108 264 122L218 122z", 250, 88, ""),
            "front_window": ("M171 59L183 32Q185 31 190 31L217 31L217 59z", 196, 46, ""),
            "rear_window": ("M221 31L283 32L290 60L221 59z", 252, 46, ""),
            "hood": ("M36 80Q60 68 121 60L126 65Q72 70 42 84z", 78, 70, "rotate(27 121 60)"),
            "tailgate": (
                "M345 40L363 66Q372 72 373 86L373 104L364 105L361 76L337 42z",
                366,
                88,
                "rotate(-72 343 36)",
            ),
            "tank_lid": ("M316 80h14v12h-14z", 323, 86, ""),
            "sunroof": ("M190 24L270 24L268 20L194 20z", 230, 22, "translate(0 -3) rotate(-4 270 22)"),
            "front_lamps": ("M29 96L34 84L56 80L60 85Q46 92 29 96z", 42, 87, ""),
            "rear_lamps": ("M363 70Q371 74 372 86L373 104L366 103L362 82L352 80L352 75z", 367, 84, ""),
            "center_lamp": ("M336 31L349 37L346 40L332 34z", 341, 35, ""),
            "plate_lamp": ("M371 108h4v10h-4z", 373, 113, ""),
            "side_lamps": ("M62 98h8v5h-8z", 66, 100, ""),
            "lock": ("M200 76h13v5h-13z", 207, 78, ""),
        }
    ),
    port=(323, 86),
)
_COMPACT_SUV = Silhouette(
    outline=(
        "M45 125Q41 118 43 104Q44 90 48 83Q52 77 64 74Q92 66 120 62L157 36Q165 30 180 29L276 31Q304 33 322 41"
        "L329 45L325 48L342 70Q350 75 352 88L354 112Q355 124 346 127L322 130A31 31 0 0 0 260 130L144 132"
        "A31 31 0 0 0 82 130L54 130Q47 130 45 125z"
    ),
    windscreens=(
        "M130 62L161 40Q166 36 174 36L163 62z",
        "M273 39L296 42Q309 46 316 56L321 66L281 65z",
    ),
    lines="M152 119H252M76 85Q190 73 346 82",
    wheels=(113, 291),
    radius=26,
    shapes=_shapes(
        {
            "front_door": ("M132 66L209 66L208 122L158 124Q150 106 141 98Q129 82 132 66z", 174, 90, ""),
            "rear_door": ("M212 66L275 67Q277 88 265 100Q256 108 253 122L211 122z", 240, 90, ""),
            "front_window": ("M168 62L180 37Q182 36 187 36L210 36L210 62z", 191, 50, ""),
            "rear_window": ("M214 36L267 38L275 64L214 62z", 242, 50, ""),
            "hood": ("M51 81Q74 70 120 62L125 67Q82 73 57 85z", 86, 72, "rotate(27 120 62)"),
            "tailgate": (
                "M325 48L342 70Q350 75 352 88L353 105L344 106L340 79L317 50z",
                345,
                90,
                "rotate(-68 322 44)",
            ),
            "tank_lid": ("M302 84h13v11h-13z", 308, 89, ""),
            "sunroof": ("M187 29L256 30L254 26L191 25z", 222, 27, "translate(0 -3) rotate(-4 256 28)"),
            "front_lamps": ("M45 97L49 86L69 82L73 87Q60 93 45 97z", 57, 89, ""),
            "rear_lamps": ("M341 73Q349 77 351 88L352 105L345 104L341 86L331 84L331 78z", 346, 87, ""),
            "center_lamp": ("M315 38L329 45L326 48L311 41z", 320, 42, ""),
            "plate_lamp": ("M351 108h4v10h-4z", 353, 113, ""),
            "side_lamps": ("M75 99h8v5h-8z", 79, 101, ""),
            "lock": ("M193 78h13v5h-13z", 200, 80, ""),
        }
    ),
    port=(308, 89),
)
_ESTATE = Silhouette(
    outline=(
        "M24 127Q21 121 22 112Q23 98 29 92Q34 86 50 83Q90 75 126 71L174 45Q184 39 202 38L300 40Q336 42 357 52"
        "L363 55L359 58L372 78Q379 84 379 96L380 115Q381 126 372 129L336 132A28 28 0 0 0 280 132L130 134"
        "A28 28 0 0 0 74 132L34 132Q26 132 24 127z"
    ),
    windscreens=(
        "M138 70L178 48Q184 45 194 45L178 70z",
        "M300 47L326 50Q341 54 348 64L353 74L309 73z",
    ),
    lines="M142 122H272M56 93Q200 80 372 88",
    wheels=(102, 308),
    radius=24,
    shapes=_shapes(
        {
            "front_door": ("M140 75L228 74L227 124L146 126Q140 112 133 105Q131 88 140 75z", 182, 98, ""),
            "rear_door": ("M231 74L302 75Q301 94 287 106Q277 113 274 124L230 124z", 260, 98, ""),
            "front_window": ("M184 70L199 46Q201 45 206 45L229 45L229 69z", 210, 58, ""),
            "rear_window": ("M233 45L293 47L303 73L233 69z", 264, 58, ""),
            "hood": ("M32 89Q60 79 126 71L131 76Q72 81 38 93z", 80, 81, "rotate(24 126 71)"),
            "tailgate": (
                "M359 58L372 78Q379 84 379 96L379 110L371 111L368 87L350 60z",
                373,
                96,
                "rotate(-72 357 54)",
            ),
            "tank_lid": ("M322 90h13v11h-13z", 328, 95, ""),
            "sunroof": ("M208 38L280 39L278 35L212 34z", 244, 36, "translate(0 -3) rotate(-4 280 37)"),
            "front_lamps": ("M24 104L30 93L54 89L58 94Q42 101 24 104z", 40, 96, ""),
            "rear_lamps": ("M371 82Q378 86 378 96L379 110L372 110L369 93L358 92L358 86z", 373, 95, ""),
            "center_lamp": ("M348 48L363 55L360 58L344 51z", 354, 52, ""),
            "plate_lamp": ("M377 112h4v9h-4z", 379, 117, ""),
            "side_lamps": ("M64 106h8v5h-8z", 68, 108, ""),
            "lock": ("M212 85h13v5h-13z", 219, 87, ""),
        }
    ),
    port=(328, 95),
)
_SALOON = Silhouette(
    outline=(
        "M22 127Q19 121 20 112Q21 98 27 92Q32 86 48 83Q90 75 126 71L172 46Q184 39 204 39L250 40Q280 42 302 55"
        "L330 70L366 75Q379 78 380 90L381 115Q382 126 373 129L340 132A28 28 0 0 0 284 132L128 134"
        "A28 28 0 0 0 72 132L32 132Q24 132 22 127z"
    ),
    windscreens=(
        "M138 70L178 48Q184 46 194 46L178 70z",
        "M279 52Q290 56 302 64L312 70L290 72z",
    ),
    lines="M142 122H276M54 93Q200 80 374 89",
    wheels=(100, 312),
    radius=24,
    shapes=_shapes(
        {
            "front_door": ("M140 75L228 74L227 124L144 126Q138 112 131 105Q130 88 140 75z", 182, 98, ""),
            "rear_door": ("M231 74L295 75Q300 94 290 106Q280 113 278 124L230 124z", 260, 98, ""),
            "front_window": ("M184 70L199 47Q201 46 206 46L229 46L229 69z", 210, 59, ""),
            "rear_window": ("M233 46L252 47Q265 48 275 54L286 72L233 69z", 256, 59, ""),
            "hood": ("M30 89Q60 79 126 71L131 76Q72 81 36 93z", 80, 81, "rotate(24 126 71)"),
            "tailgate": (
                "M326 69L366 75Q379 78 380 90L380 104L372 104L370 87L328 77z",
                362,
                82,
                "rotate(-38 328 71)",
            ),
            "tank_lid": ("M318 88h13v11h-13z", 324, 93, ""),
            "sunroof": ("M206 39L252 40L250 36L210 35z", 230, 37, "translate(0 -3) rotate(-4 252 38)"),
            "front_lamps": ("M22 104L28 93L52 89L56 94Q40 101 22 104z", 38, 96, ""),
            "rear_lamps": ("M355 80L372 81Q378 84 379 94L379 104L366 100L354 90z", 370, 91, ""),
            "center_lamp": ("M296 53L312 62L309 64L293 56z", 302, 58, ""),
            "plate_lamp": ("M378 108h4v9h-4z", 380, 113, ""),
            "side_lamps": ("M62 106h8v5h-8z", 66, 108, ""),
            "lock": ("M212 85h13v5h-13z", 219, 87, ""),
        }
    ),
    port=(324, 93),
)
SILHOUETTES: Mapping[Body, Silhouette] = MappingProxyType(
    {
        Body.SUV: _SUV,
        Body.COMPACT_SUV: _COMPACT_SUV,
        Body.ESTATE: _ESTATE,
        Body.SALOON: _SALOON,
    }
)

_FRONT_LAMPS = (
    "turn_indication_front",
    "position_light_front",
    "daytime_running_light",
    "low_beam",
    "high_beam",
)
_REAR_LAMPS = ("turn_indication_rear", "position_light_rear", "brake_light")
SHAPES: Mapping[str, str] = MappingProxyType(
    {
        **{
            f"{end}_{side}_{what}": f"{end}_{what}"
            for end in ("front", "rear")
            for side in ("left", "right")
            for what in ("door", "window", "tyre")
        },
        **{f"{lamp}_{side}": "front_lamps" for lamp in _FRONT_LAMPS for side in ("left", "right")},
        **{f"{lamp}_{side}": "rear_lamps" for lamp in _REAR_LAMPS for side in ("left", "right")},
        **{name: name for name in ("hood", "tailgate", "tank_lid", "sunroof", "lock")},
        "fog_light_front": "front_lamps",
        "hazard_lights": "front_lamps",
        "fog_light_rear": "rear_lamps",
        "reverse_lights": "rear_lamps",
        "brake_light_center": "center_lamp",
        "registration_plate_light": "plate_lamp",
        "side_mark_lights": "side_lamps",
    }
)
"""Shape of each part of the car, by its name in `drawing`. Tyres are drawn as wheels."""
