"""The events of the journal as JSON, described in docs/api.md. Unknown is null."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypedDict, assert_never

from volvo_exporter.journal.events import (
    Charge,
    Drive,
    Event,
    Flag,
    Interval,
    Place,
    PlugSession,
    Range,
    Refuel,
    Standing,
    Unattributed,
)
from volvo_exporter.journal.library import Entry, Found, Kind

Json = dict[str, object]
KEYS = {
    Kind.DRIVE: "drives",
    Kind.CHARGE: "charges",
    Kind.PLUG: "plug_sessions",
    Kind.REFUEL: "refuels",
    Kind.STANDING: "standing_periods",
    Kind.UNATTRIBUTED: "unattributed_distances",
}
"""The key of the list of each kind of event."""


class IntervalDocument(TypedDict):
    """The bounds of a moment, in ISO 8601."""

    earliest: str
    latest: str


class RangeDocument(TypedDict):
    """An estimate with its bounds, in base units."""

    low: float
    estimate: float
    high: float


def list_document(kind: Kind, found: Found, shown: Callable[[str], str]) -> Json:
    """Return a page of events; `shown` returns what is shown instead of a VIN."""
    return {
        KEYS[kind]: [entry_document(entry, shown) for entry in found.entries],
        "cursor": found.cursor or None,
    }


def entry_document(entry: Entry, shown: Callable[[str], str]) -> Json:
    """Return one event."""
    event = entry.event
    return {
        "id": entry.id,
        "vehicle": shown(event.vin),
        "settled": entry.settled,
        "start": interval_document(event.start),
        "end": interval_document(event.end),
        "flags": [flag.value for flag in Flag if flag in event.flags],
        **_figures(event),
        "derivation": {"version": event.derivation.version, "parameters": event.derivation.parameters},
    }


def interval_document(interval: Interval) -> IntervalDocument:
    """Return the bounds of a moment."""
    return {"earliest": iso(interval.earliest), "latest": iso(interval.latest)}


def iso(at: float) -> str:
    """Format Unix seconds as ISO 8601 in UTC, to the millisecond where there is one."""
    moment = datetime.fromtimestamp(round(at, 3), UTC)
    precision = "milliseconds" if moment.microsecond else "seconds"
    return moment.isoformat(timespec=precision).replace("+00:00", "Z")


def _figures(event: Event) -> Json:
    match event:
        case Drive():
            return _drive(event)
        case Charge():
            return _charge(event)
        case PlugSession():
            return {"charges": event.charges}
        case Refuel():
            return _refuel(event)
        case Standing():
            return {
                "charge_start_ratio": event.charge_start_ratio,
                "charge_end_ratio": event.charge_end_ratio,
                "loss_joules": _range(event.loss_joules),
                "position": _place(event.place),
            }
        case Unattributed():
            return {
                "distance_meters": event.distance_meters,
                "odometer_start_meters": event.odometer_start_meters,
                "odometer_end_meters": event.odometer_end_meters,
            }
        case _:
            assert_never(event)


def _drive(drive: Drive) -> Json:
    return {
        "distance_meters": drive.distance_meters,
        "odometer_start_meters": drive.odometer_start_meters,
        "odometer_end_meters": drive.odometer_end_meters,
        "charge_start_ratio": drive.charge_start_ratio,
        "charge_end_ratio": drive.charge_end_ratio,
        **_bounded("energy_joules", drive.energy_joules),
        **_bounded("fuel_liters", drive.fuel_liters),
        **_bounded("electric_meters", drive.electric_meters),
        "car_consumption_joules_per_meter": drive.car_consumption_joules_per_meter,
        "start_position": _place(drive.start_place),
        "end_position": _place(drive.end_place),
        "stops": [interval_document(stop) for stop in drive.stops],
        "note": drive.note,
        "tags": list(drive.tags),
    }


def _charge(charge: Charge) -> Json:
    return {
        "charge_start_ratio": charge.charge_start_ratio,
        "charge_end_ratio": charge.charge_end_ratio,
        "type": charge.type,
        "energy_joules": {
            "charge": _range(charge.energy.charge),
            "power": _range(charge.energy.power),
            "receipt": _range(charge.energy.receipt),
        },
        "max_power_watts": charge.max_power_watts,
        "odometer_meters": charge.odometer_meters,
        "position": _place(charge.place),
        "plug_start": interval_document(charge.plug_start) if charge.plug_start else None,
        "note": charge.note,
        "tags": list(charge.tags),
    }


def _refuel(refuel: Refuel) -> Json:
    return {
        **_bounded("fuel_liters", refuel.liters),
        "receipt_liters": refuel.receipt_liters,
        "level_start_liters": refuel.level_start_liters,
        "level_end_liters": refuel.level_end_liters,
        "odometer_meters": refuel.odometer_meters,
        "position": _place(refuel.place),
        "note": refuel.note,
        "tags": list(refuel.tags),
    }


def _bounded(name: str, figure: Range | None) -> Json:
    """Return an estimate under its own name, and its bounds beside it."""
    return {
        name: figure.estimate if figure else None,
        f"{name}_low": figure.low if figure else None,
        f"{name}_high": figure.high if figure else None,
    }


def _range(figure: Range | None) -> RangeDocument | None:
    if figure is None:
        return None
    return {"low": figure.low, "estimate": figure.estimate, "high": figure.high}


def _place(place: Place | None) -> Json | None:
    return {"latitude": place.latitude, "longitude": place.longitude} if place else None
