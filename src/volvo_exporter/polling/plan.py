"""The plan of one account: which resources are requested, and when, as vehicles come, go and change.

The cost of an answer does not grow with the number of vehicles: queues hold the due times, and a change moves
only the slots that it concerns.
"""

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

from volvo_exporter.catalogue.model import Api, Discovery, Event, Resource
from volvo_exporter.polling.demand import Need, Needs
from volvo_exporter.polling.outcomes import Outcome
from volvo_exporter.polling.pace import (
    LIVE_BELOW,
    MIN_PROMPTED_MULTIPLE,
    USUAL_UP_TO,
    multiple,
    parked_multiple,
)
from volvo_exporter.polling.queue import Queue
from volvo_exporter.polling.schedule import (
    Entry,
    Slot,
    due_at,
    enter,
    prompt,
    record_request,
    retract,
    retry_after_login,
    settled,
)
from volvo_exporter.polling.stretch import Demand, Stretch
from volvo_exporter.vehicles.activity import NO_ACTIVITY
from volvo_exporter.vehicles.garage import Garage

FOLLOW_DELAY_INTERVALS = 0.5
"""A resource that follows another is requested so long after it, which detects events earlier; chosen."""
MAX_INTERVAL_SECONDS = 86400.0
"""The longest reported interval, if the quota stretches it to infinity."""
MAX_DELAY_SECONDS = 86400.0
"""No outcome postpones a request by more than a day; chosen, so that every error is retried daily."""
MIN_FRESH_SECONDS = 600.0
"""Ten requests of a car that drives (one a minute): a few errors in a row do not make its values stale.
Chosen."""
FRESH_INTERVALS = 2
"""Intervals without a success after which values are stale. Chosen: one failed request is tolerated."""
ORDER_SECONDS = 6.0
"""Seconds that a due slot waits for each step of `Resource.order`: important resources go first, and
the least important one waits for a minute at most."""


def _delay(slot: Slot) -> float:
    return ORDER_SECONDS * slot.resource.order


class Plan:
    """The schedule of an account. The same state and clock give the same answers.

    Args:
        resources: What is enabled.
        scrape_interval: The interval that the multiples of the catalogue refer to, in seconds.
        garage: The vehicles and their activity.
    """

    def __init__(self, *, resources: tuple[Resource, ...], scrape_interval: float, garage: Garage) -> None:
        self.resources = resources
        self.scrape_interval = scrape_interval
        self.entries: dict[Slot, Entry] = {}
        self.stretches: Mapping[Api, Stretch] = dict.fromkeys(Api, Stretch())
        self._garage = garage
        self._slots: dict[str, list[Slot]] = {}
        """The slots of each vehicle, by VIN; the list of vehicles is under the empty VIN."""
        self._queues: Mapping[Api, Queue[Slot]] = {api: Queue(delay=_delay) for api in Api}
        self._reviews: Queue[str] = Queue()
        self._needs = Needs(scrape_interval)
        self._in_flight: set[Slot] = set()

    def begin(self, now: float) -> None:
        """Request the list of vehicles."""
        for resource in self._found_by(Discovery.ACCOUNT):
            self._enter(Slot(resource=resource), now)

    @property
    def vins(self) -> Collection[str]:
        """The vehicles in the plan."""
        return self._slots.keys() - {""}

    def slots_of_account(self) -> list[Entry]:
        """Return the entries that belong to no vehicle."""
        return [self.entries[slot] for slot in self._slots.get("", ())]

    def add_vehicle(self, vin: str, now: float) -> None:
        """Begin to poll a vehicle."""
        self._slots.setdefault(vin, [])
        for resource in self._found_by(Discovery.FIRST):
            self._enter(Slot(resource=resource, vin=vin), now)

    def remove_vehicle(self, vin: str) -> None:
        """Stop polling a vehicle."""
        for slot in self._slots.pop(vin, ()):
            del self.entries[slot]
            self._queues[slot.resource.api].remove(slot)
            self._needs.place(slot, None)
        self._reviews.remove(vin)

    def interval(self, slot: Slot, now: float) -> float:
        """Return the seconds between two requests at present."""
        times = self._multiple(slot, now)
        return self.scrape_interval * times * self._factor(slot, times)

    def due_at(self, slot: Slot, now: float) -> float:
        """Return when a slot is requested next; infinity for never."""
        entry, interval = self.entries[slot], self.interval(slot, now)
        if _is_from_the_future(entry, interval, now):
            return now
        # The quota stretches the interval after an event, too.
        soonest = (
            self.scrape_interval * MIN_PROMPTED_MULTIPLE * self._factor(slot, parked_multiple(slot.resource))
        )
        due = due_at(entry, interval, soonest)
        if not slot.resource.follows or entry.requested is None or due < entry.requested + interval:
            return due
        leader = self._entry_of(slot.vin, slot.resource.follows)
        if leader is None or leader.requested is None:
            return due
        return max(due, min(leader.requested, due) + interval * FOLLOW_DELAY_INTERVALS)

    def first_due(self, now: float, apis: Iterable[Api] = Api) -> Slot | None:
        """Return the slot to request now, of those of some APIs."""
        queues = [self._queues[api] for api in apis]
        due = [
            (queue.rank(slot), number, slot)
            for number, queue in enumerate(queues)
            if (slot := queue.first(now))
        ]
        return min(due)[-1] if due else None

    def next_due(self, opens: Mapping[Api, float] = MappingProxyType({})) -> float:
        """Return a time before which nothing is due whose API is open; infinity where nothing ever is.

        `opens` is when each API opens; one that is not there is open.
        """
        return min(max(queue.next_due(), opens.get(api, -math.inf)) for api, queue in self._queues.items())

    def oldest_due(self, now: float) -> float:
        """Return since when the most overdue slot has been due; infinity where none is."""
        return min(queue.oldest_due(now) for queue in self._queues.values())

    def record_request(self, slot: Slot, now: float) -> Entry:
        """Record that the request for a slot is under way; return its entry before, for `retract`."""
        before = self.entries[slot]
        self._in_flight.add(slot)
        self.entries[slot] = record_request(before, now=now)
        self._place(slot, now)
        self._place_followers(slot, now)
        return before

    def retract(self, before: Entry, now: float) -> None:
        """Count a request as not sent: the whole key or account was refused."""
        self._in_flight.discard(before.slot)
        if entry := self.entries.get(before.slot):
            self.entries[before.slot] = retract(entry, before)
            self._place(before.slot, now)

    def settle(self, entry: Entry, now: float) -> None:
        """Store the entry after a request, and enter the slots that waited for it."""
        slot = entry.slot
        self._in_flight.discard(slot)
        if slot not in self.entries:
            return
        self.entries[slot] = entry
        self._place(slot, now)
        if entry.outcome in (Outcome.GONE, Outcome.FORBIDDEN) and settled(entry, now=now):
            self._spread(entry, now)
        if slot.resource.discovery is Discovery.FIRST and self._has_begun(slot.vin, now):
            for resource in self._found_by(Discovery.VEHICLE):
                self._enter(Slot(resource=resource, vin=slot.vin), now)

    def react(self, vin: str, events: Iterable[Event], now: float) -> None:
        """Follow the new activity of a vehicle: request at once what its events affect."""
        happened = frozenset(events)
        for slot in self._slots.get(vin, ()):
            if slot.resource.prompted_by & happened:
                self.entries[slot] = prompt(self.entries[slot], now=now)
            self._place(slot, now)

    def plan_review(self, vin: str, at: float) -> None:
        """Review the activity of a vehicle at a time, even if nothing is received until then."""
        self._reviews.place(vin, at)

    def next_review(self) -> float:
        """Return a time before which no review is due."""
        return self._reviews.next_due()

    def pop_review(self, now: float) -> str | None:
        """Return a vehicle whose review is due; None where none is."""
        return self._reviews.pop(now)

    def list_items(self, vin: str, items: Iterable[str], now: float) -> None:
        """Request each item that a vehicle has."""
        for resource in self._found_by(Discovery.ITEM):
            for item in items:
                self._enter(Slot(resource=resource, vin=vin, item=item), now)

    def locate(self, vin: str, now: float) -> None:
        """Request what depends on the position of a vehicle, which is known now."""
        for resource in self._found_by(Discovery.POSITION):
            self._enter(Slot(resource=resource, vin=vin), now)

    def postpone(self, resource: Resource, until: float, now: float) -> None:
        """Request a resource of every vehicle at another time than planned."""
        for slot, entry in self.entries.items():
            if slot.resource is resource:
                self.entries[slot] = replace(entry, postponed_until=until)
                self._place(slot, now)

    def retry_forbidden(self, now: float) -> None:
        """Retry what was forbidden before a new login."""
        self.entries = {slot: retry_after_login(entry, now=now) for slot, entry in self.entries.items()}
        for resource in self._found_by(Discovery.ACCOUNT):
            self.entries[Slot(resource=resource)] = enter(Slot(resource=resource), now=now)
        self.place_all(now)

    def place_all(self, now: float) -> None:
        """Compute every due time again: the stretch changed, or the clock was set."""
        for slot in self.entries:
            self._place(slot, now)

    def adopt(self, stretches: Mapping[Api, Stretch], now: float) -> None:
        """Stretch intervals as the quota requires; a change of a few percent moves no due time."""
        if all(stretches[api].is_close_to(known) for api, known in self.stretches.items()):
            return
        self.stretches = stretches
        self.place_all(now)

    def demand(self) -> Mapping[Api, Demand]:
        """Return how many calls a second this plan would send to each API if there were no quota."""
        return self._needs.total(len(self.vins))

    def max_age(self, slot: Slot, now: float) -> float:
        """Return the seconds for which an answer of a slot counts as current."""
        entry, interval = self.entries[slot], self.interval(slot, now)
        if interval > MAX_INTERVAL_SECONDS:
            # The quota is used up, and stretches the interval to infinity; values become stale nevertheless.
            interval = self.scrape_interval * self._multiple(slot, now)
        if (
            entry.outcome is Outcome.EMPTY
            and entry.postponed_until is not None
            and entry.last_success is not None
        ):
            # The car has no values there; the next request is planned for later on purpose.
            interval = max(interval, entry.postponed_until - entry.last_success)
        return max(MIN_FRESH_SECONDS, FRESH_INTERVALS * interval)

    def max_ages(self, vin: str, now: float) -> Mapping[str, float]:
        """Return `max_age` of each resource of a vehicle."""
        return {slot.resource.name: self.max_age(slot, now) for slot in self._slots.get(vin, ())}

    def intervals(self, vin: str, now: float) -> Mapping[str, float]:
        """Return the interval of each resource of a vehicle, in seconds."""
        return {
            slot.resource.name: min(self.interval(slot, now), MAX_INTERVAL_SECONDS)
            for slot in self._slots.get(vin, ())
        }

    def _found_by(self, discovery: Discovery) -> Iterable[Resource]:
        return (resource for resource in self.resources if resource.discovery is discovery)

    def _multiple(self, slot: Slot, now: float) -> float:
        if slot.vin not in self._garage:
            return multiple(slot.resource, NO_ACTIVITY, now)
        place = self._garage[slot.vin]
        return multiple(slot.resource, place.state, now, silent=slot.resource.name in place.reports.silent)

    def _factor(self, slot: Slot, times: float) -> float:
        """Return by how much the quota stretches an interval of so many multiples."""
        stretch = self.stretches[slot.resource.api]
        if times > USUAL_UP_TO:
            return stretch.slow
        return stretch.live if times < LIVE_BELOW else stretch.usual

    def _place(self, slot: Slot, now: float) -> None:
        entry = self.entries[slot]
        due = math.inf if slot in self._in_flight else self.due_at(slot, now)
        self._queues[slot.resource.api].place(slot, due)
        is_postponed = entry.postponed_until is not None and entry.outcome is not Outcome.TRANSIENT
        need = Need(now=self._multiple(slot, now), parked=parked_multiple(slot.resource))
        self._needs.place(slot, need if slot.resource.api.metered and not is_postponed else None)

    def _place_followers(self, leader: Slot, now: float) -> None:
        for slot in self._slots.get(leader.vin, ()):
            if slot.resource.follows == leader.resource.name:
                self._place(slot, now)

    def _entry_of(self, vin: str, name: str) -> Entry | None:
        found = (slot for slot in self._slots.get(vin, ()) if slot.resource.name == name)
        return next((self.entries[slot] for slot in found), None)

    def _spread(self, entry: Entry, now: float) -> None:
        """Postpone the resource for the other cars: the API is gone, or the login does not cover it.

        A car for which it has answered is left alone: its own requests show whether this holds for it.
        """
        postponed_until = entry.postponed_until or 0.0
        for slot, other in self.entries.items():
            if slot.resource is entry.slot.resource and other.last_success is None:
                latest = max(postponed_until, other.postponed_until or 0.0)
                self.entries[slot] = replace(other, outcome=entry.outcome, postponed_until=latest)
                self._place(slot, now)

    def _has_begun(self, vin: str, now: float) -> bool:
        """Return whether every first resource of a vehicle has been answered, well or badly.

        One whose API has no calls left is not waited for.
        """
        firsts = (slot for slot in self._slots[vin] if slot.resource.discovery is Discovery.FIRST)
        return all(is_answered(self.entries[slot]) or math.isinf(self.interval(slot, now)) for slot in firsts)

    def _enter(self, slot: Slot, now: float) -> None:
        if slot not in self.entries:
            self.entries[slot] = enter(slot, now=now)
            self._slots.setdefault(slot.vin, []).append(slot)
            self._place(slot, now)


def _is_from_the_future(entry: Entry, interval: float, now: float) -> bool:
    """Return whether the entry has times that only a clock can have set that was ahead and is right now."""
    last = entry.entered if entry.requested is None else entry.requested
    return last > now or now + max(interval, MAX_DELAY_SECONDS) < (entry.postponed_until or 0.0)


def is_answered(entry: Entry) -> bool:
    """Return whether the cloud has answered for this slot, well or badly."""
    return entry.outcome not in (None, Outcome.KEY_REFUSED)
