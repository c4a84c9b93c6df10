"""Turns vehicles and accounts into the payloads of their entities. Pure.

A value that is unknown has no payload here; `unknown` gives the payload that Home Assistant shows as unknown.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import assert_never

from volvo_exporter.catalogue import families
from volvo_exporter.catalogue.entities import account, events
from volvo_exporter.catalogue.entities import vehicle as of_vehicle
from volvo_exporter.catalogue.entities.model import TIMESTAMP, Entity, Platform
from volvo_exporter.catalogue.model import Activity, Key
from volvo_exporter.polling.status import AccountStatus
from volvo_exporter.vehicles.garage import TrackedVehicle
from volvo_exporter.vehicles.reading import Value
from volvo_exporter.vehicles.vehicle import Vehicle

UNKNOWN = "None"
"""Home Assistant shows this payload as unknown."""
NO_POSITION = json.dumps({"latitude": None, "longitude": None})
ON, OFF = "ON", "OFF"
ROUNDED_ACCURACY_METERS = 1100
"""Of a position that `privacy` rounds to 0.01 degrees."""

Payloads = Mapping[str, str]
"""Payloads by the id of the entity."""


def unknown(entity: Entity) -> str:
    """Return the payload of an entity whose value is unknown."""
    return NO_POSITION if entity.platform is Platform.DEVICE_TRACKER else UNKNOWN


def vehicle_payloads(
    tracked: TrackedVehicle, figures: Mapping[Key, float], *, rounded: bool = False
) -> Payloads:
    """Return the payload of each entity whose value is known.

    Args:
        tracked: The vehicle.
        figures: The journal's sums and latest figures of the vehicle, in base units.
        rounded: True if the position is rounded.
    """
    return {
        **dict(_readings(tracked.vehicle)),
        **dict(_derived(tracked, rounded=rounded)),
        **dict(_figures(figures)),
    }


def account_payloads(status: AccountStatus) -> Payloads:
    """Return the payload of each entity of an account whose value is known."""
    quota, login = status.quota, status.login
    times = {
        account.LOGIN_EXPIRY.id: login.grant_expiry,
        account.QUOTA_RESET.id: quota.resets,
        account.LAST_SUCCESS.id: status.last_success,
    }
    return {
        account.LOGIN_REQUIRED.id: ON if login.required else OFF,
        account.QUOTA_LIMIT.id: str(quota.limit),
        account.QUOTA_USED.id: str(quota.used),
        account.QUOTA_REMAINING.id: str(quota.remaining),
        account.QUOTA_FORECAST.id: str(quota.forecast),
        **{id_: timestamp(at) for id_, at in times.items() if at is not None},
    }


def timestamp(seconds: float) -> str:
    """Return a Unix time in ISO 8601, in UTC."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def _readings(vehicle: Vehicle) -> Iterator[tuple[str, str]]:
    values = {reading.key: reading.value for reading in vehicle.readings}
    for entity in of_vehicle.READINGS:
        if entity.series in values and (payload := _payload(entity, values[entity.series])) is not None:
            yield entity.id, payload


def _payload(entity: Entity, value: Value) -> str | None:
    """Return the payload of a value; None if it is not one of the entity's options."""
    match value:
        case bool():
            return ON if value is not entity.inverted else OFF
        case float():
            return _number(entity, value)
        case str():
            state = value.lower()
            if entity.platform is Platform.BINARY_SENSOR:
                return ON if state in entity.problems else OFF
            return state if state in entity.options else None
        case tuple():
            return None
        case _:
            assert_never(value)


def _number(entity: Entity, value: float) -> str:
    """Return a number in the unit of the entity, without the noise of a division."""
    return f"{value / (entity.unit.factor if entity.unit else 1.0):.10g}"


def _derived(tracked: TrackedVehicle, *, rounded: bool) -> Iterator[tuple[str, str]]:
    reported = tracked.vehicle
    reason, available = reported.state(families.UNAVAILABLE_REASON), reported.flag(families.AVAILABLE)
    if reason:
        yield of_vehicle.AVAILABILITY.id, reason.lower()
    elif available is not None:
        yield of_vehicle.AVAILABILITY.id, "available" if available else "unavailable"
    if tracked.state.activity is not Activity.UNKNOWN:
        yield of_vehicle.ACTIVITY.id, tracked.state.activity.value
    if (reported_at := reported.reported_at) is not None:
        yield of_vehicle.LAST_REPORTED.id, timestamp(reported_at)
    if position := reported.position:
        attributes = dict(zip(("latitude", "longitude"), position, strict=True))
        accuracy = {"gps_accuracy": ROUNDED_ACCURACY_METERS} if rounded else {}
        yield of_vehicle.LOCATION.id, json.dumps({**attributes, **accuracy})


def _figures(figures: Mapping[Key, float]) -> Iterator[tuple[str, str]]:
    """Yield the payloads of the journal, with the charges of all types added up.

    A latest charge has one type, so that it is its own sum.
    """
    sums: dict[str, float] = defaultdict(float)
    for (family, _), value in figures.items():
        sums[family] += value
    for entity in events.JOURNAL:
        if entity.series is not None and entity.series[0] in sums:
            value = sums[entity.series[0]]
            is_time = entity.device_class == TIMESTAMP
            yield entity.id, timestamp(value) if is_time else _number(entity, value)
