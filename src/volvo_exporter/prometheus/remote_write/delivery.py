"""What a response to a remote write means: delivered, send again later, or give up on the request."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

MIN_WAIT_SECONDS, MAX_WAIT_SECONDS = 5.0, 300.0
"""Bounds of the wait after a failure. Chosen: a restart of the receiver takes seconds, and samples are
kept for an hour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """The receiver has the samples."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """The receiver will never take this request; it is not sent again."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Postponed:
    """The request is sent again after a wait."""

    reason: str
    seconds: float


Outcome = Delivered | Rejected | Postponed


def read_response(status: int, headers: Mapping[str, str], *, failures: int) -> Outcome:
    """Return the outcome of a request.

    5xx and 429 are sent again, other 4xx never
    (https://prometheus.io/docs/specs/prw/remote_write_spec/#retries--backoff).
    401 and 403 are sent again as well: a wrong password is corrected with a restart, and until then the
    samples of the last hour wait.

    Args:
        status: The status code.
        headers: The headers; names in any case.
        failures: The number of failures in a row before this one.
    """
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return Delivered()
    reason = f"HTTP status {status}"
    retried = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
    if status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in retried:
        return Rejected(reason=reason)
    return Postponed(reason=reason, seconds=wait(failures, headers.get("retry-after", "")))


def wait(failures: int, retry_after: str = "") -> float:
    """Return the seconds until the next attempt: doubled with each failure, or what the receiver demands."""
    backoff = MIN_WAIT_SECONDS * 2 ** min(failures, 10)
    demanded = float(retry_after) if retry_after.isdecimal() else 0.0
    return min(max(backoff, demanded), MAX_WAIT_SECONDS) if math.isfinite(demanded) else MAX_WAIT_SECONDS
