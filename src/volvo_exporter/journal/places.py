"""The distance between two positions. Pure."""

from math import cos, hypot, radians

from volvo_exporter.journal.events import Place

METERS_PER_DEGREE = 111_200.0


def distance_meters(here: Place, there: Place) -> float:
    """Return the length of the straight line between two places; exact enough for some hundred meters."""
    north = there.latitude - here.latitude
    east = (there.longitude - here.longitude + 180) % 360 - 180
    return METERS_PER_DEGREE * hypot(north, east * cos(radians(here.latitude)))
