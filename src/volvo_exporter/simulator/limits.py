"""The gateway's counters: calls per minute by client and user, calls per day by application."""

from collections import defaultdict, deque
from math import ceil

from volvo_exporter.catalogue.model import Api
from volvo_exporter.simulator.options import DAY

MINUTE = 60.0


class Limits:
    """Counts of accepted calls; refused calls do not count."""

    def __init__(self) -> None:
        self._recent: defaultdict[tuple[str, str], deque[float]] = defaultdict(deque)
        self._used: dict[tuple[str, Api], tuple[int, int]] = {}

    def wait(self, caller: tuple[str, str], *, now: float, limit: int) -> int | None:
        """Return the seconds until the caller's next call is allowed; None if it is allowed now."""
        recent = self._recent[caller]
        while recent and recent[0] <= now - MINUTE:
            recent.popleft()
        if len(recent) < limit:
            return None
        return max(ceil((recent[0] if recent else now) + MINUTE - now), 1)

    def used(self, application: str, *apis: Api, now: float) -> int:
        """Return the calls since 00:00 UTC, to all APIs or to some."""
        counts = (self._used.get((application, api), (0, 0)) for api in apis or Api)
        return sum(used for day, used in counts if day == int(now // DAY))

    def spend(
        self, application: str, api: Api = Api.CONNECTED_VEHICLE, *, now: float, calls: int = 1
    ) -> None:
        """Count calls against the day's quota, without a request."""
        self._used[application, api] = (int(now // DAY), self.used(application, api, now=now) + calls)

    def count(self, application: str, api: Api, caller: tuple[str, str], *, now: float) -> None:
        """Count one call."""
        self._recent[caller].append(now)
        self.spend(application, api, now=now)
