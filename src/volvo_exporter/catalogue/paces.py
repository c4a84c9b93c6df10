"""Paces that several resources share, in multiples of `scrape_interval`.

Values that change now are requested more often than while the car is parked; values that cannot change are
requested rarely. docs/polling.md shows the result in minutes and calls.
"""

from volvo_exporter.catalogue.model import Event, Pace


def steady(multiple: float) -> Pace:
    """Return a pace that does not depend on the activity."""
    return Pace(
        driving=multiple,
        charging=multiple,
        plugged_in=multiple,
        parked=multiple,
        asleep=multiple,
        watched=multiple,
    )


DAILY = steady(288)
"""Once a day at the default `scrape_interval`: vehicles of the account, their details and capabilities."""
ENERGY = Pace(driving=0.2, charging=0.2, plugged_in=1, parked=4, asleep=6, watched=0.2)
CHECKED_AT_START = Pace(driving=12, charging=72, plugged_in=72, parked=72, asleep=144, watched=12)
"""Values that a car checks when it is started: lamps, tyres, fluids, service."""

DRIVE_EVENTS = frozenset({Event.DRIVE_STARTED, Event.DRIVE_ENDED})
