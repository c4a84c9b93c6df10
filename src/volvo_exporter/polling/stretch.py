"""Stretch intervals so that the remaining calls suffice until the quota resets. Pure.

The plan for the rest of the day: the present demand for an hour, then parked cars with the trips and
charges of an average day. If that exceeds the remaining calls, slow resources stretch up to six times,
usual ones up to four, then live ones up to ten; then all equally.
Data arrive until the end of the day, however many cars share the key, and live data as often as possible.
"""

import math
from dataclasses import dataclass

PRESENT_SECONDS = 3600.0
"""Seconds for which the present demand is assumed to last. Chosen: the driving of an average day."""
RESERVE_SHARE, LAST_RESERVE_SHARE = 0.03, 0.01
"""Share of the day's calls reserved for logins and events, at the beginning and end of the day; chosen."""
ROUNDING = 1e-9
"""Relative error of sums of floats that is tolerated."""
TOLERANCE = 0.02
"""Relative change below which due times are not recomputed. Chosen: 2 % is not worth the cost."""
MAX_SLOW_STRETCH, MAX_USUAL_STRETCH, MAX_LIVE_STRETCH = 6.0, 4.0, 10.0
"""Largest factors before the next class of resources is stretched. Chosen: live resources of a driving car
are requested at least every 10 minutes before all intervals are stretched equally."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """Calls per second of a plan without a quota: now, and with parked cars."""

    live: float = 0.0
    usual: float = 0.0
    slow: float = 0.0
    live_later: float = 0.0
    """Calls per second for the trips and charges of an average day."""
    usual_parked: float = 0.0
    slow_parked: float = 0.0

    def __add__(self, other: "Demand") -> "Demand":
        """Return the demand of two plans."""
        return Demand(
            live=self.live + other.live,
            usual=self.usual + other.usual,
            slow=self.slow + other.slow,
            live_later=self.live_later + other.live_later,
            usual_parked=self.usual_parked + other.usual_parked,
            slow_parked=self.slow_parked + other.slow_parked,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Factors on the intervals; infinite if nothing may be sent before the quota resets."""

    live: float = 1.0
    usual: float = 1.0
    slow: float = 1.0
    forecast: float = 0.0
    """Calls that will be sent until the quota resets."""

    def is_close_to(self, other: "Stretch") -> bool:
        """Return whether no factor differs by more than `TOLERANCE`."""
        pairs = ((self.live, other.live), (self.usual, other.usual), (self.slow, other.slow))
        return all(math.isclose(ours, theirs, rel_tol=TOLERANCE) for ours, theirs in pairs)


def stretch(demand: Demand, *, calls: float, seconds: float) -> Stretch:
    """Return the factors with which `calls` suffice for `seconds`."""
    if calls <= 0:
        return Stretch(live=math.inf, usual=math.inf, slow=math.inf)
    soon, later = min(seconds, PRESENT_SECONDS), max(0.0, seconds - PRESENT_SECONDS)
    live = demand.live * soon + demand.live_later * later
    usual = demand.usual * soon + demand.usual_parked * later
    slow = demand.slow * soon + demand.slow_parked * later
    by_slow = _factor(slow, calls - live - usual, MAX_SLOW_STRETCH)
    by_usual = _factor(usual, calls - live - slow / by_slow, MAX_USUAL_STRETCH)
    by_live = _factor(live, calls - slow / by_slow - usual / by_usual, MAX_LIVE_STRETCH)
    cost = live / by_live + usual / by_usual + slow / by_slow
    if cost <= calls * (1 + ROUNDING) or cost == 0:
        return Stretch(live=by_live, usual=by_usual, slow=by_slow, forecast=cost)
    more = cost / calls
    return Stretch(live=by_live * more, usual=by_usual * more, slow=by_slow * more, forecast=calls)


def _factor(wanted: float, left: float, most: float) -> float:
    """Return the factor by which to divide `wanted` so that it fits into `left`, at most `most`."""
    if wanted <= left * (1 + ROUNDING) or wanted == 0:
        return 1.0
    return min(wanted / left, most) if left > 0 else most
