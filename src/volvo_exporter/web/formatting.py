"""Formats values for the pages: per cent, litres, kilometres, days; None becomes "unknown". Pure."""

import math

MINUTE = 60.0

NARROW, NO_BREAK = "\u202f", "\u00a0"
"""Non-breaking spaces: between thousands, and before a unit."""

TANK_LITRES = 70.0
"""Default scale of the fuel gauge in litres. Chosen: the tanks of most Volvos hold 45 to 71 litres."""


def ago(seconds: float) -> str:
    """Format the age of something in seconds: just now, 2 minutes ago."""
    return "just now" if seconds < MINUTE else f"{duration(seconds)} ago"


def duration(seconds: float) -> str:
    """Format a duration in seconds in its largest unit: 2 hours."""
    count, name = round(seconds / MINUTE), "minute"
    for many, unit in ((60, "hour"), (24, "day")):
        if count < many:
            break
        count, name = round(count / many), unit
    return f"{count} {name}{'' if count == 1 else 's'}" if count > 0 else "less than a minute"


def short(seconds: float) -> str:
    """Format a duration of up to a day in few characters: 45 min, 3 h."""
    minutes = max(1, round(seconds / MINUTE))
    return f"{minutes}{NO_BREAK}min" if minutes < 60 else f"{round(minutes / 60)}{NO_BREAK}h"  # noqa: PLR2004 - minutes of an hour


def hours(seconds: float) -> str:
    """Format a duration in seconds to the minute: 1 h 30 min."""
    minutes = max(1, round(seconds / MINUTE))
    parts = (f"{minutes // 60}{NO_BREAK}h" if minutes >= 60 else "", f"{minutes % 60}{NO_BREAK}min")  # noqa: PLR2004 - minutes of an hour
    return " ".join(part for part in parts if part and not part.startswith(f"0{NO_BREAK}"))


def kilometres(meters: float | None) -> str:
    """Format a distance in meters as kilometres."""
    return "unknown" if meters is None else f"{grouped(meters / 1000)}{NO_BREAK}km"


def percent(ratio: float | None) -> str:
    """Format a ratio (0 to 1) as per cent."""
    return "unknown" if ratio is None else f"{ratio * 100:.0f}{NO_BREAK}%"


def amount(litres: float | None) -> str:
    """Format an amount of fuel in litres."""
    return "unknown" if litres is None else f"{litres:.1f}{NO_BREAK}l"


def degrees(celsius: float) -> str:
    """Format a temperature."""
    return f"{round(celsius)}{NO_BREAK}°C"


def tank_scale(litres: float) -> float:
    """Return the maximum of a fuel gauge: TANK_LITRES, or the next multiple of 10 above the amount."""
    return max(TANK_LITRES, math.ceil(litres / 10) * 10.0)


def grouped(number: float) -> str:
    """Format a whole number with spaces between thousands."""
    return f"{round(number):,}".replace(",", NARROW)


def titled(name: str) -> str:
    """Format a label value as a title: front_left_door becomes "Front left door"."""
    return name.replace("_", " ").capitalize()


def short_vin(shown: str) -> str:
    """Return the last four characters of a VIN as …1234; a masked VIN stays as it is."""
    return shown if shown.startswith("…") else f"…{shown[-4:]}"


def map_link(latitude: float, longitude: float) -> str:
    """Return the address of a map with a mark at a position in degrees."""
    place = f"{latitude:.5f}", f"{longitude:.5f}"
    return "https://www.openstreetmap.org/?mlat={0}&mlon={1}#map=15/{0}/{1}".format(*place)
