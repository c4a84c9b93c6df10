"""The count of calls in a file, so that it survives a restart. A key is known by a hash, not by itself."""

import contextlib
import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from volvo_exporter.polling.quota import Quota

KEPT = ("day", "used", "exhausted_until")


class Ledger:
    """A file with the counts of all keys. Damage is ignored: Volvo says again when the quota is gone."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self, key: str, quota: Quota) -> Quota:
        """The quota with what is written of its key."""
        match self._load().get(fingerprint(key)):
            case {"day": int(day), "used": int(used), "exhausted_until": int() | float() as until}:
                return replace(quota, day=day, used=max(0, used), exhausted_until=float(until))
            case _:
                return quota

    def write(self, key: str, quota: Quota) -> None:
        """Replace what is written of a key, in one step; a full or read-only disk costs only the count."""
        known = {**self._load(), fingerprint(key): {name: getattr(quota, name) for name in KEPT}}
        new = self._path.with_name(f"{self._path.name}.tmp")
        with contextlib.suppress(OSError):
            new.write_text(json.dumps(known, indent=1))
            new.replace(self._path)

    def _load(self) -> dict[str, Any]:
        try:
            known = json.loads(self._path.read_text())
        except (OSError, ValueError):
            return {}
        return known if isinstance(known, dict) else {}


def fingerprint(key: str) -> str:
    """What stands for a key in the file."""
    return hashlib.sha256(key.encode()).hexdigest()[:16]
