"""Limits the position and the VIN of a car to what the owner allows. Pure.

The garage applies it to everything that it stores, so that every output is limited.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum, unique
from itertools import chain, count

from volvo_exporter.catalogue import families
from volvo_exporter.vehicles.reading import Answer, Reading

COORDINATES = (families.LATITUDE, families.LONGITUDE)
LOCATION_ITEMS = re.compile(
    r"position|location|place|address|coordinate|altitude|heading|gps|^geo|^lat(?!e)|^lon|^lng|lastpark",
    re.IGNORECASE,
)
"""Items of Extended Vehicle that may contain the position; Volvo chooses their names."""
COORDINATE_DECIMALS = 2
"""Decimals of a rounded coordinate; 0.01 degrees are at most 1.1 km."""
MIN_SHOWN_CHARACTERS, MAX_SHOWN_CHARACTERS = 4, 8
"""Characters shown of a masked VIN; the last eight contain the serial number."""


@unique
class Position(StrEnum):
    """Precision of the shown position."""

    FULL = "full"
    ROUNDED = "rounded"
    """Rounded to about 1 km, without altitude and heading."""
    OFF = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Privacy:
    """Settings of the owner for position and VIN."""

    position: Position = Position.FULL
    masked: bool = False
    """True if only the end of a VIN is shown."""


NO_LIMITS = Privacy()
"""Everything is shown."""


def limit(answer: Answer, position: Position) -> Answer:
    """Return the answer with the position limited to what is allowed."""
    if position is Position.FULL:
        return answer
    rounded = position is Position.ROUNDED
    readings = (_rounded(reading) for reading in answer.readings if _is_allowed(reading, rounded=rounded))
    return replace(answer, readings=tuple(readings))


def mask(vin: str, *, others: Collection[str], used: Collection[str]) -> str:
    """Return the end of a VIN as `…1234`: the shortest end that no other VIN has.

    `others` are the VINs of the other cars, `used` the names that are already in use.
    """
    tails = [vin[-length:] for length in range(MIN_SHOWN_CHARACTERS, MAX_SHOWN_CHARACTERS + 1)]
    alone = (tail for tail in tails if not any(other.endswith(tail) for other in others))
    numbered = (f"{tails[-1]} ({number})" for number in count(1))
    return next(name for tail in chain(alone, numbered) if (name := f"…{tail}") not in used)


def _is_allowed(reading: Reading, *, rounded: bool) -> bool:
    if reading.item:
        return not LOCATION_ITEMS.search(reading.item)
    return not reading.resource.private or (rounded and reading.field.family in COORDINATES)


def _rounded(reading: Reading) -> Reading:
    if reading.field.family not in COORDINATES or not isinstance(reading.value, float):
        return reading
    # Adding zero turns -0.0, which would reveal the hemisphere, into a plain zero.
    return replace(reading, value=round(reading.value, COORDINATE_DECIMALS) + 0.0)
