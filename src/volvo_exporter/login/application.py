"""Check the application at Volvo before a login: client id, redirect URI, client secret and API key.

Each check is one or a few requests without a user. Volvo ID refuses an unknown client id or redirect URI
before it asks for a password (RFC 6749, section 4.1.2.1), and a wrong client secret before it looks at a
code (section 5.2); the gateway of the APIs checks the key before the token.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from urllib.parse import parse_qsl, urlsplit

import anyio
import httpx2

from volvo_exporter.catalogue import connected_vehicle
from volvo_exporter.login.attempt import ENDPOINT, Attempt, describe_refusal
from volvo_exporter.volvo.api import ACCOUNT, VolvoApi
from volvo_exporter.volvo.errors import (
    ClientRefused,
    CloudError,
    KeyRefused,
    LoginRefused,
    QuotaExhausted,
    Throttled,
    TokenRefused,
    Unreachable,
)
from volvo_exporter.volvo.identity import VolvoId
from volvo_exporter.volvo.transport import send

MAX_CHECK_SECONDS = 20.0
"""Timeout of one request of a check; chosen, as a user waits for it."""
KEY_ATTEMPTS = 4
"""Volvo refuses a key of the same day about every other time, at random; four times in one of 16 checks."""
KEY_PAUSE_SECONDS = 0.5
NO_CODE = "set-up-check"
"""A code that Volvo ID has never issued."""
CLIENT = re.compile(r"client[ _-]?id|(?:unauthorized|invalid)[ _]client|unknown client", re.IGNORECASE)
REDIRECT = re.compile(r"redirect[ _-]?uri", re.IGNORECASE)
REFUSED_STATUSES = (400, 401)
"""Other errors come from a firewall or an outage."""
SETTINGS_OF_ERRORS = {
    "invalid_scope": "scope",
    "invalid_request": "redirect_uri",
    "unauthorized_client": "client_id",
    "unsupported_response_type": "client_id",
}
"""The setting to fix, by the error code of a redirect; other codes are not about the application."""


class Outcome(Enum):
    """The outcome of a check."""

    ACCEPTED = "accepted"
    INVALID = "invalid"
    """Missing, or not in the format of the setting."""
    REFUSED = "refused"
    UNKNOWN = "unknown"
    """Volvo did not respond, or not as expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The outcome for one setting; `scope` stands for the scopes of the application."""

    setting: str
    outcome: Outcome
    message: str


async def check_authorization(client: httpx2.AsyncClient, attempt: Attempt) -> tuple[Finding, ...]:
    """Check client id, redirect URI and scopes with the address that starts a login."""
    request = client.build_request("GET", attempt.url, extensions={"endpoint": ENDPOINT})
    try:
        response, body = await send(client, request, max_seconds=MAX_CHECK_SECONDS)
    except CloudError as error:
        return _unknown(error, "client_id", "redirect_uri")
    location = response.headers.get("location", "")
    if response.status_code in REFUSED_STATUSES:
        return _refused(attempt, body.decode(errors="replace"))
    if location.startswith(attempt.redirect_uri):
        error_code = dict(parse_qsl(urlsplit(location).query)).get("error", "")
        if setting := SETTINGS_OF_ERRORS.get(error_code):
            message = describe_refusal(attempt, error_code)
            return (Finding(setting=setting, outcome=Outcome.REFUSED, message=message),)
    elif response.is_error:
        return _unknown(
            f"Volvo ID is unavailable (status {response.status_code})", "client_id", "redirect_uri"
        )
    return tuple(
        Finding(setting=setting, outcome=Outcome.ACCEPTED, message="accepted by Volvo ID")
        for setting in ("client_id", "redirect_uri", "scope")
    )


async def check_secret(identity: VolvoId) -> tuple[Finding, ...]:
    """Check the client secret with a code that does not exist: it is refused after the secret is accepted."""
    try:
        await identity.exchange(NO_CODE, NO_CODE)
    except ClientRefused:
        message = "refused by Volvo ID: compare client_id and client_secret with the developer portal"
        return (Finding(setting="client_secret", outcome=Outcome.REFUSED, message=message),)
    except LoginRefused:
        return (Finding(setting="client_secret", outcome=Outcome.ACCEPTED, message="accepted by Volvo ID"),)
    except CloudError as error:
        return _unknown(error, "client_secret")
    return _unknown("Volvo ID sent an unexpected answer", "client_secret")


async def check_key(
    client: httpx2.AsyncClient, *, url: str, api_key: str, clock: Callable[[], float]
) -> tuple[Finding, ...]:
    """Check the API key with a request without a token, which is refused after the key is accepted."""
    api = VolvoApi(client, url=url, api_key=api_key, auth=httpx2.Auth(), clock=clock)
    refusal = ""
    for attempt in range(KEY_ATTEMPTS):
        await anyio.sleep(KEY_PAUSE_SECONDS if attempt else 0)
        try:
            with anyio.fail_after(MAX_CHECK_SECONDS):
                await api.fetch(connected_vehicle.VEHICLES, ACCOUNT)
        except KeyRefused:
            refusal = (
                "refused: compare it with the VCC API key (primary) of the application; "
                "a key created today is refused at random for some hours, then check again"
            )
        except (TokenRefused, QuotaExhausted, Throttled):
            return (Finding(setting="api_key", outcome=Outcome.ACCEPTED, message="accepted by the API"),)
        except TimeoutError:
            return _unknown(Unreachable("request timed out"), "api_key")
        except CloudError as error:
            return _unknown(error, "api_key")
        else:
            return _unknown("the API sent an unexpected answer", "api_key")
    return (Finding(setting="api_key", outcome=Outcome.REFUSED, message=refusal),)


def _refused(attempt: Attempt, page: str) -> tuple[Finding, ...]:
    """Return the setting that an error page names; both if it names none or both."""
    messages = {
        "client_id": "refused by Volvo ID: compare it with Client Id in the developer portal, "
        "and publish the application",
        "redirect_uri": f"refused by Volvo ID: must be exactly as registered, now {attempt.redirect_uri}",
    }
    named = [
        setting for setting, mark in (("client_id", CLIENT), ("redirect_uri", REDIRECT)) if mark.search(page)
    ]
    settings = named if len(named) == 1 else list(messages)
    return tuple(
        Finding(setting=setting, outcome=Outcome.REFUSED, message=messages[setting]) for setting in settings
    )


def _unknown(reason: object, *settings: str) -> tuple[Finding, ...]:
    text = str(reason).removesuffix("; will retry")
    return tuple(
        Finding(setting=setting, outcome=Outcome.UNKNOWN, message=f"could not be checked: {text}")
        for setting in settings
    )
