"""Reads the query string of a request for events."""

import math
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta

from volvo_exporter.journal.library import Kind, Query
from volvo_exporter.volvo.errors import ExporterError

MAX_LIMIT = 1000
"""Events on one page of JSON. Chosen: about 500 kB."""
DEFAULT_LIMIT = 100
"""Chosen: about 50 kB."""
PARAMETERS = ("vehicle", "from", "to", "limit", "cursor")


class BadQuery(ExporterError):
    """A request that cannot be answered; the message names the parameter and the fix."""

    def __init__(self, message: str, *, status_code: int = 400) -> None:
        super().__init__(message)
        self.status_code = status_code


def read_query(
    kind: Kind, parameters: Mapping[str, str], *, vins: Iterable[str], shown: Callable[[str], str]
) -> Query:
    """Return the query of a request; raises BadQuery.

    Args:
        kind: The kind of events.
        parameters: `vehicle` (a VIN as it is shown), `from` and `to` (ISO 8601), `limit` and `cursor`.
        vins: The vehicles that exist.
        shown: Returns what is shown instead of a VIN.
    """
    if unknown := sorted(set(parameters) - set(PARAMETERS)):
        message = f"unknown parameter {unknown[0]}; use {', '.join(PARAMETERS)}"
        raise BadQuery(message)
    since = _moment("from", parameters.get("from", ""))
    until = _moment("to", parameters.get("to", ""), ends=True)
    query = Query(
        kind=kind,
        vins=_vins(parameters.get("vehicle", ""), vins, shown),
        limit=_limit(parameters.get("limit", "")),
        cursor=parameters.get("cursor", ""),
        since=-math.inf if since is None else since,
        until=math.inf if until is None else until,
    )
    if query.since > query.until:
        message = "from is later than to; swap them"
        raise BadQuery(message)
    return query


def _vins(wanted: str, vins: Iterable[str], shown: Callable[[str], str]) -> tuple[str, ...]:
    if not wanted:
        return ()
    found = tuple(vin for vin in vins if wanted in (vin, shown(vin)))
    if not found:
        message = "vehicle: no such vehicle; /api/v1/vehicles lists the known ones"
        raise BadQuery(message, status_code=404)
    return found


def _limit(text: str) -> int:
    if not text:
        return DEFAULT_LIMIT
    if re.fullmatch(r"[0-9]{1,9}", text) is None or not 1 <= int(text) <= MAX_LIMIT:
        message = f"limit: must be a number from 1 to {MAX_LIMIT}"
        raise BadQuery(message)
    return int(text)


def _moment(name: str, text: str, *, ends: bool = False) -> float | None:
    """Return Unix seconds; a date without a time means its begin in UTC, or its end where `ends` is set."""
    if not text:
        return None
    message = f"{name}: must be a date or a time in ISO 8601, e.g. 2026-11-01 or 2026-11-01T08:00:00Z"
    try:
        if len(text) == len("2026-11-01"):
            day = date.fromisoformat(text) + timedelta(days=1 if ends else 0)
            return datetime.combine(day, time(), UTC).timestamp()
        # A plus sign that was not encoded arrives as a space.
        moment = datetime.fromisoformat(text.replace(" ", "+"))
    except (ValueError, OverflowError) as error:
        raise BadQuery(message) from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
