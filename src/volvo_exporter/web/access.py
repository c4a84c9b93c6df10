"""Access control and security headers for all pages."""

import base64
import binascii
import hmac
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

import anyio.to_thread
import bcrypt
from anyio import CapacityLimiter, Lock
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request, cookie_parser
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from volvo_exporter.clients import network_of
from volvo_exporter.web.api_tokens import ApiTokens, Verdict
from volvo_exporter.web.hosts import Hosts, name_in
from volvo_exporter.web.setup_access import COOKIE
from volvo_exporter.web.web_config import WebConfig

AUTHENTICATED = "volvo_exporter.authenticated"
"""Key in the scope of a request: True if its username and password were correct, or its browser has entered
the one-time code of the set-up."""
SECURITY_HEADERS = {
    "content-security-policy": "default-src 'none'; frame-ancestors 'self'",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "SAMEORIGIN",
}
"""Default headers of a response; the page, or else `http_server_config`, can override each."""
CHALLENGE = {"www-authenticate": 'Basic realm="volvo-vehicle-exporter", charset="UTF-8"'}
CREDENTIALS_REQUIRED = (
    "Username and password required: see basic_auth_users in the exporter's web_config_file.\n"
    "For Prometheus, set basic_auth in the scrape configuration.\n"
)
FOREIGN_HOST = (
    "The host name {name} is not allowed. If it is a name of the exporter, add it to allowed_hosts in the\n"
    "exporter's config.yaml, or protect the exporter with a password (web_config_file).\n"
)
TOO_MANY_CHECKS = "Too many password checks; retry in a second.\n"
BEARER_CHALLENGE = 'Bearer realm="volvo-vehicle-exporter", error="{error}"'
"""RFC 6750, section 3."""
TOKEN_REFUSALS = {
    Verdict.UNKNOWN: PlainTextResponse(
        "Unknown API token; create one with: volvo-exporter token create NAME\n",
        401,
        headers={"www-authenticate": BEARER_CHALLENGE.format(error="invalid_token")},
    ),
    Verdict.FORBIDDEN: PlainTextResponse(
        "This API token does not open this page; see volvo-exporter token list\n",
        403,
        headers={"www-authenticate": BEARER_CHALLENGE.format(error="insufficient_scope")},
    ),
    Verdict.TOO_MANY: PlainTextResponse(
        "Too many unknown API tokens; retry in a minute.\n", 429, headers={"retry-after": "60"}
    ),
}
"""Responses to a token that is not accepted."""

MAX_PASSWORD_BYTES = 72
"""Length after which bcrypt ignores a password; htpasswd and Go truncate it, too."""
MAX_WAITING_CHECKS = 100
"""Waiting checks per client, equal to the number of connections, so that wrong passwords do not block a
correct one from the same address. At bcrypt's usual cost of 10 they take 6 s on a PC. If Prometheus times out
before, the check is still completed and its result is used for the next scrape."""
MAX_WAITING_CLIENTS = 20
"""Clients that wait at the same time, each for one check of every other; chosen, 20 checks take about 1 s."""
MAX_CACHED_RESULTS = 100
"""Cached results, for correct and for wrong passwords each; chosen, more users than a household has."""


class TooManyChecks(Exception):
    """Too many password checks are waiting."""


class Access:
    """An ASGI middleware that checks host names and passwords and sets security headers.

    Args:
        app: The pages.
        config: Returns the current configuration.
        passwords: Checks usernames and passwords.
        tokens: Checks API tokens; None where they are off.
        hosts: The host names that are allowed without a password. With a password they do not matter: a page
            that uses DNS rebinding reads nothing, as browsers send a password only to the host it belongs to.
        admitted: Returns whether a cookie belongs to a browser that has entered the one-time code.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        config: Callable[[], WebConfig],
        passwords: "Passwords",
        tokens: ApiTokens | None = None,
        hosts: Hosts | None = None,
        admitted: Callable[[str], bool] = lambda _cookie: False,
    ) -> None:
        self._app = app
        self._config = config
        self._passwords = passwords
        self._tokens = tokens
        self._hosts = hosts or Hosts()
        self._admitted = admitted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a request, or pass it to the application."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        config = self._config()
        send = _with_headers(send, {**SECURITY_HEADERS, **_lower(config.http_server_config.headers)})
        app = self._app
        headers = Headers(scope=scope)
        if config.basic_auth_users:
            app = await self._admit(scope, headers.get("authorization", ""), config)
        elif not self._hosts.allow(host := headers.get("host", "")):
            # 421 (RFC 9110, section 15.5.20): this server does not answer for that host.
            app = PlainTextResponse(FOREIGN_HOST.format(name=name_in(host)), status_code=421)
        elif "cookie" in headers:
            scope[AUTHENTICATED] = self._admitted(cookie_parser(headers["cookie"]).get(COOKIE, ""))
        await app(scope, receive, send)

    async def _admit(self, scope: Scope, header: str, config: WebConfig) -> ASGIApp:
        """Return the application, or the response that refuses the request."""
        client = network_of((scope.get("client") or ("",))[0])
        scheme, _, text = header.partition(" ")
        if self._tokens is not None and scheme.lower() == "bearer":
            # Not authenticated as a user: a token opens pages for machines, and never the login.
            verdict = self._tokens.check(
                text.strip().encode(), method=scope["method"], path=scope["path"], client=client
            )
            return self._app if verdict is Verdict.ACCEPTED else TOKEN_REFUSALS[verdict]
        given = read_credentials(header)
        try:
            known = given is not None and await self._passwords.check(given, config.users(), client=client)
        except TooManyChecks:
            return PlainTextResponse(TOO_MANY_CHECKS, status_code=429, headers={"retry-after": "1"})
        scope[AUTHENTICATED] = known
        return self._app if known else PlainTextResponse(CREDENTIALS_REQUIRED, 401, headers=CHALLENGE)


def is_authenticated(request: Request) -> bool:
    """Return whether the request had a correct username and password, or a cookie of the set-up."""
    return request.scope.get(AUTHENTICATED) is True


class Passwords:
    """Checks usernames and passwords against bcrypt hashes, one at a time, and caches the results.

    Scrapes use the cache instead of bcrypt, and wrong passwords use at most one core. Clients take turns: a
    client that sends many passwords delays itself, and every other client by one check.

    Args:
        key: A secret of this process for the keyed hashes in the cache.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._right: dict[bytes, None] = {}
        self._wrong: dict[bytes, None] = {}
        self._limiter = CapacityLimiter(1)
        self._turns: dict[str, Lock] = {}

    async def check(
        self, given: tuple[bytes, bytes], users: Mapping[bytes, bytes], *, client: str = ""
    ) -> bool:
        """Return whether username and password are correct.

        Raises:
            TooManyChecks: too many checks are waiting.
        """
        name, password = given
        # An unknown name takes as long as a known one: its password is checked against another user's hash.
        stored = users.get(name) or self._decoy_hash(name, users)
        # Includes whether the name is known: the password may be correct once the name is added.
        text = b":".join((name, stored, b"%d" % (name in users), password))
        fingerprint = hmac.digest(self._key, text, "sha256")
        if fingerprint in self._right or fingerprint in self._wrong:
            return fingerprint in self._right
        async with self._turn(client):
            matches = await self._check(password, stored)
        right = matches and name in users
        _remember(fingerprint, self._right if right else self._wrong)
        return right

    @asynccontextmanager
    async def _turn(self, client: str) -> AsyncIterator[None]:
        """Wait for the earlier checks of the client; one check of each client competes with other clients."""
        if client not in self._turns and len(self._turns) >= MAX_WAITING_CLIENTS:
            raise TooManyChecks
        turn = self._turns.setdefault(client, Lock())
        if turn.statistics().tasks_waiting >= MAX_WAITING_CHECKS:
            raise TooManyChecks
        try:
            async with turn:
                yield
        finally:
            # A waiting check, if any, holds the lock now. Of several cancelled checks, the first deletes it.
            if not turn.locked() and self._turns.get(client) is turn:
                del self._turns[client]

    async def _check(self, password: bytes, stored: bytes) -> bool:
        return await anyio.to_thread.run_sync(_matches, password, stored, limiter=self._limiter)

    def _decoy_hash(self, name: bytes, users: Mapping[bytes, bytes]) -> bytes:
        """Return the hash of some user, always the same one for a name."""
        digest = hmac.digest(self._key, name, "sha256")
        return list(users.values())[int.from_bytes(digest) % len(users)]


def read_credentials(header: str) -> tuple[bytes, bytes] | None:
    """Return username and password of an Authorization header (RFC 7617); None if it has none."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        decoded = base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):  # ValueError: not ASCII
        return None
    name, colon, password = decoded.partition(b":")
    return (name, password) if colon else None


def _remember(fingerprint: bytes, results: dict[bytes, None]) -> None:
    """Add a result and drop the oldest; with separate caches, wrong passwords evict no correct ones."""
    while len(results) >= MAX_CACHED_RESULTS:
        del results[next(iter(results))]
    results[fingerprint] = None


def _matches(password: bytes, stored: bytes) -> bool:
    try:
        return bcrypt.checkpw(password[:MAX_PASSWORD_BYTES], stored)
    except ValueError:
        return False


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _with_headers(send: Send, headers: Mapping[str, str]) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            own = MutableHeaders(raw=list(message.get("headers", ())))
            for name, value in headers.items():
                own.setdefault(name, value)
            message = {**message, "headers": own.raw}
        await send(message)

    return send_with_headers
