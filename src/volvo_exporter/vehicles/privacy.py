"""Limits what is shown of the position and the VIN of a car to what the owner allows. Pure.

The garage applies it to everything that it takes in, so that no output can forget to.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum, unique
from itertools import chain, count

from volvo_exporter.catalogue import families
from volvo_exporter.vehicles.reading import Answer, Reading

COORDINATES = (families.LATITUDE, families.LONGITUDE)
PLACE_ITEMS = re.compile(
    r"position|location|place|address|coordinate|altitude|heading|gps|^geo|^lat(?!e)|^lon|^lng|lastpark",
    re.IGNORECASE,
)
"""Items of Extended Vehicle that may say it, too: Volvo chooses their names."""
DECIMALS = 2
"""Of a rounded coordinate: a hundredth of a degree is 1.1 km at most."""
SHORTEST_TAIL, LONGEST_TAIL = 4, 8
"""Characters that are shown of a masked VIN; the last eight hold the serial number."""


@unique
class Position(StrEnum):
    """How exactly it is shown where a car is."""

    FULL = "full"
    ROUNDED = "rounded"
    """To about a kilometre, and neither the altitude nor where the car faces."""
    OFF = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Privacy:
    """What the owner allows."""

    position: Position = Position.FULL
    masked: bool = False
    """True where only the end of a VIN is shown."""


OPEN = Privacy()
"""Everything is shown."""


def limit(answer: Answer, position: Position) -> Answer:
    """Return the answer with no more of the position than is allowed."""
    if position is Position.FULL:
        return answer
    rounded = position is Position.ROUNDED
    readings = (_rounded(reading) for reading in answer.readings if _is_allowed(reading, rounded=rounded))
    return replace(answer, readings=tuple(readings))


def mask(vin: str, *, others: Collection[str], taken: Collection[str]) -> str:
    """The end of a VIN as `…1234`: the shortest with which the VIN of no other car ends.

    `others` are the VINs of the other cars, `taken` what they are called already.
    """
    tails = [vin[-length:] for length in range(SHORTEST_TAIL, LONGEST_TAIL + 1)]
    alone = (tail for tail in tails if not any(other.endswith(tail) for other in others))
    numbered = (f"{tails[-1]} ({number})" for number in count(1))
    return next(name for tail in chain(alone, numbered) if (name := f"…{tail}") not in taken)


def _is_allowed(reading: Reading, *, rounded: bool) -> bool:
    if reading.item:
        return not PLACE_ITEMS.search(reading.item)
    return not reading.resource.private or (rounded and reading.field.family in COORDINATES)


def _rounded(reading: Reading) -> Reading:
    if reading.field.family not in COORDINATES or not isinstance(reading.value, float):
        return reading
    # Adding zero turns -0.0, which would reveal the hemisphere, into a plain zero.
    return replace(reading, value=round(reading.value, DECIMALS) + 0.0)
