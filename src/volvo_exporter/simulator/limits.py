"""The gateway's counters: calls in a minute per client and user, calls in a day per application."""

from collections import defaultdict, deque
from math import ceil

from volvo_exporter.catalogue.model import Api
from volvo_exporter.simulator.options import DAY

MINUTE = 60.0


class Limits:
    """Counts what was let through; refused calls do not count."""

    def __init__(self) -> None:
        self._recent: defaultdict[tuple[str, str], deque[float]] = defaultdict(deque)
        self._used: dict[tuple[str, Api], tuple[int, int]] = {}

    def wait(self, caller: tuple[str, str], *, now: float, limit: int) -> int | None:
        """Seconds until the caller may go on, or None if he may now."""
        recent = self._recent[caller]
        while recent and recent[0] <= now - MINUTE:
            recent.popleft()
        if len(recent) < limit:
            return None
        return max(ceil((recent[0] if recent else now) + MINUTE - now), 1)

    def used(self, application: str, *apis: Api, now: float) -> int:
        """Calls since 00:00 UTC, of all APIs or of some."""
        counts = (self._used.get((application, api), (0, 0)) for api in apis or Api)
        return sum(used for day, used in counts if day == int(now // DAY))

    def spend(
        self, application: str, api: Api = Api.CONNECTED_VEHICLE, *, now: float, calls: int = 1
    ) -> None:
        """Count calls against the day's quota, without making them."""
        self._used[application, api] = (int(now // DAY), self.used(application, api, now=now) + calls)

    def count(self, application: str, api: Api, caller: tuple[str, str], *, now: float) -> None:
        """Count one call."""
        self._recent[caller].append(now)
        self.spend(application, api, now=now)
