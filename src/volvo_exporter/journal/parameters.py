"""Thresholds of the derivation, each with its evidence, and their fingerprint."""

import hashlib
from dataclasses import astuple, dataclass, fields, replace

from volvo_exporter.journal.events import Derivation, Range

VERSION = 1
"""Of the algorithm. Increase it with each change of what is derived from the same log."""
HOUR = 3600.0

KWH_PER_100KM = 36.0
"""In joules per meter."""
ELECTRIC_CONSUMPTION = Range(low=13 * KWH_PER_100KM, estimate=21 * KWH_PER_100KM, high=35 * KWH_PER_100KM)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """Thresholds in base units. A change of one changes the fingerprint of every event."""

    max_upload_lag_seconds: float = 120.0
    """An event reaches the cloud at most so late. No public source gives the lag of real cars."""
    max_clock_skew_seconds: float = 120.0
    """A time of the car that is further ahead of its arrival is not used."""
    single_cycle_seconds: float = 900.0
    """Between two answers so close together the engine starts or stops once at most: two drives with a stop
    of five minutes between them take longer."""
    settle_seconds: float = 900.0
    """What is read so long after the last activity still belongs to it (runsten-app/runsten: 15 min)."""
    short_stop_seconds: float = 300.0
    """A stop that is certainly shorter is part of a drive."""
    max_silence_seconds: float = 12 * HOUR
    """A car that reports RUNNING and nothing else for so long has lost its connection."""
    max_chapter_seconds: float = 24 * HOUR
    """Signs of activity that follow each other for longer, as those of a car that reports STOPPED anew every
    ten minutes, do not keep events from being settled."""
    odometer_wait_seconds: float = 6 * HOUR
    """How long a drive waits for its distance where no odometer was received since it began."""
    max_speed: float = 70.0
    """Meters per second. An odometer that rises faster is not believed."""
    min_position_change_meters: float = 150.0
    """Less is inaccuracy of the position."""
    charge_resolution: float = 0.01
    """Whole points. Of a difference also where the car rounds: half a point at each end."""
    min_charge_rise: float = 0.02
    """A smaller rise of the state of charge at rest does not prove a charge (runsten-app/runsten)."""
    min_rise_beside_drive: float = 0.1
    """A smaller rise across a drive may be recuperation."""
    max_charge_pause_seconds: float = 3 * HOUR
    """A longer pause separates two charges of a plug session: the evening's and that of the night tariff."""
    max_power_gap_seconds: float = 180.0
    """Charging power is interpolated between answers no further apart (runsten-app/runsten)."""
    min_refuel_liters: float = 3.0
    """From michael-lenz/ha-vledger. A level may rise by one or two percent without refuelling
    (tillsteinbach/VWsFriend)."""
    min_refuel_share: float = 0.05
    """Of the largest level seen."""
    fuel_resolution_liters: float = 0.5
    """Half-width of a level."""
    max_fuel_consumption: float = 0.15 / 1000
    """Liters per meter that a drive between two levels used at most."""
    min_standing_seconds: float = HOUR
    """Shorter standing periods are left out."""
    electric_consumption: Range = ELECTRIC_CONSUMPTION
    """Joules per meter of a plug-in hybrid in town in summer and on a motorway in winter."""
    integrates_power: bool = True
    """False where seconds of the log are not those of the car, so that watts times seconds are not joules."""
    usable_battery_capacity_joules: float | None = None
    """As set by the user; None takes the catalogue's."""

    def accelerated(self, speed: float) -> "Parameters":
        """Return the thresholds for simulated cars whose time passes faster than that of the exporter.

        Charging power is not integrated then: its joules belong to simulated seconds.
        """
        if speed == 1:
            return self
        scaled = {
            field.name: getattr(self, field.name) / speed
            for field in fields(self)
            if field.name.endswith("_seconds")
        }
        return replace(self, **scaled, max_speed=self.max_speed * speed, integrates_power=False)

    @property
    def fingerprint(self) -> str:
        """Return a short digest of all thresholds."""
        return _digest(astuple(self))


def derivation_of(parameters: Parameters, capacity: Range | None) -> Derivation:
    """Return what events with this usable capacity are derived with."""
    digest = _digest((parameters.fingerprint, None if capacity is None else astuple(capacity)))
    return Derivation(version=VERSION, parameters=digest)


def _digest(value: object) -> str:
    return hashlib.sha256(repr(value).encode()).hexdigest()[:12]
