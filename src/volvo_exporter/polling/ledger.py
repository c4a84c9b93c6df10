"""The count of calls in a file, shared by all processes; it survives a restart. Keys are stored as hashes."""

import contextlib
import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from filelock import FileLock

from volvo_exporter.catalogue.model import Api
from volvo_exporter.polling.quota import METERED, Quota, Usage, merge, unused

KEPT = ("day", "recent", "per_api", "checked_at", "probe_at")
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
            case {"day": int(day), **more}:
                return replace(
                    quota,
                    day=day,
                    usage=_usage(more),
                    recent=_times(more.get("recent")),
                    per_api=more.get("per_api") is True,
                    checked_at=_time(more.get("checked_at")),
                    probe_at=_time(more.get("probe_at")),
                )
            case _:
                return quota

    def add(self, key: str, quota: Quota, *, unsaved: Mapping[Api, int], now: float) -> Quota | None:
        """Add the last `unsaved` calls of this process to the file; return the quota of all processes.

        None if the file cannot be written or locked: a full or read-only disk costs only the count.
        """
        with contextlib.suppress(OSError), FileLock(self._lock, timeout=LOCK_SECONDS, poll_interval=0.01):
            fresh = Quota(limit=quota.limit, per_minute=quota.per_minute)
            merged = merge(quota, self.read(key, fresh), unsaved=unsaved, now=now)
            known = {**self._load(), fingerprint(key): _document(merged)}
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


def _document(quota: Quota) -> dict[str, object]:
    """Return what is written of a quota."""
    apis = {
        api.name.lower(): {"used": usage.used, "exhausted_until": usage.exhausted_until}
        for api, usage in quota.usage.items()
    }
    # The first two are for versions that count the calls of the key alone.
    return {
        "used": sum(usage.used for usage in quota.usage.values()),
        "exhausted_until": max(usage.exhausted_until for usage in quota.usage.values()),
        **{name: getattr(quota, name) for name in KEPT},
        "apis": apis,
    }


def _usage(known: Mapping[Any, Any]) -> Mapping[Api, Usage]:
    """Return the usage of each API; a file from before APIs were counted has one count for all of them."""
    match known:
        case {"apis": dict(apis)}:
            return {api: _read_usage(apis.get(api.name.lower())) for api in METERED}
        case _:
            return {**unused(), Api.CONNECTED_VEHICLE: _read_usage(known)}


def _read_usage(known: object) -> Usage:
    match known:
        case {"used": int(used), "exhausted_until": until}:
            return Usage(used=max(0, used), exhausted_until=_time(until))
        case _:
            return Usage()


def _time(value: object) -> float:
    """Return a time in the file; 0 if there is none."""
    return float(min(value, MAX_TIME)) if isinstance(value, int | float) else 0.0


def _times(value: object) -> tuple[float, ...]:
    """The times in a list of the file; empty in a file from before they were kept."""
    times = value if isinstance(value, list) else ()
    return tuple(
        sorted(float(time) for time in times if isinstance(time, int | float) and 0 < time < MAX_TIME)
    )


def fingerprint(key: str) -> str:
    """What stands for a key in the file."""
    return hashlib.sha256(key.encode()).hexdigest()[:16]
