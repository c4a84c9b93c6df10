"""Messages: what is sent about an alert or an event, in plain English. Pure."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from string import Formatter

from volvo_exporter.catalogue import families
from volvo_exporter.catalogue.alerts.model import Alert, Severity
from volvo_exporter.catalogue.alerts.table import ALERTS
from volvo_exporter.catalogue.model import Event
from volvo_exporter.notify.alerting import Transition
from volvo_exporter.notify.past import DAY, HOUR, MINUTE
from volvo_exporter.vehicles.vehicle import Vehicle

BY_NAME: Mapping[str, Alert] = {alert.name: alert for alert in ALERTS}
EVENTS: Mapping[str, Event] = {"drive_ended": Event.DRIVE_ENDED, "charge_ended": Event.CHARGE_ENDED}
"""Events by their names in the settings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message, as it is sent to each target."""

    id: str
    """Identity of the message: the same for each attempt to send it."""
    kind: str
    """`alert.firing`, `alert.resolved`, `drive.ended`, `charge.ended`, `digest` or `test`."""
    name: str
    """Name of the alert; empty for an event."""
    severity: str
    car: str
    """Name of the car; empty for an account."""
    labels: tuple[tuple[str, str], ...] = ()
    title: str
    text: str
    at: float
    """Unix time."""


def describe_alert(transition: Transition, *, car: str, place: str = "") -> Message:
    """Return the message for the begin or end of an alert; `place` is added to its text."""
    name, car_id, labels = transition.key
    alert = BY_NAME[name]
    values = {"car": car, **dict(labels)}
    title = fill(alert.summary, values, transition.value)
    if transition.fires:
        parts = (fill(alert.description, values, transition.value), alert.action, place)
        text, kind = " ".join(filter(None, parts)), "alert.firing"
    else:
        title, text, kind = f"Resolved: {title}", "The condition is no longer met.", "alert.resolved"
    return Message(
        id=identity(kind, name, car_id, str(labels), f"{transition.at:.0f}"),
        kind=kind,
        name=name,
        severity=alert.severity.value,
        car=car,
        labels=labels,
        title=title,
        text=text,
        at=transition.at,
    )


def describe_event(event: Event, vehicle: Vehicle, *, car: str, at: float, place: str = "") -> Message:
    """Return the message for the end of a drive or charge, with the levels that the car reports then."""
    kind = event.name.lower().replace("_", ".")
    what = "has parked" if event is Event.DRIVE_ENDED else "has stopped charging"
    levels = ". ".join(_levels(vehicle))
    return Message(
        id=identity(kind, vehicle.vin, f"{at:.0f}"),
        kind=kind,
        name="",
        severity=Severity.INFO.value,
        car=car,
        title=f"{car} {what}",
        text=" ".join(filter(None, (f"{levels}." if levels else "The car reported no levels.", place))),
        at=at,
    )


def join(messages: list[Message]) -> Message:
    """Return one message with the titles of several."""
    lines = [f"{message.title}." for message in messages]
    return Message(
        id=identity("digest", *(message.id for message in messages)),
        kind="digest",
        name="",
        severity=Severity.INFO.value,
        car="",
        title=f"{len(messages)} messages about your cars",
        text="\n".join(lines),
        at=messages[-1].at,
    )


def fill(template: str, labels: Mapping[str, str], value: float) -> str:
    """Return a template of the table of alerts with its labels and the value."""
    return "".join(
        text
        + ("" if name is None else _format(labels.get(name, "") if name != "value" else value, spec or ""))
        for text, name, spec, _ in Formatter().parse(template)
    )


def duration(seconds: float) -> str:
    """Return a time in its two largest units: `2 d 4 h`."""
    parts = []
    for unit, size in (("d", DAY), ("h", HOUR), ("min", MINUTE)):
        number, seconds = divmod(seconds, size)
        if number:
            parts.append(f"{number:.0f} {unit}")
    return " ".join(parts[:2]) or "less than a minute"


def identity(*parts: str) -> str:
    """Return an id from which no car can be recognized."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def iso(at: float) -> str:
    """Return a Unix time as ISO 8601 in UTC."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _format(value: str | float, spec: str) -> str:
    match value, spec:
        case str(), _:
            return value.replace("_", " ") if spec == "spaced" else value
        case number, "duration":
            return duration(float(number))
        case number, "percent":
            return f"{float(number) * 100:.0f} %"
        case number, _:
            return format(float(number), spec or "g")


def _levels(vehicle: Vehicle) -> list[str]:
    charge, fuel = vehicle.number(families.BATTERY_CHARGE), vehicle.number(families.FUEL_AMOUNT)
    reach = vehicle.number(families.ELECTRIC_RANGE)
    tank = vehicle.number(families.DISTANCE_TO_EMPTY, ("source", "tank"))
    found = []
    if charge is not None:
        found.append(f"Charge {charge * 100:.0f} %" + (f", range {reach / 1000:.0f} km" if reach else ""))
    if fuel is not None:
        found.append(f"Fuel {fuel:.0f} l" + (f", range {tank / 1000:.0f} km" if tank else ""))
    return found
