"""Makes the calls that are left last until the quota is replenished. Pure.

The plan for the rest of the day: the present demand for an hour, then cars at rest but for the trips and
charges of an average day. If that is more than what is left, slow resources stretch up to six times,
usual ones up to four, then live ones; then all alike.
So the day ends with data, however many cars share the key, and live data come as often as the rest allows.
"""

import math
from dataclasses import dataclass

PRESENT = 3600.0
"""Seconds for which the present demand is assumed to last."""
RESERVE, LAST_RESERVE = 0.03, 0.01
"""Share of the day's calls kept for logins and for what is read at once, at its beginning and end."""
ROUNDING = 1e-9
TOLERANCE = 0.02
"""A change of all due times for less than 2 % would cost more than it saves."""
MOST_SLOW, MOST_USUAL, MOST_LIVE = 6.0, 4.0, 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """Calls a second that a plan would like to send: now, and with its cars at rest."""

    live: float = 0.0
    usual: float = 0.0
    slow: float = 0.0
    live_later: float = 0.0
    """What trips and charges of an average day come to."""
    usual_at_rest: float = 0.0
    slow_at_rest: float = 0.0

    def __add__(self, other: "Demand") -> "Demand":
        """The demand of two plans."""
        return Demand(
            live=self.live + other.live,
            usual=self.usual + other.usual,
            slow=self.slow + other.slow,
            live_later=self.live_later + other.live_later,
            usual_at_rest=self.usual_at_rest + other.usual_at_rest,
            slow_at_rest=self.slow_at_rest + other.slow_at_rest,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Factors on the intervals; infinite where nothing may be sent before the quota is replenished."""

    live: float = 1.0
    usual: float = 1.0
    slow: float = 1.0
    forecast: float = 0.0
    """Calls that will be sent until the quota is replenished."""

    def is_close_to(self, other: "Stretch") -> bool:
        """Return whether no factor differs by more than `TOLERANCE`."""
        pairs = ((self.live, other.live), (self.usual, other.usual), (self.slow, other.slow))
        return all(math.isclose(ours, theirs, rel_tol=TOLERANCE) for ours, theirs in pairs)


def stretch(demand: Demand, *, calls: float, seconds: float) -> Stretch:
    """How much to stretch so that `calls` last for `seconds`."""
    if calls <= 0:
        return Stretch(live=math.inf, usual=math.inf, slow=math.inf)
    soon, later = min(seconds, PRESENT), max(0.0, seconds - PRESENT)
    live = demand.live * soon + demand.live_later * later
    usual = demand.usual * soon + demand.usual_at_rest * later
    slow = demand.slow * soon + demand.slow_at_rest * later
    by_slow = _factor(slow, calls - live - usual, MOST_SLOW)
    by_usual = _factor(usual, calls - live - slow / by_slow, MOST_USUAL)
    by_live = _factor(live, calls - slow / by_slow - usual / by_usual, MOST_LIVE)
    cost = live / by_live + usual / by_usual + slow / by_slow
    if cost <= calls * (1 + ROUNDING) or cost == 0:
        return Stretch(live=by_live, usual=by_usual, slow=by_slow, forecast=cost)
    more = cost / calls
    return Stretch(live=by_live * more, usual=by_usual * more, slow=by_slow * more, forecast=calls)


def _factor(wanted: float, left: float, most: float) -> float:
    """By how much to divide what is wanted so that it fits into what is left."""
    if wanted <= left * (1 + ROUNDING) or wanted == 0:
        return 1.0
    return min(wanted / left, most) if left > 0 else most
