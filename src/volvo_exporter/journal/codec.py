"""Events and boundaries as JSON text: canonical, so that equal ones are equal byte for byte.

Fields that have their default are left out, and small types are lists: a third of the size.
"""

import json
import types
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from volvo_exporter.journal.events import (
    Charge,
    Derivation,
    Drive,
    Event,
    Interval,
    Place,
    PlugSession,
    Range,
    Refuel,
    Standing,
    Unattributed,
)
from volvo_exporter.journal.library import Kind

CLASSES: Mapping[Kind, type[Event]] = types.MappingProxyType(
    {
        Kind.DRIVE: Drive,
        Kind.CHARGE: Charge,
        Kind.PLUG: PlugSession,
        Kind.REFUEL: Refuel,
        Kind.STANDING: Standing,
        Kind.UNATTRIBUTED: Unattributed,
    }
)
KINDS: Mapping[type[Event], Kind] = types.MappingProxyType({cls: kind for kind, cls in CLASSES.items()})
_AS_LISTS = (Interval, Range, Place)
_IN_COLUMNS = ("vin", "derivation")
"""Fields of an event that the table has as columns."""


def encode_event(event: Event) -> str:
    """Return an event as JSON, without the vehicle and the derivation."""
    return _dump({name: value for name, value in _plain(event).items() if name not in _IN_COLUMNS})


def decode_event(kind: Kind, text: str, *, vin: str, derivation: Derivation) -> Event:
    """Return the event that `encode_event` made into a text; raises ValueError for another text."""
    values = {"vin": vin, **_load(text)}
    event: Event = _build(CLASSES[kind], values, derivation=derivation)
    return event


def encode(value: object) -> str:
    """Return a dataclass as JSON."""
    return _dump(_plain(value))


def decode(cls: type, text: str) -> Any:
    """Return the dataclass that `encode` made into a text; raises ValueError for another text."""
    return _build(cls, _load(text))


def _dump(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _load(text: str) -> dict[str, Any]:
    found = json.loads(text)
    if not isinstance(found, dict):
        message = "not an object"
        raise ValueError(message)  # noqa: TRY004 - one error for every kind of wrong text
    return found


def _plain(value: Any) -> Any:
    """Return a value made of what JSON has."""
    if isinstance(value, _AS_LISTS):
        return [_plain(getattr(value, entry.name)) for entry in fields(value)]
    if is_dataclass(value):
        return {
            entry.name: _plain(found)
            for entry in fields(value)
            if (found := getattr(value, entry.name)) != _default(entry)
        }
    if isinstance(value, frozenset):
        return sorted(map(_plain, value))
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    return value.value if isinstance(value, Enum) else value


def _default(entry: Field[Any]) -> object:
    return entry.default if entry.default_factory is MISSING else entry.default_factory()


@cache
def _hints(cls: type) -> Mapping[str, Any]:
    return get_type_hints(cls)


def _build(cls: type, values: Mapping[str, Any], **more: object) -> Any:
    """Return a dataclass from what JSON has."""
    hints = _hints(cls)
    if unknown := values.keys() - hints.keys():
        message = f"{cls.__name__} has no {', '.join(sorted(unknown))}"
        raise ValueError(message)
    try:
        return cls(**{name: _typed(hints[name], value) for name, value in values.items()}, **more)
    except TypeError as error:
        raise ValueError(str(error)) from None


def _typed(hint: Any, value: Any) -> Any:
    """Return a value of JSON in the type of the field."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        # A whole number stays one: the boundary has counts, and 1.0 is another text than 1.
        return value if type(value) is int else _typed(_member(arguments, value), value)
    if origin is not None:
        return _collection(origin, arguments, value)
    if hint in _AS_LISTS:
        return hint(**dict(zip(_hints(hint), map(float, value), strict=True)))
    if is_dataclass(hint) and isinstance(hint, type):
        return _build(hint, value)
    is_enumeration = isinstance(hint, type) and issubclass(hint, Enum)
    return hint(value) if is_enumeration or hint is float else value


def _collection(origin: type, arguments: tuple[Any, ...], value: Any) -> Any:
    """Return a list or an object of JSON as a tuple, a set or a mapping."""
    if origin is tuple:
        inner = arguments[:1] * len(value) if arguments[-1] is ... else arguments
        return tuple(map(_typed, inner, value))
    if origin is frozenset:
        return frozenset(_typed(arguments[0], one) for one in value)
    return {key: _typed(arguments[1], one) for key, one in value.items()}


def _member(arguments: tuple[Any, ...], value: object) -> Any:
    """Return the member of a union to which a value of JSON belongs."""
    if value is None:
        return types.NoneType
    kinds: tuple[tuple[type, tuple[object, ...]], ...] = (
        (bool, (bool,)),
        (float, (float,)),
        (str, (str,)),
    )
    for kind, members in kinds:
        if isinstance(value, kind):
            return next((member for member in members if member in arguments), str)
    others = [one for one in arguments if one not in (types.NoneType, bool, int, float, str)]
    return others[0]
