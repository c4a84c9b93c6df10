"""Derives drives, charges, plug sessions, refuelling and standing periods from the log of one vehicle.

Pure: no I/O, no clock, no randomness. The log is read chapter by chapter; what a chapter contains is settled
at its end and never revised. A log read in parts gives the same events as one read at once.
"""

import math
from bisect import bisect_right
from dataclasses import dataclass

from volvo_exporter.journal.chapter import Chapter, OpenStanding, Situation, read_chapter
from volvo_exporter.journal.chapters import end_of_chapter
from volvo_exporter.journal.charges import OpenCharge, OpenPlug
from volvo_exporter.journal.drives import Car
from volvo_exporter.journal.energy import capacity_of
from volvo_exporter.journal.events import Event
from volvo_exporter.journal.knowledge import TOPICS, Bounds, Known, know
from volvo_exporter.journal.observations import Correction, Log
from volvo_exporter.journal.parameters import Parameters, derivation_of
from volvo_exporter.vehicles.reading import Value

__all__ = ["BEGINNING", "Derived", "Parameters", "Settled", "derive"]

Fields = tuple[Value | tuple[float | None, ...] | None, ...]
"""The fields of a named tuple."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """How far a log is settled, and what continues at that moment. Numbers, text, None and tuples only."""

    needed_from: float = 0.0
    """Rows and runs from then on are needed: the end of the last chapter, in Unix seconds."""
    memory: tuple[Fields, ...] = ()
    """The last rows of each series."""
    frontier: Bounds = (0.0, 0.0)
    moved: float = 0.0
    plug: Fields | None = None
    charge: Fields | None = None
    standing: Fields | None = None


BEGINNING = Settled()


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """What was derived from a part of a log."""

    events: tuple[Event, ...]
    """Settled since the boundary: chapter by chapter, within a chapter by their start. Never revised."""
    open: tuple[Event, ...]
    """Provisional: they continue, or may still change."""
    settled: Settled
    """The new boundary."""


def derive(log: Log, parameters: Parameters, *, since: Settled = BEGINNING) -> Derived:
    """Return the events of a vehicle.

    Args:
        log: The rows of one vehicle that were received from `since.needed_from` on; all its corrections.
        parameters: Thresholds.
        since: How far the log is settled.
    """
    situation = _resume(since)
    new = [row for row in log.observations if row.seen > situation.until and row.series in TOPICS]
    rows = know(new, situation.memory, parameters)
    seen = [row.seen for row in rows]
    capacity = capacity_of(log.attributes, parameters)
    car = Car(
        vin=log.vin,
        capacity=capacity,
        hybrid=False,
        derivation=derivation_of(parameters, None if capacity is None else capacity.joules),
        parameters=parameters,
    )
    events: list[Event] = []
    first = 0
    horizon = _horizon(log)
    while True:
        end = end_of_chapter(
            rows,
            situation.memory,
            first=first,
            horizon=horizon,
            deadline=_deadline(situation, log, parameters),
            corrections=log.corrections,
            parameters=parameters,
        )
        last = len(rows) if end is None else bisect_right(seen, end)
        chapter = Chapter(
            rows=rows[first:last],
            end=max(horizon, situation.until) if end is None else end,
            runs=log.runs,
            corrections=log.corrections,
            is_open=end is None,
        )
        found, after = read_chapter(chapter, situation, car)
        if end is None:
            return Derived(events=tuple(events), open=tuple(found), settled=_settle(situation))
        events += found
        situation, first = after, last


def _horizon(log: Log) -> float:
    """Return how far a log reaches."""
    times = (
        *(row.seen for row in log.observations[-1:]),
        *(run.last for run in log.runs),
        *(process.at for process in log.processes),
    )
    return max(times, default=0.0)


def _deadline(situation: Situation, log: Log, parameters: Parameters) -> float:
    """Return when the pause of the current charge is so long that the charge has ended."""
    charge = situation.charge
    if charge is None or charge.end is None:
        return math.inf
    merges = (
        correction.at
        for correction in log.corrections
        if correction.correction is Correction.MERGE and correction.kind == "charge"
    )
    if any(at >= charge.end[0] for at in merges):
        return math.inf
    return charge.ended + parameters.max_charge_pause_seconds


def _settle(situation: Situation) -> Settled:
    return Settled(
        needed_from=situation.until,
        memory=tuple(tuple(known) for known in situation.memory),
        frontier=situation.frontier,
        moved=situation.moved,
        plug=None if situation.plug is None else tuple(situation.plug),
        charge=None if situation.charge is None else tuple(situation.charge),
        standing=None if situation.standing is None else tuple(situation.standing),
    )


def _resume(settled: Settled) -> Situation:
    return Situation(
        until=settled.needed_from,
        memory=tuple(Known._make(fields) for fields in settled.memory),
        frontier=settled.frontier,
        moved=settled.moved,
        plug=None if settled.plug is None else OpenPlug._make(settled.plug),
        charge=None if settled.charge is None else OpenCharge._make(settled.charge),
        standing=None if settled.standing is None else OpenStanding._make(settled.standing),
    )
