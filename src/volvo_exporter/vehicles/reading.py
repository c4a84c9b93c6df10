"""Readings: values of a vehicle with the time of their measurement and of their reception."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum, unique
from types import MappingProxyType

from volvo_exporter.catalogue.model import Field, Key, Resource

Value = float | bool | str | tuple[str, ...]
"""A number in the base unit of its field, a flag, a state or a list of values, as in the API."""


def key_of(field: Field, item: str) -> Key:
    """Return what a field is about; `item` is the item of Extended Vehicle, empty for other resources."""
    return (field.family.name, (("resource", item),)) if item else field.series


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One value of one field of a vehicle."""

    resource: Resource
    field: Field
    value: Value
    measured: float | None
    """When the car measured the value, in Unix seconds; None if the API gives no time."""
    received: float
    """When the exporter received the value, in Unix seconds."""
    item: str = ""
    """The item of Extended Vehicle that was read."""
    unit: str = ""
    """The unit in the response, if the field defines none."""

    @property
    def key(self) -> Key:
        """Return the key of the series; readings of two resources can share a key."""
        return key_of(self.field, self.item)

    def repeats(self, other: "Reading | None") -> bool:
        """Return whether the other reading has the same value, unit and time."""
        return (
            other is not None
            and self.value == other.value
            and self.measured == other.measured
            and self.unit == other.unit
        )


@unique
class Reason(StrEnum):
    """Reason why a value of the API was not read."""

    SHAPE = "unexpected_shape"
    STATUS = "unknown_status"
    VALUE = "unknown_word"
    NUMBER = "not_a_number"
    UNIT = "unknown_unit"
    RANGE = "out_of_range"
    TIME = "unreadable_timestamp"
    KEY = "unknown_key"


@unique
class Absence(StrEnum):
    """How the API reported that a field has no value."""

    NULL = "null"
    """The key or its value is missing, or cannot be read."""
    UNSPECIFIED = "unspecified"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmapped:
    """A value that was not recognized."""

    resource: str
    field: str
    reason: Reason
    value: str
    """The value, shortened, for the log; for an unknown key, the key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The content of one answer of a resource."""

    readings: tuple[Reading, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    unmapped: tuple[Unmapped, ...] = ()
    absences: Mapping[Key, Absence] = field(default_factory=lambda: MappingProxyType({}))
    """The fields without a value whose absence is more than a missing key."""

    @property
    def is_empty(self) -> bool:
        """Return whether the answer has no value of any field; unknown keys do not count."""
        misread = any(unmapped.reason is not Reason.KEY for unmapped in self.unmapped)
        return not (self.readings or self.attributes or misread)
