"""Functions to read payloads and inspect readings in tests."""

import copy
from collections.abc import Iterable, Sequence
from typing import Any

from volvo_exporter import catalogue
from volvo_exporter.vehicles.reader import read
from volvo_exporter.vehicles.reading import Answer
from volvo_exporter.vehicles.samples import expand

RESOURCES = {resource.name: resource for resource in catalogue.RESOURCES}
VIN = "YV1TESTCAR0000001"
MEASURED = 1_790_000_000.0
"""The time of `value` and `item`: 2026-09-21T14:13:20Z."""
NOW = MEASURED + 60
ABSENT = [None, "", "UNSPECIFIED", "UNKNOWN"]


def read_at(name: str, payload: object, *, now: float = NOW, item: str = "") -> Answer:
    return read(RESOURCES[name], payload, now=now, item=item)


def series(answer: Answer) -> dict[tuple[str, ...], float]:
    """Return every value by family and labels, without the timestamps."""
    samples = [sample for reading in answer.readings for sample in expand(reading)]
    return {(sample.family.name, *(value for _, value in sample.labels)): sample.value for sample in samples}


def times(answer: Answer) -> dict[str, float]:
    return {
        reading.field.key: reading.measured for reading in answer.readings if reading.measured is not None
    }


def reasons(answer: Answer) -> list[tuple[str, str]]:
    return [(unmapped.field, unmapped.reason) for unmapped in answer.unmapped]


def value(
    number: object, unit: str | None = None, *, timestamp: object = "2026-09-21T14:13:20Z"
) -> dict[str, object]:
    return {"value": number, "unit": unit, "timestamp": timestamp}


def item(number: object, unit: str | None = None) -> dict[str, object]:
    return {"status": "OK", "value": number, "unit": unit, "updatedAt": "2026-09-21T14:13:20Z"}


def at(document: Any, path: Iterable[str | int]) -> Any:
    for step in path:
        document = document[step]
    return document


def replaced(document: Any, path: Sequence[str | int], replacement: object) -> Any:
    if not path:
        return replacement
    document = copy.deepcopy(document)
    at(document, path[:-1])[path[-1]] = replacement
    return document
