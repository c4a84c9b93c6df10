"""The messages that wait for a target, in the state file, so that each is sent once across restarts."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from volvo_exporter.notify.messages import Message, join

MAX_AGE_SECONDS = 86400.0
"""Seconds after which a message that cannot be delivered is dropped. Chosen: older news misleads."""
MAX_WAITING = 100
"""Messages that wait for one target; the oldest are dropped first. Chosen: more are not read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A message that waits."""

    message: Message
    due: float
    """Unix time from which it may be sent."""
    digest: bool = False
    """True if it is sent together with others that are due."""


class Outbox:
    """The messages that wait for one target."""

    def __init__(self, entries: tuple[Entry, ...] = ()) -> None:
        self.entries = list(entries)

    def add(self, entry: Entry) -> None:
        """Append a message; an alert that ends before its begin was sent cancels both."""
        message = entry.message
        if message.kind == "alert.resolved":
            begin = next((one for one in self.entries if _begins(one.message, message)), None)
            if begin is not None:
                self.entries.remove(begin)
                return
        self.entries.append(entry)
        del self.entries[:-MAX_WAITING]

    def take_due(self, now: float) -> tuple[Message | None, list[Entry]]:
        """Return the next message to send, and the entries that it stands for; old ones are dropped."""
        self.entries = [entry for entry in self.entries if entry.due > now - MAX_AGE_SECONDS]
        due = [entry for entry in self.entries if entry.due <= now]
        if not due:
            return None, []
        together = [entry for entry in due if entry.digest]
        if due[0].digest and len(together) > 1:
            return join([entry.message for entry in together]), together
        return due[0].message, due[:1]

    def remove(self, entries: list[Entry]) -> None:
        """Remove messages that were delivered; some may have been dropped meanwhile."""
        self.entries = [entry for entry in self.entries if entry not in entries]

    def next_due(self) -> float | None:
        """Return when the next message is due, as Unix time."""
        return min((entry.due for entry in self.entries), default=None)


def encode(entries: list[Entry]) -> list[dict[str, Any]]:
    """Return entries for the state file."""
    return [asdict(entry) for entry in entries]


def decode(stored: object) -> tuple[Entry, ...]:
    """Read entries of the state file; invalid ones are dropped."""
    found = []
    for value in stored if isinstance(stored, list) else []:
        match value:
            case {"message": {"labels": list() as labels, **fields}, "due": int() | float() as due, **more}:
                try:
                    pairs = tuple((str(name), str(text)) for name, text in labels)
                    message = Message(**_texts(fields), labels=pairs)
                except (TypeError, ValueError):
                    continue
                found.append(Entry(message=message, due=float(due), digest=more.get("digest") is True))
    return tuple(found)


def _texts(fields: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(name): float(value) if name == "at" else str(value) for name, value in fields.items()}


def _begins(one: Message, resolved: Message) -> bool:
    return one.kind == "alert.firing" and (one.name, one.car, one.labels) == (
        resolved.name,
        resolved.car,
        resolved.labels,
    )
