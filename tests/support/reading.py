"""Functions to read payloads and inspect readings in tests."""

import copy

from volvo_exporter import catalogue
from volvo_exporter.vehicles.reader import read
from volvo_exporter.vehicles.samples import expand

RESOURCES = {resource.name: resource for resource in catalogue.RESOURCES}
VIN = "YV1TESTCAR0000001"
MEASURED = 1_790_000_000.0
"""The time of `value` and `item`: 2026-09-21T14:13:20Z."""
NOW = MEASURED + 60
ABSENT = [None, "", "UNSPECIFIED", "UNKNOWN"]


def read_at(name, payload, *, now=NOW, item=""):
    return read(RESOURCES[name], payload, now=now, item=item)


def series(answer):
    """Return every value by family and labels, without the timestamps."""
    samples = [sample for reading in answer.readings for sample in expand(reading)]
    return {(sample.family.name, *(value for _, value in sample.labels)): sample.value for sample in samples}


def times(answer):
    return {
        reading.field.key: reading.measured for reading in answer.readings if reading.measured is not None
    }


def reasons(readings):
    return [(unmapped.field, unmapped.reason) for unmapped in readings.unmapped]


def value(number, unit=None, *, timestamp="2026-09-21T14:13:20Z"):
    return {"value": number, "unit": unit, "timestamp": timestamp}


def item(number, unit=None):
    return {"status": "OK", "value": number, "unit": unit, "updatedAt": "2026-09-21T14:13:20Z"}


def at(document, path):
    for step in path:
        document = document[step]
    return document


def replaced(document, path, replacement):
    if not path:
        return replacement
    document = copy.deepcopy(document)
    at(document, path[:-1])[path[-1]] = replacement
    return document
