"""The output: keeps the retained messages of all devices up to date."""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial

import anyio

from volvo_exporter.catalogue import entities
from volvo_exporter.catalogue.entities.model import Entity
from volvo_exporter.catalogue.model import Key
from volvo_exporter.journal.library import RunBlocking
from volvo_exporter.mqtt.broker import Broker
from volvo_exporter.mqtt.discovery import Device, Topics, identifier, render_config
from volvo_exporter.mqtt.published import PublishedDevice, PublishedFile
from volvo_exporter.mqtt.values import Payloads, account_payloads, unknown, vehicle_payloads
from volvo_exporter.polling.state_file import fingerprint
from volvo_exporter.polling.status import AccountStatus
from volvo_exporter.vehicles.garage import Garage
from volvo_exporter.vehicles.updates import Subscription

TICK_SECONDS = 30.0
"""Between two looks at the accounts and the journal, which send no updates. Chosen: quota and sums are not
needed sooner."""
SETTLING_SECONDS = 900.0
"""After a start, values of the last run stay until they are read again, and cars until they are listed.
Chosen: every resource of a parked car is requested within that time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """How topics are named."""

    prefix: str
    discovery: str
    vin_in_topics: bool

    @property
    def status(self) -> str:
        """The topic that is `online` while the exporter is connected."""
        return f"{self.prefix}/status"

    def account_node(self, account: str) -> str:
        """Return the node of an account's device; each exporter at a broker has a prefix of its own."""
        return fingerprint(f"{self.prefix} account {account}")

    def topics(self, node: str, part: str) -> Topics:
        """Return the topics of a device; `part` is its part of them."""
        return Topics(
            config=f"{self.discovery}/device/{identifier(node)}/config", base=f"{self.prefix}/{part}"
        )


class Mqtt:
    """Keeps the retained messages of all devices up to date.

    Args:
        broker: The connection.
        naming: How topics are named.
        garage: The vehicles.
        accounts: Returns the status of each account.
        figures: Returns the journal's sums and latest figures of a vehicle; empty without a journal.
        published: Remembers the topics for the next start.
        disabled: Ids of entities that are not published.
        rounded: True if positions are rounded.
        version: Of the exporter.
        clock: Unix time.
        run_blocking: Runs what blocks: the file, and the end of the connection.
    """

    name = "mqtt"

    def __init__(
        self,
        *,
        broker: Broker,
        naming: Naming,
        garage: Garage,
        accounts: Callable[[], Iterable[AccountStatus]],
        figures: Callable[[str], Mapping[Key, float]],
        published: PublishedFile,
        disabled: frozenset[str] = frozenset(),
        rounded: bool = False,
        version: str,
        clock: Callable[[], float],
        run_blocking: RunBlocking,
    ) -> None:
        self._broker = broker
        self._naming = naming
        self._garage = garage
        self._accounts = accounts
        self._figures = figures
        self._published = published
        self.disabled = disabled
        self._rounded = rounded
        self._version = version
        self._clock = clock
        self._run_blocking = run_blocking
        self._devices: dict[str, PublishedDevice] = {}
        """By node; those of the last run at first."""
        self._known: set[tuple[str, str]] = set()
        """Node and entity of each value that was known since the start."""
        self._removed: dict[str, set[str]] = {}
        self._configs: dict[str, object] = {}
        """What the discovery message of each device was rendered from."""
        self._seen: dict[str, object] = {}
        """The journal's figures that were published last, by VIN."""
        self._parts: dict[str, str] = {}
        self._clearing: set[str] = set()
        """Topics that were cleared, and that the broker may not have confirmed."""
        self._stored: object = None
        self._started = -math.inf

    async def run(self, updates: Subscription) -> None:
        """Publish until cancelled."""
        self._started = self._clock()
        devices, status, clearing = await self._run_blocking(self._published.read)
        self._broker.start()
        for node, device in devices.items():
            # Under another prefix, an account is another device.
            if device.topics.base.startswith(f"{self._naming.prefix}/"):
                self._devices[node] = device
            else:
                self._clear(device)
        for topic in {*clearing, status} - {"", self._naming.status}:
            self._clear_topic(topic)
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._tick)
                async for update in updates:
                    self.take(update.vin)
                    await self._store()
        finally:
            with anyio.CancelScope(shield=True):
                await self._run_blocking(self._broker.stop)

    async def _tick(self) -> None:
        while True:
            self.refresh()
            await self._store()
            await anyio.sleep(TICK_SECONDS)

    def refresh(self) -> None:
        """Publish all devices, and remove those that are gone."""
        statuses = list(self._accounts())
        for status in statuses:
            node = self._naming.account_node(status.account)
            device = Device(
                node=node,
                name=f"Volvo account {status.account}",
                manufacturer="volvo-vehicle-exporter",
                sw_version=self._version,
            )
            topics = self._naming.topics(node, f"account/{slug(status.account) or node}")
            self._publish(device, topics, entities.ACCOUNT, account_payloads(status))
        self._parts = self._name_parts()
        for vin in self._garage.vins:
            # Other changes of a vehicle arrive as updates.
            if self._seen.get(vin) != (self._figures(vin), self._is_settled(), self._parts[vin]):
                self.take(vin)
        # An account that was not listed yet may have the cars of the last run.
        if self._is_settled() and all(one.last_success or one.lacks_vehicles for one in statuses):
            present = {self._naming.account_node(status.account) for status in statuses}
            for node in self._devices.keys() - present - set(map(fingerprint, self._garage.vins)):
                self._clear(self._devices.pop(node))
                self._configs.pop(node, None)

    def take(self, vin: str) -> None:
        """Publish one vehicle; nothing before it has reported anything."""
        if vin not in self._garage or not self._garage[vin].vehicle.is_known:
            return
        tracked, node = self._garage[vin], fingerprint(vin)
        shown = self._garage.attributes(vin)
        device = Device(
            node=node,
            name=shown["name"] or f"Volvo {shown['model']}".strip(),
            manufacturer="Volvo",
            model=" ".join(filter(None, (shown["model"], shown["model_year"]))),
            serial_number=shown["vin"] if self._naming.vin_in_topics else "",
            via_node=self._naming.account_node(min(tracked.accounts)) if tracked.accounts else "",
        )
        if vin not in self._parts:
            self._parts = self._name_parts()
        figures, part = self._figures(vin), self._parts[vin]
        self._seen[vin] = (figures, self._is_settled(), part)
        payloads = vehicle_payloads(tracked, figures, rounded=self._rounded)
        self._publish(device, self._naming.topics(node, part), entities.VEHICLE, payloads)

    def _name_parts(self) -> dict[str, str]:
        """Return the part of each vehicle in its topics: its VIN where enabled, its name, or a hash."""
        if self._naming.vin_in_topics:
            return {vin: self._garage.shown(vin) for vin in self._garage.vins}
        names = {vin: slug(self._garage.attributes(vin)["name"]) for vin in self._garage.vins}
        count = Counter(names.values())
        return {vin: name if name and count[name] == 1 else fingerprint(vin) for vin, name in names.items()}

    def _publish(
        self, device: Device, topics: Topics, candidates: tuple[Entity, ...], payloads: Payloads
    ) -> None:
        before = self._devices.get(device.node)
        if before and before.topics != topics:
            self._clear(before)
        announced = set(before.entities) if before else set()
        enabled = [entity for entity in candidates if entity.id not in self.disabled]
        present = [entity for entity in enabled if entity.id in payloads or entity.id in announced]
        removed = self._removed.setdefault(device.node, set())
        removed |= announced - {entity.id for entity in present}
        removed -= {entity.id for entity in present}
        self._devices[device.node] = PublishedDevice(
            topics=topics, entities=tuple(entity.id for entity in present)
        )
        described = (device, self._devices[device.node], frozenset(removed))
        if self._configs.get(device.node) != described:
            self._configs[device.node] = described
            config = render_config(
                device,
                topics,
                present,
                removed=[entities.BY_ID[id_] for id_ in sorted(removed) if id_ in entities.BY_ID],
                status_topic=self._naming.status,
                version=self._version,
            )
            self._clearing -= {topics.config, *self._devices[device.node].states()}
            self._broker.publish(topics.config, config)
            for id_ in sorted(removed):
                self._clear_topic(topics.state(id_))
        for entity in present:
            self._publish_value(device.node, topics, entity, payloads.get(entity.id))

    def _publish_value(self, node: str, topics: Topics, entity: Entity, payload: str | None) -> None:
        """Publish a value; one of the last run stays while the exporter has not read it yet."""
        if payload is not None:
            self._known.add((node, entity.id))
            self._broker.publish(topics.state(entity.id), payload)
        elif (node, entity.id) in self._known or self._is_settled():
            self._broker.publish(topics.state(entity.id), unknown(entity))

    def _clear(self, device: PublishedDevice) -> None:
        for topic in (device.topics.config, *device.states()):
            self._clear_topic(topic)

    def _clear_topic(self, topic: str) -> None:
        self._clearing.add(topic)
        self._broker.clear(topic)

    def _is_settled(self) -> bool:
        return self._clock() - self._started > SETTLING_SECONDS

    async def _store(self) -> None:
        """Write the topics if they changed, at once: after a crash they are known from the file only."""
        if self._clearing and self._broker.is_idle():
            self._clearing.clear()
        devices, clearing = dict(self._devices), frozenset(self._clearing)
        if (devices, clearing) != self._stored:
            write = partial(self._published.write, devices, self._naming.status, clearing)
            await self._run_blocking(write)
            self._stored = (devices, clearing)


class Removal:
    """Removes everything that was published before, and publishes nothing: `publish: off`."""

    name = "mqtt"

    def __init__(
        self, *, broker: Broker, naming: Naming, published: PublishedFile, run_blocking: RunBlocking
    ) -> None:
        self._broker = broker
        self._naming = naming
        self._published = published
        self._run_blocking = run_blocking

    async def run(self, updates: Subscription) -> None:
        """Clear the retained topics as soon as the broker is reachable; wait until cancelled."""
        devices, status, clearing = await self._run_blocking(self._published.read)
        if devices or status or clearing:
            self._broker.start()
            states = {topic for device in devices.values() for topic in device.states()}
            for topic in {*states, *(device.topics.config for device in devices.values()), *clearing}:
                self._broker.clear(topic)
            while not self._broker.is_idle():  # noqa: ASYNC110 - it is confirmed in a thread
                await anyio.sleep(1)
            for topic in {status, self._naming.status} - {""}:
                self._broker.clear(topic)
            while not self._broker.is_idle():  # noqa: ASYNC110
                await anyio.sleep(1)
            await self._run_blocking(partial(self._published.write, {}, ""))
            await self._run_blocking(self._broker.stop)
        async for _ in updates:
            pass


def slug(name: str) -> str:
    """Return a name as a part of a topic: lower-case letters, digits and underscores."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")
