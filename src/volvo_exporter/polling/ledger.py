"""The count of calls in a file, shared by all processes; it survives a restart. Keys are stored as hashes."""

import contextlib
import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from filelock import FileLock

from volvo_exporter.polling.quota import Quota, merge

KEPT = ("day", "used", "recent", "exhausted_until")
LOCK_SECONDS = 1.0
"""How long to wait for another process, which holds the lock for a few milliseconds."""
MAX_TIME = 1e11
"""Bound of the times in the file, in Unix seconds: larger integers do not fit a float."""


class Ledger:
    """A file with the counts of all keys. Damage is ignored: Volvo says again when the quota is gone."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = path.with_name(f"{path.name}.lock")

    def read(self, key: str, quota: Quota) -> Quota:
        """The quota with what is written of its key."""
        match self._load().get(fingerprint(key)):
            case {"day": int(day), "used": int(used), "exhausted_until": int() | float() as until, **more}:
                return replace(
                    quota,
                    day=day,
                    used=max(0, used),
                    recent=_times(more.get("recent")),
                    exhausted_until=float(min(until, MAX_TIME)),
                )
            case _:
                return quota

    def add(self, key: str, quota: Quota, *, unsaved: int, now: float) -> Quota | None:
        """Add the last `unsaved` calls of this process to the file; return the quota of all processes.

        None if the file cannot be written or locked: a full or read-only disk costs only the count.
        """
        with contextlib.suppress(OSError), FileLock(self._lock, timeout=LOCK_SECONDS, poll_interval=0.01):
            merged = merge(quota, self.read(key, replace(quota, used=0, recent=())), unsaved=unsaved, now=now)
            known = {**self._load(), fingerprint(key): {name: getattr(merged, name) for name in KEPT}}
            new = self._path.with_name(f"{self._path.name}.tmp")
            new.write_text(json.dumps(known))
            new.replace(self._path)
            return merged
        return None

    def _load(self) -> dict[str, Any]:
        try:
            known = json.loads(self._path.read_text())
        except (OSError, ValueError, RecursionError):
            return {}
        return known if isinstance(known, dict) else {}


def _times(value: object) -> tuple[float, ...]:
    """The times in a list of the file; empty in a file from before they were kept."""
    times = value if isinstance(value, list) else ()
    return tuple(
        sorted(float(time) for time in times if isinstance(time, int | float) and 0 < time < MAX_TIME)
    )


def fingerprint(key: str) -> str:
    """What stands for a key in the file."""
    return hashlib.sha256(key.encode()).hexdigest()[:16]
