"""From a payload to readings: the one place that knows what counts as a value.

Total: whatever the JSON, nothing raises, and a bad field costs that field alone. A value that is missing,
null, UNSPECIFIED or an error of its own gives no sample. A value that is not understood gives no sample and
is named as unmapped. Pure: the time is an argument, nothing is read or written.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum, unique
from types import MappingProxyType
from typing import Any, assert_never

from volvo_exporter.catalogue import families
from volvo_exporter.catalogue.model import (
    Attribute,
    Family,
    Field,
    Flag,
    Labels,
    Members,
    Number,
    Path,
    Reported,
    Resource,
    Shape,
    States,
    Truth,
)
from volvo_exporter.metrics.paths import absent, blocker, walk
from volvo_exporter.metrics.unknown_keys import unknown_keys

NUMERAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
VIN = re.compile(r"[A-Za-z0-9]{11,17}", re.ASCII)
ITEM = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}", re.ASCII)
# The years 2000 to 2100: no car reported before, none will after.
EARLIEST, LATEST = 946684800.0, 4102444800.0
LONGEST_LABEL = 100
LARGEST_ATTRIBUTE = 10_000  # a year, or a battery in kWh
MOST_ITEMS = 100


@unique
class Reason(StrEnum):
    """Why a value was left out although the API sent one."""

    SHAPE = "unexpected_shape"
    STATUS = "unknown_status"
    WORD = "unknown_word"
    NUMBER = "not_a_number"
    UNIT = "unknown_unit"
    RANGE = "out_of_range"
    TIME = "unreadable_timestamp"
    KEY = "unknown_key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One series and its value, without the attributes of the vehicle."""

    family: Family
    value: float
    labels: Labels = ()
    fallback: bool = False
    """True where a sample of another resource with the same labels is to be preferred."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmapped:
    """A value that was not understood."""

    resource: str
    field: str
    reason: Reason
    value: str
    """The value, shortened, for the log; the key where that is unknown."""


Misread = tuple[Reason, Any]
"""Why a value was left out, and the part of it that was not understood."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """All that one answer tells."""

    samples: tuple[Sample, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    unmapped: tuple[Unmapped, ...] = ()

    @property
    def empty(self) -> bool:
        """True if the answer has no value of any field; unknown keys do not count."""
        misread = any(unmapped.reason is not Reason.KEY for unmapped in self.unmapped)
        return not (self.samples or self.attributes or misread)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wrapped:
    """A value taken out of its wrapping."""

    value: Any
    unit: Any
    time: Any


def read(resource: Resource, payload: Any, *, now: float, item: str = "") -> Readings:
    """Read the answer of a resource; `now` is Unix time, `item` names the item where the path has one."""
    obstacle = blocker(payload, (*resource.root, ""))
    if obstacle is not None:
        return Readings(unmapped=(_unmapped(resource, "", Reason.SHAPE, obstacle),))
    samples, unmapped = _read_fields(resource, payload, now, item)
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
    return Readings(samples=tuple(samples), attributes=MappingProxyType(attributes), unmapped=tuple(unmapped))


def read_vins(payload: Any) -> tuple[str, ...] | None:
    """The VINs of the list of vehicles; None if the answer is no such list."""
    entries = walk(payload, ("data",))
    if not isinstance(entries, list):
        return None
    vins = (walk(entry, ("vin",)) for entry in entries)
    return tuple(dict.fromkeys(vin for vin in vins if isinstance(vin, str) and VIN.fullmatch(vin)))


def read_items(payload: Any) -> tuple[str, ...]:
    """The names in a list of Extended Vehicle resources."""
    entries = walk(payload, ("resources",))
    names = (walk(entry, ("name",)) for entry in (entries if isinstance(entries, list) else ()))
    known = dict.fromkeys(name for name in names if isinstance(name, str) and ITEM.fullmatch(name))
    return tuple(known)[:MOST_ITEMS]


def _read_fields(
    resource: Resource, payload: Any, now: float, item: str
) -> tuple[list[Sample], list[Unmapped]]:
    """Read all fields; none of them counts where a required one has no value."""
    samples: list[Sample] = []
    unmapped: list[Unmapped] = []
    for entry in resource.fields:
        for result in _read_field(resource, entry, payload, now, item):
            match result:
                case Sample():
                    samples.append(result)
                case Unmapped():
                    unmapped.append(result)
                case _:
                    assert_never(result)
    reported = {sample.family for sample in samples}
    required = {entry.family for entry in resource.fields if entry.key in resource.required}
    return (samples if required <= reported else []), unmapped


def _read_field(
    resource: Resource, entry: Field, payload: Any, now: float, item: str
) -> Iterator[Sample | Unmapped]:
    wrapped = _unwrap(resource, entry, payload)
    if isinstance(wrapped, tuple):
        yield _unmapped(resource, entry.key, *wrapped)
        return
    if wrapped is None or absent(wrapped.value):
        return
    measured = _seconds(wrapped.time)
    values = list(_values(entry, wrapped, measured, now, item))
    for value in values:
        match value:
            case Sample():
                yield value
            case (reason, offender):
                yield _unmapped(resource, entry.key, reason, offender)
            case Reason():
                offender = wrapped.unit if value is Reason.UNIT else wrapped.value
                yield _unmapped(resource, entry.key, value, offender)
            case _:
                assert_never(value)
    if isinstance(measured, Reason):
        yield _unmapped(resource, entry.key, measured, wrapped.time)
    elif measured is not None and entry.stamped and any(isinstance(value, Sample) for value in values):
        labels = stamp(item or resource.name, entry.key)
        yield Sample(family=families.FIELD_TIMESTAMP, labels=labels, value=measured)


def stamp(resource: str, field_key: str) -> Labels:
    """The labels of the timestamp of a field."""
    return (("resource", resource), ("field", field_key))


def _path(resource: Resource, entry: Field, payload: Any) -> Path:
    """Where the value of a field lies: under its key, or under an alias where only that has a value."""
    if entry.path is not None:
        return entry.path
    paths = [(*resource.root, key) for key in (entry.key, *entry.aliases)]
    return next((path for path in paths if not absent(walk(payload, path))), paths[0])


def _unwrap(resource: Resource, entry: Field, payload: Any) -> _Wrapped | Misread | None:
    path = _path(resource, entry, payload)
    path = (*path, "isSupported") if isinstance(entry.kind, Truth) else path
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


def _values(
    entry: Field, wrapped: _Wrapped, measured: float | Reason | None, now: float, item: str
) -> Iterator[Sample | Reason | Misread]:
    """The samples of one field, or why there are none."""
    result: float | Reason | None
    match entry.kind:
        case Number() as kind:
            result = _number(kind, wrapped)
            if result == 0 and kind.zero_trusted_for is not None:
                fresh = isinstance(measured, float) and now - measured <= kind.zero_trusted_for
                result = result if fresh else None
        case Flag() as kind:
            result = _flag(kind, wrapped.value)
        case Truth():
            result = float(wrapped.value) if isinstance(wrapped.value, bool) else Reason.WORD
        case States() as kind:
            yield from _states(entry, kind, wrapped.value)
            return
        case Members() as kind:
            yield from _members(entry, kind, wrapped.value)
            return
        case Reported():
            yield from _reported(entry, wrapped, item)
            return
        case _ as unreachable:
            assert_never(unreachable)
    if isinstance(result, Reason):
        yield result
    elif result is not None:
        yield Sample(family=entry.family, labels=entry.labels, value=result, fallback=entry.fallback)


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
        # Twelve digits drop the noise of the multiplication (57 % is 0.57) and nothing that was measured.
        number = float(f"{number * conversion.factor + conversion.offset:.12g}")
    low = kind.quantity.low if kind.low is None else kind.low
    return number if low <= number <= kind.quantity.high else Reason.RANGE


def _numeral(value: Any) -> float | None:
    """A finite JSON number, also one in quotes (some cars send those), as a float."""
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


def _flag(kind: Flag, word: Any) -> float | Reason:
    if not isinstance(word, str):
        return Reason.WORD
    if word in kind.on:
        return 1.0
    if word in kind.off:
        return 0.0
    return Reason.WORD


def _states(entry: Field, kind: States, word: Any) -> Iterator[Sample | Reason]:
    if not isinstance(word, str):
        yield Reason.WORD
        return
    current = kind.synonyms.get(word, word)
    if current not in kind.states:
        yield Reason.WORD
        return
    for state in kind.states:
        labels = (*entry.labels, ("state", state.lower()))
        yield Sample(family=entry.family, labels=labels, value=float(state == current))


def _members(entry: Field, kind: Members, entries: Any) -> Iterator[Sample | Reason | Misread]:
    if not isinstance(entries, list):
        yield Reason.SHAPE
        return
    words = [walk(member, (kind.key,)) for member in entries]
    for word in kind.words:
        if word in words:
            labels = (*entry.labels, (kind.label, word.lower()))
            yield Sample(family=entry.family, labels=labels, value=1.0)
    for member, word in zip(entries, words, strict=True):
        if (obstacle := blocker(member, (kind.key,))) is not None:
            yield Reason.SHAPE, obstacle
        elif not absent(word) and word not in kind.words:
            yield Reason.WORD, word


def _reported(entry: Field, wrapped: _Wrapped, item: str) -> Iterator[Sample | Reason]:
    truths = {"true": 1.0, "false": 0.0}
    value = truths.get(wrapped.value) if isinstance(wrapped.value, str) else None
    value = _numeral(wrapped.value) if value is None else value
    if value is None:
        yield Reason.NUMBER
        return
    unit = _label(wrapped.unit) if isinstance(wrapped.unit, str) else ""
    labels = (("resource", item), ("unit", unit))
    yield Sample(family=entry.family, labels=labels, value=value)


def _read_attribute(attribute: Attribute, payload: Any) -> str | Misread | None:
    value, obstacle = walk(payload, attribute.path), blocker(payload, attribute.path)
    if obstacle is not None:
        return Reason.SHAPE, obstacle
    if absent(value) or (isinstance(value, str) and value.strip() in attribute.placeholders):
        return None
    free = isinstance(value, str) and not attribute.numeric
    text = (_label(value) or Reason.WORD) if free else _attribute_number(value)
    if isinstance(text, Reason):
        return text, value
    if text in attribute.placeholders:
        return None
    known = not attribute.words or text in attribute.words
    return text if known else (Reason.WORD, value)


def _attribute_number(value: Any) -> str | Reason:
    number = _numeral(value)
    if number is None:
        return Reason.NUMBER
    return f"{number:.10g}" if 0 <= number < LARGEST_ATTRIBUTE else Reason.RANGE


def _label(text: str) -> str:
    """Free text that is fit for a label: short, and nothing in it that cannot be printed or encoded."""
    return "".join(character for character in text.strip() if character.isprintable())[:LONGEST_LABEL]


def _seconds(time: Any) -> float | Reason | None:
    """A timestamp as Unix time: ISO 8601 with ms, µs or ns, or a count of seconds or milliseconds."""
    if absent(time):
        return None
    number = _numeral(time)
    if number is not None:
        seconds = number / 1000 if number > LATEST else number
    elif isinstance(time, str):
        try:
            moment = datetime.fromisoformat(time.strip())
            seconds = moment.timestamp() if moment.tzinfo else math.nan
        except (ValueError, OverflowError):
            return Reason.TIME
    else:
        return Reason.TIME
    return seconds if EARLIEST <= seconds <= LATEST else Reason.TIME


def _unmapped(resource: Resource, entry: str, reason: Reason, value: Any) -> Unmapped:
    try:
        # A container is only named: a VIN inside it, cut in half, would not be recognised as one.
        text = type(value).__name__ if isinstance(value, dict | list) else repr(value)
    except ValueError:  # an integer of thousands of digits
        text = type(value).__name__
    text = "" if resource.private else text
    return Unmapped(resource=resource.name, field=entry, reason=reason, value=text[:60])
