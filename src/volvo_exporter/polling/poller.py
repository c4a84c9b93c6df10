"""Send the requests of one account as planned, and process the answers."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Protocol, assert_never

import anyio
import structlog
from anyio.abc import TaskGroup

from volvo_exporter.catalogue import connected_vehicle
from volvo_exporter.catalogue.model import Api, Service
from volvo_exporter.polling import reducer
from volvo_exporter.polling.budget import Budget
from volvo_exporter.polling.outcomes import Outcome, Pause, PauseReason, outcome_for, outcome_of
from volvo_exporter.polling.plan import Plan
from volvo_exporter.polling.roster import Roster, revise
from volvo_exporter.polling.schedule import Entry, Slot
from volvo_exporter.vehicles.garage import Garage
from volvo_exporter.vehicles.reader import read_vins
from volvo_exporter.vehicles.reading import Unmapped
from volvo_exporter.vehicles.updates import Update, Updates
from volvo_exporter.volvo.api import Source, Subject
from volvo_exporter.volvo.errors import CloudError

LOGIN_CHECK_SECONDS = 2.0
"""Time between two checks for a login by another process. Chosen: users wait for the result."""
PAUSE_SECONDS = 300.0
"""Time until a retry with a refused key, client or login. Chosen: 288 calls of the daily 10,000."""
KEY_WARNING_SECONDS = 3600.0
"""Time between two warnings about a new key, which Volvo refuses about every other time for some hours
(Dielee/volvo2mqtt#167); chosen."""
MAX_KEY_REFUSALS = 6
"""Refusals in a row after which a key counts as wrong: with one that is refused every other time, 1 in 64."""
MAX_SLEEP_SECONDS = 300.0
"""Longest time until the plan is read again, as activities and the quota change it with time; chosen."""
MAX_LOGGED_VALUES = 1000
"""Unknown values of which each is logged once; chosen, bounds the memory."""

Clock = Callable[[], float]


class Grant(Protocol):
    """The login, as used by the poller."""

    @property
    def generation(self) -> int:
        """The number of logins so far."""

    async def access_token(self) -> str:
        """Return a valid access token; raises CloudError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LastError:
    """The last error of a slot."""

    at: float
    message: str


class Poller:
    """Polls the vehicles of one account for as long as it runs.

    Args:
        account: The account's name, for labels and log lines.
        plan: What is requested.
        vins: The vehicles that the owner chose; empty for all of the account.
        sources: The source of each service; a service without a source is not requested.
        on_unmapped: Called for each unknown value.
        clock: Unix time.
        chance: Source of randomness, which spreads retries.
    """

    def __init__(
        self,
        *,
        account: str,
        plan: Plan,
        vins: tuple[str, ...],
        grant: Grant,
        sources: Mapping[Service, Source],
        budget: Budget,
        garage: Garage,
        updates: Updates,
        on_unmapped: Callable[[Unmapped], None],
        clock: Clock,
        chance: Random,
    ) -> None:
        self.account = account
        self.plan = plan
        self.pause: Pause | None = None
        self.errors: dict[Slot, LastError] = {}
        self.key_refusal: LastError | None = None
        """The last refusal of the API key, unless a request has succeeded since."""
        self.listed: tuple[str, ...] = ()
        """The VINs of the account, as last answered."""
        self.budget = budget
        self.garage = garage
        self.last_success: float | None = None
        """When Volvo last reported something of a vehicle, in Unix seconds."""
        self._vins = vins
        self._grant = grant
        self._sources = sources
        self._updates = updates
        self._on_unmapped = on_unmapped
        self._clock = clock
        self._chance = chance
        self._log = structlog.get_logger().bind(account=account)
        self._roster = Roster()
        self._generation = grant.generation
        self._key_refusals = 0
        self._key_warned_at = -math.inf
        self._limit: PauseReason | None = None
        """The limit of the key because of which requests were refused last; None once one was answered."""
        self._logged_values: set[Unmapped] = set()
        self._wake = anyio.Event()
        self._looked = -math.inf
        budget.watch(self.wake)

    def wake(self) -> None:
        """Check at once which requests may be sent."""
        self._wake.set()

    async def run(self) -> None:
        """Poll until cancelled."""
        self.plan.begin(self._clock())
        try:
            async with anyio.create_task_group() as tasks:
                while True:
                    self._wake = anyio.Event()
                    # At the reset all intervals change: what the quota stretched is due at once.
                    resets = self.budget.resets_at(self._clock())
                    wait = min(await self._step(tasks), resets) - self._clock()
                    with anyio.move_on_after(min(max(wait, 0.0), MAX_SLEEP_SECONDS)):
                        await self._wake.wait()
        finally:
            self.budget.save(self._clock())

    async def _step(self, tasks: TaskGroup) -> float:
        """Send what may be sent now; return the time of the next check."""
        now = self._clock()
        if now < self._looked:
            self.plan.place_all(now)  # the clock was set back
        self._looked = now
        self.budget.plan(now)
        self._review(now)
        if self.plan.first_due(now) is None and self.pause is None:
            return min(self.plan.next_due(), self.plan.next_review())
        opens = await self._account_opens()
        return opens if opens > self._clock() else min(self._send_due(tasks), self.plan.next_review())

    def _send_due(self, tasks: TaskGroup) -> float:
        """Send every due request that the budget allows; return when the next one may be sent."""
        while True:
            now = self._clock()
            opens = self.budget.open_at(now)
            slot = self.plan.first_due(now, [api for api, at in opens.items() if at <= now])
            if slot is None:
                return self.plan.next_due(opens)
            self.budget.spend(slot.resource.api, now)
            tasks.start_soon(self._attempt, self.plan.record_request(slot, now), now)

    def _review(self, now: float) -> None:
        """Update vehicles that sent no data until their review time."""
        while (vin := self.plan.pop_review(now)) is not None:
            self._publish(reducer.apply_time(self.plan, self.garage, vin, now=now))

    def lag(self) -> float:
        """Return how many seconds the most overdue request is late."""
        now = self._clock()
        return max(0.0, now - self.plan.oldest_due(now))

    async def _account_opens(self) -> float:
        """Return when the account may send; renew the token first, so that no request waits for it."""
        now = self._clock()
        # A pause beyond its maximum means that the clock was set back.
        if self.pause and self.pause.until and now < self.pause.until <= now + PAUSE_SECONDS:
            return self.pause.until
        try:
            await self._grant.access_token()
        except CloudError as error:
            pause = outcome_of(error)
            self._pause(pause.why if isinstance(pause, Pause) else PauseReason.TOKEN, str(error))
            return self.pause.until if self.pause and self.pause.until else self._clock()
        if self.pause:
            self._log.info("polling resumes", after=self.pause.why.value)
            self.pause = None
        if self._generation != self._grant.generation:
            self._generation = self._grant.generation
            self.plan.retry_forbidden(self._clock())
        return self._clock()

    def _wait(self, pause: Pause, message: str, *, api: Api) -> None:
        """Pause the account, or all accounts of the key, after an answer of an API."""
        now = self._clock()
        match pause.why:
            case PauseReason.QUOTA:
                self._limited(pause.why, message)
                self.budget.exhaust(api, now, pause.until)
            case PauseReason.THROTTLED:
                self._limited(pause.why, message)
                self.budget.throttle(now, pause.until)
            case PauseReason.LOGIN | PauseReason.CLIENT | PauseReason.KEY | PauseReason.TOKEN:
                self._pause(pause.why, message)
            case _ as unreachable:
                assert_never(unreachable)

    def _pause(self, why: PauseReason, message: str) -> None:
        """Pause the account."""
        seconds = {PauseReason.LOGIN: LOGIN_CHECK_SECONDS, PauseReason.TOKEN: 30.0}.get(why, PAUSE_SECONDS)
        known = self.pause is not None and self.pause.why is why
        # A wrong key is retried after each pause; one warning is enough.
        retried = why is PauseReason.KEY and self._key_refusals > MAX_KEY_REFUSALS
        if not known and not retried:
            self._log.warning("polling paused", why=why.value, message=message)
        self.pause = Pause(why=why, until=self._clock() + seconds, message=message)

    def _limited(self, why: PauseReason, message: str) -> None:
        """Log once that a limit of the key is reached: every request under way is refused alike."""
        if self._limit is not why:
            self._log.warning("polling paused", why=why.value, message=message)
        self._limit = why

    async def _attempt(self, before: Entry, sent: float) -> None:
        slot, result = before.slot, await self._fetch(before.slot)
        self._wake.set()
        metered = slot.resource.api.metered
        outcome = outcome_for(result, metered=metered) if isinstance(result, CloudError) else Outcome.OK
        if isinstance(outcome, Pause):
            self.plan.retract(before, self._clock())
            self.key_refusal = None  # the pause has another reason
            self._wait(outcome, str(result), api=slot.resource.api)
            return
        if metered:
            self._resume(slot.resource.api, sent, is_good=outcome is Outcome.OK)
        if slot not in self.plan.entries:
            return
        if isinstance(result, CloudError):
            self._fail(slot, outcome, str(result))
        else:
            self._succeed(slot, result)

    async def _fetch(self, slot: Slot) -> object:
        """Return the JSON of a resource, or the CloudError."""
        vehicle = self.garage[slot.vin].vehicle if slot.vin in self.garage else None
        subject = Subject(vin=slot.vin, item=slot.item, position=vehicle.position if vehicle else None)
        try:
            return await self._sources[slot.resource.api.service].fetch(slot.resource, subject)
        except CloudError as error:
            return error

    def _resume(self, api: Api, sent: float, *, is_good: bool) -> None:
        """Record that a request that was sent at `sent` was not refused because of a limit of the key."""
        self.budget.confirm(api, self._clock(), sent=sent, is_good=is_good)
        if self._limit and not self.budget.refused:
            self._log.info("polling resumes", after=self._limit.value)
            self._limit = None

    def _succeed(self, slot: Slot, payload: object) -> None:
        now = self._clock()
        listed = read_vins(payload) if slot.resource is connected_vehicle.VEHICLES else ()
        if listed is None:
            self._fail(slot, Outcome.TRANSIENT, "the list of vehicles is invalid; will retry")
            return
        if slot.resource.api.metered:
            self._key_refusals, self.key_refusal = 0, None
        if self.plan.entries[slot].failures:
            self._log.info("resource recovered", resource=slot.resource.name, car=self._car(slot.vin))
        if slot.resource is connected_vehicle.VEHICLES:
            reducer.record(self.plan, slot, Outcome.OK, now=now, chance=self._chance.random())
            self.listed = listed
            self._take_cars(listed, now)
            return
        result = reducer.apply_answer(
            self.plan, self.garage, slot, payload, now=now, chance=self._chance.random()
        )
        if slot.resource.api.metered:
            self.last_success = now
        for unmapped in result.unmapped:
            self._report_unmapped(unmapped)
        self._publish(result.update)

    def _report_unmapped(self, unmapped: Unmapped) -> None:
        """Count an unknown value, and log it once."""
        self._on_unmapped(unmapped)
        if unmapped in self._logged_values or len(self._logged_values) >= MAX_LOGGED_VALUES:
            return
        self._logged_values.add(unmapped)
        self._log.warning(
            "unknown value ignored",
            resource=unmapped.resource,
            field=unmapped.field,
            reason=unmapped.reason.value,
            value=unmapped.value,
        )

    def _publish(self, update: Update) -> None:
        """Log the activity of a vehicle, and pass the update to the outputs."""
        if update.activity is not update.before:
            self._log.info(update.activity.value, car=self._car(update.vin))
        elif update.events:
            happened = ", ".join(sorted(event.value for event in update.events))
            self._log.debug(happened, car=self._car(update.vin))
        self._updates.publish(update)

    def _take_cars(self, listed: tuple[str, ...], now: float) -> None:
        before, self._roster = self._roster, revise(self._roster, listed, chosen=self._vins, now=now)
        if self._roster.incomplete == 1:
            self._log.warning(
                "cars missing",
                listed=len(listed),
                missing=len(self._roster.missing),
                message="check `vin`, or log in again and select the cars on Volvo's consent page",
            )
        if self._roster.retry_after is not None:
            self.plan.postpone(connected_vehicle.VEHICLES, now + self._roster.retry_after, now)
        for vin in set(before.vins).difference(self._roster.vins):
            self._log.warning("car removed", car=self._car(vin), message="it is no longer in the account")
            self.plan.remove_vehicle(vin)
            if self.garage.remove(vin, account=self.account):
                self._updates.publish(Update(vin=vin, at=now, removed=True))
        self._add_vehicles(self._roster.vins, now)

    def _add_vehicles(self, vins: tuple[str, ...], now: float) -> None:
        for vin in vins:
            self.garage.add(vin, account=self.account)
            self.plan.add_vehicle(vin, now)

    def _fail(self, slot: Slot, outcome: Outcome, message: str) -> None:
        now, chance = self._clock(), self._chance.random()
        self.errors[slot] = LastError(at=now, message=message)
        if outcome is not self.plan.entries[slot].outcome:
            self._log_failure(slot, outcome, message)
        if slot.resource is connected_vehicle.VEHICLES or outcome is Outcome.KEY_REFUSED:
            reducer.record(self.plan, slot, outcome, now=now, chance=chance)
        else:
            self._publish(
                reducer.apply_failure(self.plan, self.garage, slot, outcome, now=now, chance=chance)
            )
        if outcome is Outcome.KEY_REFUSED:
            self._key_refusals += 1
            self.key_refusal = self.errors[slot]
            if self._key_refusals >= MAX_KEY_REFUSALS:
                self._pause(PauseReason.KEY, message)
        elif slot.resource is connected_vehicle.VEHICLES:
            self._roster = replace(self._roster, vins=self._roster.vins or self._vins)
            self._add_vehicles(self._roster.vins, now)

    def _log_failure(self, slot: Slot, outcome: Outcome, message: str) -> None:
        """Log a new failure of a resource; an unsupported resource is not a warning."""
        quiet = outcome is Outcome.UNSUPPORTED
        if outcome is Outcome.KEY_REFUSED:
            now = self._clock()
            quiet = abs(now - self._key_warned_at) < KEY_WARNING_SECONDS
            self._key_warned_at = self._key_warned_at if quiet else now
        say = self._log.info if quiet else self._log.warning
        say(outcome.value, resource=slot.resource.name, car=self._car(slot.vin), message=message)

    def _car(self, vin: str) -> str:
        """Return the name of a car in the log, which is not its VIN."""
        if vin not in self.garage:
            return ""
        known = self.garage.attributes(vin)
        number = self.garage.vins.index(vin) + 1
        return known["name"] or f"{known['model'] or 'car'} ({number})"
