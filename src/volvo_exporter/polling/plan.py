"""What there is to ask for: the slots of one account, as cars come and go and tell what they have."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from volvo_exporter.catalogue import connected_vehicle, energy, extended_vehicle, weather
from volvo_exporter.catalogue.model import Resource
from volvo_exporter.polling.outcomes import Outcome
from volvo_exporter.polling.schedule import Entry, Slot, enter, lift

FIRST = (connected_vehicle.DETAILS, energy.CAPABILITIES)
"""What is asked of a new car before everything else: what it is called and what it can tell."""

LATER = (extended_vehicle.ITEM, weather.WEATHER)
"""What is asked only once it is known for which item, and where the car is."""


@dataclass(slots=True, kw_only=True)
class Plan:
    """The schedule of an account."""

    resources: tuple[Resource, ...]
    """What is enabled."""
    scrape_interval: float
    entries: dict[Slot, Entry] = field(default_factory=dict)

    def begin(self, now: float) -> None:
        """Ask for the list of cars."""
        self._enter(Slot(resource=connected_vehicle.VEHICLES), now)

    @property
    def vins(self) -> frozenset[str]:
        """The cars in the plan."""
        return frozenset(slot.vin for slot in self.entries if slot.vin)

    def welcome(self, vin: str, now: float) -> None:
        """Begin to ask for a car."""
        for resource in FIRST:
            if resource in self.resources:
                self._enter(Slot(resource=resource, vin=vin), now)

    def dismiss(self, vin: str) -> None:
        """Ask no more for a car."""
        self.entries = {slot: entry for slot, entry in self.entries.items() if slot.vin != vin}

    def settle(self, entry: Entry, now: float) -> None:
        """Take an entry back after an attempt, and go on to what had to wait for it."""
        slot = entry.slot
        if slot not in self.entries:
            return
        self.entries[slot] = entry
        if entry.outcome is Outcome.GONE:
            self.switch_off(slot.resource)
        if slot.resource in FIRST and all(map(answered, self._firsts(slot.vin))):
            for resource in self.resources:
                if resource not in (connected_vehicle.VEHICLES, *LATER):
                    self._enter(Slot(resource=resource, vin=slot.vin), now)

    def list_items(self, vin: str, items: Iterable[str], now: float) -> None:
        """Ask for each item that a car has."""
        for item in items:
            self._enter(Slot(resource=extended_vehicle.ITEM, vin=vin, item=item), now)

    def locate(self, vin: str, now: float) -> None:
        """Ask for the weather, now that it is known where the car is."""
        if weather.WEATHER in self.resources:
            self._enter(Slot(resource=weather.WEATHER, vin=vin), now)

    def postpone(self, resource: Resource, until: float) -> None:
        """Ask for a resource later than planned."""
        for slot, entry in self.entries.items():
            if slot.resource is resource:
                self.entries[slot] = replace(entry, due=until)

    def switch_off(self, resource: Resource) -> None:
        """Ask no more for a resource, of any car."""
        for slot, entry in self.entries.items():
            if slot.resource is resource:
                self.entries[slot] = replace(entry, due=math.inf, outcome=Outcome.GONE)

    def renew(self, now: float) -> None:
        """Ask again for what was forbidden: somebody has logged in."""
        self.entries = {slot: lift(entry, now=now) for slot, entry in self.entries.items()}
        self.entries.pop(Slot(resource=connected_vehicle.VEHICLES), None)
        self.begin(now)

    def _firsts(self, vin: str) -> Iterator[Entry]:
        slots = (Slot(resource=resource, vin=vin) for resource in FIRST)
        return (self.entries[slot] for slot in slots if slot in self.entries)

    def _enter(self, slot: Slot, now: float) -> None:
        if slot not in self.entries:
            self.entries[slot] = enter(slot, scrape_interval=self.scrape_interval, now=now)


def answered(entry: Entry) -> bool:
    """Whether the cloud has said anything, good or bad, about this slot."""
    return entry.outcome not in (None, Outcome.KEY_REFUSED)
