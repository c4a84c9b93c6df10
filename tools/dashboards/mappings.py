"""States in words and colours: what the numbers of states and flags mean on a dashboard."""

from volvo_exporter.catalogue.model import Family

GOOD, WARN, BAD, BUSY, REST, DIM = "green", "orange", "red", "blue", "purple", "#808080"

Words = tuple[tuple[int, str, str], ...]
"""Value, text and colour."""

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
    "fault": WARN,
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
"""The colour of each state; a new state of the catalogue needs one."""

SERVICE_COLOURS = {"almost_time_for_service": "yellow", "overdue_for_service": BAD, "time_for_service": WARN}
"""Colours by the end of a state of the service reminder; the first that fits decides."""


def colour_of(state: str) -> str:
    """The colour of a state."""
    for end, colour in SERVICE_COLOURS.items():
        if state.endswith(end):
            return colour
    return COLOURS[state]


def text_of(state: str) -> str:
    """A state as people write it."""
    return state.upper() if state in ("ac", "dc") else state.replace("_", " ").capitalize()


def words_of(family: Family) -> Words:
    """The words of a state set, numbered from 1 as `dashboard_model.state` does."""
    return tuple((place, text_of(state), colour_of(state)) for place, state in enumerate(family.states, 1))


def either(no: str, no_colour: str, yes: str, yes_colour: str) -> Words:
    """The words of a flag."""
    return ((0, no, no_colour), (1, yes, yes_colour))


OPEN = either("Closed", GOOD, "Open", WARN)
LOCKED = either("Unlocked", WARN, "Locked", GOOD)
RUNNING = either("Off", DIM, "Running", BUSY)
REACHABLE = either("Out of reach", WARN, "Reachable", GOOD)
LAMP = either("Fine", GOOD, "Failed", BAD)
LOW = either("Fine", GOOD, "Low", BAD)
ANSWERED = either("Failing", BAD, "Answers", GOOD)
UP = either("Down", BAD, "Up", GOOD)
LOGIN = either("Logged in", GOOD, "Log in again", BAD)
SUPPORTED = either("No", DIM, "Yes", GOOD)
