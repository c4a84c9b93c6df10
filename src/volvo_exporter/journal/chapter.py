"""Reads one chapter of the log: what happened in it, and what continues after it. Pure."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from volvo_exporter.journal import charges, corrections, drives, movements, refuels
from volvo_exporter.journal.charges import OpenCharge, OpenPlug, Session
from volvo_exporter.journal.drives import Car
from volvo_exporter.journal.energy import Meter, energy_between, negative
from volvo_exporter.journal.events import Charge, ChargeEnergy, Event, Flag, PlugSession, Standing
from volvo_exporter.journal.knowledge import (
    CHARGE,
    CHARGE_IN_FUEL,
    FUEL,
    ODOMETER,
    PLUG,
    Bounds,
    Facts,
    Known,
)
from volvo_exporter.journal.observations import Corrected, Correction, Run
from volvo_exporter.journal.spans import Span, Toggle, interval, line_up

ENGINE_STATUS, ENERGY_STATE = "engine-status", "energy-state"


class OpenStanding(NamedTuple):
    """A standing period that continues after a chapter. A tuple of numbers, so that it can be stored."""

    start: Bounds
    level: float | None
    gap: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What continues between two chapters."""

    until: float = 0.0
    """The end of the chapter before."""
    memory: tuple[Known, ...] = ()
    frontier: Bounds = (0.0, 0.0)
    """The last moment that was settled: nothing begins before it."""
    moved: float = 0.0
    """When the last movement ended at the earliest."""
    plug: OpenPlug | None = None
    charge: OpenCharge | None = None
    standing: OpenStanding | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """The rows of a chapter."""

    rows: Sequence[Known]
    end: float
    runs: Sequence[Run]
    corrections: Sequence[Corrected]
    is_open: bool = False
    """True where the chapter has not ended: what continues is an event, too."""


def is_hybrid(facts: Facts) -> bool:
    """Return whether a car has a tank and a battery."""
    known = {row.topic for row in (*facts.memory, *facts.rows) if row.value is not None}
    return FUEL in known and bool(known & {PLUG, CHARGE, CHARGE_IN_FUEL})


def read_chapter(chapter: Chapter, before: Situation, car: Car) -> tuple[list[Event], Situation]:
    """Return the events of a chapter in order of their start, and the situation after it."""
    reading = _Reading(chapter, before, car)
    events = [corrections.annotate(event, chapter.corrections) for event in reading.events()]
    return sorted(events, key=_order), reading.situation()


def _order(event: Event) -> tuple[float, float, float, str]:
    return (event.start.latest, event.start.earliest, event.end.latest, type(event).__name__)


class _Reading:
    def __init__(self, chapter: Chapter, before: Situation, car: Car) -> None:
        self._chapter, self._before = chapter, before
        self._parameters = car.parameters
        self._facts = facts = Facts(before.memory, chapter.rows)
        self._car = replace(car, hybrid=is_hybrid(facts))
        cycles = corrections.split(
            movements.find_cycles(facts, chapter.end, self._parameters), chapter.corrections
        )
        found = movements.attribute(
            cycles,
            movements.steps_of(facts),
            facts,
            hybrid=self._car.hybrid,
            parameters=self._parameters,
        )
        self._unplaced = found.unplaced
        self._loose: list[Session] = []
        merged = corrections.merge(found.spans, chapter.corrections)
        self._sessions = charges.follow_plug(
            facts, before.plug, before.charge, chapter.corrections, self._parameters
        )
        line, self._rejected = line_up(
            merged, charges.toggles_of(self._sessions), plugged=before.plug is not None
        )
        self._spans = [item for item in line if isinstance(item, Span)]
        self._standing = before.standing
        self._items = self._line(line)
        charges.tighten(self._items, before.frontier)
        self._note_levels()

    def _line(self, line: Sequence[Span | Toggle]) -> list[Span | Session]:
        """Return movements and plug sessions in order of time, with the charges that no status showed."""
        by_start = {id(session.on): session for session in self._sessions if session.on is not None}
        items: list[Span | Session] = [session for session in self._sessions if session.on is None]
        for item in line:
            if isinstance(item, Span):
                items.append(item)
            elif item.on:
                items.append(by_start[id(item)])
        rises = charges.find_rises(self._facts, self._sessions, self._spans, self._parameters)
        for rise in rises:
            self._insert(rise, items)
        return items

    def _insert(self, rise: OpenCharge, items: list[Span | Session]) -> None:
        start, end = rise.start, rise.end or rise.start
        for session in self._sessions:
            if session.is_plug and _covers(session, start[0], end[1]):
                first = int(session.is_carried)
                if first and end[1] < session.charges[0].start[0]:
                    return  # received late: it belongs to a time that is settled
                session.charges.append(rise)
                session.charges[first:] = sorted(session.charges[first:], key=lambda charge: charge.start[1])
                return
        session = Session(plug=OpenPlug(start=start), on=None, charges=[rise], is_plug=False)
        later = (number for number, item in enumerate(items) if _ends_later(item, end[1]))
        items.insert(next(later, len(items)), session)
        self._loose.append(session)

    def _note_levels(self) -> None:
        """Note the state of charge at the start of the charges that began in this chapter."""
        for session in (*self._sessions, *self._loose):
            first = int(session.is_carried)
            session.charges[first:] = map(self._with_level, session.charges[first:])

    def _with_level(self, charge: OpenCharge) -> OpenCharge:
        start, end = charge.start
        if not charge.guessed and end - start > self._parameters.single_cycle_seconds:
            # It began in a gap: what was read in it may be from during the charge.
            if any(span.start[0] < end and start < span.end[1] for span in self._spans):
                return charge
            return charge._replace(level=self._facts.charge(start))
        level = self._facts.charge(charge.first, before=True)
        if level is None:
            known = (row.value for row in self._facts.of(self._facts.charge_topic))
            level = next((value for value in known if isinstance(value, float)), None)
        return charge._replace(level=level)

    # What happened

    def events(self) -> Iterator[Event]:
        """Return the events; the standing periods between them are found on the way."""
        yield from self._drives()
        yield from (drives.unattributed_of(step, self._car) for step in self._unplaced)
        yield from drives.rejected_of(self._rejected, self._car)
        yield from refuels.find_refuels(self._facts, self._spans, self._car)
        for session in self._sessions:
            yield from (
                self._charge(charge, session)
                for charge in session.charges
                if self._chapter.is_open or not self._continues(charge, session)
            )
            if session.off is not None or self._chapter.is_open:
                yield self._plug_session(session)
        yield from (self._charge(session.charges[0], None) for session in self._loose)
        yield from self._standings()

    def _drives(self) -> Iterator[Event]:
        moved = self._before.moved
        starts = [
            *(span.start[0] for span in self._spans),
            *(charge.start[0] for charge in self._all_charges),
        ]
        for span in self._spans:
            until = min(
                (start for start in starts if start > span.start[0] and start >= span.end[0]),
                default=math.inf,
            )
            drive = drives.drive_of(span, self._facts, self._car, moved=moved, until=until)
            yield replace(drive, flags=drive.flags | self._gap(span.start[0], span.seen, ENGINE_STATUS))
            moved = span.end[0]

    @property
    def _all_charges(self) -> list[OpenCharge]:
        return [charge for session in (*self._sessions, *self._loose) for charge in session.charges]

    def _continues(self, charge: OpenCharge, session: Session) -> bool:
        """Return whether a charge may continue after this chapter."""
        if session.off is not None or charge is not session.charges[-1] or charge.guessed:
            return False
        if charge.end is None or self._is_held(charge.end):
            return True
        pause = self._chapter.end - charge.ended
        return not charge.done and pause < self._parameters.max_charge_pause_seconds

    def _is_held(self, end: Bounds) -> bool:
        """Return whether a user merges this charge, or a later one, with the next."""
        return any(
            correction.correction is Correction.MERGE
            and correction.kind == "charge"
            and correction.at >= end[0]
            for correction in self._chapter.corrections
        )

    def _charge(self, charge: OpenCharge, session: Session | None) -> Charge:
        end = charge.end or (max(self._chapter.end, charge.start[0]), max(self._chapter.end, charge.start[1]))
        starts = (span.start[0] for span in self._spans if span.start[0] >= end[0])
        read = max(min(end[1] + self._parameters.settle_seconds, min(starts, default=math.inf)), end[1])
        level = self._facts.charge(read)
        flags = {Flag.RECONSTRUCTED if charge.guessed else Flag.OBSERVED}
        flags |= self._gap(
            charge.start[0], charge.ended or self._chapter.end, ENERGY_STATE, carried=charge.gap
        )
        if charge.pauses:
            flags.add(Flag.MERGED)
        if self._car.capacity is not None and self._car.capacity.is_guessed:
            flags.add(Flag.ESTIMATED)
        energy = energy_between(charge.level, level, self._car.capacity, self._parameters)
        if energy is not None:
            energy = replace(
                energy,
                low=max(energy.low, 0.0),
                estimate=max(energy.estimate, 0.0),
                high=max(energy.high, 0.0),
            )
        return Charge(
            vin=self._car.vin,
            start=interval(charge.start),
            end=interval(end),
            flags=frozenset(flags),
            type=charge.type,
            charge_start_ratio=charge.level,
            charge_end_ratio=level,
            energy=ChargeEnergy(
                charge=energy,
                power=Meter._make(charge.meter).range if self._car.parameters.integrates_power else None,
            ),
            max_power_watts=charge.max_watts or None,
            odometer_meters=self._facts.number(ODOMETER, end[1]),
            place=self._facts.place(end[1], since=self._before.moved),
            plug_start=interval(session.plug.start)
            if session is not None and session.plug.reported
            else None,
            derivation=self._car.derivation,
        )

    def _plug_session(self, session: Session) -> PlugSession:
        plug, end = session.plug, self._chapter.end
        off = (
            (max(end, plug.start[0]), max(end, plug.start[1])) if session.off is None else session.off.bounds
        )
        seen = end if session.off is None else session.off.seen
        return PlugSession(
            vin=self._car.vin,
            start=interval(plug.start),
            end=interval(off),
            flags=frozenset({Flag.OBSERVED, *self._gap(plug.start[0], seen, ENERGY_STATE, carried=plug.gap)}),
            charges=plug.charges + len(session.charges),
            derivation=self._car.derivation,
        )

    def _standings(self) -> Iterator[Event]:
        for start, end, is_new in self._activities():
            if is_new:
                yield from self._stand(start)
            self._standing = None if end is None else self._begin_standing(end)
        if self._chapter.is_open:
            yield from self._stand((self._chapter.end, self._chapter.end))

    def _activities(self) -> Iterator[tuple[Bounds, Bounds | None, bool]]:
        """Return start and end of the drives and charges in order; whether they began in this chapter."""
        for item in self._items:
            if isinstance(item, Span):
                yield item.start, None if item.is_open else item.end, True
                continue
            for number, charge in enumerate(item.charges):
                end = None if self._continues(charge, item) else charge.end
                yield charge.start, end, not (item.is_carried and number == 0)

    def _begin_standing(self, start: Bounds) -> OpenStanding:
        read = min(start[1] + self._parameters.settle_seconds, max(self._chapter.end, start[1]))
        return OpenStanding(start=start, level=self._facts.charge(read))

    def _stand(self, end: Bounds) -> Iterator[Event]:
        standing = self._standing
        if standing is None or end[0] - standing.start[1] < self._parameters.min_standing_seconds:
            return
        level = self._facts.charge(end[1])
        loss = negative(energy_between(standing.level, level, self._car.capacity, self._parameters))
        yield Standing(
            vin=self._car.vin,
            start=interval(standing.start),
            end=interval(end),
            flags=frozenset(
                {Flag.OBSERVED, *self._gap(standing.start[0], end[1], ENGINE_STATUS, carried=standing.gap)}
            ),
            charge_start_ratio=standing.level,
            charge_end_ratio=level,
            loss_joules=loss,
            place=self._facts.place(end[0], since=self._before.moved),
            derivation=self._car.derivation,
        )

    def _gap(self, start: float, end: float, resource: str, *, carried: bool = False) -> set[Flag]:
        """Return the flag of a gap where the answers of a resource began anew within a time.

        Only the starts of runs are used: the end of a run changes while it continues.
        """
        first = max(start, self._before.until)
        began = (run.first for run in self._chapter.runs if run.resource == resource)
        return {Flag.GAP} if carried or any(first < at <= end for at in began) else set()

    # What continues

    def situation(self) -> Situation:
        """Return the situation at the end of the chapter; to be called after `events`."""
        session = self._sessions[-1] if self._sessions and self._sessions[-1].off is None else None
        charge = session.charges[-1] if session is not None and session.charges else None
        if session is not None and charge is not None and not self._continues(charge, session):
            charge = None
        edges = [self._before.frontier]
        for span in self._spans:
            edges += [span.start, span.end]
        for other in self._sessions:
            edges += [other.plug.start] if other.off is None else [other.plug.start, other.off.bounds]
        for known in self._all_charges:
            edges += [known.start, known.end or known.start]
        return Situation(
            until=self._chapter.end,
            memory=self._facts.remembered(),
            frontier=(max(edge[0] for edge in edges), max(edge[1] for edge in edges)),
            moved=self._spans[-1].end[0] if self._spans else self._before.moved,
            plug=None if session is None else self._open_plug(session, charge),
            charge=None
            if charge is None
            else charge._replace(gap=self._has_gap(charge.start, ENERGY_STATE, carried=charge.gap)),
            standing=None
            if self._standing is None
            else self._standing._replace(
                gap=self._has_gap(self._standing.start, ENGINE_STATUS, carried=self._standing.gap)
            ),
        )

    def _open_plug(self, session: Session, charge: OpenCharge | None) -> OpenPlug:
        settled = len(session.charges) - (charge is not None)
        return session.plug._replace(
            charges=session.plug.charges + settled,
            gap=self._has_gap(session.plug.start, ENERGY_STATE, carried=session.plug.gap),
        )

    def _has_gap(self, start: Bounds, resource: str, *, carried: bool) -> bool:
        return bool(self._gap(start[0], self._chapter.end, resource, carried=carried))


def _covers(session: Session, start: float, end: float) -> bool:
    return session.plug.start[0] <= end and (session.off is None or start <= session.off.bounds[1])


def _ends_later(item: Span | Session, end: float) -> bool:
    if isinstance(item, Span):
        return item.end[1] > end
    return item.off is None or item.off.bounds[1] > end
