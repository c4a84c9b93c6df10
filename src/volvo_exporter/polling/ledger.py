"""Store the count of calls in a file that all processes share. Keys are stored as hashes."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from volvo_exporter.catalogue.model import Api
from volvo_exporter.polling.quota import METERED, Quota, Usage, merge, unused
from volvo_exporter.polling.state_file import MAX_NUMBER, StateFile, fingerprint

STORED_FIELDS = ("day", "recent", "per_api", "checked_at", "probe_at")


class Ledger:
    """The counts of all keys in the state file. Damage is ignored: Volvo reports a used-up quota again."""

    def __init__(self, file: StateFile) -> None:
        self._file = file

    def read(self, key: str, quota: Quota) -> Quota:
        """Return the quota with what is stored of its key."""
        return _read(self._file.read(fingerprint(key)), quota)

    def add(self, key: str, quota: Quota, *, unsaved: Mapping[Api, int], now: float) -> Quota | None:
        """Add the last `unsaved` calls of this process to the file; return the quota of all processes.

        None if the file cannot be written or locked: a full or read-only disk loses only the count.
        """
        fresh = Quota(limit=quota.limit, per_minute=quota.per_minute)
        merged = quota

        def change(stored: Mapping[str, Any]) -> Mapping[str, object]:
            nonlocal merged
            merged = merge(quota, _read(stored, fresh), unsaved=unsaved, now=now)
            return _document(merged)

        return merged if self._file.update(fingerprint(key), change) else None


def _read(stored: Mapping[str, Any], quota: Quota) -> Quota:
    match stored:
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
        **{name: getattr(quota, name) for name in STORED_FIELDS},
        "apis": apis,
    }


def _usage(known: Mapping[Any, Any]) -> Mapping[Api, Usage]:
    """Return the usage of each API; a file of an older version has one count for all of them."""
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
    return float(min(value, MAX_NUMBER)) if isinstance(value, int | float) else 0.0


def _times(value: object) -> tuple[float, ...]:
    """Return the times in a list of the file; empty in a file of an older version."""
    times = value if isinstance(value, list) else ()
    return tuple(
        sorted(float(time) for time in times if isinstance(time, int | float) and 0 < time < MAX_NUMBER)
    )
