"""Follow a path into a payload whose shape is not trusted. Pure."""

from typing import Any

from volvo_exporter.catalogue.model import ABSENT, Path


def walk(payload: Any, path: Path) -> Any:
    """Return the value at the path; None if there is none."""
    for step in path:
        if isinstance(step, str) and isinstance(payload, dict):
            payload = payload.get(step)
        elif isinstance(step, int) and isinstance(payload, list) and step < len(payload):
            payload = payload[step]
        else:
            return None
    return payload


def absent(value: Any) -> bool:
    """Check whether this is how an API reports that it has no value."""
    return value is None or (isinstance(value, str) and value in ABSENT)


def blocker(payload: Any, path: Path) -> Any:
    """Return what blocks the path: a value that is neither absent nor the object or list it leads through."""
    for step in path:
        if absent(payload):
            return None
        if not isinstance(payload, dict if isinstance(step, str) else list):
            return payload
        payload = walk(payload, (step,))
    return None
