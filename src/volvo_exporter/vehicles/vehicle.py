"""The latest readings of one vehicle, and the results of the requests for its resources."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from volvo_exporter import catalogue
from volvo_exporter.catalogue import families
from volvo_exporter.catalogue.model import Family, Key, Resource, Service
from volvo_exporter.vehicles.reading import Absence, Answer, Reading

_ORDER = {resource.name: number for number, resource in enumerate(catalogue.RESOURCES)}


def _shared_keys() -> Mapping[Key, tuple[str, ...]]:
    """Return the keys that several resources report, with the names of those resources."""
    names: dict[Key, list[str]] = {}
    for resource in catalogue.RESOURCES:
        for entry in resource.fields:
            names.setdefault(entry.series, []).append(resource.name)
    return {key: tuple(sources) for key, sources in names.items() if len(sources) > 1}


_SHARED = _shared_keys()


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """Result of the requests for a resource; times are Unix seconds."""

    up: bool
    last_success: float | None = None
    max_age: float = math.inf
    """Seconds for which a success counts as current."""
    fresh_until: float = math.inf
    """Time after which the last success is stale; infinity if it does not expire."""

    def age(self, max_age: float, now: float) -> "Poll":
        """Return the poll after some time without an answer, where `max_age` may have changed meanwhile."""
        if now > self.fresh_until:
            return replace(self, up=False)
        until = self.fresh_until
        if self.last_success is not None and max_age > self.max_age:
            until = max(until, self.last_success + max_age)
        # If the interval becomes shorter, the next request still gets that interval.
        until = min(until, now + max_age)
        if (max_age, until) == (self.max_age, self.fresh_until):
            return self
        return replace(self, max_age=max_age, fresh_until=until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Changes by an answer."""

    changed: tuple[Reading, ...] = ()
    """Readings that are new, have another value or were measured at another time."""
    lost: tuple[Reading, ...] = ()
    """Readings whose value is unknown from now on."""
    absences: Mapping[Key, Absence] = field(default_factory=lambda: MappingProxyType({}))
    """Why the values in `lost` are unknown; a missing key is not listed."""
    attributes: bool = False
    """True where an attribute of the vehicle changed."""

    def __bool__(self) -> bool:
        """Return whether anything changed."""
        return bool(self.changed or self.lost or self.attributes)


NO_CHANGE = Change()


@dataclass(slots=True, kw_only=True)
class Vehicle:
    """One vehicle. The values of a resource are replaced as a whole, answer by answer."""

    vin: str
    attributes: dict[str, str] = field(default_factory=dict)
    polls: dict[str, Poll] = field(default_factory=dict)
    """By the name of the resource."""
    _answers: dict[tuple[str, str], Mapping[Key, Reading]] = field(default_factory=dict)
    """The readings of each resource and item, in the order of the catalogue."""
    _best: dict[Key, Reading] = field(default_factory=dict)
    """One reading for each key, although two resources may report it."""

    def take(self, resource: Resource, item: str, answer: Answer) -> Change:
        """Replace the readings of a resource with its latest answer; return what changed."""
        source = (resource.name, item)
        before = self._answers.get(source, {})
        after = {reading.key: reading for reading in answer.readings}
        changed = tuple(new for key, new in after.items() if not new.repeats(before.get(key)))
        lost = tuple(old for key, old in before.items() if key not in after)
        # A known attribute is never removed: a changed label would change every series of the car.
        new_attributes = {
            name: value for name, value in answer.attributes.items() if self.attributes.get(name) != value
        }
        self.attributes.update(new_attributes)
        self._replace(source, after)
        for key in after.keys() | before.keys():
            self._choose(key, source)
        absences = {reading.key: why for reading in lost if (why := answer.absences.get(reading.key))}
        return Change(changed=changed, lost=lost, absences=absences, attributes=bool(new_attributes))

    def drop(self, resource: Resource, item: str) -> Change:
        """Remove a resource that the vehicle does not have."""
        self.polls.pop(resource.name, None)
        source = (resource.name, item)
        lost = self._answers.pop(source, {})
        for key in lost:
            self._choose(key, source)
        return Change(lost=tuple(lost.values()))

    @property
    def is_known(self) -> bool:
        """Return whether the vehicle has reported anything yet."""
        return bool(self._answers)

    @property
    def readings(self) -> Iterator[Reading]:
        """Return the best reading of each key, in the order of the catalogue."""
        return (reading for reading in self.all_readings if self._best[reading.key] is reading)

    @property
    def all_readings(self) -> Iterator[Reading]:
        """Return every reading, also those of fallbacks."""
        return (reading for readings in self._answers.values() for reading in readings.values())

    @property
    def reported_at(self) -> float | None:
        """Return when the car last reported anything, in Unix seconds; the weather does not count."""
        return max(
            (
                reading.measured
                for reading in self.all_readings
                if reading.measured is not None and reading.resource.api.service is Service.VOLVO
            ),
            default=None,
        )

    def reading(self, family: Family, *labels: tuple[str, str]) -> Reading | None:
        """Return the best reading of a family and its labels; None while it is unknown."""
        return self._best.get((family.name, labels))

    def readings_of(self, family: Family) -> Iterator[Reading]:
        """Return the best readings of a family."""
        return (reading for (name, _), reading in self._best.items() if name == family.name)

    def number(self, family: Family, *labels: tuple[str, str]) -> float | None:
        """Return a measured value in base units; None while it is unknown."""
        reading = self.reading(family, *labels)
        return None if reading is None or not isinstance(reading.value, float) else reading.value

    def flag(self, family: Family, *labels: tuple[str, str]) -> bool | None:
        """Return a flag; None while it is unknown."""
        reading = self.reading(family, *labels)
        return None if reading is None or not isinstance(reading.value, bool) else reading.value

    def state(self, family: Family, *labels: tuple[str, str]) -> str | None:
        """Return a state as in the API; None while it is unknown."""
        reading = self.reading(family, *labels)
        return None if reading is None or not isinstance(reading.value, str) else reading.value

    @property
    def position(self) -> tuple[float, float] | None:
        """Return latitude and longitude in degrees; None while they are unknown."""
        latitude, longitude = self.number(families.LATITUDE), self.number(families.LONGITUDE)
        return None if latitude is None or longitude is None else (latitude, longitude)

    def note(self, resource: Resource, *, up: bool, now: float, max_age: float = math.inf) -> None:
        """Record whether a request succeeded, and for how many seconds a success counts as current."""
        before = self.polls.get(resource.name, Poll(up=False))
        self.polls[resource.name] = (
            Poll(up=True, last_success=now, max_age=max_age, fresh_until=now + max_age)
            if up
            else replace(before, up=False)
        )

    def age(self, max_ages: Mapping[str, float], now: float) -> None:
        """Mark resources that have not succeeded for too long as down; `max_ages` are by resource."""
        for name, poll in self.polls.items():
            self.polls[name] = poll.age(max_ages.get(name, poll.max_age), now)

    def stale(self, now: float) -> frozenset[str]:
        """Return the resources whose last success is too long ago for their values to be current."""
        return frozenset(name for name, poll in self.polls.items() if now > poll.fresh_until)

    def next_expiry(self, now: float) -> float:
        """Return when the next resource becomes stale; infinity for never."""
        pending = (poll.fresh_until for poll in self.polls.values() if poll.fresh_until >= now)
        return min(pending, default=math.inf)

    def _replace(self, source: tuple[str, str], readings: Mapping[Key, Reading]) -> None:
        is_new = source not in self._answers
        self._answers[source] = readings
        if is_new:
            ordered = sorted(self._answers, key=lambda known: (_ORDER[known[0]], known[1]))
            self._answers = {known: self._answers[known] for known in ordered}

    def _choose(self, key: Key, source: tuple[str, str]) -> None:
        """Choose the reading of a key; a fallback only if no other resource reports it."""
        sources = (source, *((name, "") for name in _SHARED.get(key, ()) if name != source[0]))
        candidates = [found for where in sources if (found := self._answers.get(where, {}).get(key))]
        if candidates:
            self._best[key] = min(candidates, key=lambda reading: reading.field.fallback)
        else:
            self._best.pop(key, None)
