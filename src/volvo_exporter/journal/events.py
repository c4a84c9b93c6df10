"""Drives, charges, plug sessions, refuellings and standing periods. Types only; times are Unix seconds."""

from dataclasses import dataclass
from enum import StrEnum, unique


@unique
class Flag(StrEnum):
    """How an event is known; an event has a set of them."""

    OBSERVED = "observed"
    """The exporter saw it while it happened."""
    RECONSTRUCTED = "reconstructed"
    """Not polled while it happened; odometer, level or a newer timestamp prove it."""
    GAP = "gap"
    """The exporter received nothing during a part of it."""
    ESTIMATED = "estimated"
    """A part of its numbers is shared out or computed, not measured."""
    MERGED = "merged"
    """It contains a short stop, or a pause of the charging."""
    USER = "user"
    """A user corrected it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """The earliest and the latest possible moment of something."""

    earliest: float
    latest: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """An estimate in base units with bounds that contain the true value."""

    low: float
    estimate: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A position in degrees, as exact as `privacy` allows."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Derivation:
    """What an event was derived with."""

    version: int
    """Of the algorithm."""
    parameters: str
    """Fingerprint of the parameters, capacity included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drive:
    """A movement of the car. None is unknown."""

    vin: str
    start: Interval
    end: Interval
    flags: frozenset[Flag]
    distance_meters: float
    """Conserved: all drives and `unattributed` distances add up to the difference of the odometer."""
    odometer_start_meters: float | None = None
    odometer_end_meters: float | None = None
    charge_start_ratio: float | None = None
    charge_end_ratio: float | None = None
    energy_joules: Range | None = None
    """From the state of charge and the usable capacity; negative where recuperation charged more."""
    fuel_liters: Range | None = None
    electric_meters: Range | None = None
    """An estimate for plug-in hybrids."""
    car_consumption_joules_per_meter: float | None = None
    """The car's own average, where its automatic trip meter covers this drive alone."""
    start_place: Place | None = None
    end_place: Place | None = None
    stops: tuple[Interval, ...] = ()
    """Stops too short to separate two drives."""
    note: str = ""
    tags: tuple[str, ...] = ()
    derivation: Derivation


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeEnergy:
    """Three figures for the same energy, in joules; never averaged."""

    charge: Range | None = None
    """From the state of charge and the usable capacity."""
    power: Range | None = None
    """From the reported charging power."""
    receipt: Range | None = None
    """As billed, entered by a user."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """One charge; it lies in one plug session."""

    vin: str
    start: Interval
    end: Interval
    flags: frozenset[Flag]
    type: str = "unknown"
    """ac, dc or unknown."""
    charge_start_ratio: float | None = None
    charge_end_ratio: float | None = None
    energy: ChargeEnergy = ChargeEnergy()
    max_power_watts: float | None = None
    odometer_meters: float | None = None
    place: Place | None = None
    plug_start: Interval | None = None
    """Start of the plug session; None where the connection is not reported."""
    note: str = ""
    tags: tuple[str, ...] = ()
    derivation: Derivation


@dataclass(frozen=True, slots=True, kw_only=True)
class PlugSession:
    """The time from connecting a cable to disconnecting it."""

    vin: str
    start: Interval
    end: Interval
    flags: frozenset[Flag]
    charges: int = 0
    derivation: Derivation


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuel:
    """Fuel was added, at some moment from `start.earliest` to `end.latest`."""

    vin: str
    start: Interval
    end: Interval
    flags: frozenset[Flag]
    liters: Range
    receipt_liters: float | None = None
    level_start_liters: float | None = None
    level_end_liters: float | None = None
    odometer_meters: float | None = None
    place: Place | None = None
    note: str = ""
    tags: tuple[str, ...] = ()
    derivation: Derivation


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The car stood still and was not charged."""

    vin: str
    start: Interval
    end: Interval
    flags: frozenset[Flag]
    charge_start_ratio: float | None = None
    charge_end_ratio: float | None = None
    loss_joules: Range | None = None
    place: Place | None = None
    derivation: Derivation


@dataclass(frozen=True, slots=True, kw_only=True)
class Unattributed:
    """Distance on the odometer that belongs to no drive."""

    vin: str
    start: Interval
    end: Interval
    flags: frozenset[Flag]
    distance_meters: float
    odometer_start_meters: float
    odometer_end_meters: float
    derivation: Derivation


Event = Drive | Charge | PlugSession | Refuel | Standing | Unattributed
