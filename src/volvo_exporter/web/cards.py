"""The card of a car on the status page, from its readings. Pure.

An unknown value is "unknown" on the page, never zero.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from volvo_exporter.catalogue import families
from volvo_exporter.catalogue.bodies import Body, body_of
from volvo_exporter.catalogue.model import Activity, Family
from volvo_exporter.polling.status import SlotStatus
from volvo_exporter.vehicles.vehicle import Vehicle
from volvo_exporter.vehicles.warnings import (
    PLUGGED_IN_ACTIVITIES,
    list_warnings,
    may_be_open,
    may_be_unlocked,
)
from volvo_exporter.web.callouts import Drawing, Finding, lay_out
from volvo_exporter.web.formatting import ENGLISH, Formatter, map_link, short_vin
from volvo_exporter.web.glances import Glance, glance
from volvo_exporter.web.journal.recent import Recent
from volvo_exporter.web.language import mark
from volvo_exporter.web.levels import Gauge, gauges
from volvo_exporter.web.names import name_part, name_state
from volvo_exporter.web.plots import Plot, draw
from volvo_exporter.web.sentences import describe as describe_state
from volvo_exporter.web.summary import Summary, summarize
from volvo_exporter.web.trace import Point
from volvo_exporter.web.warning_texts import describe, part

OPENINGS = ((families.DOOR_OPEN, "door"), (families.WINDOW_OPEN, "window"))
TYRES = ("front_left", "front_right", "rear_left", "rear_right")
BODIES: Mapping[Body, str] = {
    Body.SUV: mark("SUV"),
    Body.COMPACT_SUV: mark("compact SUV"),
    Body.ESTATE: mark("estate"),
    Body.SALOON: mark("saloon"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PartState:
    """State of a part of the car."""

    level: str
    """CSS class: ok, open or bad. A part that may be open now is ok."""
    text: str
    is_open: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A car on the page."""

    title: str
    subtitle: str
    sentence: str
    body: str
    """Name of the body type."""
    is_charging: bool
    gauges: tuple[Gauge, ...]
    facts: tuple[tuple[str, str], ...]
    """Names and formatted values."""
    glances: tuple[Glance, ...]
    warnings: tuple[str, ...]
    summary: Summary
    parts: Mapping[str, PartState]
    """State of each known part, by its name in the drawing."""
    drawing: Drawing
    failing: int
    """Number of resources that fail, so that their values may be stale."""
    plots: tuple[Plot, ...]
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
    recent: Recent | None = None,
    place: str = "",
    f: Formatter = ENGLISH,
) -> Card:
    """Return the card of a car.

    `slots` are its resources in the schedule, `now` is Unix time, `recent` are its latest events; None where
    the journal does not have it. `place` is the name of the place where it is, empty where unknown.
    """
    failing = len([poll for poll in vehicle.polls.values() if not poll.up])
    warnings = tuple(describe(item, f) for item in list_warnings(vehicle, activity))
    model = " ".join(filter(None, (attributes["model"], attributes["model_year"]))) or f.gettext("Car")
    known = (model if attributes["name"] else "", attributes["colour"], f"VIN {short_vin(attributes['vin'])}")
    body, parts = body_of(attributes["model"]), _parts(vehicle, activity, f)
    return Card(
        title=attributes["name"] or model,
        subtitle=" · ".join(filter(None, known)),
        sentence=describe_state(vehicle, activity, f, place=place),
        body=f.gettext(BODIES[body]),
        is_charging=activity is Activity.CHARGING,
        gauges=tuple(gauges(vehicle, attributes, f)),
        facts=tuple(_facts(vehicle, now, f)),
        glances=tuple(glance(recent, now=now, f=f)) if recent else (),
        warnings=warnings,
        summary=summarize(slots, warned=bool(warnings), failing=failing, f=f),
        parts=parts,
        drawing=lay_out(
            body,
            {name: state.level for name, state in parts.items()},
            (name for name, state in parts.items() if state.is_open and state.level != "ok"),
            _findings(parts, f),
            is_plugged_in=activity in PLUGGED_IN_ACTIVITIES,
        ),
        failing=failing,
        plots=tuple(draw(trace, now=now, f=f)),
        map_link="" if vehicle.position is None else map_link(*vehicle.position),
    )


def _findings(parts: Mapping[str, PartState], f: Formatter) -> Iterable[Finding]:
    """Yield what is marked on the silhouette."""
    for name, state in parts.items():
        if state.level != "ok":
            text = state.text.capitalize() if name == "lock" else f"{name_part(name, f)}: {state.text}"
            yield Finding(part=name, level=state.level, text=text)


def _facts(vehicle: Vehicle, now: float, f: Formatter) -> Iterable[tuple[str, str]]:
    unknown = f.gettext("unknown")
    locked = vehicle.flag(families.LOCKED)
    lock = f.gettext("locked") if locked else f.gettext("not locked")
    yield f.gettext("Lock"), unknown if locked is None else lock
    yield f.gettext("Odometer"), f.distance(vehicle.number(families.ODOMETER))
    distance, time = vehicle.number(families.SERVICE_DISTANCE), vehicle.number(families.SERVICE_TIME)
    in_distance = "" if distance is None else f.distance(distance)
    in_time = "" if time is None else f.duration(max(time, 0))
    both = f.gettext("%(distance)s or %(time)s", distance=in_distance, time=in_time)
    yield f.gettext("Next service"), both if in_distance and in_time else in_distance or in_time or unknown
    temperature = vehicle.number(families.WEATHER_TEMPERATURE)
    if temperature is not None:
        yield f.gettext("Temperature"), f.temperature(temperature)
    reported_at = vehicle.reported_at
    yield f.gettext("Last report"), unknown if reported_at is None else f.ago(now - reported_at)


def _parts(vehicle: Vehicle, activity: Activity, f: Formatter) -> Mapping[str, PartState]:
    closed = PartState(level="ok", text=f.gettext("closed"))
    failed = PartState(level="bad", text=f.gettext("has failed"))
    works = PartState(level="ok", text=f.gettext("works"))
    parts = {}
    for family, what in OPENINGS:
        for reading in vehicle.readings_of(family):
            place = dict(reading.field.labels)[what]
            normal = may_be_open(vehicle, place, activity)
            is_open = reading.value is True
            opening = _opening(f.gettext("open"), normal=normal)
            parts[part(place, what)] = opening if is_open else closed
    for tyre in TYRES:
        if state := vehicle.state(families.TYRE_PRESSURE, ("tyre", tyre)):
            level = "ok" if state == "NO_WARNING" else "bad"
            parts[part(tyre, "tyre")] = PartState(level=level, text=name_state(state, f))
    for reading in vehicle.readings_of(families.LAMP_FAILURE):
        has_failed = reading.value is True
        parts[dict(reading.field.labels)["lamp"]] = failed if has_failed else works
    locked = vehicle.flag(families.LOCKED)
    if locked is not None:
        normal = may_be_unlocked(activity)
        shut = PartState(level="ok", text=f.gettext("locked"))
        parts["lock"] = shut if locked else _opening(f.gettext("not locked"), normal=normal)
    return parts


def _opening(text: str, *, normal: bool) -> PartState:
    return PartState(level="ok" if normal else "open", text=text, is_open=True)
