"""Answers of five kinds of car, one JSON file for each resource: `cars/<car>/<resource>.json`.

A file holds an answer and, written by hand, what is read from it: the `readings` by field, in base units, and
the `attributes` by label.

Shapes and keys are those that Volvo's APIs were seen to send; figures are invented. The EX30, the EX40 and
the XC60 of 2022 are written as the APIs write since 20 August 2026 (absent fields are null), the XC60 of 2020
and the S90 as before (absent fields are left out).
"""

import json
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parents[1] / "cars"
FILES = tuple(sorted((file.parent.name, file.stem) for file in FOLDER.glob("*/*.json")))
"""Every car with each of its resources."""
IDS = tuple("-".join(file) for file in FILES)
CARS = tuple(dict.fromkeys(car for car, _ in FILES))


def load(car: str, resource: str) -> Any:
    """Return the answer of a car; raises FileNotFoundError if it has no such resource."""
    return _file(car, resource)["answer"]


def expected_readings(car: str, resource: str) -> dict[str, Any]:
    """Return the values that are read from an answer; lists are tuples, numbers approximate."""
    return {key: _expected(value) for key, value in _file(car, resource).get("readings", {}).items()}


def expected_attributes(car: str, resource: str) -> dict[str, str]:
    """Return the attributes that are read from an answer."""
    attributes: dict[str, str] = _file(car, resource).get("attributes", {})
    return attributes


def _file(car: str, resource: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((FOLDER / car / f"{resource}.json").read_text(encoding="utf-8"))
    return document


def _expected(value: Any) -> Any:
    match value:
        case list():
            return tuple(value)
        case bool() | str():
            return value
        case _:
            return pytest.approx(value, rel=6e-8)  # the precision of the 32-bit numbers in some answers


def without_nulls(node: Any) -> Any:
    """Return an answer as the APIs wrote it until 20 August 2026: without keys that are null."""
    if isinstance(node, dict):
        return {key: without_nulls(child) for key, child in node.items() if child is not None}
    return [without_nulls(child) for child in node] if isinstance(node, list) else node


def with_nulls(node: Any, model: Any) -> Any:
    """Return an answer with null for each key that another car's answer, the model, has in its place."""
    if not isinstance(node, dict) or not isinstance(model, dict):
        return node
    missing = dict.fromkeys(model.keys() - node.keys())
    return {**{key: with_nulls(child, model.get(key)) for key, child in node.items()}, **missing}
