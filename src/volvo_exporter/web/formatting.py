"""Values as people say them: per cent, litres, kilometres, days. What is unknown says so. Pure."""

import math

MINUTE = 60.0

NARROW, NO_BREAK = "\u202f", "\u00a0"
"""Spaces at which no line breaks: between thousands, and before a unit."""

USUAL_TANK = 70.0
"""Litres to draw fuel against: the tanks of most Volvos hold 45 to 71."""


def ago(seconds: float) -> str:
    """How long something is past, in words."""
    return "just now" if seconds < MINUTE else f"{duration(seconds)} ago"


def duration(seconds: float) -> str:
    """A length of time in words, in its largest unit."""
    count, name = round(seconds / MINUTE), "minute"
    for many, unit in ((60, "hour"), (24, "day")):
        if count < many:
            break
        count, name = round(count / many), unit
    return f"{count} {name}{'' if count == 1 else 's'}" if count > 0 else "less than a minute"


def short(seconds: float) -> str:
    """Format a length of time up to a day for little room: 45 min, 3 h."""
    minutes = max(1, round(seconds / MINUTE))
    return f"{minutes}{NO_BREAK}min" if minutes < 60 else f"{round(minutes / 60)}{NO_BREAK}h"  # noqa: PLR2004 - minutes of an hour


def hours(seconds: float) -> str:
    """A length of time to the minute, as an arrival is told: 1 h 30 min."""
    minutes = max(1, round(seconds / MINUTE))
    parts = (f"{minutes // 60}{NO_BREAK}h" if minutes >= 60 else "", f"{minutes % 60}{NO_BREAK}min")  # noqa: PLR2004 - minutes of an hour
    return " ".join(part for part in parts if part and not part.startswith(f"0{NO_BREAK}"))


def kilometres(meters: float | None) -> str:
    """A distance in words."""
    return "unknown" if meters is None else f"{grouped(meters / 1000)}{NO_BREAK}km"


def percent(ratio: float | None) -> str:
    """A share of 1 in words."""
    return "unknown" if ratio is None else f"{ratio * 100:.0f}{NO_BREAK}%"


def amount(litres: float | None) -> str:
    """Fuel in words."""
    return "unknown" if litres is None else f"{litres:.1f}{NO_BREAK}l"


def degrees(celsius: float) -> str:
    """A temperature in words."""
    return f"{round(celsius)}{NO_BREAK}°C"


def tank_scale(litres: float) -> float:
    """Up to how many litres a gauge is drawn: the usual tank, or the next ten above what is in it."""
    return max(USUAL_TANK, math.ceil(litres / 10) * 10.0)


def grouped(number: float) -> str:
    """A whole number with its thousands apart."""
    return f"{round(number):,}".replace(",", NARROW)


def titled(name: str) -> str:
    """A name of the metrics in words: front_left_door is "Front left door"."""
    return name.replace("_", " ").capitalize()


def short_vin(shown: str) -> str:
    """The end of a VIN, by which owners know their cars apart; what is masked already stays as it is."""
    return shown if shown.startswith("…") else f"…{shown[-4:]}"
