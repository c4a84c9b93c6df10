"""Lists what needs the owner's attention. Structured: each output has its own wording. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, unique
from types import MappingProxyType

from volvo_exporter.catalogue import families
from volvo_exporter.catalogue.model import Activity, Family
from volvo_exporter.vehicles.reading import Reading
from volvo_exporter.vehicles.vehicle import Vehicle

STANDING = frozenset({Activity.CHARGING, Activity.PLUGGED_IN, Activity.PARKED, Activity.ASLEEP})
"""Activities during which a vehicle is expected to be locked."""

PLUGGED_IN = frozenset({Activity.CHARGING, Activity.PLUGGED_IN})


@unique
class Severity(Enum):
    """How urgent something is, in the order of urgency; the values are those of the alerts."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


@unique
class Kind(Enum):
    """What needs attention."""

    UNLOCKED = "unlocked"
    DOOR_OPEN = "door_open"
    WINDOW_OPEN = "window_open"
    LAMP_FAILED = "lamp_failed"
    TYRE_PRESSURE = "tyre_pressure"
    BRAKE_FLUID_LOW = "brake_fluid_low"
    COOLANT_LOW = "coolant_low"
    WASHER_FLUID_LOW = "washer_fluid_low"
    OIL_LEVEL = "oil_level"
    SERVICE = "service"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleWarning:
    """One thing that needs attention."""

    kind: Kind
    severity: Severity
    place: str = ""
    """The value of the label that says where: a door, window, lamp or tyre."""
    state: str = ""
    """The state in lower case, where the family has several."""


_WARNINGS: tuple[tuple[Family, Kind, Severity], ...] = (
    (families.DOOR_OPEN, Kind.DOOR_OPEN, Severity.WARNING),
    (families.WINDOW_OPEN, Kind.WINDOW_OPEN, Severity.WARNING),
    (families.LAMP_FAILURE, Kind.LAMP_FAILED, Severity.WARNING),
    (families.TYRE_PRESSURE, Kind.TYRE_PRESSURE, Severity.WARNING),
    (families.BRAKE_FLUID_LOW, Kind.BRAKE_FLUID_LOW, Severity.CRITICAL),
    (families.COOLANT_LOW, Kind.COOLANT_LOW, Severity.CRITICAL),
    (families.WASHER_FLUID_LOW, Kind.WASHER_FLUID_LOW, Severity.INFO),
    (families.OIL_LEVEL, Kind.OIL_LEVEL, Severity.WARNING),
    (families.SERVICE_STATUS, Kind.SERVICE, Severity.INFO),
)
"""Families that warn, in the order in which the warnings are listed."""
WARNING_FAMILIES = frozenset({families.LOCKED, *(family for family, _, _ in _WARNINGS)})
"""Families whose values can need attention."""
_MORE_URGENT: Mapping[str, Severity] = MappingProxyType(
    {
        "VERY_LOW_PRESSURE": Severity.CRITICAL,
        **{state: Severity.WARNING for state in families.SERVICE_STATES if "_OVERDUE_" in state},
    }
)
"""States that are more urgent than the others of their family."""
FINE = "NO_WARNING"


def list_warnings(vehicle: Vehicle, activity: Activity) -> Iterator[VehicleWarning]:
    """Return what needs attention; a value that is unknown needs none."""
    if vehicle.flag(families.LOCKED) is False and not may_be_unlocked(activity):
        yield VehicleWarning(kind=Kind.UNLOCKED, severity=Severity.WARNING)
    for family, kind, severity in _WARNINGS:
        for reading in vehicle.readings_of(family):
            place = _place(reading)
            match reading.value:
                case True if not may_be_open(vehicle, place, activity):
                    yield VehicleWarning(kind=kind, severity=severity, place=place)
                case str() as state if state != FINE:
                    urgency = _MORE_URGENT.get(state, severity)
                    yield VehicleWarning(kind=kind, severity=urgency, place=place, state=state.lower())
                case _:
                    pass
    reason = vehicle.state(families.UNAVAILABLE_REASON)
    if vehicle.flag(families.AVAILABLE) is False and reason != "CAR_IN_USE":
        yield VehicleWarning(kind=Kind.UNREACHABLE, severity=Severity.WARNING, state=(reason or "").lower())


def _place(reading: Reading) -> str:
    return next((value for _, value in reading.field.labels), "")


def may_be_unlocked(activity: Activity) -> bool:
    """Return whether an unlocked car is normal: it is in use."""
    return activity not in STANDING


def may_be_open(vehicle: Vehicle, place: str, activity: Activity) -> bool:
    """Return whether an open part is normal: the lid of the charging port over a cable."""
    is_plugged_in = activity in PLUGGED_IN or vehicle.state(families.CHARGER_CONNECTION) == "CONNECTED"
    return place == "tank_lid" and is_plugged_in
