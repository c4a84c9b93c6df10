"""Finds what a car really did: its drives and charges, with moments and energy that the API does not report.

For measuring what is derived from the reports of a car. It uses when an event happened, not when it was
uploaded. Times are life times.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from volvo_exporter.simulator.battery import JOULES_PER_KWH
from volvo_exporter.simulator.car import Car
from volvo_exporter.simulator.state import CarState

GRID_SECONDS = 20.0
"""The state is compared at moments so far apart; changes between two of them are found by bisection."""
PRECISION_SECONDS = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueDrive:
    """A drive as it was: from starting the engine to stopping it."""

    start: float
    end: float
    meters: float
    """By the odometer, which counts whole kilometers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueCharge:
    """A flow of current as it was."""

    start: float
    end: float
    points: int
    """By which the state of charge rose, in percent."""
    joules: float
    """Energy that the battery took."""


def drives_of(car: Car, start: float, end: float) -> Iterator[TrueDrive]:
    """Return the drives that began and ended within a time."""
    runs = car.state(start).engine.value
    began = None
    for event in car.events(start, end):
        if event.what != "engine":
            continue
        runs = not runs
        if runs:
            began = event.happened
        elif began is not None:
            before = car.state(began).odometer.value
            after = car.state(event.uploaded).odometer.value
            yield TrueDrive(start=began, end=event.happened, meters=(after - before) * 1000.0)
            began = None


def charges_of(car: Car, start: float, end: float) -> Iterator[TrueCharge]:
    """Return the charges that began and ended within a time."""
    began: CarState | None = None
    steps: list[CarState] = []
    for state in _charging_states(car, start, end):
        charges = state.charging.value.status == "CHARGING"
        if charges and began is None:
            began, steps = state, []
        elif charges:
            steps.append(state)
        elif began is not None:
            yield _charge(car, began, steps, state)
            began = None


def _charging_states(car: Car, start: float, end: float) -> Iterator[CarState]:
    """Return the state after each report of the charging system, in order of time."""
    before = car.state(start)
    if before.charging.value.status == "CHARGING":
        before = car.state(start)
    time = start
    while time < end:
        after = car.state(time + GRID_SECONDS)
        while after.charging.happened != before.charging.happened:
            first, last = time, time + GRID_SECONDS
            while last - first > PRECISION_SECONDS:
                middle = (first + last) / 2
                if car.state(middle).charging.happened == before.charging.happened:
                    first = middle
                else:
                    last = middle
            before = car.state(last)
            yield before
            time = last
        time += GRID_SECONDS


def _charge(car: Car, began: CarState, steps: list[CarState], ended: CarState) -> TrueCharge:
    profile, watts = car.profile, began.charging.value.watts or 0
    start, end = began.charging.happened, ended.charging.happened
    reached = [state for state in (*steps, ended) if state.charge.happened > start]
    level = began.charge.value or 0
    joules, moment = 0.0, start
    for state in reached:
        moment = state.charge.happened
        if state is reached[0]:
            # The first point is reached from somewhere within the one before.
            joules += watts * (moment - start)
            level = state.charge.value or 0
        elif (state.charge.value or 0) > level:
            points = (state.charge.value or 0) - level
            joules += points / 100 * profile.usable_kwh * JOULES_PER_KWH
            level = state.charge.value or 0
    last = ended.charging.value.status != "DONE"
    if last:
        power = next((s.charging.value.watts for s in reversed((began, *steps)) if s.charging.value.watts), 0)
        joules += (power or 0) * (end - moment)
    points = (ended.charge.value or 0) - (began.charge.value or 0)
    return TrueCharge(start=start, end=end, points=points, joules=joules)
