"""The card of a car on the status page, from its readings. Pure.

An unknown value is "unknown" on the page, never zero.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from volvo_exporter.catalogue import families, journal
from volvo_exporter.catalogue.model import Activity, Family, Key
from volvo_exporter.catalogue.quantities import JOULES_PER_KWH
from volvo_exporter.catalogue.thresholds import LOW_FUEL
from volvo_exporter.polling.status import SlotStatus
from volvo_exporter.vehicles.reading import Reading
from volvo_exporter.vehicles.vehicle import Vehicle
from volvo_exporter.vehicles.warnings import list_warnings, may_be_open, may_be_unlocked
from volvo_exporter.web.formatting import (
    NO_BREAK,
    ago,
    amount,
    degrees,
    duration,
    hours,
    kilometres,
    map_link,
    percent,
    short_vin,
    tank_scale,
)
from volvo_exporter.web.sparklines import Sparkline, draw
from volvo_exporter.web.summary import Summary, summarize
from volvo_exporter.web.trace import Point
from volvo_exporter.web.warning_texts import describe, part

ACTIVITIES: Mapping[Activity, str] = {
    Activity.DRIVING: "Driving",
    Activity.CHARGING: "Charging",
    Activity.PLUGGED_IN: "Plugged in",
    Activity.PARKED: "Parked",
    Activity.ASLEEP: "Asleep",
    Activity.UNKNOWN: "unknown",
}
BATTERY = ("source", "battery")
MAX_AGE_DIFFERENCE_SECONDS = 600.0
"""The preferred range is used unless the other one is newer by more than this; chosen, a few polls."""
OPENINGS = ((families.DOOR_OPEN, "door"), (families.WINDOW_OPEN, "window"))
TYRES = ("front_left", "front_right", "rear_left", "rear_right")
LOW_CHARGE = 0.2
"""Ratio below which the gauge has the warning colour; same as in the alerts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauge:
    """A gauge and its texts."""

    name: str
    text: str
    range: str
    """Remaining range."""
    maximum: float
    """Value at the end of the gauge; the start is 0."""
    value: float | None
    low: float
    target: float | None = None
    """Value at which charging stops."""
    note: str = ""
    scale: str = ""
    """Label of the maximum where it is not 100 %; no API reports the size of the tank."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartState:
    """State of a part of the car."""

    level: str
    """CSS class: ok, open or bad. A part that may be open now is ok."""
    text: str
    is_open: bool = False


CLOSED, LOCKED = PartState(level="ok", text="closed"), PartState(level="ok", text="locked")
FAILED, WORKS = PartState(level="bad", text="has failed"), PartState(level="ok", text="works")


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A car on the page."""

    title: str
    subtitle: str
    activity: str
    gauges: tuple[Gauge, ...]
    facts: tuple[tuple[str, str], ...]
    """Names and formatted values."""
    warnings: tuple[str, ...]
    summary: Summary
    parts: Mapping[str, PartState]
    """State of each known part, by its name in the drawing."""
    failing: int
    """Number of resources that fail, so that their values may be stale."""
    sparklines: tuple[Sparkline, ...]
    map_link: str
    """Empty where the position is unknown."""


def describe_car(
    vehicle: Vehicle,
    attributes: Mapping[str, str],
    *,
    activity: Activity,
    trace: Mapping[Family, Sequence[Point]],
    slots: Iterable[SlotStatus],
    now: float,
    latest: Mapping[Key, float] = MappingProxyType({}),
) -> Card:
    """Return the card of a car.

    `slots` are its resources in the schedule, `now` is Unix time, `latest` are the journal's figures.
    """
    failing = len([poll for poll in vehicle.polls.values() if not poll.up])
    reported_at = vehicle.reported_at
    warnings = tuple(describe(item) for item in list_warnings(vehicle, activity))
    model = " ".join(filter(None, (attributes["model"], attributes["model_year"]))) or "Car"
    known = (model if attributes["name"] else "", attributes["colour"], f"VIN {short_vin(attributes['vin'])}")
    return Card(
        title=attributes["name"] or model,
        subtitle=" · ".join(filter(None, known)),
        activity=ACTIVITIES[activity],
        gauges=tuple(_gauges(vehicle, attributes)),
        facts=(
            *_facts(vehicle),
            ("Last report", "unknown" if reported_at is None else ago(now - reported_at)),
            *_latest_events(latest, now),
        ),
        warnings=warnings,
        summary=summarize(slots, warned=bool(warnings), failing=failing),
        parts=_parts(vehicle, activity),
        failing=failing,
        sparklines=tuple(draw(trace, now=now)),
        map_link=_map_link(vehicle),
    )


def _latest_events(latest: Mapping[Key, float], now: float) -> Iterator[tuple[str, str]]:
    """Yield the last drive and the last charge, where the journal has them."""
    figures = {name: value for (name, _), value in latest.items()}
    if (end := figures.get(journal.LAST_DRIVE_END.name)) is not None:
        yield "Last drive", f"{kilometres(figures.get(journal.LAST_DRIVE_DISTANCE.name))}, {ago(now - end)}"
    if (end := figures.get(journal.LAST_CHARGE_END.name)) is not None:
        joules = figures.get(journal.LAST_CHARGE_ENERGY.name)
        energy = "" if joules is None else f"{joules / JOULES_PER_KWH:.1f}{NO_BREAK}kWh, "
        yield "Last charge", f"{energy}{ago(now - end)}"


def _gauges(vehicle: Vehicle, attributes: Mapping[str, str]) -> Iterable[Gauge]:
    charge, fuel = vehicle.number(families.BATTERY_CHARGE), vehicle.number(families.FUEL_AMOUNT)
    battery_range = _battery_range(vehicle)
    runs_on = attributes["fuel_type"].upper()
    if (
        charge is not None
        or battery_range is not None
        or attributes["battery_capacity_kwh"]
        or "ELECTRIC" in runs_on
    ):
        yield Gauge(
            name="Charge",
            text=percent(charge),
            range=_range(battery_range),
            value=charge,
            maximum=1.0,
            low=LOW_CHARGE,
            target=vehicle.number(families.CHARGING_TARGET),
            note=_charging(vehicle),
        )
    if fuel is not None or "PETROL" in runs_on or "DIESEL" in runs_on:
        maximum = tank_scale(fuel or 0.0)
        yield Gauge(
            name="Fuel",
            text=amount(fuel),
            range=_range(vehicle.number(families.DISTANCE_TO_EMPTY, ("source", "tank"))),
            value=fuel,
            maximum=maximum,
            low=LOW_FUEL,
            scale=f"{maximum:.0f}{NO_BREAK}l",
        )


def _battery_range(vehicle: Vehicle) -> float | None:
    """Return the range that Volvo's app shows, in meters; that of the Energy API if it is newer."""
    usual = vehicle.reading(families.DISTANCE_TO_EMPTY, BATTERY)
    other = vehicle.reading(families.ELECTRIC_RANGE)
    if usual is None or other is None:
        return _meters(usual or other)
    old, new = usual.measured, other.measured
    is_stale = old is not None and new is not None and new - old > MAX_AGE_DIFFERENCE_SECONDS
    return _meters(other if is_stale else usual)


def _meters(reading: Reading | None) -> float | None:
    return reading.value if reading is not None and isinstance(reading.value, float) else None


def _range(meters: float | None) -> str:
    return "range unknown" if meters is None else kilometres(meters)


def _facts(vehicle: Vehicle) -> Iterable[tuple[str, str]]:
    locked = vehicle.flag(families.LOCKED)
    yield "Lock", "unknown" if locked is None else "locked" if locked else "not locked"
    yield "Odometer", kilometres(vehicle.number(families.ODOMETER))
    distance, time = vehicle.number(families.SERVICE_DISTANCE), vehicle.number(families.SERVICE_TIME)
    known = (
        "" if distance is None else kilometres(distance),
        "" if time is None else duration(max(time, 0)),
    )
    yield "Next service", " or ".join(filter(None, known)) or "unknown"
    temperature = vehicle.number(families.WEATHER_TEMPERATURE)
    if temperature is not None:
        yield "Temperature", degrees(temperature)


def _charging(vehicle: Vehicle) -> str:
    """Return a text about charging; empty if its state is unknown."""
    status = vehicle.state(families.CHARGING_STATUS)
    if status is None:
        plug = vehicle.state(families.CHARGER_CONNECTION)
        return f"charger {plug.lower()}" if plug else ""
    power, left = vehicle.number(families.CHARGING_POWER), vehicle.number(families.CHARGING_TIME)
    target = vehicle.number(families.CHARGING_TARGET)
    parts = [f"charging: {status.lower()}" if status != "CHARGING" else "charging"]
    if power is not None:
        parts.append(f"{power / 1000:.1f}{NO_BREAK}kW")
    if status == "CHARGING" and left:
        parts.append(f"{hours(left)} to {'the target' if target is None else percent(target)}")
    elif target is not None:
        parts.append(f"target {percent(target)}")
    return ", ".join(parts)


def _parts(vehicle: Vehicle, activity: Activity) -> Mapping[str, PartState]:
    parts = {}
    for family, what in OPENINGS:
        for reading in vehicle.readings_of(family):
            place = dict(reading.field.labels)[what]
            normal = may_be_open(vehicle, place, activity)
            is_open = reading.value is True
            parts[part(place, what)] = _opening("open", normal=normal) if is_open else CLOSED
    for tyre in TYRES:
        if state := vehicle.state(families.TYRE_PRESSURE, ("tyre", tyre)):
            level = "ok" if state == "NO_WARNING" else "bad"
            parts[part(tyre, "tyre")] = PartState(level=level, text=state.replace("_", " ").lower())
    for reading in vehicle.readings_of(families.LAMP_FAILURE):
        has_failed = reading.value is True
        parts[dict(reading.field.labels)["lamp"]] = FAILED if has_failed else WORKS
    locked = vehicle.flag(families.LOCKED)
    if locked is not None:
        normal = may_be_unlocked(activity)
        parts["lock"] = LOCKED if locked else _opening("not locked", normal=normal)
    return parts


def _opening(text: str, *, normal: bool) -> PartState:
    return PartState(level="ok" if normal else "open", text=text, is_open=True)


def _map_link(vehicle: Vehicle) -> str:
    if vehicle.position is None:
        return ""
    return map_link(*vehicle.position)
