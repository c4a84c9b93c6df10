"""The interval of each resource by activity, in multiples of `scrape_interval`. Pure."""

from volvo_exporter.catalogue.model import Activity, Resource
from volvo_exporter.vehicles.activity import ActivityState

MIN_PROMPTED_MULTIPLE = 0.2
"""Shortest interval before a request that an event causes, in multiples of `scrape_interval`; chosen."""

LIVE_BELOW, USUAL_UP_TO = 0.6, 4.0
"""Multiples below the first are live and stretched last, those above the second slow and stretched first.
Chosen: they separate requests in a minute or two, within 20 minutes, and later at the default interval."""


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


def parked_multiple(resource: Resource) -> float:
    """Return the multiple while the vehicle is parked, which is used to plan the rest of a day."""
    return resource.pace.parked
