"""Answers of the simulated cloud, independent of the HTTP framework."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

Json = Mapping[str, "Json"] | Sequence["Json"] | str | float | int | bool | None
"""A value that JSON can represent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Status, headers and body of an answer."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    body: bytes = b""


def json_answer(status: int, payload: Json, *, sort: bool = False, **headers: str) -> Answer:
    """Return a JSON answer; header names are written with underscores, e.g. `retry_after="3"`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(
        status=status,
        headers={"content-type": "application/json", **named},
        body=json.dumps(payload, separators=(",", ":"), sort_keys=sort).encode(),
    )


def error_answer(status: int, message: str, description: str) -> Answer:
    """Return an error in the format of Connected Vehicle v2."""
    return json_answer(status, {"error": {"message": message, "description": description}})
