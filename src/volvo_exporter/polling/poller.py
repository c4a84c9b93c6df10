"""The loop that carries the plan out: one account's requests, and what becomes of the answers."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random
from typing import Protocol, assert_never

import anyio
import structlog
from anyio.abc import TaskGroup

from volvo_exporter.catalogue import connected_vehicle, extended_vehicle, families
from volvo_exporter.catalogue.model import Api, Resource
from volvo_exporter.metrics.readings import Unmapped, read, read_items, read_vins
from volvo_exporter.metrics.store import Store
from volvo_exporter.metrics.telemetry import Telemetry
from volvo_exporter.polling.activity import Event, Look, age, observe, read_signs
from volvo_exporter.polling.budget import Budget
from volvo_exporter.polling.freshness import max_age, max_ages
from volvo_exporter.polling.outcomes import Held, Hold, Outcome, outcome_for, outcome_of
from volvo_exporter.polling.plan import Plan
from volvo_exporter.polling.roster import Roster, update
from volvo_exporter.polling.schedule import Entry, Slot, advance, settled
from volvo_exporter.volvo.errors import CloudError

LOOK_FOR_LOGIN = 2.0
HOLD_SECONDS = 300.0
KEY_WARNING_SECONDS = 3600.0  # a new key is refused about every other time: one warning an hour is enough
KEY_REFUSALS = 6  # with every other call refused at random, a good key fails so often once in sixty times
LONGEST_SLEEP = 300.0  # the plan changes as time passes, too
MOST_NOVELTIES = 1000
AGEING_SECONDS = 60.0  # a usual scrape interval: more often nothing could be seen

Clock = Callable[[], float]


class Grant(Protocol):
    """The login, as far as the poller cares."""

    @property
    def generation(self) -> int:
        """Grows with each login."""

    async def access_token(self) -> str:
        """A valid token; raises CloudError."""


class Cloud(Protocol):
    """Volvo's APIs."""

    async def fetch(self, resource: Resource, *, vin: str = "", item: str = "") -> object:
        """The JSON of a resource; raises CloudError."""


class Weather(Protocol):
    """The weather service."""

    async def fetch(self, resource: Resource, *, latitude: float, longitude: float) -> object:
        """The JSON of the weather at a place; raises CloudError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mishap:
    """The last error of a slot."""

    at: float
    message: str


class Poller:
    """Polls the cars of one account for as long as it runs.

    Args:
        account: The account's name, for labels and log lines.
        plan: What to ask for.
        vins: The cars that the owner chose; empty for all of the account.
        weather: None where no weather is wanted.
        clock: Unix time.
        chance: Spreads retries.
    """

    def __init__(
        self,
        *,
        account: str,
        plan: Plan,
        vins: tuple[str, ...],
        grant: Grant,
        cloud: Cloud,
        weather: Weather | None,
        budget: Budget,
        store: Store,
        telemetry: Telemetry,
        clock: Clock,
        chance: Random,
    ) -> None:
        self.account = account
        self.plan = plan
        self.hold: Held | None = None
        self.mishaps: dict[Slot, Mishap] = {}
        self.key_refusal: Mishap | None = None
        """The last refusal of the API key, unless a request has succeeded since."""
        self.listed: tuple[str, ...] = ()
        """The VINs of the account, as last answered."""
        self.budget = budget
        self._vins = vins
        self._grant = grant
        self._cloud = cloud
        self._weather = weather
        self._store = store
        self._telemetry = telemetry
        self._clock = clock
        self._chance = chance
        self._log = structlog.get_logger().bind(account=account)
        self._roster = Roster()
        self._in_flight: set[Slot] = set()
        self._generation = grant.generation
        self._key_refusals = 0
        self._key_warned_at = -math.inf
        self._limit: Hold | None = None
        """The limit of the key because of which requests were refused last; None once one was answered."""
        self._novelties: set[Unmapped] = set()
        self._wake = anyio.Event()
        budget.watch(self.wake)

    def wake(self) -> None:
        """Look at once for what may be sent."""
        self._wake.set()

    async def run(self) -> None:
        """Poll until cancelled."""
        self.plan.begin(self._clock())
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._keep_ageing)
                while True:
                    self._wake = anyio.Event()
                    # At the reset all intervals change: what the quota stretched is due at once.
                    resets = self.budget.resets_at(self._clock())
                    wait = min(await self._step(tasks), resets) - self._clock()
                    with anyio.move_on_after(min(max(wait, 0.0), LONGEST_SLEEP)):
                        await self._wake.wait()
        finally:
            self.budget.save(self._clock())

    async def _step(self, tasks: TaskGroup) -> float:
        """Send what may be sent now; the answer is when to look again."""
        now = self._clock()
        self.budget.plan(now)
        waiting = self.plan.due(now, but=self._in_flight)
        if not waiting and self.hold is None:
            return self.plan.next_due(now, but=self._in_flight)
        opens = await self._account_opens()
        # A car may have been dropped while a token was renewed.
        for slot in filter(self.plan.entries.__contains__, waiting):
            if slot.resource.api is not Api.WEATHER:
                opens = max(opens, self.budget.open_at(self._clock()))
                if opens > self._clock():
                    continue
                self.budget.spend(self._clock())
            self._in_flight.add(slot)
            tasks.start_soon(self._attempt, self.plan.ask(slot, self._clock()), self._clock())
        left = self._in_flight.union(waiting)
        later = self.plan.next_due(now, but=left)
        return min(later, opens) if opens > now else later

    def lag(self) -> float:
        """How many seconds the request that waits longest is late."""
        now = self._clock()
        return max(0.0, now - self.plan.next_due(now, but=self._in_flight))

    async def _account_opens(self) -> float:
        """When the account may send; a token is made ready, so that no request has to wait for one."""
        now = self._clock()
        # Further away than any hold lasts it can only be after the clock was set back.
        if self.hold and self.hold.until and now < self.hold.until <= now + HOLD_SECONDS:
            return self.hold.until
        try:
            await self._grant.access_token()
        except CloudError as error:
            held = outcome_of(error)
            self._wait(held if isinstance(held, Held) else Held(why=Hold.TOKEN), str(error))
            return self.hold.until if self.hold and self.hold.until else self._clock()
        if self.hold:
            self._log.info("polling resumes", after=self.hold.why.value)
            self.hold = None
        if self._generation != self._grant.generation:
            self._generation = self._grant.generation
            self.plan.renew(self._clock())
        return self._clock()

    def _wait(self, held: Held, message: str) -> None:
        """Let the account, or all accounts of the key, wait."""
        now = self._clock()
        match held.why:
            case Hold.QUOTA:
                self._limited(held.why, message)
                self.budget.exhaust(now, held.until)
            case Hold.THROTTLED:
                self._limited(held.why, message)
                self.budget.throttle(now, held.until)
            case Hold.LOGIN | Hold.CLIENT | Hold.KEY | Hold.TOKEN:
                seconds = {Hold.LOGIN: LOOK_FOR_LOGIN, Hold.TOKEN: 30.0}.get(held.why, HOLD_SECONDS)
                known = self.hold is not None and self.hold.why is held.why
                # A wrong key is tried again after each pause; one warning is enough.
                retried = held.why is Hold.KEY and self._key_refusals > KEY_REFUSALS
                if not known and not retried:
                    self._log.warning("waiting", why=held.why.value, message=message)
                self.hold = Held(why=held.why, until=now + seconds, message=message)
            case _ as unreachable:
                assert_never(unreachable)

    def _limited(self, why: Hold, message: str) -> None:
        """Log once that a limit of the key is reached: every request under way is refused alike."""
        if self._limit is not why:
            self._log.warning("waiting", why=why.value, message=message)
        self._limit = why

    async def _attempt(self, before: Entry, sent: float) -> None:
        slot = before.slot
        result: object
        try:
            result = await self._fetch(slot)
        except CloudError as error:
            result = error
        finally:
            self._in_flight.discard(slot)
            self._wake.set()
        metered = slot.resource.api is not Api.WEATHER
        outcome = outcome_for(result, metered=metered) if isinstance(result, CloudError) else Outcome.OK
        if isinstance(outcome, Held):
            self.plan.retract(before)
            self.key_refusal = None  # this is the reason now
            self._wait(outcome, str(result))
            return
        if metered:
            self._resume(sent)
        entry = self.plan.entries.get(slot)
        if entry is None:
            return
        if isinstance(result, CloudError):
            self._fail(entry, outcome, str(result))
        else:
            self._succeed(entry, result)

    def _resume(self, sent: float) -> None:
        """Note that a request that was sent at `sent` was not refused because of a limit of the key."""
        self.budget.confirm(sent)
        if self._limit and not self.budget.refused:
            self._log.info("polling resumes", after=self._limit.value)
            self._limit = None

    async def _fetch(self, slot: Slot) -> object:
        if slot.resource.api is not Api.WEATHER:
            return await self._cloud.fetch(slot.resource, vin=slot.vin, item=slot.item)
        if slot.vin not in self._store.vins:
            return {}  # dropped since the request was started
        latitude = self._store.value(slot.vin, families.LATITUDE)
        longitude = self._store.value(slot.vin, families.LONGITUDE)
        if self._weather is None or latitude is None or longitude is None:
            return {}
        return await self._weather.fetch(slot.resource, latitude=latitude, longitude=longitude)

    def _succeed(self, entry: Entry, payload: object) -> None:
        now, slot = self._clock(), entry.slot
        listed = read_vins(payload) if slot.resource is connected_vehicle.VEHICLES else ()
        if listed is None:
            self._fail(entry, Outcome.TRANSIENT, "the list of vehicles is not a list")
            return
        if slot.resource.api is not Api.WEATHER:
            self._key_refusals, self.key_refusal = 0, None
        if entry.failures:
            self._log.info("resource answers again", resource=slot.resource.name, car=self._car(slot.vin))
        if slot.resource is connected_vehicle.VEHICLES:
            self._settle(entry, Outcome.OK)
            self.listed = listed
            self._take_cars(listed, now)
        else:
            told = self._take_readings(slot, payload, now)
            self._settle(entry, Outcome.OK if told else Outcome.EMPTY)
            valid = max_age(self.plan, slot, now)
            self._store.note(slot.vin, slot.resource.name, up=True, now=now, max_age=valid)
            self._observe(slot.vin, now)

    def _take_cars(self, listed: tuple[str, ...], now: float) -> None:
        before, self._roster = self._roster, update(self._roster, listed, chosen=self._vins, now=now)
        if self._roster.incomplete == 1:
            self._log.warning(
                "cars missing",
                listed=len(listed),
                missing=len(self._roster.missing),
                message="check `vin`, or log in again and select the cars on Volvo's consent page",
            )
        if self._roster.retry_after is not None:
            self.plan.postpone(connected_vehicle.VEHICLES, now + self._roster.retry_after)
        for vin in set(before.vins).difference(self._roster.vins):
            self._log.warning("car dropped", car=self._car(vin), message="it is no longer in the account")
            self.plan.dismiss(vin)
            self._store.forget(vin, account=self.account)
        self._welcome(self._roster.vins, now)

    def _welcome(self, vins: tuple[str, ...], now: float) -> None:
        for vin in vins:
            self._store.add(vin, account=self.account)
            self.plan.welcome(vin, now)

    def _take_readings(self, slot: Slot, payload: object, now: float) -> bool:
        """Store what was told; False if it was nothing."""
        if slot.resource is extended_vehicle.ITEMS:
            items = read_items(payload)
            self.plan.list_items(slot.vin, items, now)
            return bool(items)
        readings = read(slot.resource, payload, now=now, item=slot.item)
        for unmapped in readings.unmapped:
            self._telemetry.count_unmapped(unmapped)
            if unmapped not in self._novelties and len(self._novelties) < MOST_NOVELTIES:
                self._novelties.add(unmapped)
                self._log.warning(
                    "value not understood and left out",
                    resource=unmapped.resource,
                    field=unmapped.field,
                    reason=unmapped.reason.value,
                    value=unmapped.value,
                )
        self._store.put(slot.vin, slot.resource.name, readings, item=slot.item)
        if any(sample.family is families.LATITUDE for sample in readings.samples):
            self.plan.locate(slot.vin, now)
        return not readings.empty

    async def _keep_ageing(self) -> None:
        """Reconsider every minute what is still current, as no request has to succeed."""
        while True:
            await anyio.sleep(AGEING_SECONDS)
            now = self._clock()
            for vin, valid in max_ages(self.plan, now).items():
                self._store.age(vin, valid, now=now)
                if self._observe(vin, now, look=age):
                    self._wake.set()

    def stale(self, slot: Slot) -> bool:
        """Whether the last success of a slot of a car is too long ago for its values to be current."""
        return slot.resource.name in self._store.stale(slot.vin, now=self._clock())

    def _observe(self, vin: str, now: float, look: Look = observe) -> frozenset[Event]:
        """Look what the car is doing, and what that changes in the plan."""
        before = self.plan.conditions[vin].activity
        current, stale = self._store.current_samples(vin, now=now), self._store.stale(vin, now=now)
        events = self.plan.observe(vin, read_signs(current, stale=stale), now, look)
        activity = self.plan.conditions[vin].activity
        if activity is not before:
            self._log.info(activity.value, car=self._car(vin))
        elif events:
            self._log.debug(", ".join(sorted(event.value for event in events)), car=self._car(vin))
        self._store.pace(vin, self.plan.intervals(vin, now), activity=activity.value)
        return events

    def _fail(self, entry: Entry, outcome: Outcome, message: str) -> None:
        now, slot = self._clock(), entry.slot
        self.mishaps[slot] = Mishap(at=now, message=message)
        if outcome is not entry.outcome:
            self._tell(slot, outcome, message)
        entry = self._settle(entry, outcome)
        if outcome is Outcome.KEY_REFUSED:
            self._key_refusals += 1
            self.key_refusal = self.mishaps[slot]
            if self._key_refusals >= KEY_REFUSALS:
                self._wait(Held(why=Hold.KEY), message)
        elif slot.resource is connected_vehicle.VEHICLES:
            self._roster = replace(self._roster, vins=self._roster.vins or self._vins)
            self._welcome(self._roster.vins, now)
        elif outcome is Outcome.UNSUPPORTED and settled(entry, now=now):
            self._store.drop(slot.vin, slot.resource.name, item=slot.item)
        else:
            self._store.note(slot.vin, slot.resource.name, up=False, now=now)

    def _tell(self, slot: Slot, outcome: Outcome, message: str) -> None:
        """One log line when a resource begins to fail; that a car lacks something is no warning."""
        quiet = outcome is Outcome.UNSUPPORTED
        if outcome is Outcome.KEY_REFUSED:
            now = self._clock()
            quiet = abs(now - self._key_warned_at) < KEY_WARNING_SECONDS
            self._key_warned_at = self._key_warned_at if quiet else now
        say = self._log.info if quiet else self._log.warning
        say(outcome.value, resource=slot.resource.name, car=self._car(slot.vin), message=message)

    def _settle(self, entry: Entry, outcome: Outcome) -> Entry:
        now, chance = self._clock(), self._chance.random()
        interval = self.plan.interval(entry.slot, now)
        entry = advance(entry, outcome, now=now, interval=interval, chance=chance)
        self.plan.settle(entry, now)
        return entry

    def _car(self, vin: str) -> str:
        """A name for the log that is not the VIN."""
        if vin not in self._store.vins:
            return ""
        known = self._store.attributes(vin)
        number = self._store.vins.index(vin) + 1
        return known["name"] or f"{known['model'] or 'car'} ({number})"
