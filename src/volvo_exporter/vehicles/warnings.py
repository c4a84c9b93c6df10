"""Lists the warnings of a vehicle as data; each output has its own texts. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, unique
from types import MappingProxyType

from volvo_exporter.catalogue import families
from volvo_exporter.catalogue.model import Activity, Family
from volvo_exporter.vehicles.reading import Reading
from volvo_exporter.vehicles.vehicle import Vehicle

PARKED_ACTIVITIES = frozenset({Activity.CHARGING, Activity.PLUGGED_IN, Activity.PARKED, Activity.ASLEEP})
"""Activities during which a vehicle is expected to be locked."""

PLUGGED_IN_ACTIVITIES = frozenset({Activity.CHARGING, Activity.PLUGGED_IN})


@unique
class Severity(Enum):
    """Severity of a warning, most severe first; same values as in the alerts."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


@unique
class Kind(Enum):
    """Kind of a warning."""

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
    """One warning."""

    kind: Kind
    severity: Severity
    place: str = ""
    """Label value of the door, window, lamp or tyre."""
    state: str = ""
    """State in lower case; empty for a flag."""


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
"""Families with warnings, in the order of the list."""
WARNING_FAMILIES = frozenset({families.LOCKED, *(family for family, _, _ in _WARNINGS)})
"""Families whose values can be a warning."""
_SEVERITY_BY_STATE: Mapping[str, Severity] = MappingProxyType(
    {
        "VERY_LOW_PRESSURE": Severity.CRITICAL,
        **{state: Severity.WARNING for state in families.SERVICE_STATES if "_OVERDUE_" in state},
    }
)
"""States that are more severe than the others of their family."""
NO_WARNING = "NO_WARNING"
"""State of a family without a warning."""


def list_warnings(vehicle: Vehicle, activity: Activity) -> Iterator[VehicleWarning]:
    """Return the warnings; an unknown value is not a warning."""
    if vehicle.flag(families.LOCKED) is False and not may_be_unlocked(activity):
        yield VehicleWarning(kind=Kind.UNLOCKED, severity=Severity.WARNING)
    for family, kind, severity in _WARNINGS:
        for reading in vehicle.readings_of(family):
            place = _place(reading)
            match reading.value:
                case True if not may_be_open(vehicle, place, activity):
                    yield VehicleWarning(kind=kind, severity=severity, place=place)
                case str() as state if state != NO_WARNING:
                    state_severity = _SEVERITY_BY_STATE.get(state, severity)
                    yield VehicleWarning(kind=kind, severity=state_severity, place=place, state=state.lower())
                case _:
                    pass
    reason = vehicle.state(families.UNAVAILABLE_REASON)
    if vehicle.flag(families.AVAILABLE) is False and reason != "CAR_IN_USE":
        yield VehicleWarning(kind=Kind.UNREACHABLE, severity=Severity.WARNING, state=(reason or "").lower())


def _place(reading: Reading) -> str:
    return next((value for _, value in reading.field.labels), "")


def may_be_unlocked(activity: Activity) -> bool:
    """Return whether the car may be unlocked: it is in use."""
    return activity not in PARKED_ACTIVITIES


def may_be_open(vehicle: Vehicle, place: str, activity: Activity) -> bool:
    """Return whether a part may be open: the charging port lid with a cable."""
    is_plugged_in = (
        activity in PLUGGED_IN_ACTIVITIES or vehicle.state(families.CHARGER_CONNECTION) == "CONNECTED"
    )
    return place == "tank_lid" and is_plugged_in
