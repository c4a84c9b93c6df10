"""The interval of each resource while a vehicle does what: the catalogue's paces as multiples. Pure."""

from volvo_exporter.catalogue.model import Activity, Resource
from volvo_exporter.vehicles.activity import ActivityState

PROMPTED = 0.2
"""Least interval before a request that an event causes, in multiples of `scrape_interval`."""

LIVE, USUAL = 0.6, 4.0
"""Multiples below the first are live and stretched last, those above the second slow and stretched first."""


def multiple(resource: Resource, state: ActivityState, now: float, *, silent: bool = False) -> float:
    """Return the interval of a resource in multiples of `scrape_interval`.

    `silent` is True where the vehicle is known not to update the resource during a drive.
    """
    pace = resource.pace
    is_sole_source = state.activity is Activity.CHARGING and state.observation.charge_by_fallback
    if is_sole_source and resource.sole_source_pace is not None:
        pace = resource.sole_source_pace
    is_pointless = silent and state.activity is Activity.DRIVING
    usual = pace.parked if is_pointless else pace.of(state.activity)
    return min(usual, pace.watched) if now < state.watched_until else usual


def at_rest(resource: Resource) -> float:
    """Return the multiple while the vehicle is parked, with which the rest of a day is planned."""
    return resource.pace.parked
