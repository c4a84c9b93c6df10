"""One request to the Telemetry API, and the meaning of its response."""

import json
from dataclasses import dataclass
from http import HTTPStatus

import anyio
import httpx2
from pydantic import SecretStr

from volvo_exporter.abrp.telemetry import Telemetry

TIMEOUT_SECONDS = 20.0
MIN_WAIT_SECONDS, MAX_WAIT_SECONDS = 30.0, 600.0
"""Bounds of the wait after a failure. Chosen: a value is sent for five minutes, then it is too old."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A vehicle and its account at A Better Routeplanner."""

    vin: str
    url: str
    api_key: SecretStr
    user_token: SecretStr


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """The planner has the telemetry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The telemetry was not accepted; the next attempt follows after a wait."""

    reason: str
    seconds: float


Outcome = Delivered | Failed


async def send(client: httpx2.AsyncClient, target: Target, telemetry: Telemetry, *, failures: int) -> Outcome:
    """Send telemetry; `failures` is the number of failures in a row before.

    Secrets and position are in the body: proxies log URLs.
    """
    body = {
        "api_key": target.api_key.get_secret_value(),
        "token": target.user_token.get_secret_value(),
        "tlm": json.dumps(telemetry.document()),
    }
    try:
        with anyio.fail_after(TIMEOUT_SECONDS):
            response = await client.post(target.url, data=body)
    except (httpx2.HTTPError, TimeoutError) as error:
        return Failed(reason=type(error).__name__, seconds=wait(failures))
    return read_response(response, failures=failures)


def read_response(response: httpx2.Response, *, failures: int) -> Outcome:
    """Return the outcome of a request: the API reports errors by status code, or by `status` in JSON."""
    code = response.status_code
    if code == HTTPStatus.TOO_MANY_REQUESTS or code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Failed(reason=f"HTTP status {code}", seconds=wait(failures))
    if not response.is_success:
        return Failed(reason=f"HTTP status {code}", seconds=MAX_WAIT_SECONDS)
    try:
        status = response.json()["status"]
    except (ValueError, TypeError, KeyError):
        return Failed(reason="response without a status", seconds=MAX_WAIT_SECONDS)
    return Delivered() if status == "ok" else Failed(reason="data refused", seconds=MAX_WAIT_SECONDS)


def wait(failures: int) -> float:
    """Return the seconds until the next attempt, doubled with each failure in a row."""
    return min(MIN_WAIT_SECONDS * 2.0 ** min(failures, 10), MAX_WAIT_SECONDS)
