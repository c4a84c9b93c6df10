"""The page `/api/v1/evcc/<vehicle>`: one car as evcc and Home Assistant's REST sensor read it.

Keys and units are those of evcc's custom vehicle (vehicle/vehicle.go of evcc-io/evcc): percent, kilometers,
a status of IEC 61851 and times in RFC 3339. An unknown value is null: evcc's jq makes the same error of null
and of a missing key, and a template of Home Assistant is simpler with a key that always exists.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TypedDict

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from volvo_exporter.catalogue import families
from volvo_exporter.vehicles.garage import Garage
from volvo_exporter.vehicles.reading import Reading
from volvo_exporter.vehicles.vehicle import Vehicle

PATH = "/api/v1/evcc/{vehicle}"
RETRY_SECONDS = 60
"""Sent while the state of charge is unknown; a car that drives or charges is polled every minute."""
METERS_PER_KILOMETER = 1000
PERCENT = 100
DISCONNECTED, PLUGGED_IN, CHARGING = "A", "B", "C"
"""States of IEC 61851."""
STATUS_BY_CONNECTION: Mapping[str, str] = {"CONNECTED": PLUGGED_IN, "DISCONNECTED": DISCONNECTED}
"""A fault of the connection is not a state that evcc reads."""
NO_CHARGE = "the state of charge of this vehicle is unknown; retry later, or see the exporter's status page"


class EvccDocument(TypedDict):
    """One car; None is unknown."""

    soc: float
    """State of charge in percent."""
    range: int | None
    """Electric range in kilometers."""
    odometer: float | None
    """Kilometers."""
    status: str | None
    """`A` not connected, `B` connected, `C` charging."""
    limitSoc: int | None
    """State of charge in percent at which the car stops charging."""
    finishTime: str | None
    """Estimated end of the charge; None unless the car charges."""
    latitude: float | None
    longitude: float | None
    updated: str | None
    """When the car reported the state of charge."""


def respond(garage: Garage, request: Request, *, now: float) -> Response:
    """Return the response to a request: 404 for an unknown vehicle, 503 without a state of charge."""
    vin = find(garage, request.path_params["vehicle"])
    if vin is None:
        return JSONResponse({"error": unknown_vehicle(garage)}, HTTPStatus.NOT_FOUND)
    document = evcc_document(garage[vin].vehicle, now=now)
    if document is None:
        headers = {"retry-after": str(RETRY_SECONDS)}
        return JSONResponse({"error": NO_CHARGE}, HTTPStatus.SERVICE_UNAVAILABLE, headers=headers)
    return JSONResponse(document)


def find(garage: Garage, name: str) -> str | None:
    """Return the VIN of the one vehicle with this VIN, shown VIN or name; None if none or several have it."""
    wanted = name.strip().casefold()
    found = [vin for vin in garage.vins if wanted in {known.casefold() for known in _names(garage, vin)}]
    return found[0] if len(found) == 1 else None


def unknown_vehicle(garage: Garage) -> str:
    """Return the message for a name that no vehicle has, or several; it lists the possible names."""
    known = [garage.attributes(vin)["name"] or garage.shown(vin) for vin in garage.vins]
    if not known:
        return "unknown vehicle: no vehicle has been found yet; see the exporter's status page"
    unique = (
        name if known.count(name) == 1 else garage.shown(vin)
        for name, vin in zip(known, garage.vins, strict=True)
    )
    return f"unknown vehicle; use one of: {', '.join(unique)}"


def evcc_document(vehicle: Vehicle, *, now: float) -> EvccDocument | None:
    """Return the document of a vehicle at a Unix time; None while its state of charge is unknown."""
    charge = vehicle.reading(families.BATTERY_CHARGE)
    if charge is None or not isinstance(charge.value, float):
        return None
    status = _status(vehicle)
    latitude, longitude = vehicle.position or (None, None)
    return EvccDocument(
        soc=round(charge.value * PERCENT, 1),
        range=_rounded(_range(vehicle), 1 / METERS_PER_KILOMETER),
        odometer=_kilometers(vehicle.number(families.ODOMETER)),
        status=status,
        limitSoc=_rounded(vehicle.number(families.CHARGING_TARGET), PERCENT),
        finishTime=_finish(vehicle, now=now) if status == CHARGING else None,
        latitude=latitude,
        longitude=longitude,
        updated=None if charge.measured is None else _text(charge.measured),
    )


def _names(garage: Garage, vin: str) -> set[str]:
    shown = garage.shown(vin)
    return {vin, shown, shown.removeprefix("…"), garage.attributes(vin)["name"]} - {""}


def _status(vehicle: Vehicle) -> str | None:
    connection = STATUS_BY_CONNECTION.get(vehicle.state(families.CHARGER_CONNECTION) or "")
    charging = vehicle.state(families.CHARGING_STATUS) == "CHARGING"
    return CHARGING if charging and connection != DISCONNECTED else connection


def _range(vehicle: Vehicle) -> float | None:
    """Return the electric range in meters; that of Connected Vehicle where Energy reports none."""
    range_ = vehicle.number(families.ELECTRIC_RANGE)
    return vehicle.number(families.DISTANCE_TO_EMPTY, ("source", "battery")) if range_ is None else range_


def _finish(vehicle: Vehicle, *, now: float) -> str | None:
    """Return the estimated end of a charge; None if it is unknown or has passed."""
    reading = vehicle.reading(families.CHARGING_TIME)
    if reading is None or not isinstance(reading.value, float):
        return None
    end = _taken(reading) + reading.value
    return _text(end) if end > now else None


def _taken(reading: Reading) -> float:
    return reading.received if reading.measured is None else reading.measured


def _rounded(number: float | None, factor: float) -> int | None:
    return None if number is None else round(number * factor)


def _kilometers(meters: float | None) -> float | None:
    return None if meters is None else round(meters / METERS_PER_KILOMETER, 1)


def _text(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
