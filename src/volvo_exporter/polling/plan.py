"""The plan of one account: what there is to ask for, and when, as cars come and go and do things."""

import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from volvo_exporter.catalogue import connected_vehicle, energy, extended_vehicle, weather
from volvo_exporter.catalogue.model import Resource
from volvo_exporter.polling.activity import Condition, Event, Look, Signs, observe
from volvo_exporter.polling.outcomes import Outcome
from volvo_exporter.polling.pace import AT_ONCE, LIVE, PROMPTED, TRAILS, USUAL, at_rest, multiple
from volvo_exporter.polling.schedule import Entry, Slot, ask, due_at, enter, lift, prompt, retract, settled
from volvo_exporter.polling.stretch import Demand, Stretch

FIRST = (connected_vehicle.DETAILS, energy.CAPABILITIES)
"""What is asked of a new car before everything else: what it is called and what it can tell."""

LATER = (extended_vehicle.ITEM, weather.WEATHER)
"""What is asked only once it is known for which item, and where the car is."""

TRAILS_BY = 0.5
MAX_REST_SECONDS = 86400.0
"""The longest rest where the interval is shorter: see `schedule.advance`."""
LONGEST = 86400.0
"""The longest interval to show, where the quota stretches it to infinity."""
LIVE_CALLS = 400
"""Live calls that a car takes on an average day at the default `scrape_interval`: an hour's driving at five a
minute and somewhat more than an hour of charging at one (benchmarks/polling.py counts more on mixed days)."""
NO_CAR = Condition()


@dataclass(slots=True, kw_only=True)
class Plan:
    """The schedule of an account. The same state and clock give the same answers."""

    resources: tuple[Resource, ...]
    """What is enabled."""
    scrape_interval: float
    entries: dict[Slot, Entry] = field(default_factory=dict)
    conditions: dict[str, Condition] = field(default_factory=dict)
    """What each car is doing, by VIN."""
    stretch: Stretch = field(default_factory=Stretch)
    """How much the quota makes intervals longer; set by the budget of the key."""

    def begin(self, now: float) -> None:
        """Ask for the list of cars."""
        self._enter(Slot(resource=connected_vehicle.VEHICLES), now)

    @property
    def vins(self) -> frozenset[str]:
        """The cars in the plan."""
        return frozenset(self.conditions)

    def welcome(self, vin: str, now: float) -> None:
        """Begin to ask for a car."""
        self.conditions.setdefault(vin, Condition())
        for resource in FIRST:
            if resource in self.resources:
                self._enter(Slot(resource=resource, vin=vin), now)

    def dismiss(self, vin: str) -> None:
        """Ask no more for a car."""
        self.conditions.pop(vin, None)
        self.entries = {slot: entry for slot, entry in self.entries.items() if slot.vin != vin}

    def interval(self, slot: Slot, now: float) -> float:
        """Seconds between two requests, as things are."""
        times = multiple(slot.resource, self.conditions.get(slot.vin, NO_CAR), now)
        return self.scrape_interval * times * self._factor(times)

    def due_at(self, slot: Slot, now: float) -> float:
        """When to ask for a slot next; infinite for never."""
        entry, interval = self.entries[slot], self.interval(slot, now)
        if _set_back(entry, interval, now):
            return now
        # A prompt is as urgent as its resource is: where the quota stretches that, it waits, too.
        soonest = self.scrape_interval * PROMPTED * self._factor(at_rest(slot.resource))
        due = due_at(entry, interval, soonest)
        led = slot.resource.name in TRAILS and entry.asked is not None and due >= entry.asked + interval
        leader = self._leader(slot) if led else None
        if leader is None or leader.asked is None:
            return due
        return max(due, min(leader.asked + interval * TRAILS_BY, due + interval * TRAILS_BY))

    def due(self, now: float, *, but: Collection[Slot] = ()) -> list[Slot]:
        """What is to be asked now; what has waited longest comes first, then what changes faster."""
        waiting = [(self.due_at(slot, now), slot) for slot in self.entries if slot not in but]
        late = [(due, self.interval(slot, now), slot) for due, slot in waiting if due <= now]
        return [slot for _, _, slot in sorted(late, key=lambda item: item[:2])]

    def next_due(self, now: float, *, but: Collection[Slot] = ()) -> float:
        """When there is something to ask for; infinite if never."""
        return min((self.due_at(slot, now) for slot in self.entries if slot not in but), default=math.inf)

    def ask(self, slot: Slot, now: float) -> Entry:
        """Note that the request for a slot is under way; return its entry before, for `retract`."""
        before = self.entries[slot]
        self.entries[slot] = ask(before, now=now)
        return before

    def retract(self, before: Entry) -> None:
        """Count a request as not sent: the whole key or account was refused."""
        if entry := self.entries.get(before.slot):
            self.entries[before.slot] = retract(entry, before)

    def prompt(self, slot: Slot, now: float) -> None:
        """Ask for a slot at once, or as soon as the account may send."""
        self.entries[slot] = prompt(self.entries[slot], now=now)

    def settle(self, entry: Entry, now: float) -> None:
        """Take an entry back after an attempt, and go on to what had to wait for it."""
        slot = entry.slot
        if slot not in self.entries:
            return
        self.entries[slot] = entry
        if entry.outcome in (Outcome.GONE, Outcome.FORBIDDEN) and settled(entry, now=now):
            self._spread(entry)
        if slot.resource in FIRST and all(map(answered, self._firsts(slot.vin))):
            for resource in self.resources:
                if resource not in (connected_vehicle.VEHICLES, *LATER):
                    self._enter(Slot(resource=resource, vin=slot.vin), now)

    def observe(self, vin: str, signs: Signs, now: float, look: Look = observe) -> frozenset[Event]:
        """Note what a car is doing; what an event changes is asked at once."""
        self.conditions[vin], events = look(self.conditions[vin], signs, now)
        for name in {name for event in events for name in AT_ONCE[event]}:
            for slot in self._of(vin):
                if slot.resource.name == name:
                    self.prompt(slot, now)
        return events

    def list_items(self, vin: str, items: Iterable[str], now: float) -> None:
        """Ask for each item that a car has."""
        for item in items:
            self._enter(Slot(resource=extended_vehicle.ITEM, vin=vin, item=item), now)

    def locate(self, vin: str, now: float) -> None:
        """Ask for the weather, now that it is known where the car is."""
        if weather.WEATHER in self.resources:
            self._enter(Slot(resource=weather.WEATHER, vin=vin), now)

    def postpone(self, resource: Resource, until: float) -> None:
        """Ask for a resource at another time than planned."""
        for slot, entry in self.entries.items():
            if slot.resource is resource:
                self.entries[slot] = replace(entry, rests_until=until)

    def renew(self, now: float) -> None:
        """Ask again for what was forbidden: somebody has logged in."""
        self.entries = {slot: lift(entry, now=now) for slot, entry in self.entries.items()}
        self.entries.pop(Slot(resource=connected_vehicle.VEHICLES), None)
        self.begin(now)

    def demand(self, now: float) -> Demand:
        """How many calls a second this plan would like to send, if there were no quota."""
        demand = dict.fromkeys(("live", "usual", "slow", "usual_at_rest", "slow_at_rest"), 0.0)
        average = len(self.conditions) * LIVE_CALLS * 300 / self.scrape_interval / LONGEST
        for slot, entry in self.entries.items():
            if slot.resource is weather.WEATHER or (
                entry.rests_until is not None and entry.outcome is not Outcome.TRANSIENT
            ):
                continue
            times = multiple(slot.resource, self.conditions.get(slot.vin, NO_CAR), now)
            kind = "live" if times < LIVE else "usual" if times <= USUAL else "slow"
            demand[kind] += 1 / (self.scrape_interval * times)
            rest = at_rest(slot.resource)
            demand["usual_at_rest" if rest <= USUAL else "slow_at_rest"] += 1 / (self.scrape_interval * rest)
        return Demand(**demand, live_later=average)

    def intervals(self, vin: str, now: float) -> Mapping[str, float]:
        """The interval of each resource of a car, in seconds."""
        return {slot.resource.name: min(self.interval(slot, now), LONGEST) for slot in self._of(vin)}

    def _of(self, vin: str) -> list[Slot]:
        return [slot for slot in self.entries if slot.vin == vin]

    def _factor(self, times: float) -> float:
        """How much the quota stretches an interval of so many multiples."""
        if times > USUAL:
            return self.stretch.slow
        return self.stretch.live if times < LIVE else self.stretch.usual

    def _leader(self, slot: Slot) -> Entry | None:
        """The entry that this one trails."""
        name = TRAILS[slot.resource.name]
        leaders = (resource for resource in self.resources if resource.name == name)
        return next((self.entries.get(Slot(resource=leader, vin=slot.vin)) for leader in leaders), None)

    def _spread(self, entry: Entry) -> None:
        """Postpone the resource for the other cars: the API is gone, or the login does not cover it.

        A car for which it has answered is left alone: it finds out by its own requests.
        """
        rests_until = entry.rests_until or 0.0
        for slot, other in self.entries.items():
            if slot.resource is entry.slot.resource and other.last_success is None:
                latest = max(rests_until, other.rests_until or 0.0)
                self.entries[slot] = replace(other, outcome=entry.outcome, rests_until=latest)

    def _firsts(self, vin: str) -> Iterator[Entry]:
        slots = (Slot(resource=resource, vin=vin) for resource in FIRST)
        return (self.entries[slot] for slot in slots if slot in self.entries)

    def _enter(self, slot: Slot, now: float) -> None:
        if slot not in self.entries:
            self.entries[slot] = enter(slot, now=now)


def _set_back(entry: Entry, interval: float, now: float) -> bool:
    """Whether the entry has times that only a clock can have set that was ahead and is right now."""
    last = entry.entered if entry.asked is None else entry.asked
    return last > now or now + max(interval, MAX_REST_SECONDS) < (entry.rests_until or 0.0)


def answered(entry: Entry) -> bool:
    """Whether the cloud has said anything, good or bad, about this slot."""
    return entry.outcome not in (None, Outcome.KEY_REFUSED)
