"""The token of a login: as the token file holds it, and as an answer of Volvo ID gives it. Pure."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field

CONSERVATIVE_LIFE = 60.0
"""Seconds that an access token is trusted where `expires_in` makes no sense; 299 and 1799 are usual."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What Volvo ID granted. Its repr shows no secret."""

    access_token: str = field(repr=False)
    """Empty where only the refresh token is known."""
    refresh_token: str = field(repr=False)
    expires_at: float
    """When the access token expires, in Unix seconds."""
    granted_at: float | None = None
    """When somebody logged in, in Unix seconds; None where that is not known."""
    scope: tuple[str, ...] = ()
    """The scopes of the login; empty where they are not known."""


def encode(token: Token) -> bytes:
    """The token as the file holds it."""
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
    """The token in the bytes of a file; None where there is no refresh token to be found."""
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        return None
    if not isinstance(content, dict) or not (refresh_token := word(content.get("refresh_token"))):
        return None
    return Token(
        access_token=word(content.get("access_token")),
        refresh_token=refresh_token,
        expires_at=_seconds(content.get("expires_at")) or 0.0,
        granted_at=_seconds(content.get("granted_at")),
        scope=scopes(content.get("scope")),
    )


def word(value: object) -> str:
    """The value where it can be a token: printable ASCII without blanks, fit for a header; else nothing."""
    if not isinstance(value, str):
        return ""
    text = value.strip()
    return text if text.isascii() and text.isprintable() and " " not in text else ""


def scopes(value: object) -> tuple[str, ...]:
    """Return the scopes in a `scope` (RFC 6749, section 3.3); none where it is not text."""
    return tuple(value.split()) if isinstance(value, str) else ()


def has_token(answer: Mapping[str, object]) -> bool:
    """Return whether an answer has at least one token in it."""
    return bool(word(answer.get("access_token")) or word(answer.get("refresh_token")))


def _seconds(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        seconds = float(value)
    except OverflowError:
        return None
    return seconds if math.isfinite(seconds) else None


def renew(token: Token, answer: Mapping[str, object], *, now: float) -> Token:
    """Return what an answer to a renewal, requested at `now`, makes of the token."""
    return Token(
        access_token=word(answer.get("access_token")),
        refresh_token=word(answer.get("refresh_token")) or token.refresh_token,
        expires_at=now + life(answer.get("expires_in")),
        granted_at=token.granted_at,
        scope=token.scope,
    )


def members(body: bytes) -> Mapping[str, object]:
    """Return the members of a JSON object; none where the body is something else."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def life(expires_in: object) -> float:
    """Return the seconds that an access token lives."""
    if isinstance(expires_in, bool) or not isinstance(expires_in, int | float | str):
        return CONSERVATIVE_LIFE
    try:
        seconds = float(expires_in)
    except (ValueError, OverflowError):
        return CONSERVATIVE_LIFE
    return seconds if math.isfinite(seconds) and seconds > 0 else CONSERVATIVE_LIFE
