"""How tests of the readings read, and how they look at what was read."""

import copy

import payloads
from volvo_exporter import catalogue
from volvo_exporter.catalogue import families
from volvo_exporter.metrics.readings import read

RESOURCES = {resource.name: resource for resource in catalogue.RESOURCES}
NOW = payloads.MEASURED + 60
ABSENT = [None, "", "UNSPECIFIED", "UNKNOWN"]


def read_at(name, payload, *, now=NOW, item=""):
    return read(RESOURCES[name], payload, now=now, item=item)


def series(readings):
    """Every value by family and labels, without the times."""
    return {
        (sample.family.name, *(value for _, value in sample.labels)): sample.value
        for sample in readings.samples
        if sample.family is not families.FIELD_TIMESTAMP
    }


def times(readings):
    return {
        dict(sample.labels)["field"]: sample.value
        for sample in readings.samples
        if sample.family is families.FIELD_TIMESTAMP
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
