"""The latest readings of every vehicle, rendered as soon as they change.

A failed poll leaves the last values standing, `volvo_resource_up` says 0 and the timestamps tell their age.
The same holds when no poll takes place: a success that is too long ago no longer counts.
What a car turns out not to have is taken away.
"""

import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from volvo_exporter import catalogue
from volvo_exporter.catalogue import families
from volvo_exporter.catalogue.model import Family, Labels
from volvo_exporter.metrics.exposition import join, render_header, render_labels, render_samples
from volvo_exporter.metrics.privacy import OPEN, Privacy, limit, mask
from volvo_exporter.metrics.readings import Readings, Sample
from volvo_exporter.metrics.trace import Point, Trace

POLL_FAMILIES = tuple(
    family.name
    for family in (
        families.ACTIVITY,
        families.RESOURCE_UP,
        families.RESOURCE_LAST_SUCCESS,
        families.RESOURCE_INTERVAL,
    )
)
RENDERED_APART = {*POLL_FAMILIES, families.VEHICLE_INFO.name}


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """How asking for a resource of a vehicle goes."""

    up: bool
    last_success: float | None = None
    """Unix time."""
    max_age: float = math.inf
    """Seconds for which a success counts as current."""
    fresh_until: float = math.inf
    """Unix time after which the last success is too long ago; infinite where nothing expires."""


def age(poll: Poll, max_age: float, *, now: float) -> Poll:
    """Return a poll after some time without an answer, where `max_age` may have changed meanwhile."""
    if now > poll.fresh_until:
        return replace(poll, up=False)
    until = poll.fresh_until
    if poll.last_success is not None and max_age > poll.max_age:
        until = max(until, poll.last_success + max_age)
    # Where requests follow each other faster from now on, the next one still needs its time.
    return replace(poll, max_age=max_age, fresh_until=min(until, now + max_age))


@dataclass(slots=True, kw_only=True)
class _Vehicle:
    labels: dict[str, str]
    accounts: set[str] = field(default_factory=set)
    """Who has it: two accounts may share a car."""
    readings: dict[tuple[str, str], Readings] = field(default_factory=dict)
    polls: dict[str, Poll] = field(default_factory=dict)
    intervals: Mapping[str, float] = field(default_factory=dict)
    activity: str = ""
    trace: Trace = field(default_factory=Trace)
    samples: tuple[Sample, ...] = ()
    """What the readings come to, chosen when one of them changed."""
    rendered: str = ""
    """The attributes that are labels of every series, rendered when one of them may have changed."""


class Store:
    """What `/metrics` says about the vehicles.

    Vehicles are known by their VIN here; `shown` tells what may be told of it.

    Args:
        labels: The attributes that every series carries, in this order.
        names: The owner's name for a vehicle by VIN, where there is one.
        privacy: What is told of position and VIN.
    """

    def __init__(
        self,
        *,
        labels: tuple[str, ...] = catalogue.DEFAULT_VEHICLE_LABELS,
        names: Mapping[str, str] | None = None,
        privacy: Privacy = OPEN,
    ) -> None:
        self._labels = labels
        self._names = names or {}
        self._privacy = privacy
        self._shown: dict[str, str] = {}
        self._order = {resource.name: number for number, resource in enumerate(catalogue.RESOURCES)}
        self._vehicles: dict[str, _Vehicle] = {}
        self._headers = {family.name: render_header(family) for family in catalogue.VEHICLE_FAMILIES}
        self._lines: dict[str, dict[str, bytes]] = {name: {} for name in self._headers}

    def add(self, vin: str, *, account: str) -> None:
        """Make room for a vehicle; nothing is exported of it before something is known."""
        labels = {"vin": vin, "name": self._names.get(vin, ""), "account": account}
        self._vehicles.setdefault(vin, _Vehicle(labels=labels)).accounts.add(account)

    def forget(self, vin: str, *, account: str) -> None:
        """Take every series of a vehicle away, unless another account has it, too."""
        vehicle = self._vehicles.get(vin)
        if vehicle is not None:
            vehicle.accounts.discard(account)
            if vehicle.accounts:
                return
        self._vehicles.pop(vin, None)
        for of_vehicles in self._lines.values():
            of_vehicles.pop(vin, None)

    def put(self, vin: str, resource: str, readings: Readings, *, item: str = "") -> None:
        """Replace what is known of a resource of a vehicle by what was read last."""
        vehicle = self._vehicles[vin]
        readings = limit(readings, self._privacy.position)
        if vehicle.readings.get((resource, item)) == readings:
            return
        vehicle.readings[resource, item] = readings
        # An attribute once known stays: were a label to go, every series of the car would become another.
        vehicle.labels.update(readings.attributes)
        self._render(vin)

    def drop(self, vin: str, resource: str, *, item: str = "") -> None:
        """Take a resource away: the vehicle does not have it."""
        vehicle = self._vehicles[vin]
        vehicle.polls.pop(resource, None)
        vehicle.readings.pop((resource, item), None)
        self._render(vin)

    def note(self, vin: str, resource: str, *, up: bool, now: float, max_age: float = math.inf) -> None:
        """Note how a poll went, and for how many seconds a success counts as current."""
        vehicle = self._vehicles[vin]
        polls = vehicle.polls
        if up:
            polls[resource] = Poll(up=True, last_success=now, max_age=max_age, fresh_until=now + max_age)
            vehicle.trace.take(self.samples(vin), now=now)
        else:
            polls[resource] = replace(polls.get(resource, Poll(up=False)), up=False)
        self._render_polls(vin)

    def age(self, vin: str, max_ages: Mapping[str, float], *, now: float) -> None:
        """Let what has not succeeded for too long be down, without a poll; `max_ages` are by resource."""
        polls = self._vehicles[vin].polls
        before = dict(polls)
        for resource, poll in before.items():
            polls[resource] = age(poll, max_ages.get(resource, poll.max_age), now=now)
        if [poll.up for poll in before.values()] != [poll.up for poll in polls.values()]:
            self._render_polls(vin)

    def pace(self, vin: str, intervals: Mapping[str, float], *, activity: str) -> None:
        """Note what the poller takes the vehicle to be doing, and the seconds between two requests for it."""
        vehicle = self._vehicles[vin]
        if (vehicle.intervals, vehicle.activity) != (intervals, activity):
            vehicle.intervals, vehicle.activity = intervals, activity
            self._render_polls(vin)

    @property
    def vins(self) -> tuple[str, ...]:
        """Every vehicle there is."""
        return tuple(self._vehicles)

    def shown(self, vin: str) -> str:
        """What stands for a VIN wherever one is shown; it stays as it was shown first."""
        if not self._privacy.masked:
            return vin
        if vin not in self._shown:
            others = self._vehicles.keys() - {vin}
            self._shown[vin] = mask(vin, others=others, taken=set(self._shown.values()))
        return self._shown[vin]

    def attributes(self, vin: str) -> Mapping[str, str]:
        """What is known of a vehicle by name: every attribute, empty where it is unknown."""
        known, shown = self._vehicles[vin].labels, self.shown(vin)
        return {label: known.get(label, "").replace(vin, shown) for label in catalogue.ATTRIBUTES}

    def activity(self, vin: str) -> str:
        """What the poller takes the vehicle to be doing; empty before it knows."""
        return self._vehicles[vin].activity

    def polls(self, vin: str) -> Mapping[str, Poll]:
        """How asking for each resource of a vehicle goes."""
        return dict(self._vehicles[vin].polls)

    def samples(self, vin: str) -> tuple[Sample, ...]:
        """The values of a vehicle; where two resources tell the same, the better one's."""
        return self._vehicles[vin].samples

    def stale(self, vin: str, *, now: float) -> frozenset[str]:
        """The resources whose last success is too long ago for their values to be current."""
        polls = self._vehicles[vin].polls
        return frozenset(resource for resource, poll in polls.items() if now > poll.fresh_until)

    def current_samples(self, vin: str, *, now: float) -> tuple[Sample, ...]:
        """The values of a vehicle but for those of stale resources."""
        stale = self.stale(vin, now=now)
        if not stale:
            return self.samples(vin)
        readings = self._vehicles[vin].readings
        return self._choose({place: known for place, known in readings.items() if place[0] not in stale})

    def value(self, vin: str, family: Family) -> float | None:
        """The value of a family without labels of its own; None while it is unknown."""
        found = (sample.value for sample in self.samples(vin) if sample.family is family)
        return next(found, None)

    def trace(self, vin: str) -> Mapping[Family, tuple[Point, ...]]:
        """What a few values of a vehicle were over the last day."""
        return self._vehicles[vin].trace.points()

    def exposition(self) -> bytes:
        """The vehicles' part of `/metrics`."""
        return join(self._headers, self._lines)

    def _render(self, vin: str) -> None:
        """Render every line of a vehicle."""
        vehicle = self._vehicles[vin]
        vehicle.samples = self._choose(vehicle.readings)
        vehicle.rendered = ""
        self._replace(vin, self._headers.keys() - RENDERED_APART, vehicle.samples)
        self._render_polls(vin)
        if vehicle.readings:
            every = Sample(family=families.VEHICLE_INFO, value=1.0)
            info = render_labels(tuple(self.attributes(vin).items()))
            self._lines[families.VEHICLE_INFO.name][vin] = render_samples(info, [every])
        else:
            self._lines[families.VEHICLE_INFO.name].pop(vin, None)

    def _choose(self, known: Mapping[tuple[str, str], Readings]) -> tuple[Sample, ...]:
        """One sample of each series, though two resources may tell it."""
        chosen: dict[tuple[str, Labels], Sample] = {}
        for place in sorted(known, key=lambda place: (self._order[place[0]], place[1])):
            for sample in known[place].samples:
                series = (sample.family.name, sample.labels)
                if series not in chosen or chosen[series].fallback:
                    chosen[series] = sample
        return tuple(chosen.values())

    def _render_polls(self, vin: str) -> None:
        """Render how polling a vehicle goes, which changes with every poll, and nothing else."""
        self._replace(vin, POLL_FAMILIES, self._meta(self._vehicles[vin]))

    def _replace(self, vin: str, names: Collection[str], samples: Iterable[Sample]) -> None:
        """Let these families of a vehicle say this and no more."""
        grouped: dict[str, list[Sample]] = {}
        for sample in samples:
            grouped.setdefault(sample.family.name, []).append(sample)
        vehicle = self._vehicles[vin]
        if not vehicle.rendered:
            known = self.attributes(vin)
            vehicle.rendered = render_labels(tuple((label, known[label]) for label in self._labels))
        for name in names:
            if of_family := grouped.get(name):
                self._lines[name][vin] = render_samples(vehicle.rendered, of_family)
            else:
                self._lines[name].pop(vin, None)

    def _meta(self, vehicle: _Vehicle) -> Iterator[Sample]:
        """What the poller knows of a vehicle and its resources."""
        if vehicle.activity in families.ACTIVITY.states:
            for state in families.ACTIVITY.states:
                current = float(state == vehicle.activity)
                yield Sample(family=families.ACTIVITY, labels=(("state", state),), value=current)
        for resource in sorted(vehicle.polls, key=self._order.__getitem__):
            poll, labels = vehicle.polls[resource], (("resource", resource),)
            yield Sample(family=families.RESOURCE_UP, labels=labels, value=float(poll.up))
            if interval := vehicle.intervals.get(resource):
                yield Sample(family=families.RESOURCE_INTERVAL, labels=labels, value=interval)
            if poll.last_success is not None:
                yield Sample(family=families.RESOURCE_LAST_SUCCESS, labels=labels, value=poll.last_success)
