"""Summarize which warnings of a car are known. Pure.

A warning that was never read is unknown, which is not the same as no warning.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum, unique
from typing import Any

from volvo_exporter.catalogue import connected_vehicle, families

Json = Mapping[str, Any]

WARNING_FAMILIES = frozenset(
    (
        families.LOCKED,
        families.DOOR_OPEN,
        families.WINDOW_OPEN,
        families.LAMP_FAILURE,
        families.TYRE_PRESSURE,
        families.BRAKE_FLUID_LOW,
        families.COOLANT_LOW,
        families.WASHER_FLUID_LOW,
        families.OIL_LEVEL,
        families.SERVICE_STATUS,
    )
)
"""Families whose values can be a warning."""
WARNING_RESOURCES = tuple(
    resource.name
    for resource in connected_vehicle.RESOURCES
    if WARNING_FAMILIES & {field.family for field in resource.fields}
)


@unique
class Progress(IntEnum):
    """State of a resource; of two accounts that share a car, the higher one counts."""

    UNAVAILABLE = 0
    """Not requested, or the car does not report it."""
    FAILED = 1
    """Requested, but never successfully."""
    WAITING = 2
    """Not answered yet."""
    READ = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Text below the warnings of a car."""

    fine: bool
    """True if there is no warning and every available resource was read."""
    notes: tuple[str, ...]
    """Sentences about what is unknown."""


def summarize(entries: Iterable[Json], *, warned: bool, failing: int) -> Summary:
    """Return the summary of a car from its entries of `/api/v1/status`.

    Args:
        entries: The car's resources.
        warned: Whether the car has a warning.
        failing: Number of its resources that fail now.
    """
    progress = dict.fromkeys(WARNING_RESOURCES, Progress.UNAVAILABLE)
    for entry in entries:
        if (name := entry["resource"]) in progress:
            progress[name] = max(progress[name], _progress(entry))
    waiting, failed, unavailable, read = (
        [name for name in progress if progress[name] is which]
        for which in (Progress.WAITING, Progress.FAILED, Progress.UNAVAILABLE, Progress.READ)
    )
    fine = bool(read) and not (warned or waiting or failed or failing)
    notes = (
        "No warnings in the data received." if read and not (fine or warned or waiting) else "",
        f"Waiting for {_listed(waiting)}." if waiting else "",
        f"No data received yet: {', '.join(failed)}." if failed else "",
        f"Not available: {', '.join(unavailable)}." if unavailable else "",
    )
    return Summary(fine=fine, notes=tuple(filter(None, notes)))


def _progress(entry: Json) -> Progress:
    match entry["state"]:
        case "waiting":
            return Progress.WAITING
        case "no values" | "unsupported" | "gone":
            return Progress.UNAVAILABLE
        case _:
            return Progress.FAILED if entry["last_success"] is None else Progress.READ


def _listed(names: list[str]) -> str:
    """Join names as a sentence does: doors, windows and tyres."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
