"""The sentence at the top of a card: "Parked at home, locked, 86 %, 325 km". Pure."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from volvo_exporter.catalogue import families
from volvo_exporter.catalogue.model import Activity
from volvo_exporter.vehicles.vehicle import Vehicle
from volvo_exporter.vehicles.warnings import may_be_unlocked
from volvo_exporter.web.formatting import Formatter
from volvo_exporter.web.language import mark
from volvo_exporter.web.levels import battery_range, fuel_range

ACTIVITIES: Mapping[Activity, str] = MappingProxyType(
    {
        Activity.DRIVING: mark("Driving"),
        Activity.CHARGING: mark("Charging"),
        Activity.PLUGGED_IN: mark("Plugged in"),
        Activity.PARKED: mark("Parked"),
        Activity.ASLEEP: mark("Asleep"),
        Activity.UNKNOWN: mark("Activity unknown"),
    }
)
AT_PLACE: Mapping[Activity, str] = MappingProxyType(
    {
        Activity.CHARGING: mark("Charging at %(place)s"),
        Activity.PLUGGED_IN: mark("Plugged in at %(place)s"),
        Activity.PARKED: mark("Parked at %(place)s"),
        Activity.ASLEEP: mark("Asleep at %(place)s"),
    }
)
"""Activities of a car that stands still, with the name of the place."""


def describe(vehicle: Vehicle, activity: Activity, f: Formatter, *, place: str = "") -> str:
    """Return the sentence of a car; it omits what is unknown. `place` is a name, empty where unknown."""
    at_place = AT_PLACE.get(activity) if place else None
    doing = f.gettext(at_place, place=place) if at_place else f.gettext(ACTIVITIES[activity])
    return ", ".join((doing, *_state(vehicle, activity, f)))


def _state(vehicle: Vehicle, activity: Activity, f: Formatter) -> Iterator[str]:
    locked = vehicle.flag(families.LOCKED)
    if locked:
        yield f.gettext("locked")
    elif locked is False and not may_be_unlocked(activity):
        yield f.gettext("not locked")
    levels = (
        (vehicle.number(families.BATTERY_CHARGE), f.percent, battery_range(vehicle)),
        (vehicle.number(families.FUEL_AMOUNT), f.volume, fuel_range(vehicle)),
    )
    for level, value_text, distance in levels:
        if level is not None:
            yield value_text(level)
        if distance is not None:
            yield f.distance(distance)
