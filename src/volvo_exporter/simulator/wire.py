"""JSON of every resource, in both eras. Keys and units come from the catalogue."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from volvo_exporter.catalogue import connected_vehicle, energy
from volvo_exporter.catalogue.model import Api, Field, Number, Resource
from volvo_exporter.simulator.answer import Answer, Json, json_answer
from volvo_exporter.simulator.clock import SimulatedClock
from volvo_exporter.simulator.faults import CAR_NOT_FOUND
from volvo_exporter.simulator.options import DAY, Era
from volvo_exporter.simulator.profiles import Profile
from volvo_exporter.simulator.sensors import REQUEST_TIME, Reading, read
from volvo_exporter.simulator.state import CarState

MILE_KM = 1.609344
TARGET_AGE, LIMIT_AGE = 82 * DAY, 190 * DAY
"""Seconds before the start at which charging target and current limit were set; chosen."""

Energy = tuple[str | float | None, float]
"""A value of Energy's `/state` (None if not available now) and the simulated time of its upload."""
NOT_FOUND: Json = {
    "status": "ERROR",
    "code": "PROPERTY_NOT_FOUND",
    "message": "No valid value could be found for the requested property",
}
# Code and text changed by April 2026 (home-assistant/core#167850).
NOT_SUPPORTED: Mapping[Era, Json] = {
    Era.OMIT: {
        "status": "ERROR",
        "code": "NOT_SUPPORTED",
        "message": "Resource is not supported for this vehicle",
    },
    Era.NULL: {
        "status": "ERROR",
        "code": "PROPERTY_NOT_SUPPORTED",
        "message": "Property is not supported for this vehicle",
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A car at the time of a request."""

    profile: Profile
    state: CarState
    now: float
    """Wall time."""
    clock: SimulatedClock
    era: Era

    def digits(self, resource: str) -> int:
        """Return the fractional digits of seconds: milli-, micro- or nanoseconds."""
        if self.era is Era.OMIT or resource == "statistics":
            return 3
        return 9 if self.profile.classic or resource == "location" else 6

    def wall(self, simulated: float) -> float:
        """Return the wall time of an upload; never in the future."""
        return self.now if simulated == REQUEST_TIME else min(self.clock.wall(simulated), self.now)


def stamp(time: float, digits: int = 0) -> str:
    """Format a time in Unix seconds as the APIs do; truncated, so that it is never in the future."""
    whole = int(time // 1)
    text = datetime.fromtimestamp(whole, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{int((time - whole) * 10**digits):0{digits}d}Z" if digits else f"{text}Z"


def render(resource: Resource, view: View) -> Answer:
    """Return the answer to a request for a resource of a car."""
    payload: Json
    if resource.api is Api.ENERGY:
        return _energy(resource, view)
    if resource.api is Api.LOCATION:
        return _location(view)
    if resource is connected_vehicle.DETAILS:
        payload = _details(view)
    elif resource is connected_vehicle.COMMANDS:
        payload = _commands(view.profile)
    else:
        payload = _values(resource, view)
    return json_answer(200, {"data": payload}, sort=view.era is Era.NULL)


def render_list(vins: tuple[str, ...]) -> Answer:
    """Return the answer to a request for the cars of the account."""
    return json_answer(200, {"data": [{"vin": vin} for vin in vins]})


def _values(resource: Resource, view: View) -> dict[str, Json]:
    """Return the value objects. The catalogue's fields with a path are inside another one."""
    payload: dict[str, Json] = {}
    for field in resource.fields:
        if field.path is not None:
            continue
        reading = read(resource, field, view.profile, view.state)
        if reading is not None:
            unit = field.kind.unit if isinstance(field.kind, Number) else None
            payload[field.key] = _value(reading, unit, resource.name, view)
        elif view.era is Era.NULL:
            payload[field.key] = None
    return payload


def _value(reading: Reading, unit: str | None, resource: str, view: View) -> Json:
    unit = reading.unit or unit
    stamped = {"timestamp": stamp(view.wall(reading.at), view.digits(resource))}
    if resource == "command-accessibility":
        reason = view.state.unreachable.value
        extra: dict[str, Json] = {"unavailableReason": reason} if reason or view.era is Era.NULL else {}
        return {"value": reading.value, **extra, **stamped}
    units: dict[str, Json] = {"unit": unit} if unit or view.era is Era.NULL else {}
    return {"value": reading.value, **units, **stamped}


def _details(view: View) -> dict[str, Json]:
    profile = view.profile
    host = "cas.volvocars.com" if profile.model != "EX30" else "wizz.volvocars.com"
    payload: dict[str, Json] = {
        "vin": profile.vin,
        "modelYear": profile.model_year,
        "gearbox": profile.gearbox,
        "fuelType": profile.fuel_type,
        "externalColour": profile.colour,
        "batteryCapacityKWH": profile.battery_kwh,
        "images": {
            "exteriorImageUrl": f"https://{host}/simulated/{profile.model_year}/{profile.model}/exterior.png",
            "internalImageUrl": "",
        },
        "descriptions": {
            "model": profile.model,
            "upholstery": profile.upholstery,
            "steering": profile.steering,
        },
    }
    return payload if view.era is Era.NULL else _without_nulls(payload)


def _without_nulls(payload: Mapping[str, Json]) -> dict[str, Json]:
    return {
        key: _without_nulls(value) if isinstance(value, Mapping) else value
        for key, value in payload.items()
        if value is not None
    }


COMMAND_PATHS = {"HONK_AND_FLASH": "honk-flash"}


def _commands(profile: Profile) -> list[Json]:
    return [
        {
            "command": command,
            "href": f"/v2/vehicles/{profile.vin}/commands/"
            + COMMAND_PATHS.get(command, command.lower().replace("_", "-")),
        }
        for command in profile.commands
    ]


def _energy(resource: Resource, view: View) -> Answer:
    supported = view.profile.energy_fields
    if supported is None:
        return CAR_NOT_FOUND
    if resource is energy.CAPABILITIES:
        keys = zip(energy.STATE.fields, energy.CAPABILITIES.fields, strict=True)
        claimed = {
            capability.key: {"isSupported": state.key in view.profile.claimed_fields}
            for state, capability in keys
        }
        return json_answer(200, {"getEnergyState": {"isSupported": True, **claimed}})
    values = _energy_values(view)
    return json_answer(
        200,
        {
            field.key: _item(field, values, view) if field.key in supported else NOT_SUPPORTED[view.era]
            for field in resource.fields
        },
    )


def _item(field: Field, values: Mapping[str, Energy], view: View) -> Json:
    value, at = values.get(field.key, (field.example, view.state.charging.uploaded))
    if value is None:
        return NOT_FOUND
    unit = field.kind.unit if isinstance(field.kind, Number) else None
    if field.key == "electricRange":
        unit = view.profile.range_unit
    units: dict[str, Json] = {"unit": unit} if unit else {}
    return {"status": "OK", "value": value, **units, "updatedAt": stamp(view.wall(at))}


def _energy_values(view: View) -> Mapping[str, Energy]:
    profile, state = view.profile, view.state
    charging, at = state.charging.value, state.charging.uploaded
    level = state.charge.value
    speed, start = view.clock.speed, view.clock.simulated_start
    return {
        "batteryChargeLevel": (None if level is None else float(level), state.charge.uploaded),
        "electricRange": (_electric_range(view), state.range.uploaded),
        "chargerConnectionStatus": (charging.connection, at),
        "chargingStatus": (charging.status, at),
        "chargingType": (charging.type, at),
        "chargerPowerStatus": (charging.power_status, at),
        "estimatedChargingTimeToTargetBatteryChargeLevel": (charging.minutes, at),
        "targetBatteryChargeLevel": (profile.habits.target, start - TARGET_AGE * speed),
        "chargingCurrentLimit": (profile.current_limit, start - LIMIT_AGE * speed),
        "chargingPower": (charging.watts, at),
    }


def _electric_range(view: View) -> float | None:
    """Return a little more than `distanceToEmptyBattery`, because the two differ in reality."""
    battery = view.state.range.value.battery
    if battery is None:
        return None
    km = battery + 3
    distance = km if view.profile.range_unit == "km" else round(km / MILE_KM)
    return distance if view.era is Era.OMIT else float(distance)


def _location(view: View) -> Answer:
    if not view.profile.shares_location:
        return CAR_NOT_FOUND
    report = view.state.location
    place = report.value.place
    feature: Json = {
        "type": "Feature",
        "properties": {
            "timestamp": stamp(view.wall(report.uploaded), view.digits("location")),
            "heading": str(report.value.heading),
        },
        "geometry": {"type": "Point", "coordinates": [place.longitude, place.latitude, 0.0]},
    }
    # An id that depends only on the time of the request keeps the simulation reproducible.
    operation = f"{int(view.now * 1000) & (1 << 128) - 1:032x}"
    return json_answer(
        200, {"status": 200, "operationId": operation, "data": feature}, sort=view.era is Era.NULL
    )
