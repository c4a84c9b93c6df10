"""Extended Vehicle v1, as until 2025-12-31: named resources, each with a number as text."""

from volvo_exporter.simulator.answer import Answer, Json, json_answer
from volvo_exporter.simulator.state import CarState
from volvo_exporter.simulator.wire import View, stamp

NOT_FOUND = json_answer(
    404,
    {
        "exveErrorId": "NOT_FOUND",
        "exveErrorMsg": "Resource not found",
        "exveErrorRef": "00000000-0000-4000-8000-000000000000",
        "exveNote": "",
    },
)
MILLISECONDS = 3


def resources(view: View) -> Answer:
    """Return the names of the car's resources."""
    found: list[Json] = [
        {
            "name": name,
            "version": "1.0",
            "href": f"/extended-vehicle/v1/vehicles/{view.profile.vin}/resources/{name}",
        }
        for name in sorted(_values(view.state))
    ]
    return json_answer(200, {"resources": found})


def resource(name: str, view: View) -> Answer:
    """Return the value of a resource."""
    found = _values(view.state).get(name)
    if found is None:
        return NOT_FOUND
    at, value, unit = found
    time = stamp(view.wall(at), MILLISECONDS)
    return json_answer(200, {"resourceValue": {"timestamp": time, "unit": unit, "value": value}})


def vehicles(vins: tuple[str, ...], now: float) -> Answer:
    """Return the cars of the account."""
    found: list[Json] = [{"id": vin, "timestamp": stamp(now, MILLISECONDS)} for vin in vins]
    return json_answer(200, {"vehicles": found})


def _values(state: CarState) -> dict[str, tuple[float, str, str]]:
    """Return time of the upload, value and unit of every resource that the car has, by name."""
    trips, service = state.trips.value, state.service.value
    found: dict[str, tuple[float, float | None, str]] = {
        "odometer": (state.odometer.uploaded, state.odometer.value, "kilometers"),
        "averageSpeed": (
            state.trips.uploaded,
            round(trips.manual.km / trips.manual.seconds * 3600) if trips.manual.seconds else 0,
            "kilometers_per_hour",
        ),
        "tripMeter1": (state.trips.uploaded, round(trips.manual.km, 1), "kilometers"),
        "tripMeter2": (state.trips.uploaded, round(trips.automatic.km, 1), "kilometers"),
        "batteryChargeLevel": (state.charge.uploaded, state.charge.value, "percentage"),
        "fuelAmount": (state.fuel.uploaded, state.fuel.value, "liters"),
        "distanceToEmpty": (state.range.uploaded, state.range.value.tank, "kilometers"),
        "distanceToService": (state.service.uploaded, service.km, "kilometers"),
        "engineHoursToService": (state.service.uploaded, service.hours, "hours"),
    }
    return {name: (at, str(value), unit) for name, (at, value, unit) in found.items() if value is not None}
