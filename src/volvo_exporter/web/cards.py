"""What the page says of a car: the readings in words, kilometres and per cent. Pure.

What is not known is None here and "unknown" on the page, never a zero.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from volvo_exporter.catalogue import families
from volvo_exporter.catalogue.model import Family
from volvo_exporter.metrics.readings import Sample

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0

NARROW, NO_BREAK = "\u202f", "\u00a0"
"""Spaces at which no line breaks: between thousands, and before a unit."""

ACTIVITIES = {
    "driving": "Driving",
    "charging": "Charging",
    "plugged_in": "Plugged in",
    "parked": "Parked",
    "asleep": "Asleep",
}
FLUIDS = (
    (families.BRAKE_FLUID_LOW, "Brake fluid is low"),
    (families.COOLANT_LOW, "Coolant is low"),
    (families.WASHER_FLUID_LOW, "Washer fluid is low"),
)
OPENINGS = ((families.DOOR_OPEN, "door"), (families.WINDOW_OPEN, "window"))
TYRES = ("front_left", "front_right", "rear_left", "rear_right")
LAMPS = (
    ("front", ("front", "beam", "daytime")),
    ("rear", ("rear", "brake", "plate", "reverse")),
)
LIDS = ("hood", "tailgate", "tank_lid", "sunroof")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauge:
    """A level to draw: per cent of full, and the words beside it."""

    name: str
    percent: float | None
    words: str


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
    parts: Mapping[str, str]
    """Each part of the drawing (front_left_door, hood, lock …) and how it is: ok, open or bad."""
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

    def told(self) -> float | None:
        """When the car last told anything."""
        times = [value for (name, _), value in self._values.items() if name == families.FIELD_TIMESTAMP.name]
        return max(times, default=None)


def describe_car(
    attributes: Mapping[str, str], samples: Iterable[Sample], *, activity: str, now: float
) -> Card:
    """The card of a car; `now` is Unix time."""
    values = Values(samples)
    told = values.told()
    vin = attributes["vin"]
    model = " ".join(filter(None, (attributes["model"], attributes["model_year"]))) or "Car"
    return Card(
        title=attributes["name"] or model,
        subtitle=f"{model if attributes['name'] else attributes['colour']} · VIN …{vin[-4:]}".removeprefix(
            " · "
        ),
        activity=ACTIVITIES.get(activity, "unknown"),
        gauges=tuple(_gauges(values)),
        facts=(
            *_facts(values),
            ("Last word of the car", "unknown" if told is None else ago(now - told)),
        ),
        warnings=tuple(_warnings(values)),
        parts=_parts(values),
        map_link=_map_link(values),
    )


def ago(seconds: float) -> str:
    """How long something is past, in words."""
    return "just now" if seconds < MINUTE else f"{duration(seconds)} ago"


def duration(seconds: float) -> str:
    """A length of time in words, in its largest unit."""
    for unit, name in ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute")):
        if seconds >= unit:
            count = round(seconds / unit)
            return f"{count} {name}{'' if count == 1 else 's'}"
    return "less than a minute"


def kilometres(meters: float | None) -> str:
    """A distance in words."""
    return (
        "unknown"
        if meters is None
        else f"{meters / 1000:,.0f} km".replace(",", NARROW).replace(" ", NO_BREAK)
    )


def _gauges(values: Values) -> Iterable[Gauge]:
    charge = values.one(families.BATTERY_CHARGE)
    reach = values.one(families.DISTANCE_TO_EMPTY, ("source", "battery")) or values.one(
        families.ELECTRIC_RANGE
    )
    if charge is not None or reach is not None:
        words = f"{'unknown' if charge is None else f'{charge:.0%}'}, {kilometres(reach)}"
        yield Gauge(name="Charge", percent=None if charge is None else charge * 100, words=words)
    fuel = values.one(families.FUEL_AMOUNT)
    if fuel is not None:
        reach = values.one(families.DISTANCE_TO_EMPTY, ("source", "tank"))
        # No API tells the size of the tank, so there is nothing to draw a level against.
        yield Gauge(name="Fuel", percent=None, words=f"{fuel:.1f}{NO_BREAK}l, {kilometres(reach)}")


def _facts(values: Values) -> Iterable[tuple[str, str]]:
    locked = values.one(families.LOCKED)
    yield "Lock", "unknown" if locked is None else "locked" if locked else "not locked"
    yield "Odometer", kilometres(values.one(families.ODOMETER))
    if status := values.state(families.CHARGING_STATUS):
        yield "Charging", _charging(values, status)
    distance, time = values.one(families.SERVICE_DISTANCE), values.one(families.SERVICE_TIME)
    if distance is not None or time is not None:
        yield (
            "Next service",
            f"{kilometres(distance)} or {'unknown' if time is None else duration(max(time, 0))}",
        )
    temperature = values.one(families.WEATHER_TEMPERATURE)
    if temperature is not None:
        yield "Weather there", f"{temperature:.0f}{NO_BREAK}°C"


def _charging(values: Values, status: str) -> str:
    power = values.one(families.CHARGING_POWER)
    left = values.one(families.CHARGING_TIME)
    target = values.one(families.CHARGING_TARGET)
    parts = [status]
    if power is not None:
        parts.append(f"{power / 1000:.1f}{NO_BREAK}kW")
    if status == "charging" and left:
        parts.append(f"{duration(left)} to {'the target' if target is None else f'{target:.0%}'}")
    return ", ".join(parts)


def _warnings(values: Values) -> Iterable[str]:
    for family, what in OPENINGS:
        for place in _raised(values, family):
            if place == "tank_lid" and values.state(families.CHARGER_CONNECTION) == "connected":
                continue  # the cable holds it open
            yield f"{_named(place, '' if place in LIDS else what)} is open"
    for lamp in _raised(values, families.LAMP_FAILURE):
        yield f"{_named(lamp)} has failed"
    for tyre in TYRES:
        yield from _worry(f"{_named(tyre, 'tyre')}", values.state(families.TYRE_PRESSURE, ("tyre", tyre)))
    for family, words in FLUIDS:
        if values.one(family):
            yield words
    yield from _worry("Oil", values.state(families.OIL_LEVEL))
    yield from _worry("Service", values.state(families.SERVICE_STATUS))
    reason = values.state(families.UNAVAILABLE_REASON)
    if values.one(families.AVAILABLE) == 0 and reason != "car_in_use":
        yield f"The car cannot be reached{f' ({_named(reason).lower()})' if reason else ''}"


def _raised(values: Values, family: Family) -> Iterable[str]:
    return (place for place, value in values.all(family).items() if value)


def _worry(what: str, state: str | None) -> Iterable[str]:
    if state not in (None, "no_warning"):
        yield f"{what}: {str(state).replace('_', ' ')}"


def _named(place: str, what: str = "") -> str:
    return f"{place} {what}".strip().replace("_", " ").capitalize()


def _parts(values: Values) -> Mapping[str, str]:
    parts = {}
    for family, what in OPENINGS:
        for place, value in values.all(family).items():
            parts[place if place in LIDS else f"{place}_{what}"] = "open" if value else "ok"
    for tyre in TYRES:
        if state := values.state(families.TYRE_PRESSURE, ("tyre", tyre)):
            parts[f"{tyre}_tyre"] = "ok" if state == "no_warning" else "bad"
    lamps = values.all(families.LAMP_FAILURE)
    for end, words in LAMPS:
        known = [value for lamp, value in lamps.items() if any(word in lamp for word in words)]
        if known:
            parts[f"{end}_lamps"] = "bad" if any(known) else "ok"
    locked = values.one(families.LOCKED)
    if locked is not None:
        parts["lock"] = "ok" if locked else "open"
    return parts


def _map_link(values: Values) -> str:
    latitude, longitude = values.one(families.LATITUDE), values.one(families.LONGITUDE)
    if latitude is None or longitude is None:
        return ""
    place = f"{latitude:.5f}", f"{longitude:.5f}"
    return "https://www.openstreetmap.org/?mlat={0}&mlon={1}#map=15/{0}/{1}".format(*place)
