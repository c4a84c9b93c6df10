"""The quota of one API key: calls used, calls left, and longer intervals so that they suffice.

The cars and accounts on a key share it: all their intervals stretch by the same factors.
"""

import math
from collections import Counter
from collections.abc import Callable, Mapping

import structlog

from volvo_exporter.catalogue.model import Api
from volvo_exporter.polling import quota as rules
from volvo_exporter.polling.ledger import Ledger
from volvo_exporter.polling.plan import Plan
from volvo_exporter.polling.quota import Quota
from volvo_exporter.polling.stretch import LAST_RESERVE_SHARE, RESERVE_SHARE, Demand, Stretch, stretch

SAVE_EVERY_CALLS = 10
"""Calls between two writes of the state file. Chosen: a crash loses at most 0.1 % of the daily quota."""
PLAN_SECONDS = 10.0
"""Seconds between two computations of the stretch. Chosen: less than the shortest interval."""


class Budget:
    """The quota of a key and the plans that share it.

    Args:
        quota: The limits.
        key: The API key, of which only a hash is written.
        ledger: Stores the count; None to store nothing.
    """

    def __init__(self, quota: Quota, *, key: str = "", ledger: Ledger | None = None) -> None:
        self.quota = ledger.read(key, quota) if ledger else quota
        self.plans: list[Plan] = []
        self.stretches: Mapping[Api, Stretch] = dict.fromkeys(Api, Stretch())
        """The factors for the resources of each API; APIs that share a day have the same."""
        self._key = key
        self._ledger = ledger
        self._unsaved: Counter[Api] = Counter()
        self._planned = -math.inf
        self._plan_ends = -math.inf
        self._watchers: list[Callable[[], None]] = []
        self._log = structlog.get_logger()

    def watch(self, wake: Callable[[], None]) -> None:
        """Call `wake` when requests may be sent earlier than `open_at` returned before."""
        self._watchers.append(wake)

    def spend(self, api: Api, now: float) -> None:
        """Count a request that is being sent; APIs without a quota are not counted."""
        if not api.metered:
            return
        self.quota = rules.spend(self.quota, api, now)
        self._unsaved[api] += 1
        if self._unsaved.total() % SAVE_EVERY_CALLS == 0:
            self.save(now)

    def exhaust(self, api: Api, now: float, until: float | None) -> None:
        """Pause until the reset that Volvo announced."""
        self._learn(rules.exhaust(self.quota, api, now, until))
        self._plan_ends = -math.inf
        self.save(now)

    def throttle(self, now: float, until: float | None) -> None:
        """Pause because Volvo reports that the calls came too fast."""
        self.quota = rules.throttle(self.quota, now, until)

    @property
    def refused(self) -> bool:
        """Whether Volvo has refused a call because of a limit and answered none since."""
        refusals = (usage.refused_at for usage in self.quota.usage.values())
        return self.quota.refused_at != 0 or any(refusals)

    def confirm(self, api: Api, now: float, *, sent: float, is_good: bool) -> None:
        """Resume, because a request that was sent at `sent` was not refused because of a limit."""
        quota = rules.confirm(self.quota, api, now, sent=sent, is_good=is_good)
        if quota is self.quota:
            return
        if self._learn(quota):
            self._plan_ends = -math.inf
            self.save(now)
        for wake in self._watchers:
            wake()

    def open_at(self, now: float) -> Mapping[Api, float]:
        """Return the earliest time at which a request to each API may be sent."""
        return {**dict.fromkeys(Api, now), **rules.open_at(self.quota, now)}

    def save(self, now: float) -> None:
        """Add the calls since the last time to the file, and count those of other processes."""
        merged = self._ledger and self._ledger.add(self._key, self.quota, unsaved=self._unsaved, now=now)
        if merged:
            self.quota, self._unsaved = merged, Counter()

    def plan(self, now: float) -> None:
        """Stretch the intervals of all plans so that the remaining calls suffice, every `PLAN_SECONDS`."""
        if self._planned <= now < self._plan_ends:
            return
        self._planned, self._plan_ends = now, min(now + PLAN_SECONDS, self.resets_at(now))
        demands = [plan.demand() for plan in self.plans]
        quota = rules.roll(self.quota, now)
        for shared in dict.fromkeys(rules.pool(quota, api) for api in rules.METERED):
            demand = sum((each.get(api, Demand()) for each in demands for api in shared), Demand())
            factors = self._stretch(shared[0], demand, now)
            self.stretches = {**self.stretches, **dict.fromkeys(shared, factors)}
        for plan in self.plans:
            plan.adopt(self.stretches, now)

    def resets_at(self, now: float) -> float:
        """Return when a quota resets next, which changes the intervals of all plans."""
        return min(rules.resets_at(self.quota, api, now) for api in rules.METERED)

    def is_exhausted(self, now: float) -> bool:
        """Return whether no API has calls left, as far as is known."""
        quota = rules.roll(self.quota, now)
        return rules.is_undecided(quota) or all(
            rules.remaining(quota, api, now) == 0 for api in rules.METERED
        )

    def forecast(self, api: Api, now: float) -> int:
        """Return the calls of an API's day that will have been used when its quota resets."""
        return round(rules.used(self.quota, api, now) + self.stretches[api].forecast)

    def _stretch(self, api: Api, demand: Demand, now: float) -> Stretch:
        seconds = rules.resets_at(self.quota, api, now) - now
        # The reserve shrinks during the day, so that it is used by the end of the day.
        left = min(1.0, seconds / rules.DAY)
        reserve = self.quota.limit * (LAST_RESERVE_SHARE + (RESERVE_SHARE - LAST_RESERVE_SHARE) * left)
        return stretch(demand, calls=rules.remaining(self.quota, api, now) - reserve, seconds=seconds)

    def _learn(self, quota: Quota) -> bool:
        """Use a new quota; log and return whether it is now known which APIs share the daily quota."""
        known, self.quota = self.quota.checked_at, quota
        if is_new := quota.checked_at > known:
            self._log.info(
                "daily quota checked", applies_to="each API" if quota.per_api else "all APIs of the key"
            )
        return is_new
