"""`volvo-exporter simulate --history`: what Prometheus would have scraped these last days, as OpenMetrics.

The simulator's payloads go through the real plan, quota, readings and store, but through no HTTP; what
`/metrics` would have said at each step is kept where it changed, and written with its time, for
`promtool tsdb create-blocks-from openmetrics`.
"""

import json
import math
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import BinaryIO

from volvo_exporter import catalogue
from volvo_exporter.catalogue import connected_vehicle, families
from volvo_exporter.catalogue.model import Api, Labels
from volvo_exporter.metrics.exposition import render_header, render_labels, render_samples
from volvo_exporter.metrics.readings import Sample, read
from volvo_exporter.metrics.store import Store
from volvo_exporter.metrics.telemetry import ACCOUNT_FAMILIES, AccountFacts
from volvo_exporter.polling.activity import read_signs
from volvo_exporter.polling.budget import Budget
from volvo_exporter.polling.outcomes import Outcome
from volvo_exporter.polling.plan import Plan
from volvo_exporter.polling.quota import Quota, remaining, resets_at, roll
from volvo_exporter.polling.schedule import Slot, advance
from volvo_exporter.simulator import Car, CarState, LifeClock, Profile, World
from volvo_exporter.simulator.answer import Answer
from volvo_exporter.simulator.plan import begin_of, day_of
from volvo_exporter.simulator.weather import current
from volvo_exporter.simulator.wire import View, render
from volvo_exporter.volvo.grant import LONGEST_GRANT

LONGEST_STEP = 300
"""Seconds; Prometheus takes a series for ended that has no sample for five minutes."""
LONGEST = int(LONGEST_GRANT)
"""Seconds that one login lasts: the history is that of one."""
ACCOUNT = "demo"
SCRAPE_INTERVAL = 300.0
QUOTA = Quota(limit=10_000, per_minute=100)
OK = 200
FUELS = tuple(percent / 100 for percent in range(16, 100, 4))
"""Shares of a tank with which a past may begin."""
TOLD = (*catalogue.VEHICLE_FAMILIES, *(family for family, _ in ACCOUNT_FAMILIES))
"""The families of a history. The others tell of a program that did not run then: version, requests, lag."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """When there are samples: every `step` seconds, the last time at `end`. Whole Unix seconds."""

    end: int
    seconds: int
    step: int

    def moments(self) -> range:
        """The time of each sample."""
        return range(self.end - self.seconds // self.step * self.step, self.end + 1, self.step)


class Past:
    """A car of the simulation with a life before the few days that it knows of itself.

    Until the day begins on which the simulation starts, a twin lives it: the same trips, and odometer,
    service book and tank such that it becomes the car without a leap.
    """

    def __init__(self, car: Car, *, seed: int, clock: LifeClock, seconds: float) -> None:
        self.profile = car.profile
        self._car = car
        self._meeting = begin_of(day_of(clock.life_start))
        self._twin = self._find_twin(seed, clock.life_start, seconds)

    def state(self, life: float) -> CarState:
        """What the cloud knew at a life time."""
        return (self._car if life >= self._meeting else self._twin).state(life)

    def _find_twin(self, seed: int, start: float, seconds: float) -> Car:
        begin = start - seconds
        days = day_of(start) - day_of(begin)
        now = self._car.state(self._meeting)

        def twin(profile: Profile) -> Car:
            return Car(profile, seed=seed, life_start=begin)

        def fuel_missing(profile: Profile) -> float:
            return abs((twin(profile).state(self._meeting).fuel.value or 0.0) - (now.fuel.value or 0.0))

        profile = _at_home(self.profile, days)
        if profile.tank_liters is not None:
            profile = min((replace(profile, fuel=fuel) for fuel in FUELS), key=fuel_missing)
        then = twin(profile).state(self._meeting)
        return twin(
            replace(
                profile,
                odometer_km=profile.odometer_km - then.odometer.value + now.odometer.value,
                service_km=profile.service_km - then.service.value.km + now.service.value.km,
                service_hours=profile.service_hours - then.service.value.hours + now.service.value.hours,
            )
        )


def _at_home(profile: Profile, days: int) -> Profile:
    """The profile for a life that begins some days earlier, with absences no earlier than planned."""
    away = tuple((first + days, until + days) for first, until in profile.habits.away)
    habits = replace(profile.habits, away=away)
    return replace(profile, habits=habits, service_days=profile.service_days + days)


@dataclass(slots=True)
class _Series:
    """The values of one series where they changed; not a number where it ended."""

    since: "array[int]" = field(default_factory=lambda: array("L"))
    """Numbers of the moments."""
    values: "array[float]" = field(default_factory=lambda: array("d"))

    def change(self, moment: int, value: float) -> None:
        self.since.append(moment)
        self.values.append(value)

    def runs(self, end: int) -> Iterator[tuple[float, int, int]]:
        """Each value, and the moments from and until which it held."""
        until = (*self.since[1:], end)
        runs = zip(self.values, self.since, until, strict=True)
        return (run for run in runs if not math.isnan(run[0]))


class History:
    """An exporter that polls simulated cars, and a Prometheus that remembers what it said.

    Args:
        world: The cars as they are at the end, at the speed of real ones.
        seed: The seed of that world.
        span: When there are samples.
    """

    def __init__(self, world: World, *, seed: int, span: Span) -> None:
        begin = span.moments()[0]
        self._world = world
        self._cars = {
            vin: Past(car, seed=seed, clock=world.life, seconds=span.seconds)
            for vin, car in world.cars.items()
        }
        self._store = Store()
        resources = tuple(resource for resource in catalogue.RESOURCES if resource.enabled)
        self._plan = Plan(resources=resources, scrape_interval=SCRAPE_INTERVAL)
        self._budget = Budget(QUOTA)
        self._budget.plans.append(self._plan)
        self._grant_expiry = begin + LONGEST_GRANT
        self._moments: list[int] = []
        self._lines: frozenset[bytes] = frozenset()
        self._series: dict[bytes, _Series] = {}
        self._plan.begin(begin)

    def live(self, now: int) -> None:
        """Ask for what is due, and remember what changed."""
        self._budget.plan(now)
        while waiting := self._plan.due(now):
            for slot in waiting:
                self._attempt(slot, now)
        self._remember(now)

    def write(self, output: BinaryIO, *, labels: Labels = ()) -> None:
        """Write all as OpenMetrics; `labels` are added to every series, as Prometheus does at a scrape."""
        added = b"," + render_labels(labels).encode() if labels else b""
        stamps = [f"{moment}.000\n".encode() for moment in self._moments]
        by_family: dict[bytes, list[bytes]] = {}
        for series in self._series:
            by_family.setdefault(series.partition(b"{")[0], []).append(series)
        for family in TOLD:
            if members := by_family.get(family.name.encode()):
                output.write(render_header(family))
            for series in members or ():
                for value, since, until in self._series[series].runs(len(stamps)):
                    line = b"%b%b} %b " % (series[:-1], added, repr(value).encode())
                    output.write(line + line.join(stamps[since:until]))
        output.write(b"# EOF\n")

    def _attempt(self, slot: Slot, now: int) -> None:
        self._plan.ask(slot, now)
        if slot.resource.api is not Api.WEATHER:
            self._budget.spend(now)
        if slot.resource is connected_vehicle.VEHICLES:
            for vin in self._cars:
                self._store.add(vin, account=ACCOUNT)
                self._plan.welcome(vin, now)
            self._settle(slot, Outcome.OK, now)
            return
        answer = self._fetch(slot, now)
        if answer.status != OK:
            self._settle(slot, Outcome.UNSUPPORTED, now)
            self._store.drop(slot.vin, slot.resource.name)
            return
        self._take(slot, json.loads(answer.body), now)

    def _fetch(self, slot: Slot, now: int) -> Answer:
        if slot.resource.api is Api.WEATHER:
            latitude = self._store.value(slot.vin, families.LATITUDE)
            longitude = self._store.value(slot.vin, families.LONGITUDE)
            return current(str(latitude), str(longitude), units="metric", time=now)
        car, clock = self._cars[slot.vin], self._world.life
        state = car.state(clock.life(now))
        return render(
            slot.resource, View(profile=car.profile, state=state, now=now, clock=clock, era=self._world.era)
        )

    def _take(self, slot: Slot, payload: object, now: int) -> None:
        vin = slot.vin
        readings = read(slot.resource, payload, now=now)
        self._store.put(vin, slot.resource.name, readings)
        if any(sample.family is families.LATITUDE for sample in readings.samples):
            self._plan.locate(vin, now)
        told = readings.samples or readings.attributes
        self._settle(slot, Outcome.OK if told else Outcome.EMPTY, now)
        self._store.note(vin, slot.resource.name, up=True, now=now)
        self._plan.observe(vin, read_signs(self._store.samples(vin)), now)
        activity = self._plan.conditions[vin].activity
        self._store.pace(vin, self._plan.intervals(vin, now), activity=activity.value)

    def _settle(self, slot: Slot, outcome: Outcome, now: int) -> None:
        entry, interval = self._plan.entries[slot], self._plan.interval(slot, now)
        self._plan.settle(advance(entry, outcome, now=now, interval=interval, chance=0.0), now)

    def _remember(self, now: int) -> None:
        text = self._store.exposition() + b"".join(_account_lines(self._facts(now)))
        lines = frozenset(line for line in text.splitlines() if not line.startswith(b"#"))
        changed = {series: float(value) for series, value in _split(lines - self._lines)}
        ended = {series for series, _ in _split(self._lines - lines)} - changed.keys()
        for series, value in (*changed.items(), *((series, math.nan) for series in ended)):
            self._series.setdefault(series, _Series()).change(len(self._moments), value)
        self._lines = lines
        self._moments.append(now)

    def _facts(self, now: int) -> AccountFacts:
        quota = roll(self._budget.quota, now)
        return AccountFacts(
            account=ACCOUNT,
            login_required=False,
            token_expiry=None,
            grant_expiry=self._grant_expiry,
            quota_limit=quota.limit,
            quota_used=quota.used,
            quota_remaining=remaining(quota, now),
            quota_reset=resets_at(quota, now),
            quota_forecast=self._budget.forecast(now),
            lag=0.0,
        )


def _account_lines(facts: AccountFacts) -> Iterator[bytes]:
    labels = render_labels((("account", facts.account),))
    for family, value_of in ACCOUNT_FAMILIES:
        if (value := value_of(facts)) is not None:
            yield render_samples(labels, [Sample(family=family, value=float(value))])


def _split(lines: Iterable[bytes]) -> Iterator[tuple[bytes, bytes]]:
    for line in lines:
        series, _, value = line.rpartition(b" ")
        yield series, value
