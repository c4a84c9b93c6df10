"""The stream of updates from the poller to the outputs.

Each output reads from a bounded queue of its own: a slow or dead output loses its own oldest updates, which
are counted, and delays neither the poller nor other outputs.
"""

import math
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Protocol

import anyio

from volvo_exporter.catalogue.model import Activity, Event, Resource
from volvo_exporter.vehicles.vehicle import NO_CHANGE, Change

MAX_QUEUED_UPDATES = 10_000
"""At start, 1,000 vehicles give 17,000 answers; an output that is this far behind does not work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """A change of one vehicle by an answer, a failure or time."""

    vin: str
    at: float
    """Unix time."""
    resource: Resource | None = None
    """The resource that answered or failed; None where only time has passed."""
    item: str = ""
    """The item of Extended Vehicle that answered or failed."""
    answered: bool = False
    """True where the resource answered with readings."""
    max_age: float = math.inf
    """Seconds until the next answer of the resource is overdue."""
    change: Change = NO_CHANGE
    before: Activity = Activity.UNKNOWN
    """The activity before the update."""
    activity: Activity = Activity.UNKNOWN
    """The activity after the update."""
    events: frozenset[Event] = frozenset()
    removed: bool = False
    """True if the vehicle was removed."""


class Subscription:
    """The queue of one output."""

    def __init__(self, *, capacity: int, on_drop: Callable[[], None]) -> None:
        self._queue: deque[Update] = deque()
        self._capacity = capacity
        self._on_drop = on_drop
        self._arrived = anyio.Event()
        self.dropped = 0
        """Number of lost updates."""

    def put(self, update: Update) -> None:
        """Append an update; drop the oldest one if the queue is full."""
        if len(self._queue) >= self._capacity:
            self._queue.popleft()
            self.dropped += 1
            self._on_drop()
        self._queue.append(update)
        self._arrived.set()

    def __aiter__(self) -> AsyncIterator[Update]:
        """Return the updates as they arrive."""
        return self

    async def __anext__(self) -> Update:
        """Return the next update; wait until there is one."""
        while not self._queue:
            self._arrived = anyio.Event()
            await self._arrived.wait()
        return self._queue.popleft()


class Output(Protocol):
    """A receiver of the updates: `/metrics`, the page, a journal, a broker."""

    name: str

    async def run(self, updates: Subscription) -> None:
        """Use updates until cancelled."""


class Updates:
    """Passes each update to every output.

    Args:
        on_drop: Called with the name of an output that loses an update.
    """

    def __init__(self, *, on_drop: Callable[[str], None] = lambda _name: None) -> None:
        self._on_drop = on_drop
        self._subscriptions: list[Subscription] = []

    def subscribe(self, name: str, *, capacity: int = MAX_QUEUED_UPDATES) -> Subscription:
        """Return a queue for an output; it receives every update from now on."""
        subscription = Subscription(capacity=capacity, on_drop=lambda: self._on_drop(name))
        self._subscriptions.append(subscription)
        return subscription

    def publish(self, update: Update) -> None:
        """Pass an update to every output."""
        for subscription in self._subscriptions:
            subscription.put(update)
