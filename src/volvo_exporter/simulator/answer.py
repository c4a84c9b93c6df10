"""An answer of the simulated cloud, before it becomes HTTP."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

Json = Mapping[str, "Json"] | Sequence["Json"] | str | float | int | bool | None
"""What can be written as JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Status, headers, body."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    body: bytes = b""


def json_answer(status: int, payload: Json, *, sort: bool = False, **headers: str) -> Answer:
    """A JSON answer. Headers are written with underscores: `retry_after="3"`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(
        status=status,
        headers={"content-type": "application/json", **named},
        body=json.dumps(payload, separators=(",", ":"), sort_keys=sort).encode(),
    )


def error_answer(status: int, message: str, description: str) -> Answer:
    """An error in the shape of Connected Vehicle v2."""
    return json_answer(status, {"error": {"message": message, "description": description}})
