"""A login at Volvo ID: the address to open, and the code in the address that the browser ends up at. Pure."""

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
    """What to open in a browser; good for as many tries as it takes."""
    state: str = field(repr=False)
    """Comes back with the code; proves that the answer belongs to this attempt."""
    verifier: str = field(repr=False)
    """Proves to Volvo ID that who exchanges the code is who started (PKCE, RFC 7636)."""
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
    """A new attempt to log in; `token_urlsafe` is the randomness, as in `secrets`."""
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
    """The code in what somebody pasted: the whole address, its query, or the code alone.

    Raises:
        LoginRefused: it is something else, of another attempt, or an error; the message says what to do.
    """
    pasted = "".join(text.split()).strip(_QUOTES)
    if not pasted:
        message = "nothing was pasted: copy the whole address from the address bar after you have logged in"
        raise LoginRefused(message)
    answer = _answer(pasted)
    if "response_type" in answer or "code_challenge" in answer:
        message = "this is the address that starts the login: open it, log in, copy the address you end up at"
        raise LoginRefused(message)
    _check_site(attempt, pasted)
    if not answer.keys() & {"code", "error", "state"}:
        return _bare_code(pasted)
    if "state" in answer or "error" not in answer:
        _check_state(attempt, answer.get("state", ""))
    if "error" in answer:
        raise LoginRefused(_refusal(attempt, answer["error"]))
    if not answer.get("code"):
        message = "the address has no code: copy it whole, after you have logged in"
        raise LoginRefused(message)
    return answer["code"]


def _check_site(attempt: Attempt, pasted: str) -> None:
    if "://" not in pasted.partition("?")[0]:
        return
    if _host(pasted) != _host(attempt.redirect_uri):
        message = (
            f"this address is of another site: after the login the browser goes to {attempt.redirect_uri}; "
            "copy that address, whole"
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
        message = "there is no code in this: copy the whole address from the address bar after the login"
        raise LoginRefused(message)
    return code


def _check_state(attempt: Attempt, state: str) -> None:
    if not state:
        message = "a part of the address is missing (its `state`): copy it whole"
        raise LoginRefused(message)
    if not hmac.compare_digest(state.encode(errors="replace"), attempt.state.encode()):
        message = "this address belongs to another attempt to log in: open the address of this one"
        raise LoginRefused(message)


_REFUSALS: Mapping[str, str] = MappingProxyType(
    {
        "access_denied": "the login was cancelled: open the address again, log in, allow what is asked for",
        "invalid_scope": "the application may not ask for all of these scopes; tick them in the developer "
        "portal (a published application cannot be changed: make a new one), then log in again: {scope}",
        "invalid_request": "Volvo ID refused to start: publish the application in the developer portal, "
        "and make sure that one of its redirect URIs is, letter for letter, {redirect_uri}",
        "unauthorized_client": "Volvo ID does not know this application: check client_id, and publish it",
        "unsupported_response_type": "Volvo ID does not let this application log in: make a new one",
        "server_error": "Volvo ID is out of order: wait some minutes and log in again",
        "temporarily_unavailable": "Volvo ID is busy: wait some minutes and log in again",
    }
)


def _refusal(attempt: Attempt, error: str) -> str:
    unknown = "Volvo ID refused the login: log in again; if that lasts, make a new application in the portal"
    return _REFUSALS.get(error, unknown).format(
        scope=" ".join(attempt.scope), redirect_uri=attempt.redirect_uri
    )
