"""Orders keys by due time. The cost of a change does not grow with the number of keys."""

import heapq
import math
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


class Queue(Generic[K]):
    """Keys with their due times, in Unix seconds.

    A heap holds at least one item for each key, at its due time or before: a due time that moves back costs
    nothing until the item reaches the top, which keeps the heap as small as the number of keys.

    Args:
        delay: Seconds of waiting that a key gives way to the others; orders keys that are due.
    """

    def __init__(self, *, delay: Callable[[K], float] = lambda _key: 0.0) -> None:
        self._delay = delay
        self._due: dict[K, float] = {}
        self._queued: dict[K, float] = {}
        """The time of the item of each key that counts; other items are outdated."""
        self._later: list[tuple[float, int, K]] = []
        self._ready: list[tuple[float, int, K]] = []
        self._number = 0

    def place(self, key: K, due: float) -> None:
        """Set or replace the due time of a key; infinity removes it."""
        if math.isinf(due) and due > 0:
            self._due.pop(key, None)
            return
        self._due[key] = due
        if due < self._queued.get(key, math.inf):
            self._push(self._later, due, key)

    def remove(self, key: K) -> None:
        """Remove a key, if it is there."""
        self._due.pop(key, None)

    def first(self, now: float) -> K | None:
        """Return the due key that goes first; None where none is due."""
        while self._later and self._later[0][0] <= now:
            if (key := self._pop(self._later)) is not None:
                self._sort(key, now)
        while self._ready:
            at, _, key = self._ready[0]
            due = self._due.get(key, math.inf)
            if self._queued.get(key) == at == due + self._delay(key) and due <= now:
                return key
            if (key := self._pop(self._ready)) is not None:
                self._sort(key, now)
        return None

    def rank(self, key: K) -> float:
        """Return the number by which due keys are ordered; the lowest goes first."""
        return self._due.get(key, math.inf) + self._delay(key)

    def pop(self, now: float) -> K | None:
        """Remove and return the due key that goes first; None where none is due."""
        key = self.first(now)
        if key is not None:
            self.remove(key)
        return key

    def next_due(self) -> float:
        """Return a time before which nothing is due; infinity where there is no key."""
        if self._ready:
            return -math.inf
        return self._later[0][0] if self._later else math.inf

    def oldest_due(self, now: float) -> float:
        """Return the due time of the key that has been due for the longest time; infinity where none is."""
        self.first(now)
        return min((self._due.get(key, math.inf) for _, _, key in self._ready), default=math.inf)

    def _sort(self, key: K, now: float) -> None:
        """Put a key whose item was taken from a heap where its due time belongs."""
        due = self._due.get(key)
        if due is None:
            return
        if due <= now:
            self._push(self._ready, due + self._delay(key), key)
        else:
            self._push(self._later, due, key)

    def _push(self, heap: list[tuple[float, int, K]], at: float, key: K) -> None:
        self._number += 1
        self._queued[key] = at
        heapq.heappush(heap, (at, self._number, key))

    def _pop(self, heap: list[tuple[float, int, K]]) -> K | None:
        """Take the first item; return its key unless the item is outdated."""
        at, _, key = heapq.heappop(heap)
        if self._queued.get(key) != at:
            return None
        del self._queued[key]
        return key
