"""Volvo ID: authorization codes with PKCE, access tokens, rotating refresh tokens (RFC 6749, RFC 7636)."""

import json
from base64 import b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from random import Random
from urllib.parse import unquote_plus, urlencode

from volvo_exporter.simulator.answer import Answer, Json, json_answer
from volvo_exporter.simulator.faults import INVALID_CLIENT, INVALID_GRANT
from volvo_exporter.simulator.options import Options

USER = "5c1e2d9a-7d1b-4f5e-9a66-0d0e5a5f0001"
"""The only Volvo ID; the claim `sub` of every token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A valid request for authorization."""

    redirect_uri: str
    scope: tuple[str, ...]
    state: str | None
    challenge: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UntrustedRequest:
    """A request with an unknown client or redirect URI, which must not be redirected."""

    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """An authorization code that has not been exchanged."""

    request: Request
    vins: tuple[str, ...] | None
    expires_at: float


@dataclass(slots=True, kw_only=True)
class Grant:
    """A user's consent."""

    client_id: str
    scope: tuple[str, ...]
    vins: tuple[str, ...] | None
    """The selected cars; None means all."""
    consented_at: float
    refresh_token: str = ""
    """The valid refresh token; earlier ones were replaced by rotation."""
    refreshed_at: float
    revoked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """An access token."""

    grant: Grant
    expires_at: float


def redirect(uri: str, **parameters: str | None) -> str:
    """Return the redirect URI with parameters added to its query."""
    query = urlencode({name: value for name, value in parameters.items() if value is not None})
    return f"{uri}{'&' if '?' in uri else '?'}{query}"


def read_request(parameters: Mapping[str, str], options: Options) -> Request | UntrustedRequest | str:
    """Check an authorization request; a returned string is the URL of a redirect that reports the error."""
    uri, state = parameters.get("redirect_uri", ""), parameters.get("state")
    if parameters.get("client_id") != options.client_id:
        return UntrustedRequest(message="unknown client_id; check that the application is published")
    if uri not in options.redirect_uris:
        return UntrustedRequest(message="redirect_uri must match one of the application's exactly")

    def refused(error: str, description: str) -> str:
        return redirect(uri, error=error, error_description=description, state=state)

    scope = tuple(parameters.get("scope", "").split())
    challenge = parameters.get("code_challenge", "")
    if parameters.get("response_type") != "code":
        return refused("unsupported_response_type", "Only the response_type code is supported")
    if not challenge or parameters.get("code_challenge_method") != "S256":
        return refused("invalid_request", "code_challenge with the method S256 is required")
    if "openid" not in scope or not set(scope) <= set(options.scopes):
        return refused("invalid_scope", "Request openid, and only scopes of the application")
    return Request(redirect_uri=uri, scope=scope, state=state, challenge=challenge)


def _jwt(claims: Json, random: Random) -> str:
    """Return a JSON Web Token with a random signature."""
    parts = [
        json.dumps({"alg": "RS256", "typ": "JWT"}).encode(),
        json.dumps(claims).encode(),
        random.randbytes(32),
    ]
    return ".".join(urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def _failed(error: str, description: str) -> Answer:
    return json_answer(400, {"error_description": description, "error": error})


class VolvoId:
    """Codes, grants and tokens of Volvo ID."""

    def __init__(self, *, seed: int) -> None:
        self._random = Random(f"volvo-id:{seed}")  # noqa: S311 - reproducible, opens the simulator only
        self._codes: dict[str, Code] = {}
        self._access: dict[str, Access] = {}
        self._refresh: dict[str, Grant] = {}
        self.grants: list[Grant] = []
        """Every consent, the latest last."""

    def consent(self, request: Request, *, vins: tuple[str, ...] | None, now: float, options: Options) -> str:
        """Consent to a request; returns the URL of the redirect, with a code."""
        code = self._random.randbytes(24).hex()
        self._codes[code] = Code(request=request, vins=vins, expires_at=now + options.code_lifetime)
        return redirect(request.redirect_uri, code=code, state=request.state)

    def grant(
        self, *, scope: tuple[str, ...], vins: tuple[str, ...] | None, now: float, options: Options
    ) -> dict[str, str | int]:
        """Create a grant; returns its first token response."""
        grant = Grant(client_id=options.client_id, scope=scope, vins=vins, consented_at=now, refreshed_at=now)
        self.grants.append(grant)
        self._rotate(grant)
        return self._respond(grant, now=now, options=options, refresh_token=True)

    def access(self, token: str, now: float) -> Access | None:
        """Return the access of a token; None if it is unknown, expired or revoked."""
        found = self._access.get(token)
        return found if found and now < found.expires_at and not found.grant.revoked else None

    def expire(self) -> None:
        """Expire every access token; the refresh tokens stay valid."""
        self._access.clear()

    def token(
        self, form: Mapping[str, str], *, authorization: str | None, now: float, options: Options
    ) -> Answer:
        """Answer a request to the token endpoint."""
        if not _client_is_known(form, authorization, options):
            return INVALID_CLIENT
        match form.get("grant_type"):
            case "authorization_code":
                return self._exchange(form, now=now, options=options)
            case "refresh_token":
                return self._renew(form.get("refresh_token", ""), now=now, options=options)
            case None:
                return _failed("invalid_request", "grant_type is required")
            case _:
                return _failed("unsupported_grant_type", "Unsupported grant_type")

    def revoke(self, form: Mapping[str, str], *, authorization: str | None, options: Options) -> Answer:
        """Revoke a grant; an unknown token is not an error (RFC 7009)."""
        if not _client_is_known(form, authorization, options):
            return INVALID_CLIENT
        token = form.get("token", "")
        if token in self._refresh:
            self._refresh[token].revoked = True
        self._access.pop(token, None)
        return Answer()

    def _exchange(self, form: Mapping[str, str], *, now: float, options: Options) -> Answer:
        code = self._codes.pop(form.get("code", ""), None)
        if code is None or now >= code.expires_at:
            return _failed("invalid_grant", "Authorization code is invalid or expired.")
        if form.get("redirect_uri") != code.request.redirect_uri:
            return _failed("invalid_grant", "redirect_uri does not match the authorization request")
        digest = sha256(form.get("code_verifier", "").encode()).digest()
        if urlsafe_b64encode(digest).rstrip(b"=").decode() != code.request.challenge:
            return _failed("invalid_grant", "PKCE code verifier mismatch")
        answer = self.grant(scope=code.request.scope, vins=code.vins, now=now, options=options)
        return json_answer(200, answer, cache_control="no-store")

    def _renew(self, token: str, *, now: float, options: Options) -> Answer:
        grant = self._refresh.get(token)
        if grant is None or grant.revoked:
            return INVALID_GRANT
        if token != grant.refresh_token:
            grant.revoked = options.reuse_revokes_family
            return INVALID_GRANT
        too_old = now >= grant.consented_at + options.grant_lifetime
        if too_old or now >= grant.refreshed_at + options.refresh_idle:
            return INVALID_GRANT
        grant.refreshed_at = now
        if options.rotate and not options.omit_refresh_token:
            self._rotate(grant)
        answer = self._respond(grant, now=now, options=options, refresh_token=not options.omit_refresh_token)
        return json_answer(200, answer, cache_control="no-store")

    def _rotate(self, grant: Grant) -> None:
        grant.refresh_token = self._random.randbytes(21).hex()
        self._refresh[grant.refresh_token] = grant

    def _respond(
        self, grant: Grant, *, now: float, options: Options, refresh_token: bool
    ) -> dict[str, str | int]:
        self._access = {token: access for token, access in self._access.items() if now < access.expires_at}
        expires_at = now + options.expires_in
        claims: dict[str, Json] = {"sub": USER, "client_id": grant.client_id, "exp": int(expires_at)}
        access_token = _jwt(claims, self._random)
        self._access[access_token] = Access(grant=grant, expires_at=expires_at)
        return {
            "access_token": access_token,
            **({"refresh_token": grant.refresh_token} if refresh_token else {}),
            "id_token": _jwt({**claims, "aud": grant.client_id}, self._random),
            "token_type": "Bearer",
            "expires_in": options.expires_in,
        }


def _client_is_known(form: Mapping[str, str], authorization: str | None, options: Options) -> bool:
    """Return whether id and secret of the client, in HTTP Basic or the form, are valid."""
    client, secret = form.get("client_id", ""), form.get("client_secret", "")
    if authorization is not None:
        kind, _, credentials = authorization.partition(" ")
        try:
            decoded = b64decode(credentials, validate=True).decode() if kind.lower() == "basic" else ""
        except (NotBase64, UnicodeDecodeError):
            return False
        client, _, secret = (unquote_plus(part) for part in decoded.partition(":"))
    return client == options.client_id and compare_digest(secret.encode(), options.client_secret.encode())
