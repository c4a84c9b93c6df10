"""Summary of the known warnings of a car. Pure.

A warning that was never read is unknown, which is different from no warning.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum, unique

from volvo_exporter.catalogue import connected_vehicle
from volvo_exporter.polling.outcomes import Outcome
from volvo_exporter.polling.status import SlotStatus
from volvo_exporter.vehicles.warnings import WARNING_FAMILIES
from volvo_exporter.web.formatting import Formatter
from volvo_exporter.web.names import name_resource

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

    no_warnings: bool
    """True if there is no warning and every available resource was read."""
    notes: tuple[str, ...]
    """Sentences about what is unknown."""


def summarize(slots: Iterable[SlotStatus], *, warned: bool, failing: int, f: Formatter) -> Summary:
    """Return the summary of a car from its slots in the schedule.

    Args:
        slots: The car's resources.
        warned: Whether the car has a warning.
        failing: Number of its resources that fail now.
        f: The language of the reader.
    """
    progress = dict.fromkeys(WARNING_RESOURCES, Progress.UNAVAILABLE)
    for slot in slots:
        if slot.resource in progress:
            progress[slot.resource] = max(progress[slot.resource], _progress(slot))
    waiting, failed, unavailable, read = (
        [name_resource(name, f) for name in progress if progress[name] is which]
        for which in (Progress.WAITING, Progress.FAILED, Progress.UNAVAILABLE, Progress.READ)
    )
    no_warnings = bool(read) and not (warned or waiting or failed or failing)
    notes = (
        f.gettext("No warnings in the data received.")
        if read and not (no_warnings or warned or waiting)
        else "",
        f.gettext("Waiting for %(resources)s.", resources=_listed(waiting, f)) if waiting else "",
        f.gettext("No data received yet: %(resources)s.", resources=", ".join(failed)) if failed else "",
        f.gettext("Not available: %(resources)s.", resources=", ".join(unavailable)) if unavailable else "",
    )
    return Summary(no_warnings=no_warnings, notes=tuple(filter(None, notes)))


def _progress(slot: SlotStatus) -> Progress:
    match slot.outcome:
        case None:
            return Progress.WAITING
        case Outcome.EMPTY | Outcome.UNSUPPORTED | Outcome.GONE:
            return Progress.UNAVAILABLE
        case _:
            return Progress.FAILED if slot.last_success is None else Progress.READ


def _listed(names: list[str], f: Formatter) -> str:
    """Join names as in a sentence: doors, windows and tyres."""
    *first, last = names
    return f.gettext("%(first)s and %(last)s", first=", ".join(first), last=last) if first else last
