"""Finds the movements of the car in a chapter, and gives each distance of the odometer to one of them. Pure.

The engine shows when a movement was, the odometer its distance. A rise of the odometer without a movement
makes one; a movement without a rise is one only where something else proves it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from volvo_exporter.journal.events import Flag
from volvo_exporter.journal.knowledge import (
    ENGINE,
    LOCKED,
    LONGITUDE,
    ODOMETER,
    PLUG,
    TRIP,
    Bounds,
    Facts,
    Known,
)
from volvo_exporter.journal.parameters import Parameters
from volvo_exporter.journal.places import distance_meters
from volvo_exporter.journal.spans import Proof, Span, middle

STAMP_SLACK_SECONDS = 1.0
"""Two resources write the time of one upload with different numbers of digits."""


class Step(NamedTuple):
    """A change of the odometer."""

    before: int
    """Meters."""
    meters: int
    bounds: Bounds
    row: Known
    previous: Known


@dataclass(slots=True, kw_only=True)
class Movements:
    """What moved the car in a chapter, and the distance without a movement."""

    spans: list[Span] = field(default_factory=list)
    unplaced: list[Step] = field(default_factory=list)
    """Changes of the odometer that no movement can have caused."""


def find_cycles(facts: Facts, until: float, parameters: Parameters) -> list[Span]:
    """Return the movements that the engine shows, merged where the stop between them is short."""
    cycles: list[Span] = []
    current: Span | None = None
    first = last = next((row for row in reversed(facts.memory) if row.topic == ENGINE), None)
    for row in facts.rows:
        if row.topic != ENGINE:
            continue
        if row.value is True and current is None:
            first = row
            current = Span(start=row.edge(parameters), end=(row.earliest, until), proof=Proof.ENGINE)
            current.is_open = True
            current.seen = until
            cycles.append(current)
        elif row.value is True and current is not None and first is not None:
            current.start = (
                first.bounds
            )  # stamped again while it runs: the time may be that of a later upload
        elif row.value is False and current is not None:
            current.end = row.edge(parameters)
            current.is_open = False
            current.seen = row.seen
            current = None
        elif row.value is False and last is not None and row.measured != last.measured:
            cycles.append(Span(start=row.bounds, end=row.bounds, proof=Proof.STAMP, seen=row.seen))
        last = row
    for cycle in cycles:
        cycle.flags.add(Flag.OBSERVED if cycle.proof is Proof.ENGINE else Flag.RECONSTRUCTED)
    return list(_merge_short_stops(cycles, facts, parameters))


def _merge_short_stops(cycles: Sequence[Span], facts: Facts, parameters: Parameters) -> Iterator[Span]:
    last: Span | None = None
    for cycle in cycles:
        if last is not None and _is_short_stop(last, cycle, facts, parameters):
            join(last, cycle)
            continue
        if last is not None:
            yield last
        last = cycle
    if last is not None:
        yield last


def join(span: Span, following: Span) -> None:
    """Make two movements one, with a stop."""
    span.stops += [(span.end[0], following.start[1]), *following.stops]
    span.end = following.end
    span.is_open = following.is_open
    span.seen = following.seen
    span.meters += following.meters
    if following.odometer is not None:
        span.odometer = (
            (following.odometer if span.odometer is None else span.odometer)[0],
            following.odometer[1],
        )
    span.flags |= following.flags | {Flag.MERGED}


def _is_short_stop(span: Span, following: Span, facts: Facts, parameters: Parameters) -> bool:
    if span.proof is not Proof.ENGINE or following.proof is not Proof.ENGINE:
        return False
    start, end = span.end[0], following.start[1]
    if end - start >= parameters.short_stop_seconds:
        return False
    ends_it = ((LOCKED, True), (PLUG, "CONNECTED"), (LONGITUDE, None))
    return not any(
        start <= row.latest <= end and (value is None or row.value == value)
        for topic, value in ends_it
        for row in facts.of(topic)
    )


def steps_of(facts: Facts) -> Iterator[Step]:
    """Return the changes of the odometer in a chapter; they add up to the difference of its readings."""
    previous: Known | None = None
    new = set(facts.rows)
    for row in facts.of(ODOMETER):
        if not isinstance(row.value, float):
            continue
        if previous is not None and row in new:
            before = _meters(previous)
            if _meters(row) != before:
                yield Step(before, _meters(row) - before, row.bounds, row, previous)
        previous = row


def _meters(row: Known) -> int:
    return round(row.value) if isinstance(row.value, float) else 0


def attribute(
    cycles: Sequence[Span], steps: Iterable[Step], facts: Facts, *, hybrid: bool, parameters: Parameters
) -> Movements:
    """Give each change of the odometer to a movement.

    Args:
        cycles: What the engine shows, in order of time.
        steps: Changes of the odometer, in order of time.
        facts: The chapter.
        hybrid: Whether the car may drive while its engine is stopped.
        parameters: Thresholds.
    """
    made = Movements(spans=list(cycles))
    groups: list[Span] = []
    for step in steps:
        if _is_implausible(step, parameters):
            made.unplaced.append(step)
            continue
        inside = [cycle for cycle in cycles if _contains(cycle, step, parameters)]
        if inside:
            _share(step, inside)
        elif not _continue(step, cycles, hybrid=hybrid, parameters=parameters) and not _stamp(step, cycles):
            _group(step, groups, parameters)
    if hybrid:
        groups = [group for group in groups if not _precedes(group, cycles, parameters)]
    made.spans = sorted((*cycles, *groups), key=lambda span: (span.start[1], span.end[1]))
    made.spans = [span for span in made.spans if span.meters or _is_proven(span, facts, parameters)]
    return made


def _is_implausible(step: Step, parameters: Parameters) -> bool:
    longest = parameters.max_speed * (step.row.seen - step.bounds[0])
    return not 0 < step.meters <= longest + 1000


def _contains(cycle: Span, step: Step, parameters: Parameters) -> bool:
    """Return whether a movement that was received as running can have caused a change of the odometer."""
    if cycle.proof is not Proof.ENGINE or _is_complete(cycle, step):
        return False
    is_exact = cycle.start[1] - cycle.start[0] <= parameters.max_upload_lag_seconds
    measured = step.row.measured
    if is_exact and measured is not None and measured < cycle.start[1]:
        return False  # both are times of the car: the odometer was read before the movement began
    return cycle.start[0] <= step.bounds[1] and step.bounds[0] <= cycle.end[1]


def _is_complete(cycle: Span, step: Step) -> bool:
    """Return whether the odometer was read after the movement and before this change."""
    return not cycle.is_open and step.previous.latest >= cycle.end[1] - STAMP_SLACK_SECONDS


def _share(step: Step, cycles: Sequence[Span]) -> None:
    """Divide a distance among movements by their duration: exactly, in whole meters."""
    seconds = [max(middle(cycle.end) - middle(cycle.start), 1.0) for cycle in cycles]
    driven = done = 0
    past = 0.0
    for cycle, duration in zip(cycles, seconds, strict=True):
        past += duration
        driven = round(step.meters * past / sum(seconds))
        cycle.add(step.before + done, driven - done)
        done = driven
        if len(cycles) > 1:
            cycle.flags.add(Flag.ESTIMATED)


def _continue(step: Step, cycles: Sequence[Span], *, hybrid: bool, parameters: Parameters) -> bool:
    """Give a change of the odometer to the movement that ended shortly before, if there is one."""
    earlier = [cycle for cycle in cycles if cycle.proof is Proof.ENGINE and cycle.end[1] <= step.bounds[1]]
    if not earlier:
        return False
    cycle = earlier[-1]
    confirmed = step.row.before if step.row.before is not None else step.bounds[0]
    is_late = not _is_complete(cycle, step) and step.bounds[0] <= cycle.end[1] + parameters.settle_seconds
    continues = hybrid and confirmed <= cycle.end[1] + parameters.short_stop_seconds
    if not is_late and not continues:
        return False
    cycle.add(step.before, step.meters)
    if hybrid:
        cycle.end = (cycle.end[0], max(cycle.end[1], step.row.seen))
    return True


def _stamp(step: Step, cycles: Sequence[Span]) -> bool:
    """Give a change of the odometer to the last movement that a newer time of STOPPED reveals."""
    revealed = [
        cycle
        for cycle in cycles
        if cycle.proof is Proof.STAMP
        and cycle.start[0] <= step.bounds[1]
        and step.bounds[0] <= cycle.end[1]
        and not _is_complete(cycle, step)
    ]
    if not revealed:
        return False
    revealed[-1].add(step.before, step.meters)
    return True


def _group(step: Step, groups: list[Span], parameters: Parameters) -> None:
    """Make a movement of a change of the odometer, or of several without a rest between them."""
    end = (step.bounds[0], step.row.seen)
    confirmed = step.row.before if step.row.before is not None else step.bounds[0]
    if groups and confirmed - step.previous.latest < parameters.short_stop_seconds:
        groups[-1].end = (max(groups[-1].end[0], end[0]), max(groups[-1].end[1], end[1]))
    else:
        groups.append(Span(start=step.bounds, end=end, proof=Proof.ODOMETER, flags={Flag.RECONSTRUCTED}))
    groups[-1].seen = step.row.seen
    groups[-1].add(step.before, step.meters)


def _precedes(group: Span, cycles: Sequence[Span], parameters: Parameters) -> bool:
    """Give a movement of a hybrid to the engine's that began when it continued: it began electrically."""
    for cycle in cycles:
        if cycle.proof is Proof.ENGINE and (
            group.start[1] <= cycle.start[1] <= group.end[1] + parameters.short_stop_seconds
        ):
            cycle.start = (group.start[0], min(group.start[1], cycle.start[1]))
            cycle.meters += group.meters
            if group.odometer is not None:
                last = group.odometer if cycle.odometer is None else cycle.odometer
                cycle.odometer = (group.odometer[0], last[1])
            return True
    return False


def _is_proven(span: Span, facts: Facts, parameters: Parameters) -> bool:
    """Return whether something other than the engine and the odometer shows that the car moved."""
    start, end = span.start[0], span.end[1]
    previous: Known | None = None
    for row in facts.of(TRIP):
        rose = previous is not None and row.value != previous.value and bool(row.value)
        if rose and row.latest >= start and row.earliest <= end:
            return True
        previous = row
    here = facts.place(span.start[1], since=0.0)
    there = facts.place(end + parameters.settle_seconds, since=start)
    if here is None or there is None:
        return False
    return distance_meters(here, there) >= parameters.min_position_change_meters
