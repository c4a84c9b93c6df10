"""Sum the calls that slots need, at a cost that does not grow with their number."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from volvo_exporter.catalogue.model import Api
from volvo_exporter.polling.pace import LIVE_BELOW, USUAL_UP_TO
from volvo_exporter.polling.schedule import Slot
from volvo_exporter.polling.stretch import Demand

LIVE_CALLS: Mapping[Api, int] = MappingProxyType({Api.CONNECTED_VEHICLE: 250, Api.ENERGY: 150})
"""Live calls of a car on an average day at the default `scrape_interval`: an hour's driving at five a
minute, of which one is for energy, and somewhat more than an hour of charging at one
(benchmarks/polling.py counts more on mixed days)."""
RATES = ("live", "usual", "slow", "usual_parked", "slow_parked")
DEFAULT_INTERVAL_SECONDS = 300.0
DAY = 86400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """The interval of a slot without a quota: multiples of `scrape_interval`, now and while parked."""

    now: float
    parked: float


class Needs:
    """The needs of the slots of a plan."""

    def __init__(self, scrape_interval: float) -> None:
        self._scrape_interval = scrape_interval
        self._needs: dict[Slot, Need] = {}
        self._rates = {api: dict.fromkeys(RATES, 0.0) for api in Api}

    def place(self, slot: Slot, need: Need | None) -> None:
        """Set or replace the need of a slot; None if it needs no calls."""
        before = self._needs.get(slot)
        if before == need:
            return
        if before is not None:
            self._add(slot.resource.api, before, -1.0)
            del self._needs[slot]
        if need is not None:
            self._add(slot.resource.api, need, 1.0)
            self._needs[slot] = need

    def total(self, vehicles: int) -> Mapping[Api, Demand]:
        """Return how many calls a second so many vehicles would send to each API without a quota."""
        return {api: self._demand(api, vehicles) for api in Api}

    def _demand(self, api: Api, vehicles: int) -> Demand:
        average = vehicles * LIVE_CALLS.get(api, 0) * DEFAULT_INTERVAL_SECONDS / self._scrape_interval / DAY
        # Sums of differences can end below zero by a rounding error.
        rates = {kind: max(0.0, rate) for kind, rate in self._rates[api].items()}
        return Demand(**rates, live_later=average)

    def _add(self, api: Api, need: Need, sign: float) -> None:
        kind = "live" if need.now < LIVE_BELOW else "usual" if need.now <= USUAL_UP_TO else "slow"
        rates = self._rates[api]
        rates[kind] += sign / (self._scrape_interval * need.now)
        later = "usual_parked" if need.parked <= USUAL_UP_TO else "slow_parked"
        rates[later] += sign / (self._scrape_interval * need.parked)
