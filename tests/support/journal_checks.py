"""Invariants of the derivation, for any log."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from volvo_exporter.journal.derivation import BEGINNING, Derived, Parameters, derive
from volvo_exporter.journal.events import Charge, Drive, Event, PlugSession, Standing, Unattributed
from volvo_exporter.journal.knowledge import ODOMETER
from volvo_exporter.journal.observations import Log, State


def odometer_difference(log: Log) -> float:
    """Return the last reading of the odometer minus the first one, in meters."""
    rows = sorted(
        (row for row in log.observations if row.series == ODOMETER and row.state is State.OK),
        key=lambda row: (row.seen, row.measured or -1.0, str(row.value)),
    )
    values = [row.value for row in rows if isinstance(row.value, float)]
    return values[-1] - values[0] if values else 0.0


def attributed(derived: Derived) -> float:
    """Return the distance of all drives and of what belongs to none."""
    events = (*derived.events, *derived.open)
    return sum(event.distance_meters for event in events if isinstance(event, Drive | Unattributed))


def is_before(first: Event, second: Event) -> bool:
    """Return whether an event can have ended before another one began, whichever moments are true."""
    return first.end.earliest <= second.start.earliest and first.end.latest <= second.start.latest


def check_order(derived: Derived) -> None:
    """Check that no two activities overlap, and that no drive lies in a plug session."""
    events = (*derived.events, *derived.open)
    for event in events:
        for bounds in (event.start, event.end):
            assert bounds.earliest <= bounds.latest, event
        if not isinstance(event, Unattributed):
            assert event.start.earliest <= event.end.earliest, event
            assert event.start.latest <= event.end.latest, event
    activities = [event for event in events if isinstance(event, Drive | Charge)]
    check_line(activities)
    check_line([event for event in events if isinstance(event, Drive | PlugSession)])
    check_line([event for event in events if isinstance(event, Drive | Charge | Standing)])


def check_line(events: Sequence[Event]) -> None:
    ordered = sorted(events, key=lambda event: (event.start.latest, event.end.latest, event.start.earliest))
    for first, second in pairwise(ordered):
        assert is_before(first, second), (first, second)


def until(log: Log, moment: float) -> Log:
    """Return what a log contained at a moment."""
    return replace(
        log,
        observations=tuple(row for row in log.observations if row.seen <= moment),
        runs=tuple(replace(run, last=min(run.last, moment)) for run in log.runs if run.first <= moment),
        processes=tuple(process for process in log.processes if process.at <= moment),
    )


def derive_in_parts(
    log: Log, moments: Iterable[float], parameters: Parameters
) -> tuple[tuple[Event, ...], Derived]:
    """Return the events settled part by part, and the last result; each part has only what is needed."""
    settled: list[Event] = []
    since, last = BEGINNING, None
    for moment in (*sorted(moments), float("inf")):
        part = until(log, moment)
        needed = replace(
            part,
            observations=tuple(row for row in part.observations if row.seen >= since.needed_from),
            runs=tuple(run for run in part.runs if run.last >= since.needed_from),
        )
        last = derive(needed, parameters, since=since)
        settled += last.events
        since = last.settled
    assert last is not None
    return tuple(settled), last
