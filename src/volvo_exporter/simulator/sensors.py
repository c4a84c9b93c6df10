"""Values of Connected Vehicle's resources, from the cloud's data of a car.

A field without a reader has the catalogue's example as its value.
"""

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from volvo_exporter.catalogue.model import Field, Resource
from volvo_exporter.simulator.profiles import Profile
from volvo_exporter.simulator.state import CarState, Meter, Report, Service

SERVICE_SOON_KM, SERVICE_SOON_DAYS, SERVICE_DUE_KM = 1_500, 30, 200
"""Remaining distance and days at which a service warning begins; chosen, the real ones are unknown."""
MONTH_DAYS = 30
MIN_DAYS_IN_MONTHS = 2 * MONTH_DAYS
"""Days until service from which the car reports months."""
REQUEST_TIME = float("inf")
"""Stamped with the time of the request, not of the measurement (home-assistant/core#150213)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A value of an API answer."""

    value: str | float
    at: float
    """The simulated time of the upload, or REQUEST_TIME."""
    unit: str | None = None
    """The unit, if it differs from the catalogue's."""


def read(resource: Resource, field: Field, profile: Profile, state: CarState) -> Reading | None:
    """Return the value of a field of a resource; None if the car does not report it."""
    if field.key in _SINGLE:
        return _SINGLE[field.key](state)
    if resource.name in _READERS:
        return _READERS[resource.name](field.key, profile, state)
    return Reading(value=field.example, at=state.odometer.uploaded)


def _door(key: str, profile: Profile, state: CarState) -> Reading:
    if key == "centralLock":
        return Reading(value="LOCKED" if state.locked.value else "UNLOCKED", at=state.locked.uploaded)
    return _opening(key, profile, state.doors)


def _window(key: str, profile: Profile, state: CarState) -> Reading:
    return _opening(key, profile, state.windows)


def _opening(key: str, profile: Profile, report: Report[Mapping[str, str]]) -> Reading:
    value = "UNSPECIFIED" if key in profile.missing_sensors else report.value.get(key, "CLOSED")
    return Reading(value=value, at=report.uploaded)


def _engine(state: CarState) -> Reading:
    return Reading(value="RUNNING" if state.engine.value else "STOPPED", at=state.engine.uploaded)


def _odometer(state: CarState) -> Reading:
    return Reading(value=state.odometer.value, at=state.odometer.uploaded)


def _reachability(state: CarState) -> Reading:
    return Reading(
        value="UNAVAILABLE" if state.unreachable.value else "AVAILABLE", at=state.unreachable.uploaded
    )


def _warning(key: str, profile: Profile, state: CarState) -> Reading:
    report = state.warnings
    value = "UNSPECIFIED" if key in profile.missing_sensors else report.value.get(key, "NO_WARNING")
    return Reading(value=value, at=report.uploaded)


def _fuel(key: str, profile: Profile, state: CarState) -> Reading | None:
    report: Report[float | None] | Report[int | None] = state.fuel
    if key == "batteryChargeLevel":
        if not profile.charge_in_fuel:
            return None
        report = state.charge
    return None if report.value is None else Reading(value=float(report.value), at=report.uploaded)


def _statistic(key: str, profile: Profile, state: CarState) -> Reading | None:
    if key not in profile.statistics:
        return None
    if key.startswith("distanceToEmpty"):
        left = state.range.value.battery if key.endswith("Battery") else state.range.value.tank
        return None if left is None else Reading(value=left, at=state.range.uploaded)
    trips, at = state.trips.value, state.trips.uploaded
    meter = trips.manual
    if key.endswith("Automatic"):
        meter = trips.automatic
    elif key.endswith("SinceCharge"):
        meter = trips.since_charge
    if key.startswith("tripMeter"):
        return Reading(value=round(meter.km, 1), at=at)
    if key.startswith("averageSpeed"):
        return Reading(value=round(meter.km / meter.seconds * 3600) if meter.seconds else 0, at=at)
    if key.startswith("averageEnergy"):
        return Reading(value=_single(_per_100km(meter.kwh, meter)), at=REQUEST_TIME)
    return Reading(value=_per_100km(meter.liters, meter), at=at)


def _per_100km(amount: float, meter: Meter) -> float:
    return round(amount / meter.km * 100, 1) if meter.km else 0.0


def _single(value: float) -> float:
    """Round a number to 32-bit precision, as the API does: 18.7 becomes 18.700000762939453."""
    return float(struct.unpack("f", struct.pack("f", value))[0])


def _diagnostic(key: str, profile: Profile, state: CarState) -> Reading | None:
    if key == "washerFluidLevelWarning":
        return _warning(key, profile, state)
    service, at = state.service.value, state.service.uploaded
    warning, trigger = service_warning(service)
    in_months = service.days >= MIN_DAYS_IN_MONTHS
    values: Mapping[str, tuple[str | float | None, str | None]] = {
        "serviceWarning": (warning, None),
        "serviceTrigger": (trigger if profile.classic else None, None),
        "distanceToService": (service.km, None),
        "engineHoursToService": (service.hours, None),
        "timeToService": (service.days // MONTH_DAYS, "months") if in_months else (service.days, "days"),
    }
    value, unit = values.get(key, (None, None))
    return None if value is None else Reading(value=value, at=at, unit=unit)


def service_warning(service: Service) -> tuple[str, str | None]:
    """Return the service warning and its trigger."""
    for trigger, prefix, left, due, soon in (
        ("DISTANCE", "DISTANCE_DRIVEN", service.km, SERVICE_DUE_KM, SERVICE_SOON_KM),
        ("ENGINE_HOURS", "ENGINE_HOURS", service.hours, 10, 50),
        ("CALENDAR_TIME", "REGULAR_MAINTENANCE", service.days, 5, SERVICE_SOON_DAYS),
    ):
        if left < 0:
            return f"{prefix}_OVERDUE_FOR_SERVICE", trigger
        if left <= due:
            return f"{prefix}_TIME_FOR_SERVICE", trigger
        if left <= soon:
            return f"{prefix}_ALMOST_TIME_FOR_SERVICE", trigger
    return "NO_WARNING", None


_READERS: Mapping[str, Callable[[str, Profile, CarState], Reading | None]] = MappingProxyType(
    {
        "doors": _door,
        "windows": _window,
        "tyres": _warning,
        "warnings": _warning,
        "brakes": _warning,
        "engine": _warning,
        "fuel": _fuel,
        "statistics": _statistic,
        "diagnostics": _diagnostic,
    }
)
"""By resource: readers of several fields."""
_SINGLE: Mapping[str, Callable[[CarState], Reading]] = MappingProxyType(
    {"engineStatus": _engine, "odometer": _odometer, "availabilityStatus": _reachability}
)
"""By key: readers of one field."""
