"""What the page says of a car: the readings in words, kilometres and per cent. Pure.

What is not known is None here and "unknown" on the page, never a zero.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from volvo_exporter import catalogue
from volvo_exporter.catalogue import families
from volvo_exporter.catalogue.model import Family, Labels
from volvo_exporter.catalogue.thresholds import LOW_FUEL
from volvo_exporter.metrics.freshness import last_report
from volvo_exporter.metrics.readings import Sample, stamp
from volvo_exporter.metrics.trace import Point
from volvo_exporter.web.plots import Plot, draw
from volvo_exporter.web.summary import Summary, summarize
from volvo_exporter.web.words import (
    NO_BREAK,
    ago,
    amount,
    degrees,
    duration,
    hours,
    kilometres,
    percent,
    short_vin,
    tank_scale,
    titled,
)

ACTIVITIES = {
    "driving": "Driving",
    "charging": "Charging",
    "plugged_in": "Plugged in",
    "parked": "Parked",
    "asleep": "Asleep",
}
STANDING = ("charging", "plugged_in", "parked", "asleep")
PLUGGED_IN = ("charging", "plugged_in")
BATTERY = ("source", "battery")
STALE = 600.0
"""Seconds by which one of two estimates has to be older for the other to be shown."""
FLUIDS = (
    (families.BRAKE_FLUID_LOW, "Brake fluid is low"),
    (families.COOLANT_LOW, "Coolant is low"),
    (families.WASHER_FLUID_LOW, "Washer fluid is low"),
)
OPENINGS = ((families.DOOR_OPEN, "door"), (families.WINDOW_OPEN, "window"))
TYRES = ("front_left", "front_right", "rear_left", "rear_right")
LIDS = ("hood", "tailgate", "tank_lid", "sunroof")
SERVICE_DUE = (
    ("_almost_time_for_service", "Service is due soon"),
    ("_overdue_for_service", "Service is overdue"),
    ("_time_for_service", "Service is due"),
)
"""By the end of a state of the service reminder; the first that fits counts."""
LOW_CHARGE = 0.2
"""A share of 1: below, the gauge asks for attention, as the alerts do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauge:
    """A level to draw, and the words beside it."""

    name: str
    words: str
    reach: str
    """How far it takes the car."""
    top: float
    """Where the gauge ends; it begins at 0."""
    value: float | None
    low: float
    mark: float | None = None
    """Where charging stops."""
    note: str = ""
    scale: str = ""
    """What the end of the gauge stands for, where that is not full: no API tells the size of a tank."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """How a part is."""

    how: str
    """ok, open or bad: its colour. What is open as it should be is ok."""
    words: str
    is_open: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A car on the page."""

    title: str
    subtitle: str
    activity: str
    gauges: tuple[Gauge, ...]
    facts: tuple[tuple[str, str], ...]
    """Names and values, in words."""
    warnings: tuple[str, ...]
    summary: Summary
    parts: Mapping[str, Condition]
    """Each part of the drawing that is known."""
    failing: int
    """Resources that do not answer, so that what they told may be old."""
    plots: tuple[Plot, ...]
    map_link: str
    """Empty where the position is unknown."""


class Values:
    """The samples of a car, by family and label."""

    def __init__(self, samples: Iterable[Sample]) -> None:
        self._values = {(sample.family.name, sample.labels): sample.value for sample in samples}

    def one(self, family: Family, *labels: tuple[str, str]) -> float | None:
        """The value of a series; None where it is unknown."""
        return self._values.get((family.name, labels))

    def all(self, family: Family) -> dict[str, float]:
        """The values of a family by its first label."""
        return {
            labels[0][1]: value
            for (name, labels), value in self._values.items()
            if name == family.name and labels
        }

    def state(self, family: Family, *labels: tuple[str, str]) -> str | None:
        """The current state of a state set."""
        states = (state for state in family.states if self.one(family, *labels, ("state", state)) == 1)
        return next(states, None)

    def told_at(self, family: Family, *labels: tuple[str, str]) -> float | None:
        """When the car told a value."""
        times = (self.one(families.FIELD_TIMESTAMP, *place) for place in STAMPS[family.name, labels])
        return max((time for time in times if time is not None), default=None)


def _stamps() -> Mapping[tuple[str, Labels], list[Labels]]:
    """The labels of the timestamps of each value that a car tells."""
    stamps: dict[tuple[str, Labels], list[Labels]] = {}
    for resource in catalogue.RESOURCES:
        for field in resource.fields:
            stamps.setdefault((field.family.name, field.labels), []).append(stamp(resource.name, field.key))
    return stamps


STAMPS = _stamps()


def describe_car(
    attributes: Mapping[str, str],
    samples: Iterable[Sample],
    *,
    activity: str,
    trace: Mapping[Family, Sequence[Point]],
    entries: Iterable[Mapping[str, Any]],
    failing: int,
    now: float,
) -> Card:
    """The card of a car, of which `failing` resources do not answer; `now` is Unix time.

    `entries` are its resources as in `/api/v1/status`.
    """
    samples = tuple(samples)
    values, told = Values(samples), last_report(samples)
    warnings = tuple(warnings_of(values, activity))
    model = " ".join(filter(None, (attributes["model"], attributes["model_year"]))) or "Car"
    known = (model if attributes["name"] else "", attributes["colour"], f"VIN {short_vin(attributes['vin'])}")
    return Card(
        title=attributes["name"] or model,
        subtitle=" · ".join(filter(None, known)),
        activity=ACTIVITIES.get(activity, "unknown"),
        gauges=tuple(_gauges(values, attributes)),
        facts=(
            *_facts(values),
            ("Data from", "unknown" if told is None else ago(now - told)),
        ),
        warnings=warnings,
        summary=summarize(entries, warned=bool(warnings), failing=failing),
        parts=_parts(values, activity),
        failing=failing,
        plots=tuple(draw(trace, now=now)),
        map_link=_map_link(values),
    )


def _gauges(values: Values, attributes: Mapping[str, str]) -> Iterable[Gauge]:
    charge, fuel = values.one(families.BATTERY_CHARGE), values.one(families.FUEL_AMOUNT)
    reach = _battery_reach(values)
    runs_on = attributes["fuel_type"].upper()
    if charge is not None or reach is not None or attributes["battery_capacity_kwh"] or "ELECTRIC" in runs_on:
        yield Gauge(
            name="Charge",
            words=percent(charge),
            reach=_reach(reach),
            value=charge,
            top=1.0,
            low=LOW_CHARGE,
            mark=values.one(families.CHARGING_TARGET),
            note=_charging(values),
        )
    if fuel is not None or "PETROL" in runs_on or "DIESEL" in runs_on:
        top = tank_scale(fuel or 0.0)
        yield Gauge(
            name="Fuel",
            words=amount(fuel),
            reach=_reach(values.one(families.DISTANCE_TO_EMPTY, ("source", "tank"))),
            value=fuel,
            top=top,
            low=LOW_FUEL,
            scale=f"{top:.0f}{NO_BREAK}l",
        )


def _battery_reach(values: Values) -> float | None:
    """What Volvo's app shows; while that is old, as during a charge, what the Energy API says."""
    usual = values.one(families.DISTANCE_TO_EMPTY, BATTERY)
    other = values.one(families.ELECTRIC_RANGE)
    if usual is None or other is None:
        return other if usual is None else usual
    old, new = values.told_at(families.DISTANCE_TO_EMPTY, BATTERY), values.told_at(families.ELECTRIC_RANGE)
    return other if old is not None and new is not None and new - old > STALE else usual


def _reach(meters: float | None) -> str:
    return "range unknown" if meters is None else kilometres(meters)


def _facts(values: Values) -> Iterable[tuple[str, str]]:
    locked = values.one(families.LOCKED)
    yield "Lock", "unknown" if locked is None else "locked" if locked else "not locked"
    yield "Odometer", kilometres(values.one(families.ODOMETER))
    distance, time = values.one(families.SERVICE_DISTANCE), values.one(families.SERVICE_TIME)
    known = (
        "" if distance is None else kilometres(distance),
        "" if time is None else duration(max(time, 0)),
    )
    yield "Next service", " or ".join(filter(None, known)) or "unknown"
    temperature = values.one(families.WEATHER_TEMPERATURE)
    if temperature is not None:
        yield "Weather there", degrees(temperature)


def _charging(values: Values) -> str:
    """The charging system in words; empty where nothing is known of it."""
    status = values.state(families.CHARGING_STATUS)
    if status is None:
        plug = values.state(families.CHARGER_CONNECTION)
        return f"charger {plug}" if plug else ""
    power, left = values.one(families.CHARGING_POWER), values.one(families.CHARGING_TIME)
    target = values.one(families.CHARGING_TARGET)
    parts = [f"charging: {status}" if status != "charging" else "charging"]
    if power is not None:
        parts.append(f"{power / 1000:.1f}{NO_BREAK}kW")
    if status == "charging" and left:
        parts.append(f"{hours(left)} to {'the target' if target is None else percent(target)}")
    elif target is not None:
        parts.append(f"target {percent(target)}")
    return ", ".join(parts)


def warnings_of(values: Values, activity: str) -> Iterable[str]:
    """Return each warning as a sentence."""
    if values.one(families.LOCKED) == 0 and not _may_be_open("lock", values, activity):
        yield "Not locked"
    for family, what in OPENINGS:
        for place in _raised(values, family):
            part = _part(place, what)
            if not _may_be_open(part, values, activity):
                yield f"{titled(part)} is open"
    for lamp in _raised(values, families.LAMP_FAILURE):
        yield f"{titled(lamp)} has failed"
    for tyre in TYRES:
        yield from _worry(titled(_part(tyre, "tyre")), values.state(families.TYRE_PRESSURE, ("tyre", tyre)))
    for family, words in FLUIDS:
        if values.one(family):
            yield words
    yield from _worry("Oil", values.state(families.OIL_LEVEL))
    yield from _service(values.state(families.SERVICE_STATUS))
    reason = values.state(families.UNAVAILABLE_REASON)
    if values.one(families.AVAILABLE) == 0 and reason != "car_in_use":
        yield f"The car cannot be reached{f' ({titled(reason).lower()})' if reason else ''}"


def _may_be_open(part: str, values: Values, activity: str) -> bool:
    """Return whether an open part is normal: the lid over a charging cable, the lock of a car in use."""
    if part == "tank_lid":
        return activity in PLUGGED_IN or values.state(families.CHARGER_CONNECTION) == "connected"
    return part == "lock" and activity not in STANDING


def _service(state: str | None) -> Iterable[str]:
    for end, words in SERVICE_DUE:
        if state and state.endswith(end):
            yield f"{words} ({state.removesuffix(end).replace('_', ' ')})"
            return
    yield from _worry("Service", state)


def _raised(values: Values, family: Family) -> Iterable[str]:
    return (place for place, value in values.all(family).items() if value)


def _worry(what: str, state: str | None) -> Iterable[str]:
    if state not in (None, "no_warning"):
        yield f"{what}: {str(state).replace('_', ' ')}"


def _part(place: str, what: str) -> str:
    """What the drawing calls the door, window or tyre at a place; lids have a name of their own."""
    return place if place in LIDS else f"{place}_{what}"


def _parts(values: Values, activity: str) -> Mapping[str, Condition]:
    def opening(part: str, words: str) -> Condition:
        how = "ok" if _may_be_open(part, values, activity) else "open"
        return Condition(how=how, words=words, is_open=True)

    parts = {}
    for family, what in OPENINGS:
        for place, value in values.all(family).items():
            part = _part(place, what)
            parts[part] = opening(part, "open") if value else Condition(how="ok", words="closed")
    for tyre in TYRES:
        if state := values.state(families.TYRE_PRESSURE, ("tyre", tyre)):
            how = "ok" if state == "no_warning" else "bad"
            parts[_part(tyre, "tyre")] = Condition(how=how, words=state.replace("_", " "))
    for lamp, failed in values.all(families.LAMP_FAILURE).items():
        parts[lamp] = (
            Condition(how="bad", words="has failed") if failed else Condition(how="ok", words="works")
        )
    locked = values.one(families.LOCKED)
    if locked is not None:
        parts["lock"] = Condition(how="ok", words="locked") if locked else opening("lock", "not locked")
    return parts


def _map_link(values: Values) -> str:
    latitude, longitude = values.one(families.LATITUDE), values.one(families.LONGITUDE)
    if latitude is None or longitude is None:
        return ""
    place = f"{latitude:.5f}", f"{longitude:.5f}"
    return "https://www.openstreetmap.org/?mlat={0}&mlon={1}#map=15/{0}/{1}".format(*place)
