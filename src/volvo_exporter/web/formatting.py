"""Formats texts and values for the pages, in the language of the reader and the set units. Pure.

None becomes "unknown", never zero.
"""

import math
from dataclasses import dataclass

from volvo_exporter.catalogue.quantities import JOULES_PER_KWH
from volvo_exporter.web.language import LANGUAGES, load_catalogue
from volvo_exporter.web.units import METRIC, Units

MINUTE = 60.0
MINUTES_PER_HOUR = 60

NARROW, NO_BREAK = "\u202f", "\u00a0"
"""Non-breaking spaces: between thousands, and before a unit."""
NO_VALUE = "\N{EN DASH}"

TANK_LITRES = 70.0
"""Default scale of the fuel gauge in litres. Chosen: the tanks of most Volvos hold 45 to 71 litres."""
MAX_PRECISE = 100
"""Distances from this number of kilometres or miles are shown without decimals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Formatter:
    """Formats for one language and one set of units."""

    language: str = LANGUAGES[0]
    units: Units = METRIC

    def gettext(self, message: str, **values: object) -> str:
        """Return the translation of a message, with the values in place of `%(name)s`."""
        text = load_catalogue(self.language).gettext(message)
        return text % values if values else text

    def ngettext(self, one: str, many: str, count: int, **values: object) -> str:
        """Return the translation that fits a count, which is available as `%(count)s`."""
        return load_catalogue(self.language).ngettext(one, many, count) % {"count": count, **values}

    def ago(self, seconds: float) -> str:
        """Format the age of something in seconds: just now, 2 minutes ago."""
        if seconds < MINUTE:
            return self.gettext("just now")
        count, unit = _largest_unit(seconds)
        match unit:
            case "minute":
                return self.ngettext("%(count)s minute ago", "%(count)s minutes ago", count)
            case "hour":
                return self.ngettext("%(count)s hour ago", "%(count)s hours ago", count)
            case _:
                return self.ngettext("%(count)s day ago", "%(count)s days ago", count)

    def duration(self, seconds: float) -> str:
        """Format a duration in seconds in its largest unit: 2 hours."""
        count, unit = _largest_unit(seconds)
        if count <= 0:
            return self.gettext("less than a minute")
        match unit:
            case "minute":
                return self.ngettext("%(count)s minute", "%(count)s minutes", count)
            case "hour":
                return self.ngettext("%(count)s hour", "%(count)s hours", count)
            case _:
                return self.ngettext("%(count)s day", "%(count)s days", count)

    def hours(self, seconds: float) -> str:
        """Format a duration in seconds to the minute: 1 h 30 min."""
        hours, minutes = divmod(max(1, round(seconds / MINUTE)), MINUTES_PER_HOUR)
        parts = (f"{hours}{NO_BREAK}h" if hours else "", f"{minutes}{NO_BREAK}min" if minutes else "")
        return " ".join(filter(None, parts))

    def distance(self, meters: float | None) -> str:
        """Format a distance in whole kilometres or miles."""
        return self._unless_unknown(meters, self.units.meters, self.units.distance)

    def trip(self, meters: float | None) -> str:
        """Format the distance of a drive: with one decimal if it is short."""
        value = (meters or 0.0) / self.units.meters
        digits = 0 if value >= MAX_PRECISE or value == int(value) else 1
        return self._unless_unknown(meters, self.units.meters, self.units.distance, digits)

    def volume(self, liters: float | None, digits: int = 1) -> str:
        """Format an amount of fuel in liters or gallons."""
        return self._unless_unknown(liters, self.units.liters, self.units.volume, digits)

    def energy(self, joules: float | None) -> str:
        """Format an energy in kWh."""
        return self._unless_unknown(joules, JOULES_PER_KWH, "kWh", 1)

    def power(self, watts: float | None) -> str:
        """Format a power in kW."""
        return self._unless_unknown(watts, 1000.0, "kW", 1)

    def percent(self, ratio: float | None) -> str:
        """Format a ratio (0 to 1) as per cent."""
        return self._unless_unknown(ratio, 0.01, "%")

    def temperature(self, celsius: float) -> str:
        """Format a temperature."""
        value = celsius * self.units.degrees + self.units.freezing
        return f"{round(value)}{NO_BREAK}{self.units.temperature}"

    def consumption(self, joules_per_meter: float) -> str:
        """Format a consumption: kWh per 100 kilometres or miles."""
        value = joules_per_meter * 100 * self.units.meters / JOULES_PER_KWH
        return f"{self.number(value, 1)}{NO_BREAK}kWh/100{NO_BREAK}{self.units.distance}"

    def number(self, value: float, digits: int = 0) -> str:
        """Format a number with the separators of the language."""
        rounded = round(value, digits) + 0.0  # without the sign of a zero
        text = f"{rounded:,.{digits}f}"
        whole, _, decimals = text.replace(",", NARROW).partition(".")
        point = "." if self.language == LANGUAGES[0] else ","
        return f"{whole}{point}{decimals}" if decimals else whole

    def _unless_unknown(self, value: float | None, size: float, unit: str, digits: int = 0) -> str:
        if value is None:
            return self.gettext("unknown")
        return f"{self.number(value / size, digits)}{NO_BREAK}{unit}"


ENGLISH = Formatter()
"""For the log, the terminal and the JSON API, which are not translated."""


def duration(seconds: float) -> str:
    """Format a duration in seconds in English: 2 hours."""
    return ENGLISH.duration(seconds)


def grouped(number: float) -> str:
    """Format a whole number in English, with spaces between thousands."""
    return ENGLISH.number(number)


def tank_scale(litres: float) -> float:
    """Return the maximum of a fuel gauge: TANK_LITRES, or the next multiple of 10 above the amount."""
    return max(TANK_LITRES, math.ceil(litres / 10) * 10.0)


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


def _largest_unit(seconds: float) -> tuple[int, str]:
    """Return a duration as a count of its largest unit."""
    count, name = round(seconds / MINUTE), "minute"
    for many, unit in ((60, "hour"), (24, "day")):
        if count < many:
            break
        count, name = round(count / many), unit
    return count, name
