"""The output: evaluates the conditions once a minute and sends messages to each target."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import anyio
import structlog

from volvo_exporter.catalogue.alerts.model import Severity
from volvo_exporter.catalogue.alerts.table import ALERTS
from volvo_exporter.catalogue.model import Event
from volvo_exporter.journal.library import RunBlocking
from volvo_exporter.notify.alerting import AlertState, Key, step
from volvo_exporter.notify.checks import check_all
from volvo_exporter.notify.inhibition import follows
from volvo_exporter.notify.messages import Message, describe_alert, describe_event
from volvo_exporter.notify.outbox import Entry, Outbox, decode, encode
from volvo_exporter.notify.past import HELD_SECONDS, MINUTE
from volvo_exporter.notify.scene import Scene
from volvo_exporter.notify.schedule import Schedule
from volvo_exporter.notify.targets import Target
from volvo_exporter.polling.state_file import StateFile
from volvo_exporter.polling.status import AccountStatus
from volvo_exporter.vehicles.garage import Garage
from volvo_exporter.vehicles.updates import Subscription, Update

SECTION = "notifications"
MIN_WAIT_SECONDS, MAX_WAIT_SECONDS = 30.0, 3600.0
"""Bounds of the wait after a failed attempt. Chosen: a message is an hour late at most after an outage."""
KEEP_FOR = {alert.name: alert.keep_firing_for.total_seconds() for alert in ALERTS}
SEVERITIES = tuple(severity.value for severity in Severity)
"""The most severe first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What is sent."""

    severity: Severity = Severity.INFO
    """The least severe alerts that are sent."""
    events: frozenset[Event] = frozenset()
    vin: bool = False
    """Whether messages contain the VIN."""
    position: bool = False
    """Whether messages contain the position."""
    schedule: Schedule = field(default_factory=Schedule)


class Notifier:
    """Evaluates the conditions once a minute and sends messages to each target.

    Args:
        garage: The vehicles.
        accounts: Returns the status of each account.
        targets: Where messages are sent.
        choice: What is sent.
        state_file: Stores alerts and waiting messages.
        clock: Unix time.
        run_blocking: Runs what blocks: the state file.
    """

    name = "notify"

    def __init__(
        self,
        *,
        garage: Garage,
        accounts: Callable[[], Iterable[AccountStatus]],
        targets: tuple[Target, ...],
        choice: Choice,
        state_file: StateFile,
        clock: Callable[[], float],
        run_blocking: RunBlocking,
    ) -> None:
        self._garage = garage
        self._accounts = accounts
        self._targets = targets
        self._choice = choice
        self._state_file = state_file
        self._clock = clock
        self._run_blocking = run_blocking
        self._scene = Scene()
        self._states: dict[Key, AlertState] = {}
        self._outboxes: dict[str, Outbox] = {target.id: Outbox() for target in targets}
        self._arrived = {target.id: anyio.Event() for target in targets}
        self._changed = False
        self._started = 0.0

    async def run(self, updates: Subscription) -> None:
        """Evaluate and send until cancelled."""
        self._started = self._clock()
        self._recall(await self._run_blocking(lambda: self._state_file.read(SECTION)))
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._evaluate)
            for target in self._targets:
                tasks.start_soon(self._deliver, target)
            async for update in updates:
                self._notice(update)

    async def _evaluate(self) -> None:
        while True:
            self.evaluate(self._clock())
            await self._store()
            await anyio.sleep(MINUTE)

    def evaluate(self, now: float) -> None:
        """Note the present state, and queue a message for each alert that begins or ends."""
        self._scene.note(self._garage, self._accounts(), self._names(), now=now)
        before = self._states
        self._states, transitions = step(
            before,
            check_all(self._scene),
            KEEP_FOR,
            now=now,
            started=self._started,
            # Values are held for that long; after a restart they are unknown at first.
            grace=HELD_SECONDS,
        )
        self._changed |= self._states.keys() != before.keys() or bool(transitions)
        firing = {key for key, state in self._states.items() if state.fires}
        for transition in transitions:
            key = transition.key
            if not transition.fires and not before[key].sent:
                continue
            if transition.fires:
                if follows(key, firing):
                    continue
                self._states[key] = replace(self._states[key], sent=True)
            car = self._scene.find(transition.key[1])
            place = self._place(car.vin) if car else ""
            self._queue(describe_alert(transition, car=car.name if car else "", place=place), now)

    def _notice(self, update: Update) -> None:
        """Queue a message for each event of an update that is chosen."""
        for event in update.events & self._choice.events:
            if update.vin in self._garage:
                vehicle, car = self._garage[update.vin].vehicle, self._names()[update.vin]
                place = self._place(update.vin)
                self._queue(describe_event(event, vehicle, car=car, at=update.at, place=place), update.at)

    def _queue(self, message: Message, now: float) -> None:
        if SEVERITIES.index(message.severity) > SEVERITIES.index(self._choice.severity.value):
            return
        due = self._choice.schedule.due(message, now)
        for target in self._targets:
            self._outboxes[target.id].add(Entry(message=message, due=due, digest=due > now))
            self._arrived[target.id].set()
        self._changed = True

    async def _deliver(self, target: Target) -> None:
        outbox, log, failures = self._outboxes[target.id], structlog.get_logger(), 0
        while True:
            message, entries = outbox.take_due(self._clock())
            if message is None:
                await self._wait(target)
                continue
            if reason := await target.send(message):
                if not failures:
                    log.warning("notification failed; will retry", target=target.name, reason=reason)
                await anyio.sleep(min(MIN_WAIT_SECONDS * 2 ** min(failures, 10), MAX_WAIT_SECONDS))
                failures += 1
                continue
            if failures:
                log.info("notifications work again", target=target.name)
            failures = 0
            outbox.remove(entries)
            self._changed = True
            await self._store()

    async def _wait(self, target: Target) -> None:
        """Wait for a new message, or until one is due."""
        self._arrived[target.id] = arrived = anyio.Event()
        due = self._outboxes[target.id].next_due()
        with anyio.move_on_after(float("inf") if due is None else max(0.0, due - self._clock())):
            await arrived.wait()

    def _names(self) -> Mapping[str, str]:
        """Return the names of the cars in messages: the owner's, or the model, numbered if it is shared."""
        names: dict[str, str] = {}
        for vin in self._garage.vins:
            known = self._garage.attributes(vin)
            plain = known["name"] or known["model"] or "Car"
            number = 1 + sum(name == plain or name.startswith(f"{plain} (") for name in names.values())
            names[vin] = plain if number == 1 else f"{plain} ({number})"
        if self._choice.vin:
            return {vin: f"{name} {self._garage.shown(vin)}" for vin, name in names.items()}
        return names

    def _place(self, vin: str) -> str:
        if not self._choice.position or vin not in self._garage:
            return ""
        position = self._garage[vin].vehicle.position
        return "" if position is None else "Position: {:.5f}, {:.5f}".format(*position)

    async def _store(self) -> None:
        if not self._changed:
            return
        self._changed = False
        stored = {
            "alerts": [
                [[name, car, list(labels)], state.since, state.met_at, state.value, state.fires, state.sent]
                for (name, car, labels), state in self._states.items()
            ],
            "waiting": {target: encode(outbox.entries) for target, outbox in self._outboxes.items()},
        }
        if not await self._run_blocking(partial(self._state_file.update, SECTION, lambda _old: stored)):
            self._changed = True

    def _recall(self, stored: Mapping[str, Any]) -> None:
        """Continue with the alerts and messages of the last run; what cannot be read is forgotten."""
        for entry in stored.get("alerts", []):
            match entry:
                case [
                    [str() as name, str() as car, list() as labels],
                    int() | float() as since,
                    int() | float() as met_at,
                    int() | float() as value,
                    bool() as fires,
                    bool() as sent,
                ] if name in KEEP_FOR:
                    key = (name, car, tuple((str(label), str(text)) for label, text in labels))
                    self._states[key] = AlertState(
                        since=since, met_at=met_at, value=value, fires=fires, sent=sent
                    )
        waiting = stored.get("waiting", {})
        for target in self._targets:
            self._outboxes[target.id].entries[:0] = decode(waiting.get(target.id))
