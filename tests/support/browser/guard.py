"""Guard of a browser context: reports requests to other machines and errors of pages."""

import re
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage

LOOPBACK = frozenset({"127.0.0.1", "localhost", "exporter.home"})
"""The browser resolves the last one to 127.0.0.1 (see launch.py)."""
STATUS = re.compile(r"Failed to load resource: the server responded with a status of (\d+)")


class Guard:
    """Requests and errors of a browser context.

    Args:
        statuses: HTTP errors that the test expects; the browser logs each to its console.
        other_hosts: Hosts whose requests the test answers itself.
        bypass_csp: Whether the security policy is off; the browser then requests a missing icon.
    """

    def __init__(
        self,
        context: BrowserContext,
        *,
        statuses: tuple[int, ...] = (),
        other_hosts: tuple[str, ...] = (),
        bypass_csp: bool = False,
    ) -> None:
        self.requests: list[str] = []
        self.errors: list[str] = []
        self._statuses = statuses
        self._bypass_csp = bypass_csp
        self._allowed = LOOPBACK | set(other_hosts)
        context.on("request", lambda request: self._check_address(request.url))
        context.on("page", lambda page: page.on("websocket", lambda socket: self._check_address(socket.url)))
        context.on("console", self._check_message)
        context.on("weberror", lambda error: self.errors.append(f"script: {error.error}"))
        context.on("serviceworker", lambda worker: self.errors.append(f"service worker: {worker.url}"))

    def _check_address(self, url: str) -> None:
        self.requests.append(url)
        address = urlsplit(url)
        if address.scheme not in ("http", "https", "ws", "wss") or address.hostname not in self._allowed:
            self.errors.append(f"left loopback: {url}")

    def _check_message(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning"):
            return
        status, address = STATUS.match(message.text), message.location["url"]
        expected = status and int(status[1]) in self._statuses
        icon = self._bypass_csp and urlsplit(address).path == "/favicon.ico"
        if not (expected or icon):
            self.errors.append(f"{message.type}: {message.text} ({address})")
