"""Vehicles with given readings, for tests of derived values."""

from volvo_exporter.catalogue import RESOURCES
from volvo_exporter.catalogue.model import Family
from volvo_exporter.vehicles.reading import Answer, Reading, Value
from volvo_exporter.vehicles.vehicle import Vehicle

VIN = "YV1TESTCAR0001234"
NOW = 1_800_000_000.0


def reported(family: Family, value: Value, *, ago: float | None = None, **labels: str) -> Reading:
    """Return a reading of the best source of a series; `ago` is its age in seconds, None where unknown."""
    wanted = tuple(labels.items())
    sources = [
        (resource, field)
        for resource in RESOURCES
        for field in resource.fields
        if field.family is family and field.labels == wanted
    ]
    resource, field = min(sources, key=lambda source: source[1].fallback)
    measured = None if ago is None else NOW - ago
    return Reading(resource=resource, field=field, value=value, measured=measured, received=NOW)


def a_vehicle(*readings: Reading) -> Vehicle:
    """Return a vehicle that has reported these readings."""
    vehicle = Vehicle(vin=VIN)
    for resource in {reading.resource: None for reading in readings}:
        known = tuple(reading for reading in readings if reading.resource is resource)
        vehicle.take(resource, "", Answer(readings=known))
    return vehicle
