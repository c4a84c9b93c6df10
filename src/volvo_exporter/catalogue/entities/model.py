"""Entities of Home Assistant as data: units, device classes, and a constructor for each kind."""

from dataclasses import dataclass
from enum import StrEnum, unique

from volvo_exporter.catalogue.model import Family, Key, Quantity
from volvo_exporter.catalogue.quantities import (
    DISTANCE,
    DURATION,
    ENERGY,
    ENERGY_PER_DISTANCE,
    PRESSURE,
    RATIO,
    SPEED,
    VOLUME_PER_DISTANCE,
)


@unique
class Platform(StrEnum):
    """Kinds of entities."""

    SENSOR = "sensor"
    BINARY_SENSOR = "binary_sensor"
    DEVICE_TRACKER = "device_tracker"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A unit of Home Assistant."""

    symbol: str
    factor: float = 1.0
    """Base units in one unit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """An entity of a vehicle or of an account."""

    id: str
    """Last part of the topic and of the unique id; unique on its device."""
    name: str
    platform: Platform = Platform.SENSOR
    series: Key | None = None
    """The series with the value: of a reading, or of the journal; None if it is derived from several."""
    unit: Unit | None = None
    device_class: str = ""
    state_class: str = ""
    options: tuple[str, ...] = ()
    """States of a sensor of the device class `enum`."""
    problems: tuple[str, ...] = ()
    """States in lower case in which a binary sensor of a state set is on."""
    inverted: bool = False
    """True if a binary sensor is on while its flag is false, as `lock` of Home Assistant: on is unlocked."""
    icon: str = ""
    precision: int | None = None
    """Decimals to show; None if Home Assistant decides."""
    diagnostic: bool = False
    """True if the entity is about the device itself, and is listed apart."""


def _unit(symbol: str, quantity: Quantity, spelling: str) -> Unit:
    return Unit(symbol=symbol, factor=quantity.units[spelling].factor)


PERCENT = _unit("%", RATIO, "%")
KILOMETERS = _unit("km", DISTANCE, "km")
KILOWATT_HOURS = _unit("kWh", ENERGY, "kwh")
KILOMETERS_PER_HOUR = _unit("km/h", SPEED, "km/h")
KILOWATT_HOURS_PER_100_KM = _unit("kWh/100km", ENERGY_PER_DISTANCE, "kwh/100km")
LITERS_PER_100_KM = _unit("L/100 km", VOLUME_PER_DISTANCE, "l/100km")
MINUTES = _unit("min", DURATION, "min")
HOURS = _unit("h", DURATION, "h")
DAYS = _unit("d", DURATION, "days")
HECTOPASCALS = _unit("hPa", PRESSURE, "hpa")
LITERS, WATTS, AMPERES, DEGREES, CELSIUS = (Unit(symbol=symbol) for symbol in ("L", "W", "A", "°", "°C"))
CALLS = Unit(symbol="calls")

MEASUREMENT, INCREASING = "measurement", "total_increasing"
PROBLEM, TIMESTAMP, ENUM = "problem", "timestamp", "enum"


def number(
    id_: str,
    name: str,
    family: Family,
    unit: Unit,
    device_class: str = "",
    *,
    labels: tuple[tuple[str, str], ...] = (),
    state_class: str = MEASUREMENT,
    precision: int | None = 0,
    icon: str = "",
    diagnostic: bool = False,
) -> Entity:
    """Return a sensor with a number."""
    return Entity(
        id=id_,
        name=name,
        series=(family.name, labels),
        unit=unit,
        device_class=device_class,
        state_class=state_class,
        precision=precision,
        icon=icon,
        diagnostic=diagnostic,
    )


def states(id_: str, name: str, family: Family, *, icon: str, diagnostic: bool = False) -> Entity:
    """Return a sensor with a state of a state set."""
    return Entity(
        id=id_,
        name=name,
        series=(family.name, ()),
        device_class=ENUM,
        options=family.states,
        icon=icon,
        diagnostic=diagnostic,
    )


def flag(
    id_: str,
    name: str,
    family: Family,
    device_class: str = PROBLEM,
    *,
    labels: tuple[tuple[str, str], ...] = (),
    problems: tuple[str, ...] = (),
    inverted: bool = False,
    icon: str = "",
    diagnostic: bool = False,
) -> Entity:
    """Return a binary sensor of a flag, or of some states of a state set."""
    return Entity(
        id=id_,
        name=name,
        platform=Platform.BINARY_SENSOR,
        series=(family.name, labels),
        device_class=device_class,
        problems=problems,
        inverted=inverted,
        icon=icon,
        diagnostic=diagnostic,
    )
