"""A login at Volvo ID: the address to open, and the code in the address of the last page. Pure."""

import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from urllib.parse import parse_qsl, unquote, urlsplit

from oauthlib.oauth2 import WebApplicationClient

from volvo_exporter.volvo.errors import LoginRefused

ENDPOINT = "/as/authorization.oauth2"
"""Path of the authorisation endpoint below `volvo_id_url`."""

# oauthlib refuses http, which simulators use; only the query that it writes is taken.
_ANY_HTTPS = "https://volvo-id.invalid/"
_QUOTES = "\"'`<>\u201c\u201d\u2018\u2019"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt to log in. Its repr shows no secret."""

    url: str = field(repr=False)
    """The address to open in a browser; it can be opened again."""
    state: str = field(repr=False)
    """Returned with the code; proves that the code belongs to this attempt."""
    verifier: str = field(repr=False)
    """Proves to Volvo ID that the same client starts the login and exchanges the code (PKCE, RFC 7636)."""
    redirect_uri: str
    scope: tuple[str, ...]


def start(
    *,
    id_url: str,
    client_id: str,
    redirect_uri: str,
    scope: tuple[str, ...],
    token_urlsafe: Callable[[int], str],
) -> Attempt:
    """Start an attempt to log in; `token_urlsafe` is the source of randomness, as in `secrets`."""
    client = WebApplicationClient(client_id)
    state, verifier = token_urlsafe(32), token_urlsafe(64)
    address = client.prepare_request_uri(
        _ANY_HTTPS,
        redirect_uri=redirect_uri,
        scope=list(scope),
        state=state,
        code_challenge=client.create_code_challenge(verifier, "S256"),
        code_challenge_method="S256",
        prompt="login",  # otherwise a browser that is logged in skips the choice of vehicles
    )
    return Attempt(
        url=f"{id_url.rstrip('/')}{ENDPOINT}?{urlsplit(address).query}",
        state=state,
        verifier=verifier,
        redirect_uri=redirect_uri,
        scope=scope,
    )


def read_callback(attempt: Attempt, text: str) -> str:
    """Return the code in pasted text: the whole address, its query, or the code only.

    Raises:
        LoginRefused: the text contains no code of this attempt, or an error; the message names the fix.
    """
    pasted = "".join(text.split()).strip(_QUOTES)
    if not pasted:
        message = "empty input: log in, then copy the whole address from the address bar"
        raise LoginRefused(message)
    answer = _answer(pasted)
    if "response_type" in answer or "code_challenge" in answer:
        message = "this address starts the login: open it, log in, then copy the address of the last page"
        raise LoginRefused(message)
    _check_site(attempt, pasted)
    if not answer.keys() & {"code", "error", "state"}:
        return _bare_code(pasted)
    if "state" in answer or "error" not in answer:
        _check_state(attempt, answer.get("state", ""))
    if "error" in answer:
        raise LoginRefused(describe_refusal(attempt, answer["error"]))
    if not answer.get("code"):
        message = "the address contains no code: log in, then copy the whole address"
        raise LoginRefused(message)
    return answer["code"]


def _check_site(attempt: Attempt, pasted: str) -> None:
    if "://" not in pasted.partition("?")[0]:
        return
    if _host(pasted) != _host(attempt.redirect_uri):
        message = (
            f"this address belongs to another site: after the login the browser opens "
            f"{attempt.redirect_uri}; copy that whole address"
        )
        raise LoginRefused(message)


def _host(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None


def _answer(pasted: str) -> Mapping[str, str]:
    _, mark, query = pasted.partition("?")
    return dict(parse_qsl((query if mark else pasted).partition("#")[0]))


def _bare_code(pasted: str) -> str:
    code = unquote(pasted)
    if not re.fullmatch(r"[A-Za-z0-9._~+/=-]+", code) or "://" in code:
        message = "no code found: log in, then copy the whole address from the address bar"
        raise LoginRefused(message)
    return code


def _check_state(attempt: Attempt, state: str) -> None:
    if not state:
        message = "the address is incomplete (`state` is missing): copy the whole address"
        raise LoginRefused(message)
    if not hmac.compare_digest(state.encode(errors="replace"), attempt.state.encode()):
        message = "this address belongs to another login attempt: start the login again"
        raise LoginRefused(message)


_REFUSALS: Mapping[str, str] = MappingProxyType(
    {
        "access_denied": "login cancelled: open the address again, log in and allow access",
        "invalid_scope": "scopes not allowed: in the developer portal, create an application with all of "
        "these scopes (a published one cannot be changed), then log in again: {scope}",
        "invalid_request": "Volvo ID refused the request: publish the application in the developer portal; "
        "its redirect URI must be exactly {redirect_uri}",
        "unauthorized_client": "unknown application: check client_id and publish the application",
        "unsupported_response_type": "Volvo ID does not accept this application: create a new one",
        "server_error": "Volvo ID is unavailable: wait a few minutes, then log in again",
        "temporarily_unavailable": "Volvo ID is overloaded: wait a few minutes, then log in again",
    }
)


def describe_refusal(attempt: Attempt, error: str) -> str:
    """Return the meaning and the fix of an error code with which Volvo ID redirects (RFC 6749, 4.1.2.1)."""
    unknown = "Volvo ID refused the login: log in again; if this persists, create a new application"
    return _REFUSALS.get(error, unknown).format(
        scope=" ".join(attempt.scope), redirect_uri=attempt.redirect_uri
    )
