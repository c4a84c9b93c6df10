"""Where messages are sent: any service of Apprise, or a webhook that is signed."""

import hashlib
import hmac
import json
import logging
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, Protocol

import anyio
import httpx2

from volvo_exporter.journal.library import RunBlocking
from volvo_exporter.notify.messages import Message, iso
from volvo_exporter.volvo.errors import ConfigurationError

TIMEOUT_SECONDS = 30.0


class Target(Protocol):
    """A receiver of messages."""

    name: str
    """Name for the log: the kind of target and its number, without its address."""
    id: str
    """Identity in the state file, which does not show the address."""

    async def send(self, message: Message) -> str:
        """Send a message; return why that failed, or an empty text."""


class AppriseTarget:
    """A service of Apprise, which is asked in a thread.

    Raises ConfigurationError if Apprise does not know such a URL.
    """

    def __init__(self, url: str, *, number: int, run_blocking: RunBlocking) -> None:
        try:
            import apprise  # noqa: PLC0415 - an extra, imported where a target is set
        except ImportError:
            message = (
                "notify: needs the library apprise; "
                "install it with `pip install 'volvo-vehicle-exporter[notify]'`"
            )
            raise ConfigurationError(message) from None
        # Its lines repeat what is reported here, at levels of its own.
        logging.getLogger("apprise").setLevel(logging.CRITICAL)
        self._service = apprise.Apprise()
        if not self._service.add(url):
            message = f"notify.{number - 1}: Apprise knows no such service; see docs/notifications.md"
            raise ConfigurationError(message)
        self.name = f"{url.partition(':')[0]} ({number})"
        self.id = fingerprint(url)
        self._run_blocking = run_blocking

    async def send(self, message: Message) -> str:
        """Send a message; return why that failed, or an empty text."""
        kind = "success" if message.kind == "alert.resolved" else _KINDS.get(message.severity, "info")
        delivered = False
        with anyio.move_on_after(TIMEOUT_SECONDS):
            delivered = await self._run_blocking(
                lambda: bool(self._service.notify(title=message.title, body=message.text, notify_type=kind))
            )
        return "" if delivered else "the service did not accept the message"


_KINDS = {"critical": "failure", "warning": "warning"}
"""Kinds of Apprise by severity."""


class Webhook:
    """An URL that gets each message as JSON, signed with HMAC-SHA256 over `timestamp.body`."""

    def __init__(
        self,
        url: str,
        secret: str,
        *,
        number: int,
        clock: Callable[[], float],
        client: Callable[[], httpx2.AsyncClient],
    ) -> None:
        self.name = f"webhook ({number})"
        self.id = fingerprint(url)
        self._url = url
        self._secret = secret.encode()
        self._clock = clock
        self._client = client

    async def send(self, message: Message) -> str:
        """Send a message; return why that failed, or an empty text."""
        body = json.dumps(as_json(message), ensure_ascii=False).encode()
        stamp = f"{self._clock():.0f}"
        headers = {
            "content-type": "application/json",
            "idempotency-key": message.id,
            "x-volvo-timestamp": stamp,
            "x-volvo-signature": f"sha256={sign(self._secret, stamp, body)}",
        }
        try:
            with anyio.fail_after(TIMEOUT_SECONDS):
                async with self._client() as client:
                    response = await client.post(self._url, content=body, headers=headers)
        except (httpx2.TransportError, TimeoutError) as error:
            return type(error).__name__
        return "" if response.is_success else f"HTTP status {response.status_code}"


def sign(secret: bytes, stamp: str, body: bytes) -> str:
    """Return the signature of a body at a time, in hexadecimal digits."""
    return hmac.new(secret, stamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def as_json(message: Message) -> dict[str, Any]:
    """Return a message for a webhook; times are ISO 8601."""
    return {**asdict(message), "labels": dict(message.labels), "at": iso(message.at)}


def fingerprint(address: str) -> str:
    """Return the identity of an address, which does not show it."""
    return hashlib.sha256(address.encode()).hexdigest()[:16]
