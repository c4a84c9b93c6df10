"""Charge and fuel of a car as gauges. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from volvo_exporter.catalogue import families
from volvo_exporter.catalogue.thresholds import LOW_FUEL
from volvo_exporter.vehicles.reading import Reading
from volvo_exporter.vehicles.vehicle import Vehicle
from volvo_exporter.web.formatting import Formatter, tank_scale
from volvo_exporter.web.names import name_state

BATTERY, TANK = ("source", "battery"), ("source", "tank")
MAX_AGE_DIFFERENCE_SECONDS = 600.0
"""The preferred range is used unless the other one is newer by more than this; chosen, a few polls."""
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


def gauges(vehicle: Vehicle, attributes: Mapping[str, str], f: Formatter) -> Iterable[Gauge]:
    """Yield the gauges of a car: of the battery, of the tank, or both."""
    charge, fuel = vehicle.number(families.BATTERY_CHARGE), vehicle.number(families.FUEL_AMOUNT)
    electric = battery_range(vehicle)
    runs_on = attributes["fuel_type"].upper()
    if (
        charge is not None
        or electric is not None
        or attributes["battery_capacity_kwh"]
        or "ELECTRIC" in runs_on
    ):
        yield Gauge(
            name=f.gettext("Charge"),
            text=f.percent(charge),
            range=_range(electric, f),
            value=charge,
            maximum=1.0,
            low=LOW_CHARGE,
            target=vehicle.number(families.CHARGING_TARGET),
            note=", ".join(_charging(vehicle, f)),
        )
    if fuel is not None or "PETROL" in runs_on or "DIESEL" in runs_on:
        maximum = tank_scale(fuel or 0.0)
        yield Gauge(
            name=f.gettext("Fuel"),
            text=f.volume(fuel),
            range=_range(fuel_range(vehicle), f),
            value=fuel,
            maximum=maximum,
            low=LOW_FUEL,
            scale=f.volume(maximum, digits=0),
        )


def battery_range(vehicle: Vehicle) -> float | None:
    """Return the range that Volvo's app shows, in meters; that of the Energy API if it is newer."""
    usual = vehicle.reading(families.DISTANCE_TO_EMPTY, BATTERY)
    other = vehicle.reading(families.ELECTRIC_RANGE)
    if usual is None or other is None:
        return _meters(usual or other)
    old, new = usual.measured, other.measured
    is_stale = old is not None and new is not None and new - old > MAX_AGE_DIFFERENCE_SECONDS
    return _meters(other if is_stale else usual)


def fuel_range(vehicle: Vehicle) -> float | None:
    """Return the range on the fuel in the tank, in meters."""
    return vehicle.number(families.DISTANCE_TO_EMPTY, TANK)


def _meters(reading: Reading | None) -> float | None:
    return reading.value if reading is not None and isinstance(reading.value, float) else None


def _range(meters: float | None, f: Formatter) -> str:
    return f.gettext("range unknown") if meters is None else f.distance(meters)


def _charging(vehicle: Vehicle, f: Formatter) -> Iterator[str]:
    """Yield what is known about charging. That a car does not charge is not worth a line."""
    status = vehicle.state(families.CHARGING_STATUS)
    power, left = vehicle.number(families.CHARGING_POWER), vehicle.number(families.CHARGING_TIME)
    target = vehicle.number(families.CHARGING_TARGET)
    if status == "CHARGING":
        yield f.gettext("charging")
        if power is not None:
            yield f.power(power)
    elif status is not None and status != "IDLE":
        yield f.gettext("charging: %(state)s", state=name_state(status, f))
    elif vehicle.state(families.CHARGER_CONNECTION) in ("CONNECTED", "FAULT"):
        plug = vehicle.state(families.CHARGER_CONNECTION) or ""
        yield f.gettext("charger: %(state)s", state=name_state(plug, f))
    if status == "CHARGING" and left and target is None:
        yield f.gettext("%(time)s to the target", time=f.hours(left))
    elif status == "CHARGING" and left:
        yield f.gettext("%(time)s to %(level)s", time=f.hours(left), level=f.percent(target))
    elif target is not None:
        yield f.gettext("target %(level)s", level=f.percent(target))
