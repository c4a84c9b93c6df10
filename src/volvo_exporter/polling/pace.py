"""How often each resource is asked while a car does what: the one table, in multiples of `scrape_interval`.

What moves now is asked five times as often as a parked car; what cannot change waits. Pure.
"""

from collections.abc import Mapping
from types import MappingProxyType

from volvo_exporter.catalogue.model import Resource
from volvo_exporter.polling.activity import Activity, Condition, Event

COLUMNS: Mapping[Activity, int] = MappingProxyType(
    {
        Activity.DRIVING: 0,
        Activity.CHARGING: 1,
        Activity.PLUGGED_IN: 2,
        Activity.PARKED: 3,
        Activity.UNKNOWN: 3,
        Activity.ASLEEP: 4,
    }
)
CLOSELY = 5

# driving, charging, plugged in, parked, asleep; and while looking closely, as after a trip or a door
PACES: Mapping[str, tuple[float, float, float, float, float, float]] = MappingProxyType(
    {
        "engine-status": (0.2, 0.6, 0.6, 0.6, 2, 0.2),
        "doors": (1, 1, 1, 1, 4, 0.2),
        "windows": (2, 4, 4, 4, 12, 1),
        "energy-state": (0.2, 0.2, 1, 4, 6, 0.2),
        "odometer": (0.2, 24, 24, 24, 48, 1),
        "fuel": (0.2, 24, 24, 24, 48, 1),
        "statistics": (0.2, 12, 24, 24, 48, 1),
        # Updated at the end of a trip; some cars tell it while they drive.
        "location": (1, 24, 24, 24, 48, 1),
        "command-accessibility": (6, 12, 12, 12, 12, 6),
        "tyres": (12, 72, 72, 72, 144, 12),
        "warnings": (12, 72, 72, 72, 144, 12),
        "brakes": (12, 72, 72, 72, 144, 12),
        "engine": (12, 72, 72, 72, 144, 12),
        "diagnostics": (12, 72, 72, 72, 144, 12),
        "extended-vehicle-item": (12, 12, 12, 12, 12, 12),
        "weather": (3, 3, 3, 3, 12, 3),
    }
)

UNCHANGING = 288.0
"""What is not named above hardly ever changes: vehicles, their details, capabilities and commands."""

CHECKED = ("tyres", "warnings", "brakes", "engine", "diagnostics")

AT_ONCE: Mapping[Event, tuple[str, ...]] = MappingProxyType(
    {
        # A car checks its lamps and fluids when it is started.
        Event.STARTED: ("doors", "windows", "odometer", "command-accessibility", *CHECKED),
        Event.STOPPED: (
            *("doors", "windows", "energy-state", "odometer", "fuel", "statistics", "location"),
            *("command-accessibility", *CHECKED),
        ),
        Event.CHARGED: ("energy-state", "statistics"),
        Event.CABLE: ("doors", "energy-state"),
        Event.DOOR: ("engine-status", "windows"),
        Event.WOKE: ("engine-status", "doors", "windows", "energy-state", "odometer", "location"),
    }
)
"""What each event changes besides what told of it; read at once."""

TRAILS: Mapping[str, str] = MappingProxyType({"doors": "engine-status"})
"""Asked half an interval after the other, so that somebody who comes to the car is noticed twice as soon."""

STAND_INS = ("fuel", "statistics")
"""What tells charge and range of a car whose energy state does not (plug-in hybrids from before Google)."""

PROMPTED = 0.2
"""How soon after a request the next may be prompted, in multiples of `scrape_interval`."""

LIVE, USUAL = 0.6, 4.0
"""Multiples below the first are live: the last to be stretched; above the second slow: the first."""


def multiple(resource: Resource, condition: Condition, now: float) -> float:
    """The interval of a resource in multiples of `scrape_interval`."""
    paces = PACES.get(resource.name)
    if paces is None:
        return UNCHANGING
    if condition.activity is Activity.CHARGING and condition.signs.classic and resource.name in STAND_INS:
        paces = PACES["energy-state"]
    pace = paces[COLUMNS[condition.activity]]
    return min(pace, paces[CLOSELY]) if now < condition.closely_until else pace


def at_rest(resource: Resource) -> float:
    """The multiple while the car is parked: what the rest of a day is planned with."""
    paces = PACES.get(resource.name)
    return UNCHANGING if paces is None else paces[COLUMNS[Activity.PARKED]]
