"""Value mappings and colours: texts and colours of states, flags, charge types and alerts."""

from volvo_exporter.catalogue.alerts.model import Severity
from volvo_exporter.catalogue.alerts.table import GROUPS
from volvo_exporter.catalogue.model import Family

GOOD, WARN, BAD, BUSY, REST, DIM = "green", "orange", "red", "blue", "purple", "#808080"
CHARGE_COLOUR, TARGET_COLOUR, FUEL_COLOUR, TEMPERATURE_COLOUR = "green", "purple", "orange", "light-blue"
AC_COLOUR, DC_COLOUR = "blue", "purple"
SEVERITY_COLOURS = {Severity.CRITICAL: BAD, Severity.WARNING: WARN, Severity.INFO: BUSY}

ValueMappings = tuple[tuple[int | str, str, str], ...]
"""Value, text and colour of each mapping."""

COLOURS = {
    "driving": BUSY,
    "charging": GOOD,
    "plugged_in": REST,
    "parked": DIM,
    "asleep": "dark-blue",
    "idle": DIM,
    "scheduled": REST,
    "discharging": WARN,
    "error": BAD,
    "done": BUSY,
    "connected": GOOD,
    "disconnected": DIM,
    "fault": DIM,
    "ac": BUSY,
    "dc": REST,
    "none": DIM,
    "no_power_available": DIM,
    "power_available_but_not_activated": REST,
    "providing_power": GOOD,
    "initialization": BUSY,
    "no_warning": GOOD,
    "very_low_pressure": BAD,
    "low_pressure": WARN,
    "high_pressure": WARN,
    "service_required": WARN,
    "too_low": BAD,
    "too_high": BAD,
    "unknown_warning": WARN,
    "no_internet": WARN,
    "power_saving_mode": "dark-blue",
    "car_in_use": BUSY,
    "ota_installation_in_progress": REST,
    "stolen_vehicle_tracking_in_progress": BAD,
    "service_mode_active": WARN,
    "calendar_time": BUSY,
    "distance": BUSY,
    "engine_hours": BUSY,
}
"""Colour of each state; a new state of the catalogue requires an entry."""

SERVICE_COLOURS = {"almost_time_for_service": "yellow", "overdue_for_service": BAD, "time_for_service": WARN}
"""Colours by suffix of a service reminder's state; the first match is used."""


def choose_colour(state: str) -> str:
    """Return the colour of a state; raises KeyError for a state without one."""
    for end, colour in SERVICE_COLOURS.items():
        if state.endswith(end):
            return colour
    return COLOURS[state]


def format_state(state: str) -> str:
    """Return the text of a state: sentence case without underscores."""
    return state.upper() if state in ("ac", "dc") else state.replace("_", " ").capitalize()


def map_states(family: Family) -> ValueMappings:
    """Return the mappings of a state set, numbered from 1 as by `tools.dashboards.model.state`."""
    return tuple(
        (place, format_state(state), choose_colour(state)) for place, state in enumerate(family.states, 1)
    )


def map_flag(no: str, no_colour: str, yes: str, yes_colour: str) -> ValueMappings:
    """Return the mappings of a flag."""
    return ((0, no, no_colour), (1, yes, yes_colour))


OPEN = map_flag("Closed", GOOD, "Open", WARN)
LOCKED = map_flag("Unlocked", WARN, "Locked", GOOD)
RUNNING = map_flag("Off", DIM, "Running", BUSY)
REACHABLE = map_flag("Out of reach", DIM, "Reachable", GOOD)
LAMP = map_flag("OK", GOOD, "Failed", BAD)
LOW = map_flag("OK", GOOD, "Low", BAD)
ANSWERED = map_flag("Failing", BAD, "OK", GOOD)
UP = map_flag("Down", BAD, "Up", GOOD)
LOGIN = map_flag("Logged in", GOOD, "Login required", BAD)
LOCK = (*LOCKED, (2, "Unlocked, driving", DIM), (3, "Locked, driving", DIM))
"""Of the lock plus 2 while the car drives: a car that is driven is usually unlocked."""

CHARGE_TYPES = (("ac", "AC", AC_COLOUR), ("dc", "DC", DC_COLOUR), ("unknown", "Unknown", DIM))
ALERTS = tuple(
    (alert.name, alert.condition.removesuffix("."), SEVERITY_COLOURS[alert.severity])
    for group in GROUPS
    for alert in group.alerts
)
