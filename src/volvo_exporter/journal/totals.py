"""Sums the settled events of a vehicle, for counters that never fall. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from volvo_exporter.catalogue import journal as families
from volvo_exporter.catalogue.model import Family, Key
from volvo_exporter.journal.events import Charge, ChargeEnergy, Drive, Event, Interval, Range, Refuel


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """The sums over the settled events of a vehicle, and the figures of the latest ones."""

    sums: Mapping[Key, float] = field(default_factory=lambda: MappingProxyType({}))
    """By family and labels, in base units."""
    latest: Mapping[Key, float] = field(default_factory=lambda: MappingProxyType({}))
    ended: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    """When the latest drive and charge ended, by kind."""


NO_TOTALS = Totals()


def add(totals: Totals, events: Iterable[Event]) -> Totals:
    """Return the totals with further settled events."""
    sums, latest, ended = dict(totals.sums), dict(totals.latest), dict(totals.ended)
    for event in events:
        for key, amount in _amounts(event):
            sums[key] = sums.get(key, 0.0) + amount
        prefix = _PREFIXES.get(type(event))
        if prefix and event.end.latest >= ended.get(prefix, float("-inf")):
            ended[prefix] = event.end.latest
            latest = {key: value for key, value in latest.items() if not key[0].startswith(prefix)}
            latest.update(_figures(event))
    return Totals(sums=sums, latest=latest, ended=ended)


def publish(published: Mapping[Key, float], totals: Totals) -> Mapping[Key, float]:
    """Return what a counter shows: the sum, or what it showed before where that is more.

    A correction can lower a sum. A counter that falls would count as a restart, and its whole value as an
    increase; so it waits until new events make up for the correction.
    """
    keys = {**totals.sums, **published}
    return {key: max(totals.sums.get(key, 0.0), published.get(key, 0.0)) for key in keys}


def headline(energy: ChargeEnergy) -> Range | None:
    """Return the figure of a charge to sum up: receipt, else charging power, else state of charge."""
    return energy.receipt or energy.power or energy.charge


def duration(start: Interval, end: Interval) -> float:
    """Return the seconds between the middles of two intervals; never negative."""
    return max(0.0, (end.earliest + end.latest - start.earliest - start.latest) / 2)


_PREFIXES: Mapping[type[Event], str] = {Drive: "volvo_last_drive_", Charge: "volvo_last_charge_"}


def _amounts(event: Event) -> Iterator[tuple[Key, float]]:
    match event:
        case Drive():
            yield _key(families.DRIVES), 1.0
            yield _key(families.DRIVEN), event.distance_meters
        case Charge():
            yield _key(families.CHARGES, type=event.type), 1.0
            if energy := headline(event.energy):
                yield _key(families.CHARGED_ENERGY, type=event.type), energy.estimate
        case Refuel():
            yield _key(families.REFUELS), 1.0
            billed = event.receipt_liters
            yield _key(families.REFUELED), event.liters.estimate if billed is None else billed
        case _:
            return


def _figures(event: Event) -> Iterator[tuple[Key, float]]:
    match event:
        case Drive():
            yield _key(families.LAST_DRIVE_END), event.end.latest
            yield _key(families.LAST_DRIVE_DISTANCE), event.distance_meters
            yield _key(families.LAST_DRIVE_DURATION), duration(event.start, event.end)
            if event.energy_joules:
                yield _key(families.LAST_DRIVE_ENERGY), event.energy_joules.estimate
            if event.fuel_liters:
                yield _key(families.LAST_DRIVE_FUEL), event.fuel_liters.estimate
        case Charge():
            figures = (
                (families.LAST_CHARGE_END, event.end.latest),
                (families.LAST_CHARGE_DURATION, duration(event.start, event.end)),
                (families.LAST_CHARGE_ENERGY, _estimate(headline(event.energy))),
                (families.LAST_CHARGE_BEGIN, event.charge_start_ratio),
                (families.LAST_CHARGE_RATIO, event.charge_end_ratio),
            )
            for family, value in figures:
                if value is not None:
                    yield _key(family, type=event.type), value
        case _:
            return


def _estimate(figure: Range | None) -> float | None:
    return None if figure is None else figure.estimate


def _key(family: Family, **labels: str) -> Key:
    return family.name, tuple(labels.items())
