"""What is shown of where a car is, and of its VIN: as much as the owner allows. Pure.

The store applies it to all that it takes in, so that no page can forget to.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum, unique
from itertools import chain, count

from volvo_exporter import catalogue
from volvo_exporter.catalogue import extended_vehicle, families
from volvo_exporter.catalogue.model import Family, Labels
from volvo_exporter.metrics.readings import Readings, Sample, stamp

COORDINATES = (families.LATITUDE, families.LONGITUDE)
PLACE: Mapping[Labels, Family] = {
    stamp(resource.name, field.key): field.family
    for resource in catalogue.RESOURCES
    if resource.private
    for field in resource.fields
}
"""The families that say where the car is, by the labels of their timestamps."""
PLACE_ITEMS = re.compile(
    r"position|location|place|address|coordinate|altitude|heading|gps|^geo|^lat(?!e)|^lon|^lng|lastpark",
    re.IGNORECASE,
)
"""Items of Extended Vehicle that may say it, too: Volvo chooses their names."""
ITEM_FIELD = extended_vehicle.ITEM.fields[0].key
"""The label `field` of their timestamps."""
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


def limit(readings: Readings, position: Position) -> Readings:
    """The readings with no more of the position than is allowed."""
    if position is Position.FULL:
        return readings
    rounded = position is Position.ROUNDED
    samples = (_rounded(sample) for sample in readings.samples if _is_allowed(sample, rounded=rounded))
    return replace(readings, samples=tuple(samples))


def mask(vin: str, *, others: Collection[str], taken: Collection[str]) -> str:
    """The end of a VIN as `…1234`: the shortest with which the VIN of no other car ends.

    `others` are the VINs of the other cars, `taken` what they are called already.
    """
    tails = [vin[-length:] for length in range(SHORTEST_TAIL, LONGEST_TAIL + 1)]
    alone = (tail for tail in tails if not any(other.endswith(tail) for other in others))
    numbered = (f"{tails[-1]} ({number})" for number in count(1))
    return next(name for tail in chain(alone, numbered) if (name := f"…{tail}") not in taken)


def _is_allowed(sample: Sample, *, rounded: bool) -> bool:
    if sample.family is families.EXTENDED_VALUE or ("field", ITEM_FIELD) in sample.labels:
        return not PLACE_ITEMS.search(dict(sample.labels).get("resource", ""))
    told = _told_family(sample)
    return told not in PLACE.values() or (rounded and told in COORDINATES)


def _told_family(sample: Sample) -> Family:
    """The family of a sample, or the one whose time it tells."""
    is_time = sample.family is families.FIELD_TIMESTAMP
    return PLACE.get(sample.labels, sample.family) if is_time else sample.family


def _rounded(sample: Sample) -> Sample:
    if sample.family not in COORDINATES:
        return sample
    # Adding zero makes -0.0, which would tell the hemisphere, a plain zero.
    return replace(sample, value=round(sample.value, DECIMALS) + 0.0)
