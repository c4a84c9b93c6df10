"""Reads the values of a JSON payload.

Total: no JSON raises an error, and an invalid field affects no other field. A value that is missing, null,
UNSPECIFIED or an error gives no reading. A value that is not recognized gives no reading and is listed as
unmapped. Pure: the time is an argument, no I/O.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, assert_never

from volvo_exporter.catalogue.model import (
    Attribute,
    Boolean,
    Field,
    Flag,
    Number,
    NumberWithUnit,
    ObjectList,
    Path,
    Resource,
    Shape,
    States,
)
from volvo_exporter.vehicles.paths import absent, blocker, walk
from volvo_exporter.vehicles.reading import Absence, Answer, Reading, Reason, Unmapped, Value, key_of
from volvo_exporter.vehicles.unknown_keys import unknown_keys

NUMERAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
VIN = re.compile(r"[A-Za-z0-9]{11,17}", re.ASCII)
"""Chosen: 17 characters of ISO 3779, or fewer; the text becomes part of a path."""
ITEM = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}", re.ASCII)
MIN_TIMESTAMP, MAX_TIMESTAMP = 946684800.0, 4102444800.0
"""The years 2000 to 2100 in Unix seconds; chosen, before and after all connected cars."""
MAX_LABEL_CHARACTERS = 100
"""Length of a label value; chosen, longer than any known model or colour."""
MAX_ATTRIBUTE = 10_000
"""Exclusive bound of a numeric attribute. Chosen: a year, or a battery capacity in kWh."""
MAX_ITEMS = 100
"""Items of Extended Vehicle per car; chosen, bounds the number of requests."""


Misread = tuple[Reason, Any]
"""Reason why a value was not read, and the unrecognized part of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wrapped:
    """The parts of a value object."""

    value: Any
    unit: Any
    time: Any


def read(resource: Resource, payload: Any, *, now: float, item: str = "") -> Answer:
    """Read the answer of a resource; `now` is Unix time, `item` is the item in the path, if it has one."""
    obstacle = blocker(payload, (*resource.root, ""))
    if obstacle is not None:
        return Answer(unmapped=(_unmapped(resource, "", Reason.SHAPE, obstacle),))
    readings, unmapped = _read_fields(resource, payload, now, item)
    absences = {
        key_of(entry, item): absence
        for entry in resource.fields
        if (absence := _absence(resource, entry, payload)) is not None
    }
    attributes: dict[str, str] = {}
    for attribute in resource.attributes:
        match _read_attribute(attribute, payload):
            case str() as text:
                attributes[attribute.label] = text
            case (reason, value):
                unmapped.append(_unmapped(resource, attribute.label, reason, value))
            case None:
                pass
    unmapped.extend(
        Unmapped(resource=resource.name, field=key.within, reason=Reason.KEY, value=key.name)
        for key in unknown_keys(resource, payload)
    )
    return Answer(
        readings=tuple(readings),
        attributes=MappingProxyType(attributes),
        unmapped=tuple(unmapped),
        absences=MappingProxyType(absences),
    )


def read_vins(payload: Any) -> tuple[str, ...] | None:
    """Return the VINs in the list of vehicles; None if the answer is not such a list."""
    entries = walk(payload, ("data",))
    if not isinstance(entries, list):
        return None
    vins = (walk(entry, ("vin",)) for entry in entries)
    return tuple(dict.fromkeys(vin for vin in vins if isinstance(vin, str) and VIN.fullmatch(vin)))


def read_items(payload: Any) -> tuple[str, ...]:
    """Return the names in a list of Extended Vehicle resources, at most MAX_ITEMS."""
    entries = walk(payload, ("resources",))
    names = (walk(entry, ("name",)) for entry in (entries if isinstance(entries, list) else ()))
    known = dict.fromkeys(name for name in names if isinstance(name, str) and ITEM.fullmatch(name))
    return tuple(known)[:MAX_ITEMS]


def _read_fields(
    resource: Resource, payload: Any, now: float, item: str
) -> tuple[list[Reading], list[Unmapped]]:
    """Read all fields; return no readings if a required field has no value."""
    readings: list[Reading] = []
    unmapped: list[Unmapped] = []
    for entry in resource.fields:
        for result in _read_field(resource, entry, payload, now, item):
            match result:
                case Reading():
                    readings.append(result)
                case Unmapped():
                    unmapped.append(result)
                case _:
                    assert_never(result)
    reported = {reading.field.family for reading in readings}
    required = {entry.family for entry in resource.fields if entry.key in resource.required}
    return (readings if required <= reported else []), unmapped


def _read_field(
    resource: Resource, entry: Field, payload: Any, now: float, item: str
) -> Iterator[Reading | Unmapped]:
    wrapped = _unwrap(resource, entry, payload)
    if isinstance(wrapped, tuple):
        yield _unmapped(resource, entry.key, *wrapped)
        return
    if wrapped is None or absent(wrapped.value):
        return
    measured = _seconds(wrapped.time)
    value = _value(entry, wrapped, measured, now)
    if isinstance(value, Reason):
        invalid = wrapped.unit if value is Reason.UNIT else wrapped.value
        yield _unmapped(resource, entry.key, value, invalid)
    elif value is not None:
        yield Reading(
            resource=resource,
            field=entry,
            value=value,
            measured=measured if entry.stamped and isinstance(measured, float) else None,
            received=now,
            item=item,
            unit=_reported_unit(entry, wrapped),
        )
    if isinstance(entry.kind, ObjectList):
        for reason, invalid in _unknown_objects(entry.kind, wrapped.value):
            yield _unmapped(resource, entry.key, reason, invalid)
    if isinstance(measured, Reason):
        yield _unmapped(resource, entry.key, measured, wrapped.time)


def _absence(resource: Resource, entry: Field, payload: Any) -> Absence | None:
    """Return how the API reports that a field has no value; None where it has one or the key is missing."""
    raw = walk(payload, _path(resource, entry, payload))
    if isinstance(raw, dict) and raw.get("status") == "ERROR":
        return Absence.ERROR
    value = raw.get("value") if isinstance(raw, dict) else raw
    return Absence.UNSPECIFIED if isinstance(value, str) and absent(value) else None


def _path(resource: Resource, entry: Field, payload: Any) -> Path:
    """Return the path of the value of a field: its key, or an alias if only that has a value."""
    if entry.path is not None:
        return entry.path
    paths = [(*resource.root, key) for key in (entry.key, *entry.aliases)]
    return next((path for path in paths if not absent(walk(payload, path))), paths[0])


def _unwrap(resource: Resource, entry: Field, payload: Any) -> _Wrapped | Misread | None:
    path = _path(resource, entry, payload)
    path = (*path, "isSupported") if isinstance(entry.kind, Boolean) else path
    bare = entry.path is not None or resource.shape is Shape.BARE
    obstacle = blocker(payload, path if bare else (*path, "value"))
    if obstacle is not None:
        return Reason.SHAPE, obstacle
    raw = walk(payload, path)
    if absent(raw):
        return None
    if bare:
        time = walk(payload, resource.timestamp) if resource.timestamp else None
        return _Wrapped(value=raw, unit=getattr(entry.kind, "unit", None), time=time)
    status = raw.get("status") if resource.shape is Shape.ITEM else "OK"
    if status != "OK":
        return None if absent(status) or status == "ERROR" else (Reason.STATUS, status)
    time = raw.get("updatedAt" if resource.shape is Shape.ITEM else "timestamp")
    return _Wrapped(value=raw.get("value"), unit=raw.get("unit"), time=time)


def _value(
    entry: Field, wrapped: _Wrapped, measured: float | Reason | None, now: float
) -> Value | Reason | None:
    """Return the value of one field, or the reason why it is invalid; None if the API has no value."""
    match entry.kind:
        case Number() as kind:
            number = _number(kind, wrapped)
            return number if number != 0 or _is_zero_trusted(kind, measured, now) else None
        case Flag() as kind:
            return _flag(kind, wrapped.value)
        case Boolean():
            return wrapped.value if isinstance(wrapped.value, bool) else Reason.VALUE
        case States() as kind:
            return _state(kind, wrapped.value)
        case ObjectList() as kind:
            return _list_of_values(kind, wrapped.value)
        case NumberWithUnit():
            return _reported(wrapped.value)
        case _ as unreachable:
            assert_never(unreachable)


def _is_zero_trusted(kind: Number, measured: float | Reason | None, now: float) -> bool:
    limit = kind.max_zero_age_seconds
    return limit is None or (isinstance(measured, float) and now - measured <= limit)


def _number(kind: Number, wrapped: _Wrapped) -> float | Reason | None:
    number = _numeral(wrapped.value)
    if number is None:
        return Reason.NUMBER
    if number in kind.placeholders:
        return None
    unit = wrapped.unit.strip().lower() if isinstance(wrapped.unit, str) else ""
    conversion = kind.quantity.units.get(unit)
    if conversion is None:
        return Reason.UNIT
    if conversion.factor != 1 or conversion.offset:
        # Twelve digits remove the rounding error of the multiplication (57 % is 0.57), no measured digit.
        number = float(f"{number * conversion.factor + conversion.offset:.12g}")
    low = kind.quantity.low if kind.low is None else kind.low
    return number if low <= number <= kind.quantity.high else Reason.RANGE


def _numeral(value: Any) -> float | None:
    """Return a finite JSON number, also in quotes (as some cars send it), as a float; None for others."""
    if isinstance(value, str) and NUMERAL.fullmatch(value.strip()):
        number = float(value)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        try:
            number = float(value)
        except OverflowError:
            return None
    else:
        return None
    return number if math.isfinite(number) else None


def _flag(kind: Flag, value: Any) -> bool | Reason:
    if isinstance(value, str) and value in kind.on:
        return True
    return False if isinstance(value, str) and value in kind.off else Reason.VALUE


def _state(kind: States, value: Any) -> str | Reason:
    if not isinstance(value, str):
        return Reason.VALUE
    current = kind.synonyms.get(value, value)
    return current if current in kind.states else Reason.VALUE


def _list_of_values(kind: ObjectList, entries: Any) -> tuple[str, ...] | Reason | None:
    if not isinstance(entries, list):
        return Reason.SHAPE
    values = [walk(member, (kind.key,)) for member in entries]
    return tuple(value for value in kind.values if value in values) or None


def _unknown_objects(kind: ObjectList, entries: Any) -> Iterator[Misread]:
    for member in entries if isinstance(entries, list) else ():
        value = walk(member, (kind.key,))
        if (obstacle := blocker(member, (kind.key,))) is not None:
            yield Reason.SHAPE, obstacle
        elif not absent(value) and value not in kind.values:
            yield Reason.VALUE, value


def _reported(value: Any) -> float | bool | Reason:
    booleans = {"true": True, "false": False}
    if isinstance(value, str) and value in booleans:
        return booleans[value]
    number = _numeral(value)
    return Reason.NUMBER if number is None else number


def _reported_unit(entry: Field, wrapped: _Wrapped) -> str:
    given = isinstance(entry.kind, NumberWithUnit) and isinstance(wrapped.unit, str)
    return _label(wrapped.unit) if given else ""


def _read_attribute(attribute: Attribute, payload: Any) -> str | Misread | None:
    value, obstacle = walk(payload, attribute.path), blocker(payload, attribute.path)
    if obstacle is not None:
        return Reason.SHAPE, obstacle
    if absent(value) or (isinstance(value, str) and value.strip() in attribute.placeholders):
        return None
    free = isinstance(value, str) and not attribute.numeric
    text = (_label(value) or Reason.VALUE) if free else _attribute_number(value)
    if isinstance(text, Reason):
        return text, value
    if text in attribute.placeholders:
        return None
    known = not attribute.values or text in attribute.values
    return text if known else (Reason.VALUE, value)


def _attribute_number(value: Any) -> str | Reason:
    number = _numeral(value)
    if number is None:
        return Reason.NUMBER
    return f"{number:.10g}" if 0 <= number < MAX_ATTRIBUTE else Reason.RANGE


def _label(text: str) -> str:
    """Return text as a label value: shortened, without unprintable characters."""
    return "".join(character for character in text.strip() if character.isprintable())[:MAX_LABEL_CHARACTERS]


def _seconds(time: Any) -> float | Reason | None:
    """Return a timestamp in Unix seconds, from ISO 8601 (ms, µs or ns) or from seconds or milliseconds."""
    if absent(time):
        return None
    number = _numeral(time)
    if number is not None:
        seconds = number / 1000 if number > MAX_TIMESTAMP else number
    elif isinstance(time, str):
        try:
            moment = datetime.fromisoformat(time.strip())
            seconds = moment.timestamp() if moment.tzinfo else math.nan
        except (ValueError, OverflowError):
            return Reason.TIME
    else:
        return Reason.TIME
    return seconds if MIN_TIMESTAMP <= seconds <= MAX_TIMESTAMP else Reason.TIME


def _unmapped(resource: Resource, entry: str, reason: Reason, value: Any) -> Unmapped:
    try:
        # Only the type of a container: half of a VIN inside it would not be redacted.
        text = type(value).__name__ if isinstance(value, dict | list) else repr(value)
    except ValueError:  # an integer of thousands of digits
        text = type(value).__name__
    text = "" if resource.private else text
    return Unmapped(resource=resource.name, field=entry, reason=reason, value=text[:60])
