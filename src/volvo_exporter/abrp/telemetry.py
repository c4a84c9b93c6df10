"""The telemetry of a car as A Better Routeplanner reads it. Pure.

Keys and units: https://documenter.getpostman.com/view/7396339/SWTK5a8w (Iternio Telemetry API, `tlm`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from volvo_exporter.catalogue import families
from volvo_exporter.catalogue.model import Activity, Family
from volvo_exporter.vehicles.reading import Reading
from volvo_exporter.vehicles.vehicle import Vehicle

MAX_AGE_SECONDS = 300.0
"""Age by the car's clock from which a value is not sent. The planner makes wrong predictions from old values
(psa_car_controller #656)."""
MAX_WEATHER_AGE_SECONDS = 3600.0
"""Weather stations report less often than cars."""
PARKED = frozenset({Activity.CHARGING, Activity.PLUGGED_IN, Activity.PARKED, Activity.ASLEEP})

MEASURED: tuple[tuple[str, Family, float, int], ...] = (
    ("soc", families.BATTERY_CHARGE, 100.0, 1),
    ("est_battery_range", families.ELECTRIC_RANGE, 0.001, 1),
    ("odometer", families.ODOMETER, 0.001, 1),
)
"""Key, family, factor to percent or kilometers, and decimals."""
POSITION = (("lat", families.LATITUDE), ("lon", families.LONGITUDE))


@dataclass(frozen=True, slots=True, kw_only=True)
class Telemetry:
    """What is sent of a car."""

    utc: int
    """When the newest value was measured, in Unix seconds."""
    values: Mapping[str, float]

    def document(self) -> dict[str, float]:
        """Return the content of `tlm`."""
        return {"utc": self.utc, **self.values}


def read_telemetry(
    vehicle: Vehicle, activity: Activity, *, now: float, with_position: bool
) -> Telemetry | None:
    """Return the telemetry of a vehicle at a Unix time; None without a fresh state of charge.

    Only fresh values are included. `with_position` is whether the exact position may be sent.
    """
    fresh = {
        key: (reading, round(reading.value * factor, decimals))
        for key, family, factor, decimals in MEASURED
        if (reading := _fresh(vehicle, family, now)) and isinstance(reading.value, float)
    }
    if "soc" not in fresh:
        return None
    if with_position:
        position = {
            key: (reading, reading.value)
            for key, family in POSITION
            if (reading := _fresh(vehicle, family, now)) and isinstance(reading.value, float)
        }
        if len(position) == len(POSITION):
            fresh |= position
    utc = min(now, max(_time(reading) for reading, _ in fresh.values()))
    return Telemetry(
        utc=round(utc),
        values={
            **{key: value for key, (_, value) in fresh.items()},
            **_activity(vehicle, activity, now),
            **_temperature(vehicle, now),
        },
    )


def _activity(vehicle: Vehicle, activity: Activity, now: float) -> Mapping[str, float]:
    """Return the flags of an activity, 1 or 0, and the power of a charge in kW, which is negative."""
    if activity is Activity.UNKNOWN:
        return {}
    if activity is not Activity.CHARGING:
        return {"is_charging": 0, "is_parked": int(activity in PARKED)}
    power = _fresh(vehicle, families.CHARGING_POWER, now)
    current = vehicle.state(families.CHARGING_TYPE)
    return {
        "is_charging": 1,
        "is_parked": 1,
        **({"is_dcfc": int(current == "DC")} if current in ("AC", "DC") else {}),
        **({"power": round(-power.value / 1000, 2)} if power and isinstance(power.value, float) else {}),
    }


def _temperature(vehicle: Vehicle, now: float) -> Mapping[str, float]:
    reading = _fresh(vehicle, families.WEATHER_TEMPERATURE, now, max_age=MAX_WEATHER_AGE_SECONDS)
    return {"ext_temp": round(reading.value, 1)} if reading and isinstance(reading.value, float) else {}


def _fresh(
    vehicle: Vehicle, family: Family, now: float, *, max_age: float = MAX_AGE_SECONDS
) -> Reading | None:
    reading = vehicle.reading(family)
    return reading if reading and now - _time(reading) <= max_age else None


def _time(reading: Reading) -> float:
    return reading.received if reading.measured is None else reading.measured
