"""Finds JSON keys in an answer that are not in the catalogue, e.g. a new field of an API. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any

from volvo_exporter.catalogue.model import WRAPPER_KEYS, Boolean, Field, ObjectList, Resource
from volvo_exporter.vehicles.paths import absent

MAX_UNKNOWN_KEYS = 20
"""Reported keys per answer; no object in Volvo's answers has more than 23 keys."""
MAX_ELEMENTS = 100
"""Searched elements of a list; chosen, more than any known list has."""
KEY = re.compile(r"[a-z](?:[A-Za-z_]|\d(?!\d\d)){0,39}", re.ASCII)
"""Pattern of key names in the APIs. Other keys may be data: a VIN (which ends in digits) or a position."""
HIDDEN_KEY = "(a key that is not a plain name)"

Keys = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownKey:
    """A key that the catalogue does not name."""

    within: str
    """Key of the enclosing object; empty at the root of the answer."""
    name: str
    """The key; HIDDEN_KEY if it may contain data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """Key paths of a resource: `inner` paths have children that are searched, `ends` are not searched."""

    inner: frozenset[Keys]
    ends: frozenset[Keys]


def unknown_keys(resource: Resource, payload: Any) -> tuple[UnknownKey, ...]:
    """Find the keys with a value that no field, attribute or `ignored` path of the resource names."""
    found = dict.fromkeys(_search(_known(resource), payload, ()))
    return tuple(islice(found, MAX_UNKNOWN_KEYS))


def _search(known: _Known, node: Any, place: Keys) -> Iterator[UnknownKey]:
    if isinstance(node, list):
        for element in node[:MAX_ELEMENTS]:
            if isinstance(element, dict):
                yield from _search(known, element, place)
        return
    if not isinstance(node, dict):
        return
    for key, value in node.items():
        path = (*place, key)
        if path in known.inner:
            yield from _search(known, value, path)
        elif path not in known.ends and not absent(value):
            name = key if KEY.fullmatch(key) else HIDDEN_KEY
            yield UnknownKey(within=place[-1] if place else "", name=name)


@cache
def _known(resource: Resource) -> _Known:
    paths = frozenset(_paths(resource))
    inner = frozenset(path[:length] for path in paths for length in range(1, len(path)))
    return _Known(inner=inner, ends=paths)


def _paths(resource: Resource) -> Iterator[Keys]:
    for field in resource.fields:
        yield from _paths_of(resource, field)
    for attribute in resource.attributes:
        yield _keys(attribute.path)
    if resource.timestamp is not None:
        yield _keys(resource.timestamp)
    yield _keys(resource.root)
    yield from resource.ignored


def _paths_of(resource: Resource, field: Field) -> Iterator[Keys]:
    if field.path is not None:
        path = _keys(field.path)
        yield (*path, field.kind.key) if isinstance(field.kind, ObjectList) else path
        return
    wrapper = ("isSupported",) if isinstance(field.kind, Boolean) else WRAPPER_KEYS[resource.shape]
    for key in (field.key, *field.aliases):
        path = (*_keys(resource.root), key)
        yield path
        yield from ((*path, inner) for inner in wrapper)


def _keys(path: tuple[str | int, ...]) -> Keys:
    """Return the keys of a path without list indices."""
    return tuple(step for step in path if isinstance(step, str))
