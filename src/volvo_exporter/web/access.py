"""Who gets in, and the headers of every answer: what stands in front of all pages."""

import base64
import binascii
import hmac
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

import anyio.to_thread
import bcrypt
from anyio import CapacityLimiter, Lock
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from volvo_exporter.clients import network_of
from volvo_exporter.web.hosts import Hosts, name_in
from volvo_exporter.web.web_config import WebConfig

AUTHENTICATED = "volvo_exporter.authenticated"
"""Set in the scope of a request whose name and password were right."""
SECURITY_HEADERS = {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
"""What an answer carries unless the page, or else `http_server_config`, says something of its own."""
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

LONGEST_PASSWORD = 72
"""Bytes of a password that bcrypt looks at; htpasswd and Go leave away the rest, too."""
MOST_WAITING = 100
"""Checks that wait for each client: as many as there are connections, so the right one is not refused for
wrong ones from its own address. With bcrypt's usual cost of 10 they take 6 s on a PC. If a Prometheus gives
up before, the check is still done and remembered for the next scrape."""
MOST_CLIENTS = 20
"""Clients that wait at a time; each waits for one check of every other."""
MOST_REMEMBERED = 100


class Busy(Exception):
    """Too many passwords wait to be checked."""


class Access:
    """An ASGI application in front of another.

    Args:
        app: The pages.
        config: What holds at the moment.
        passwords: Checks them.
        hosts: The host names that are answered without a password. With one, a page that rebinds its name
            reads nothing: the browser sends a password only to the host that it was entered for.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        config: Callable[[], WebConfig],
        passwords: "Passwords",
        hosts: Hosts | None = None,
    ) -> None:
        self._app = app
        self._config = config
        self._passwords = passwords
        self._hosts = hosts or Hosts()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or let it through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        config = self._config()
        send = _with_headers(send, {**SECURITY_HEADERS, **_lower(config.http_server_config.headers)})
        app = self._app
        headers = Headers(scope=scope)
        if config.basic_auth_users:
            given = read_credentials(headers.get("authorization", ""))
            try:
                known = given is not None and await self._passwords.are_right(
                    given, config.users(), client=network_of((scope.get("client") or ("",))[0])
                )
            except Busy:
                app = PlainTextResponse(TOO_MANY_CHECKS, status_code=429, headers={"retry-after": "1"})
            else:
                scope[AUTHENTICATED] = known
                app = self._app if known else PlainTextResponse(CREDENTIALS_REQUIRED, 401, headers=CHALLENGE)
        elif not self._hosts.allow(host := headers.get("host", "")):
            # 421 (RFC 9110, section 15.5.20): this server does not answer for that host.
            app = PlainTextResponse(FOREIGN_HOST.format(name=name_in(host)), status_code=421)
        await app(scope, receive, send)


def is_authenticated(request: Request) -> bool:
    """Whether the request came with a name and a password that were asked for, and right."""
    return request.scope.get(AUTHENTICATED) is True


class Passwords:
    """Checks names and passwords against bcrypt hashes, one at a time, and remembers the results.

    So the many requests of a Prometheus cost nothing, and wrong passwords keep no more than one core busy.
    Clients take turns: one that sends many passwords delays itself, and each of the others by one check.

    Args:
        key: A secret of this process: what is remembered is a keyed hash.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._right: dict[bytes, None] = {}
        self._wrong: dict[bytes, None] = {}
        self._one = CapacityLimiter(1)
        self._turns: dict[str, Lock] = {}

    async def are_right(
        self, given: tuple[bytes, bytes], users: Mapping[bytes, bytes], *, client: str = ""
    ) -> bool:
        """Whether the name is known and the password its own; raises Busy if too many wait."""
        name, password = given
        # An unknown name costs what a known one costs: the password is checked against somebody's hash.
        stored = users.get(name) or self._somebody(name, users)
        # Whether the name is known is part of it: the password may be right once the name is added.
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
        """Wait for the client's own checks; only one of each client waits for those of others."""
        if client not in self._turns and len(self._turns) >= MOST_CLIENTS:
            raise Busy
        turn = self._turns.setdefault(client, Lock())
        if turn.statistics().tasks_waiting >= MOST_WAITING:
            raise Busy
        try:
            async with turn:
                yield
        finally:
            # The next one holds it now, if any waits. Of several that are cancelled, the first deletes it.
            if not turn.locked() and self._turns.get(client) is turn:
                del self._turns[client]

    async def _check(self, password: bytes, stored: bytes) -> bool:
        return await anyio.to_thread.run_sync(_matches, password, stored, limiter=self._one)

    def _somebody(self, name: bytes, users: Mapping[bytes, bytes]) -> bytes:
        digest = hmac.digest(self._key, name, "sha256")
        return list(users.values())[int.from_bytes(digest) % len(users)]


def read_credentials(header: str) -> tuple[bytes, bytes] | None:
    """Name and password of an Authorization header (RFC 7617); None where it holds none."""
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
    """Keep the newest results; right and wrong ones apart, so that wrong ones do not displace right ones."""
    while len(results) >= MOST_REMEMBERED:
        del results[next(iter(results))]
    results[fingerprint] = None


def _matches(password: bytes, stored: bytes) -> bool:
    try:
        return bcrypt.checkpw(password[:LONGEST_PASSWORD], stored)
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
