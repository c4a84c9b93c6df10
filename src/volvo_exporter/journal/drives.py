"""Makes drives of movements: with their charge, fuel and places. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from volvo_exporter.journal.energy import Capacity, electric_meters, energy_between, fuel_between, negative
from volvo_exporter.journal.events import Derivation, Drive, Flag, Range, Unattributed
from volvo_exporter.journal.knowledge import FUEL, TRIP, TRIP_ENERGY, Facts
from volvo_exporter.journal.movements import Step
from volvo_exporter.journal.parameters import Parameters
from volvo_exporter.journal.spans import Span, interval

TRIP_TOLERANCE_METERS = 1000.0
"""The odometer counts whole kilometers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Car:
    """What the derivation knows of the car itself."""

    vin: str
    capacity: Capacity | None
    hybrid: bool
    derivation: Derivation
    parameters: Parameters


def drive_of(span: Span, facts: Facts, car: Car, *, moved: float, until: float) -> Drive:
    """Return a movement as a drive.

    Args:
        span: The movement.
        facts: The chapter.
        car: The car.
        moved: When the movement before it ended at the earliest.
        until: When the next activity begins; what is read until then belongs to this drive.
    """
    parameters = car.parameters
    read = max(min(span.end[1] + parameters.settle_seconds, until), span.end[1])
    charge_start, charge_end = facts.charge(span.start[1]), facts.charge(read)
    energy = negative(energy_between(charge_start, charge_end, car.capacity, parameters))
    fuel = _fuel(span, facts, read, parameters)
    electric = electric_meters(energy, float(span.meters), parameters) if car.hybrid else None
    flags = set(span.flags)
    if electric is not None or (energy is not None and car.capacity is not None and car.capacity.is_guessed):
        flags.add(Flag.ESTIMATED)
    odometer = span.odometer
    return Drive(
        vin=car.vin,
        start=interval(span.start),
        end=interval(span.end),
        flags=frozenset(flags),
        distance_meters=float(span.meters),
        odometer_start_meters=None if odometer is None else float(odometer[0]),
        odometer_end_meters=None if odometer is None else float(odometer[1]),
        charge_start_ratio=charge_start,
        charge_end_ratio=charge_end,
        energy_joules=energy,
        fuel_liters=fuel,
        electric_meters=electric,
        car_consumption_joules_per_meter=_consumption(span, facts, read),
        start_place=facts.place(span.start[1], since=moved),
        end_place=facts.place(read, since=span.start[0] if span.is_open else span.end[0]),
        stops=tuple(interval(stop) for stop in span.stops),
        derivation=car.derivation,
    )


def _fuel(span: Span, facts: Facts, read: float, parameters: Parameters) -> Range | None:
    """Return the fuel that a drive used; None where the tank was filled during it."""
    levels = [
        row.value
        for row in facts.of(FUEL)
        if isinstance(row.value, float) and span.start[0] <= row.latest <= read
    ]
    rises = (after - before for before, after in pairwise(levels))
    if any(rise >= parameters.min_refuel_liters for rise in rises):
        return None
    start, end = facts.number(FUEL, span.start[1]), facts.number(FUEL, read)
    return fuel_between(end, start, driven=0.0, parameters=parameters)


def _consumption(span: Span, facts: Facts, read: float) -> float | None:
    """Return the car's own average, where its automatic trip meter was reset at the start of the drive."""
    before = facts.number(TRIP, span.start[0])
    after = facts.number(TRIP, read)
    if before is None or after is None or after >= before + span.meters - TRIP_TOLERANCE_METERS:
        return None
    if abs(after - span.meters) > TRIP_TOLERANCE_METERS:
        return None
    return facts.number(TRIP_ENERGY, read)


def unattributed_of(step: Step, car: Car) -> Unattributed:
    """Return a change of the odometer that belongs to no drive."""
    return Unattributed(
        vin=car.vin,
        start=interval(step.bounds),
        end=interval((step.bounds[0], max(step.row.seen, step.bounds[1]))),
        flags=frozenset({Flag.RECONSTRUCTED}),
        distance_meters=float(step.meters),
        odometer_start_meters=float(step.before),
        odometer_end_meters=float(step.before + step.meters),
        derivation=car.derivation,
    )


def rejected_of(spans: Sequence[Span], car: Car) -> list[Unattributed]:
    """Return the distances of movements that cannot have been: the car was plugged in."""
    return [
        Unattributed(
            vin=car.vin,
            start=interval(span.start),
            end=interval((max(span.start[0], span.end[0]), max(span.start[1], span.end[1]))),
            flags=frozenset(span.flags | {Flag.RECONSTRUCTED}),
            distance_meters=float(span.meters),
            odometer_start_meters=float(span.odometer[0]),
            odometer_end_meters=float(span.odometer[1]),
            derivation=car.derivation,
        )
        for span in spans
        if span.odometer is not None and span.meters
    ]
