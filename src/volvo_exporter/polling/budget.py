"""The quota of one API key as a plan: what was used, what is left, and how to make it last.

The cars and accounts on a key share it: all their intervals stretch by the same factors.
"""

import math
from collections.abc import Callable

from volvo_exporter.polling import quota as rules
from volvo_exporter.polling.ledger import Ledger
from volvo_exporter.polling.plan import Plan
from volvo_exporter.polling.quota import Quota
from volvo_exporter.polling.stretch import LAST_RESERVE, RESERVE, Demand, Stretch, stretch

SAVED_EVERY = 10
PLANNED_EVERY = 10.0


class Budget:
    """The quota of a key and the plans that live on it.

    Args:
        quota: The limits.
        key: The API key, of which only a hash is written.
        ledger: Keeps the count; None for none.
    """

    def __init__(self, quota: Quota, *, key: str = "", ledger: Ledger | None = None) -> None:
        self.quota = ledger.read(key, quota) if ledger else quota
        self.plans: list[Plan] = []
        self.stretch = Stretch()
        self._key = key
        self._ledger = ledger
        self._unsaved = 0
        self._planned = -math.inf
        self._plan_ends = -math.inf
        self._watchers: list[Callable[[], None]] = []

    def watch(self, wake: Callable[[], None]) -> None:
        """Call `wake` when requests may be sent earlier than `open_at` returned before."""
        self._watchers.append(wake)

    def spend(self, now: float) -> None:
        """Count a request that is being sent."""
        self.quota = rules.spend(self.quota, now)
        self._unsaved += 1
        if self._unsaved % SAVED_EVERY == 0:
            self.save(now)

    def exhaust(self, now: float, until: float | None) -> None:
        """Pause until the reset that Volvo announced."""
        self.quota = rules.exhaust(self.quota, now, until)
        self._plan_ends = -math.inf
        self.save(now)

    def throttle(self, now: float, until: float | None) -> None:
        """Pause because Volvo reports that the calls came too fast."""
        self.quota = rules.throttle(self.quota, now, until)

    @property
    def refused(self) -> bool:
        """Whether Volvo has refused a call because of a limit and answered none since."""
        return self.quota.refused_at != 0

    def confirm(self, sent: float) -> None:
        """Resume, because a call that was sent at `sent` was not refused because of a limit."""
        quota = rules.confirm(self.quota, sent)
        if quota is not self.quota:
            self.quota = quota
            for wake in self._watchers:
                wake()

    def open_at(self, now: float) -> float:
        """The earliest time at which a request may be sent."""
        return rules.open_at(self.quota, now)

    def save(self, now: float) -> None:
        """Add the calls since the last time to the file, and count those of other processes."""
        merged = self._ledger and self._ledger.add(self._key, self.quota, unsaved=self._unsaved, now=now)
        if merged:
            self.quota, self._unsaved = merged, 0

    def plan(self, now: float) -> None:
        """Stretch the intervals of all plans so that what is left lasts; often enough to follow the cars."""
        if self._planned <= now < self._plan_ends:
            return
        self._planned, self._plan_ends = now, min(now + PLANNED_EVERY, rules.resets_at(self.quota, now))
        demand = sum((plan.demand() for plan in self.plans), Demand())
        seconds = rules.resets_at(self.quota, now) - now
        # The reserve melts with the day, so that the day ends with data and not with a reserve.
        left = min(1.0, seconds / rules.DAY)
        reserve = self.quota.limit * (LAST_RESERVE + (RESERVE - LAST_RESERVE) * left)
        calls = rules.remaining(self.quota, now) - reserve
        self.stretch = stretch(demand, calls=calls, seconds=seconds)
        for plan in self.plans:
            plan.adopt(self.stretch, now)

    def resets_at(self, now: float) -> float:
        """When the quota resets, which changes the intervals of all plans."""
        return rules.resets_at(self.quota, now)

    def forecast(self, now: float) -> int:
        """Calls that will have been used when the quota is replenished."""
        return round(rules.roll(self.quota, now).used + self.stretch.forecast)
