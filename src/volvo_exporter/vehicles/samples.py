"""Expands readings to the samples that `/metrics` and the JSON pages show. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import assert_never

from volvo_exporter.catalogue import families
from volvo_exporter.catalogue.model import Family, Labels, NumberWithUnit, ObjectList
from volvo_exporter.vehicles.reading import Reading
from volvo_exporter.vehicles.vehicle import Vehicle


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One series and its value, without the attributes of the vehicle."""

    family: Family
    value: float
    labels: Labels = ()


def expand_all(vehicle: Vehicle) -> Iterator[Sample]:
    """Return every sample of a vehicle: the values, then their times."""
    for reading in vehicle.readings:
        yield from expand(reading)
    for reading in vehicle.all_readings:
        yield from timestamp(reading)


def expand(reading: Reading) -> Iterator[Sample]:
    """Return the samples of a value: one, or one for each state of a state set."""
    family, labels = reading.field.family, reading.field.labels
    match reading.value:
        case float() | bool() as number:
            if isinstance(reading.field.kind, NumberWithUnit):
                labels = (("resource", reading.item), ("unit", reading.unit))
            yield Sample(family=family, labels=labels, value=float(number))
        case str() as current:
            yield from state_set(family, current.lower(), labels)
        case tuple() as values:
            kind = reading.field.kind
            label = kind.label if isinstance(kind, ObjectList) else "value"
            for value in values:
                yield Sample(family=family, labels=(*labels, (label, value.lower())), value=1.0)
        case _:
            assert_never(reading.value)


def state_set(family: Family, current: str, labels: Labels = ()) -> Iterator[Sample]:
    """Return a sample for each state of a family: 1 for the current one, 0 for the others."""
    for state in family.states:
        yield Sample(family=family, labels=(*labels, ("state", state)), value=float(state == current))


def timestamp(reading: Reading) -> Iterator[Sample]:
    """Return the sample with the time at which the car measured the value, if it is known."""
    if reading.measured is not None:
        labels = (("resource", reading.item or reading.resource.name), ("field", reading.field.key))
        yield Sample(family=families.FIELD_TIMESTAMP, labels=labels, value=reading.measured)
