"""Finds refuelling: the level of the tank rose. Pure."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from volvo_exporter.journal.drives import Car
from volvo_exporter.journal.energy import fuel_between
from volvo_exporter.journal.events import Flag, Refuel
from volvo_exporter.journal.knowledge import FUEL, ODOMETER, Facts, Known
from volvo_exporter.journal.spans import Span, interval


def find_refuels(facts: Facts, spans: Sequence[Span], car: Car) -> Iterator[Refuel]:
    """Return the refuelling in a chapter. A rise in several answers is one."""
    new = set(facts.rows)
    levels = [row for row in facts.of(FUEL) if isinstance(row.value, float)]
    group: list[Known] = []
    for previous, row in pairwise(levels):
        if row in new and _liters(row) > _liters(previous):
            group = [*group, row] if group else [previous, row]
            continue
        yield from _refuel(group, facts, spans, car)
        group = []
    yield from _refuel(group, facts, spans, car)


def _liters(row: Known) -> float:
    return row.value if isinstance(row.value, float) else 0.0


def _refuel(group: Sequence[Known], facts: Facts, spans: Sequence[Span], car: Car) -> Iterator[Refuel]:
    if not group:
        return
    parameters = car.parameters
    start, end = _liters(group[0]), _liters(group[-1])
    largest = max(_liters(row) for row in facts.of(FUEL))
    if end - start < max(parameters.min_refuel_liters, parameters.min_refuel_share * largest):
        return
    last = group[-1].latest
    first = min(group[1].earliest, last)
    before, after = facts.number(ODOMETER, first), facts.number(ODOMETER, last)
    driven = 0.0 if before is None or after is None else max(after - before, 0.0)
    liters = fuel_between(start, end, driven=driven, parameters=parameters)
    if liters is None:
        return
    moment = _in_a_stop((first, last), spans)
    yield Refuel(
        vin=car.vin,
        start=interval(moment),
        end=interval(moment),
        flags=frozenset({Flag.OBSERVED}),
        liters=liters,
        level_start_liters=start,
        level_end_liters=end,
        odometer_meters=after,
        place=facts.place(moment[1], since=moment[0]),
        derivation=car.derivation,
    )


def _in_a_stop(bounds: tuple[float, float], spans: Sequence[Span]) -> tuple[float, float]:
    """Return bounds narrowed to the one stop that they touch; unchanged where they touch none or several."""
    first, last = bounds
    ends = [*(span.end[0] for span in spans), *(stop[0] for span in spans for stop in span.stops)]
    starts = [*(span.start[1] for span in spans), *(stop[1] for span in spans for stop in span.stops)]
    stops = [
        (end, min((start for start in starts if start >= end), default=float("inf"))) for end in sorted(ends)
    ]
    touched = [stop for stop in stops if stop[0] <= last and first <= stop[1]]
    if len(touched) != 1:
        return bounds
    narrowed = (max(first, touched[0][0]), min(last, touched[0][1]))
    return narrowed if narrowed[0] <= narrowed[1] else bounds
