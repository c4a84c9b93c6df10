"""Backfill the demo: write the samples that Prometheus would have scraped, as OpenMetrics.

The simulator's payloads go through the same plan, quota, reducer and `/metrics` as those of a real cloud, but
not through HTTP. Each series is stored when it changes and written with timestamps, for
`promtool tsdb create-blocks-from openmetrics`.
"""

import json
import math
from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import BinaryIO

from volvo_exporter import catalogue
from volvo_exporter.catalogue import connected_vehicle, journal
from volvo_exporter.catalogue.model import Labels, Service
from volvo_exporter.journal.memory import JournalInMemory
from volvo_exporter.polling import reducer
from volvo_exporter.polling.budget import Budget
from volvo_exporter.polling.outcomes import Outcome
from volvo_exporter.polling.plan import Plan
from volvo_exporter.polling.quota import Quota
from volvo_exporter.polling.schedule import Slot
from volvo_exporter.polling.status import AccountStatus, LoginStatus, describe_quota
from volvo_exporter.prometheus.exposition import render_labels, render_samples
from volvo_exporter.prometheus.journal_metrics import JournalMetrics, open_header
from volvo_exporter.prometheus.metrics import VehicleMetrics
from volvo_exporter.prometheus.telemetry import ACCOUNT_FAMILIES
from volvo_exporter.simulator import Car, CarState, Profile, SimulatedClock, World
from volvo_exporter.simulator.answer import Answer
from volvo_exporter.simulator.plan import begin_of, day_of
from volvo_exporter.simulator.weather import current
from volvo_exporter.simulator.wire import View, render
from volvo_exporter.vehicles.garage import Garage
from volvo_exporter.vehicles.samples import Sample
from volvo_exporter.vehicles.updates import Update
from volvo_exporter.volvo.grant import MAX_GRANT_SECONDS

MAX_STEP_SECONDS = 300
"""Prometheus treats a series without samples for five minutes as ended."""
MAX_HISTORY_SECONDS = int(MAX_GRANT_SECONDS)
"""The lifetime of one login: a history contains no second login."""
ACCOUNT = "demo"
SCRAPE_INTERVAL = 300.0
QUOTA = Quota(limit=10_000, per_minute=100)
OK = 200
FUEL_SHARES = tuple(percent / 100 for percent in range(16, 100, 4))
"""Fuel levels, as a share of the tank, with which a history may begin."""
FAMILIES = (*catalogue.VEHICLE_FAMILIES, *journal.FAMILIES, *(family for family, _ in ACCOUNT_FAMILIES))
"""The families of a history. The others describe a program that did not run then: version, requests, lag."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The times of the samples: every `step` seconds, the last time at `end`. Whole Unix seconds."""

    end: int
    seconds: int
    step: int

    def moments(self) -> range:
        """Return the time of each sample."""
        return range(self.end - self.seconds // self.step * self.step, self.end + 1, self.step)


class BackfilledCar:
    """A simulated car, extended into the past.

    Before the day on which the simulation starts, a twin provides the state: the same trips, with odometer,
    service and fuel chosen so that the values continue without a jump.
    """

    def __init__(self, car: Car, *, seed: int, clock: SimulatedClock, seconds: float) -> None:
        self.profile = car.profile
        self._car = car
        self._meeting = begin_of(day_of(clock.simulated_start))
        self._twin = self._find_twin(seed, clock.simulated_start, seconds)

    def state(self, life: float) -> CarState:
        """Return the state of the car at a simulated time."""
        return (self._car if life >= self._meeting else self._twin).state(life)

    def _find_twin(self, seed: int, start: float, seconds: float) -> Car:
        begin = start - seconds
        days = day_of(start) - day_of(begin)
        now = self._car.state(self._meeting)

        def twin(profile: Profile) -> Car:
            return Car(profile, seed=seed, simulated_start=begin)

        def fuel_missing(profile: Profile) -> float:
            return abs((twin(profile).state(self._meeting).fuel.value or 0.0) - (now.fuel.value or 0.0))

        profile = _at_home(self.profile, days)
        if profile.tank_liters is not None:
            profile = min((replace(profile, fuel=fuel) for fuel in FUEL_SHARES), key=fuel_missing)
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
    """Return the profile for a simulation that begins some days earlier, with the same absences."""
    away = tuple((first + days, until + days) for first, until in profile.habits.away)
    habits = replace(profile.habits, away=away)
    return replace(profile, habits=habits, service_days=profile.service_days + days)


@dataclass(slots=True)
class _Series:
    """The changes of one series; NaN marks its end."""

    since: "array[int]" = field(default_factory=lambda: array("L"))
    """Indices of the sample times."""
    values: "array[float]" = field(default_factory=lambda: array("d"))

    def change(self, moment: int, value: float) -> None:
        self.since.append(moment)
        self.values.append(value)

    def runs(self, end: int) -> Iterator[tuple[float, int, int]]:
        """Yield each value with the indices of its first sample and the next change."""
        until = (*self.since[1:], end)
        runs = zip(self.values, self.since, until, strict=True)
        return (run for run in runs if not math.isnan(run[0]))


class PastPoller:
    """An exporter's polling of simulated cars in the past.

    Args:
        world: The cars at the end of the history, at real speed.
        seed: The seed of the world.
        span: The times of the requests.
        take: Receives each update.
    """

    def __init__(self, world: World, *, seed: int, span: Span, take: Callable[[Update], None]) -> None:
        self._world = world
        self._cars = {
            vin: BackfilledCar(car, seed=seed, clock=world.simulated_clock, seconds=span.seconds)
            for vin, car in world.cars.items()
        }
        self.garage = Garage()
        resources = tuple(resource for resource in catalogue.RESOURCES if resource.enabled)
        self._plan = Plan(resources=resources, scrape_interval=SCRAPE_INTERVAL, garage=self.garage)
        self.budget = Budget(QUOTA)
        self.budget.plans.append(self._plan)
        self._take = take
        self._plan.begin(span.moments()[0])

    def poll(self, now: int) -> None:
        """Request what is due at `now`."""
        self.budget.plan(now)
        while (vin := self._plan.pop_review(now)) is not None:
            self._take(reducer.apply_time(self._plan, self.garage, vin, now=now))
        while (slot := self._plan.first_due(now)) is not None:
            self._plan.record_request(slot, now)
            self.budget.spend(slot.resource.api, now)
            self._attempt(slot, now)

    def _attempt(self, slot: Slot, now: int) -> None:
        if slot.resource is connected_vehicle.VEHICLES:
            for vin in self._cars:
                self.garage.add(vin, account=ACCOUNT)
                self._plan.add_vehicle(vin, now)
            reducer.record(self._plan, slot, Outcome.OK, now=now, chance=0.0)
            return
        answer = self._fetch(slot, now)
        if answer.status == OK:
            update = reducer.apply_answer(
                self._plan, self.garage, slot, json.loads(answer.body), now=now, chance=0.0
            ).update
        else:
            update = reducer.apply_failure(
                self._plan, self.garage, slot, Outcome.UNSUPPORTED, now=now, chance=0.0
            )
        self._take(update)

    def _fetch(self, slot: Slot, now: int) -> Answer:
        if slot.resource.api.service is Service.OPENWEATHERMAP:
            latitude, longitude = self.garage[slot.vin].vehicle.position or (0.0, 0.0)
            return current(str(latitude), str(longitude), units="metric", time=now)
        car, clock = self._cars[slot.vin], self._world.simulated_clock
        state = car.state(clock.simulated(now))
        return render(
            slot.resource, View(profile=car.profile, state=state, now=now, clock=clock, era=self._world.era)
        )


class Backfill:
    """An exporter that polled simulated cars, and a Prometheus that stores what it exported.

    Args:
        world: The cars at the end of the history, at real speed.
        seed: The seed of the world.
        span: The times of the samples.
    """

    def __init__(self, world: World, *, seed: int, span: Span) -> None:
        self._poller = PastPoller(world, seed=seed, span=span, take=self._take)
        garage = self._poller.garage
        self._metrics = VehicleMetrics(garage)
        self._journal_metrics = JournalMetrics(garage)
        self._journal = JournalInMemory(
            attributes=lambda vin: garage[vin].vehicle.attributes, on_values=self._journal_metrics.take
        )
        self._grant_expiry = span.moments()[0] + MAX_GRANT_SECONDS
        self._moments: list[int] = []
        self._lines: frozenset[bytes] = frozenset()
        self._series: dict[bytes, _Series] = {}

    def live(self, now: int) -> None:
        """Request what is due at `now`, and store the changes."""
        self._poller.poll(now)
        self._remember(now)

    def write(self, output: BinaryIO, *, labels: Labels = ()) -> None:
        """Write the history as OpenMetrics; `labels` are added to every series, as at a scrape."""
        added = b"," + render_labels(labels).encode() if labels else b""
        stamps = [f"{moment}.000\n".encode() for moment in self._moments]
        by_family: dict[bytes, list[bytes]] = {}
        for series in self._series:
            by_family.setdefault(series.partition(b"{")[0], []).append(series)
        for family in FAMILIES:
            if members := by_family.get(family.name.encode()):
                output.write(open_header(family))
            for series in members or ():
                for value, since, until in self._series[series].runs(len(stamps)):
                    line = b"%b%b} %b " % (series[:-1], added, repr(value).encode())
                    output.write(line + line.join(stamps[since:until]))
        output.write(b"# EOF\n")

    def _take(self, update: Update) -> None:
        self._metrics.take(update)
        self._journal_metrics.take_update(update)
        self._journal.take(update)

    def _remember(self, now: int) -> None:
        of_journal = self._journal_metrics.parts()
        text = self._metrics.exposition() + b"".join(of_journal) + b"".join(_account_lines(self._status(now)))
        lines = frozenset(line for line in text.splitlines() if not line.startswith(b"#"))
        changed = {series: float(value) for series, value in _split(lines - self._lines)}
        ended = {series for series, _ in _split(self._lines - lines)} - changed.keys()
        for series, value in (*changed.items(), *((series, math.nan) for series in ended)):
            self._series.setdefault(series, _Series()).change(len(self._moments), value)
        self._lines = lines
        self._moments.append(now)

    def _status(self, now: int) -> AccountStatus:
        login = LoginStatus(required=False, token_expiry=None, grant_expiry=self._grant_expiry)
        return AccountStatus(
            account=ACCOUNT,
            login=login,
            quota=describe_quota(self._poller.budget, now),
            waiting=None,
            last_success=now,
            lacks_vehicles=False,
            lag=0.0,
        )


def _account_lines(status: AccountStatus) -> Iterator[bytes]:
    labels = render_labels((("account", status.account),))
    for family, value_of in ACCOUNT_FAMILIES:
        if (value := value_of(status)) is not None:
            yield render_samples(labels, [Sample(family=family, value=float(value))])


def _split(lines: Iterable[bytes]) -> Iterator[tuple[bytes, bytes]]:
    for line in lines:
        series, _, value = line.rpartition(b" ")
        yield series, value
