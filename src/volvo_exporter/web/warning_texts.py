"""Texts of warnings for the status page and the JSON API. Pure."""

from typing import assert_never

from volvo_exporter.vehicles.warnings import Kind, VehicleWarning
from volvo_exporter.web.formatting import titled

LIDS = ("hood", "tailgate", "tank_lid", "sunroof")
"""Parts that are neither a door nor a window."""
SERVICE_DUE = (
    ("_almost_time_for_service", "Service is due soon"),
    ("_overdue_for_service", "Service is overdue"),
    ("_time_for_service", "Service is due"),
)
"""Text by the suffix of a state of the service reminder; the first match is used."""


def describe(item: VehicleWarning) -> str:
    """Return the text of a warning."""
    words = _words(item.state)
    match item.kind:
        case Kind.DOOR_OPEN | Kind.WINDOW_OPEN:
            text = f"{titled(part(item.place, item.kind.value.removesuffix('_open')))} is open"
        case Kind.BRAKE_FLUID_LOW | Kind.COOLANT_LOW | Kind.WASHER_FLUID_LOW:
            text = f"{titled(item.kind.value.removesuffix('_low'))} is low"
        case Kind.UNLOCKED:
            text = "Not locked"
        case Kind.LAMP_FAILED:
            text = f"{titled(item.place)} has failed"
        case Kind.TYRE_PRESSURE:
            text = f"{titled(part(item.place, 'tyre'))}: {words}"
        case Kind.OIL_LEVEL:
            text = f"Oil: {words}"
        case Kind.SERVICE:
            text = _service(item.state)
        case Kind.UNREACHABLE:
            text = f"The car cannot be reached{f' ({words})' if words else ''}"
        case _:
            assert_never(item.kind)
    return text


def part(place: str, what: str) -> str:
    """Return the name of a door, window or tyre in the drawing; lids keep their label value."""
    return place if place in LIDS else f"{place}_{what}"


def _service(state: str) -> str:
    for end, words in SERVICE_DUE:
        if state.endswith(end):
            return f"{words} ({_words(state.removesuffix(end))})"
    return f"Service: {_words(state)}"


def _words(state: str) -> str:
    return state.replace("_", " ")
