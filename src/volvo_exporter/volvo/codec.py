"""Encode and decode the token of a login, in the token file and in responses of Volvo ID. Pure."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field

FALLBACK_TOKEN_SECONDS = 60.0
"""Lifetime of an access token with an invalid `expires_in`; usual: 299 (home-assistant/core#179741), 1799.

Chosen: the exporter renews such a token every minute.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """Tokens and scopes of a login. Its repr contains no secret."""

    access_token: str = field(repr=False)
    """Empty where only the refresh token is known."""
    refresh_token: str = field(repr=False)
    expires_at: float
    """When the access token expires, in Unix seconds."""
    granted_at: float | None = None
    """Time of the login, in Unix seconds; None if unknown."""
    scope: tuple[str, ...] = ()
    """The scopes of the login; empty if unknown."""


def encode(token: Token) -> bytes:
    """Return the token as the content of the token file."""
    content: dict[str, object] = {
        "access_token": token.access_token,
        "refresh_token": token.refresh_token,
        "expires_at": token.expires_at,
    }
    if token.granted_at is not None:
        content["granted_at"] = token.granted_at
    if token.scope:
        content["scope"] = " ".join(token.scope)
    return json.dumps(content, indent=2).encode() + b"\n"


def decode(data: bytes) -> Token | None:
    """Return the token in the content of a file; None if it contains no refresh token."""
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        return None
    if not isinstance(content, dict) or not (refresh_token := text_of(content.get("refresh_token"))):
        return None
    return Token(
        access_token=text_of(content.get("access_token")),
        refresh_token=refresh_token,
        expires_at=_seconds(content.get("expires_at")) or 0.0,
        granted_at=_seconds(content.get("granted_at")),
        scope=scopes(content.get("scope")),
    )


def text_of(value: object) -> str:
    """Return the value if it can be a token (printable ASCII without spaces, valid in a header), else ''."""
    if not isinstance(value, str):
        return ""
    text = value.strip()
    return text if text.isascii() and text.isprintable() and " " not in text else ""


def scopes(value: object) -> tuple[str, ...]:
    """Return the scopes in a `scope` (RFC 6749, section 3.3); none where it is not text."""
    return tuple(value.split()) if isinstance(value, str) else ()


def has_token(answer: Mapping[str, object]) -> bool:
    """Return whether an answer has at least one token in it."""
    return bool(text_of(answer.get("access_token")) or text_of(answer.get("refresh_token")))


def _seconds(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        seconds = float(value)
    except OverflowError:
        return None
    return seconds if math.isfinite(seconds) else None


def renew(token: Token, answer: Mapping[str, object], *, now: float) -> Token:
    """Return the token after a response to a renewal that was requested at `now` (Unix seconds)."""
    return Token(
        access_token=text_of(answer.get("access_token")),
        refresh_token=text_of(answer.get("refresh_token")) or token.refresh_token,
        expires_at=now + token_seconds(answer.get("expires_in")),
        granted_at=token.granted_at,
        scope=token.scope,
    )


def json_members(body: bytes) -> Mapping[str, object]:
    """Return the members of a JSON object; none where the body is something else."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def token_seconds(expires_in: object) -> float:
    """Return the lifetime of an access token in seconds; `FALLBACK_TOKEN_SECONDS` if the value is invalid."""
    if isinstance(expires_in, bool) or not isinstance(expires_in, int | float | str):
        return FALLBACK_TOKEN_SECONDS
    try:
        seconds = float(expires_in)
    except (ValueError, OverflowError):
        return FALLBACK_TOKEN_SECONDS
    return seconds if math.isfinite(seconds) and seconds > 0 else FALLBACK_TOKEN_SECONDS
