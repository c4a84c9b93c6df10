"""The state file: state that survives a restart, except the login. JSON with a section for each part."""

import contextlib
import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from filelock import FileLock

MAX_NUMBER = 1e11
"""Bound of times (Unix seconds) and distances (meters) in the file: larger integers may not fit a float."""
LOCK_SECONDS = 1.0
"""Seconds to wait for the lock. Chosen: writing the file takes about a millisecond."""


class StateFile:
    """A file that several processes may write. Damage is ignored: everything in it can be learned again."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = path.with_name(f"{path.name}.lock")

    def read(self, section: str) -> Mapping[str, Any]:
        """Return a section; empty if it is missing."""
        found = self._load().get(section)
        return found if isinstance(found, dict) else {}

    def update(self, section: str, change: Callable[[Mapping[str, Any]], Mapping[str, object]]) -> bool:
        """Replace a section by the result of `change`, under the lock; return whether it was written.

        A full or read-only disk loses only this update.
        """
        with contextlib.suppress(OSError), FileLock(self._lock, timeout=LOCK_SECONDS, poll_interval=0.01):
            known = self._load()
            before = known.get(section)
            after = change(before if isinstance(before, dict) else {})
            new = self._path.with_name(f"{self._path.name}.tmp")
            new.write_text(json.dumps({**known, section: after}))
            new.replace(self._path)
            return True
        return False

    def _load(self) -> dict[str, Any]:
        try:
            known = json.loads(self._path.read_text())
        except (OSError, ValueError, RecursionError):
            return {}
        return known if isinstance(known, dict) else {}


def fingerprint(name: str) -> str:
    """Return the hash under which an API key or a VIN is stored: the file shows neither."""
    return hashlib.sha256(name.encode()).hexdigest()[:16]
