"""Learns which resources a vehicle does not update during a drive. Pure.

Some cars report odometer and statistics at the end of a drive only. Requests during the drive return no new
values, and the end of the drive is detected by the state of the engine.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from volvo_exporter.catalogue.model import Activity, Event, Resource
from volvo_exporter.vehicles.activity import ENGINE_STATUS
from volvo_exporter.vehicles.updates import Update

SILENT_POLLS = 5
"""Consecutive polls during drives without a newer time after which a resource counts as silent. Five minutes
at one poll per minute: a car that reports during a drive has done so by then."""
MAX_LEARNED_PACE = 1.0
"""Multiples of `scrape_interval`. A resource that is requested less often during a drive costs few calls, and
reports events (a window, a lamp), whose times need not advance during a drive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Polls:
    """Results of the polls of a resource; times are Unix seconds."""

    newest: float = 0.0
    """The newest time of a measurement."""
    unchanged: int = 0
    """Consecutive polls during drives without a newer time."""
    advanced: bool = False
    """True where the last poll had a newer time, which may be that of the end of the drive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DriveReports:
    """Which resources of a vehicle are updated during drives."""

    began: float = 0.0
    """Start of the current or last drive, in Unix seconds."""
    polls: Mapping[str, Polls] = field(default_factory=lambda: MappingProxyType({}))
    """By the name of the resource."""
    silent: frozenset[str] = field(init=False, compare=False, repr=False)
    """The resources that are not updated during a drive. Kept here, as each due time depends on it."""

    def __post_init__(self) -> None:
        """Derive the silent resources."""
        names = (name for name, polls in self.polls.items() if polls.unchanged >= SILENT_POLLS)
        object.__setattr__(self, "silent", frozenset(names))


NO_REPORTS = DriveReports()
"""Nothing is known yet."""


def can_be_silent(resource: Resource) -> bool:
    """Return whether a resource is requested often during a drive, and again at its end."""
    pace = resource.pace
    return (
        Event.DRIVE_ENDED in resource.prompted_by
        and pace.driving <= MAX_LEARNED_PACE
        and pace.driving < pace.parked
    )


def follow(
    before: DriveReports, resource: Resource, update: Update, *, measured: float | None
) -> DriveReports:
    """Return the state after an answer of a resource.

    `measured` is the newest time of a measurement in the answer; None where it has none. A newer time during
    a drive can be that of the report at its end, as long as the stop of the engine has not been seen. It
    counts once the drive is known to continue: after another newer time, or another answer of the engine.
    """
    after = before
    if Event.DRIVE_STARTED in update.events:
        began = update.at if resource.name != ENGINE_STATUS or measured is None else measured
        after = _forget_advances(replace(before, began=began))
    if resource.name == ENGINE_STATUS:
        return _confirm_advances(after) if update.activity is Activity.DRIVING else after
    if measured is None or not can_be_silent(resource):
        return after
    polls = after.polls.get(resource.name, Polls())
    if update.activity is Activity.DRIVING:
        polls = _count(polls, measured, began=after.began)
    polls = replace(polls, newest=max(polls.newest, measured))
    return replace(after, polls=MappingProxyType({**after.polls, resource.name: polls}))


def _count(polls: Polls, measured: float, *, began: float) -> Polls:
    if measured <= max(polls.newest, began):
        return replace(polls, unchanged=min(polls.unchanged + 1, SILENT_POLLS))
    return replace(polls, advanced=True, unchanged=0 if polls.advanced else polls.unchanged)


def _confirm_advances(reports: DriveReports) -> DriveReports:
    return _replace(reports, {name: Polls(newest=polls.newest) for name, polls in _advanced(reports)})


def _forget_advances(reports: DriveReports) -> DriveReports:
    return _replace(reports, {name: replace(polls, advanced=False) for name, polls in _advanced(reports)})


def _advanced(reports: DriveReports) -> tuple[tuple[str, Polls], ...]:
    return tuple((name, polls) for name, polls in reports.polls.items() if polls.advanced)


def _replace(reports: DriveReports, polls: Mapping[str, Polls]) -> DriveReports:
    return replace(reports, polls=MappingProxyType({**reports.polls, **polls})) if polls else reports
