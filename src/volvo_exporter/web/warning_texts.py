"""Texts of warnings for the status page and, in English, the JSON API. Pure."""

from typing import assert_never

from volvo_exporter.vehicles.warnings import Kind, VehicleWarning
from volvo_exporter.web.formatting import ENGLISH, Formatter
from volvo_exporter.web.language import mark
from volvo_exporter.web.names import name_part, name_state

LIDS = ("hood", "tailgate", "tank_lid", "sunroof")
"""Parts that are neither a door nor a window."""
SERVICE_DUE = (
    ("_almost_time_for_service", mark("Service is due soon")),
    ("_overdue_for_service", mark("Service is overdue")),
    ("_time_for_service", mark("Service is due")),
)
"""Text by the suffix of a state of the service reminder; the first match is used."""


def describe(item: VehicleWarning, f: Formatter = ENGLISH) -> str:
    """Return the text of a warning."""
    state = name_state(item.state, f)
    match item.kind:
        case Kind.DOOR_OPEN | Kind.WINDOW_OPEN:
            name = name_part(part(item.place, item.kind.value.removesuffix("_open")), f)
            text = f.gettext("%(part)s is open", part=name)
        case Kind.BRAKE_FLUID_LOW | Kind.COOLANT_LOW | Kind.WASHER_FLUID_LOW:
            text = f.gettext("%(part)s is low", part=name_part(item.kind.value.removesuffix("_low"), f))
        case Kind.UNLOCKED:
            text = f.gettext("Not locked")
        case Kind.LAMP_FAILED:
            text = f.gettext("%(part)s has failed", part=name_part(item.place, f))
        case Kind.TYRE_PRESSURE:
            text = f"{name_part(part(item.place, 'tyre'), f)}: {state}"
        case Kind.OIL_LEVEL:
            text = f.gettext("Oil: %(state)s", state=state)
        case Kind.SERVICE:
            text = _service(item.state, f)
        case Kind.UNREACHABLE:
            text = f.gettext("The car cannot be reached") + (f" ({state})" if state else "")
        case _:
            assert_never(item.kind)
    return text


def part(place: str, what: str) -> str:
    """Return the name of a door, window or tyre in the drawing; lids keep their label value."""
    return place if place in LIDS else f"{place}_{what}"


def _service(state: str, f: Formatter) -> str:
    for end, message in SERVICE_DUE:
        if state.endswith(end):
            return f"{f.gettext(message)} ({name_state(state.removesuffix(end), f)})"
    return f.gettext("Service: %(state)s", state=name_state(state, f))
