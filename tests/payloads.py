"""Well-formed answers for every resource of the catalogue, in both ways of writing them; our own figures."""

import itertools
from enum import Enum, unique

from volvo_exporter.catalogue.model import (
    Field,
    Flag,
    Members,
    Number,
    Reported,
    Resource,
    Shape,
    States,
    Truth,
)

VIN = "YV1TESTCAR0000001"
MEASURED = 1790000000.0
"""The time of every value, in Unix time: 2026-09-21T14:13:20Z."""
NUMBERS = {
    "km": 217,
    "km/h": 42,
    "%": 63.5,
    "percentage": 57.0,
    "minutes": 45,
    "months": 7,
    "h": 655,
    "ampere": 16,
    "watts": 7350,
    "l": 31.4,
    "kWh": 75.2,
    "kWh/100km": 18.7,
    "l/100km": 6.3,
    "degrees": 12.5,
    "m": 20.0,
    "celsius": 8.5,
    "hPa": 1013,
}
"""A number for each unit that the APIs document."""
ATTRIBUTES = {
    "model": "Testcar",
    "model_year": 2026,
    "fuel_type": "ELECTRIC",
    "gearbox": "AUTOMATIC",
    "battery_capacity_kwh": 75.2,
    "colour": "Blue",
    "upholstery": "Wool",
    "steering": "LEFT",
}


@unique
class Era(Enum):
    """How Volvo's APIs write: until 20 August 2026, and since."""

    OMITTED = "2026-09-21T14:13:20.000Z"
    NULLED = "2026-09-21T14:13:20.000000000Z"


def payload(resource: Resource, era: Era) -> dict:
    """What the API answers where the car tells everything."""
    document: dict = {}
    for entry in resource.fields:
        path = (*resource.root, entry.key) if entry.path is None else entry.path
        put(document, path, _wrapped(resource, entry, era))
    for attribute in resource.attributes:
        put(document, attribute.path, ATTRIBUTES[attribute.label])
    if resource.timestamp:
        put(document, resource.timestamp, int(MEASURED) if resource.name == "weather" else era.value)
    document.update(SURROUNDINGS.get(resource.name, {}))
    return document


SURROUNDINGS = {
    "vehicles": {"data": [{"vin": VIN}]},
    "location": {"status": 200, "operationId": "535a"},
    "extended-vehicle": {"resources": [{"name": "odometer", "version": "1.0", "href": "/odometer"}]},
}
"""What stands beside the fields of the catalogue, or is read by other means."""


def put(document, path, leaf):
    """Set what lies at the path, with the objects and lists that lead there."""
    for step, following in itertools.pairwise(path):
        empty = [] if isinstance(following, int) else {}
        document = document.setdefault(step, empty)
    if isinstance(document, list):
        document.append(leaf)
    else:
        document[path[-1]] = leaf


def _wrapped(resource: Resource, entry: Field, era: Era) -> object:
    value = good_value(entry)
    if entry.path is not None or resource.shape is Shape.BARE:
        return {"isSupported": value} if isinstance(entry.kind, Truth) else value
    unit = entry.kind.unit if isinstance(entry.kind, Number) else None
    unit = "km" if isinstance(entry.kind, Reported) else unit
    if resource.shape is Shape.ITEM:
        item = {"status": "OK", "value": value, "updatedAt": "2026-09-21T14:13:20Z"}
        return item if unit is None else {**item, "unit": unit}
    if era is Era.NULLED:
        return {"timestamp": era.value, "unit": unit, "value": value}
    return {"value": value, **({"unit": unit} if unit else {}), "timestamp": era.value}


def good_value(entry: Field) -> object:
    """A value that the field may have."""
    match entry.kind:
        case Number(unit=unit):
            return str(int(NUMBERS[unit])) if entry.key == "heading" else NUMBERS[unit]
        case Flag(on=on):
            return on[0]
        case States(states=states):
            return states[0]
        case Truth():
            return entry.key != "chargingPower"
        case Members(key=key, words=words):
            return [{key: word, "href": f"/v2/vehicles/{VIN}/commands/{word.lower()}"} for word in words]
        case Reported():
            return "217"
