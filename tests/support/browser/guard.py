"""Watches a browser: nothing may leave this machine, and nothing may go wrong in silence."""

import re
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage

LOOPBACK = frozenset({"127.0.0.1", "localhost", "exporter.home"})
"""The last one is what the browser is told to find at 127.0.0.1 (see launch.py)."""
STATUS = re.compile(r"Failed to load resource: the server responded with a status of (\d+)")


class Guard:
    """What a context has asked for and complained about.

    Args:
        statuses: HTTP errors that the test provokes; the browser writes each into its console.
        elsewhere: Hosts whose requests are answered by the test before they leave.
        lawless: Whether the security policy is off; then the browser asks for an icon, and gets none.
    """

    def __init__(
        self,
        context: BrowserContext,
        *,
        statuses: tuple[int, ...] = (),
        elsewhere: tuple[str, ...] = (),
        lawless: bool = False,
    ) -> None:
        self.requests: list[str] = []
        self.faults: list[str] = []
        self._statuses = statuses
        self._lawless = lawless
        self._allowed = LOOPBACK | set(elsewhere)
        context.on("request", lambda request: self._see_address(request.url))
        context.on("page", lambda page: page.on("websocket", lambda socket: self._see_address(socket.url)))
        context.on("console", self._see_message)
        context.on("weberror", lambda error: self.faults.append(f"script: {error.error}"))
        context.on("serviceworker", lambda worker: self.faults.append(f"service worker: {worker.url}"))

    def _see_address(self, url: str) -> None:
        self.requests.append(url)
        address = urlsplit(url)
        if address.scheme not in ("http", "https", "ws", "wss") or address.hostname not in self._allowed:
            self.faults.append(f"left loopback: {url}")

    def _see_message(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning"):
            return
        status, address = STATUS.match(message.text), message.location["url"]
        expected = status and int(status[1]) in self._statuses
        icon = self._lawless and urlsplit(address).path == "/favicon.ico"
        if not (expected or icon):
            self.faults.append(f"{message.type}: {message.text} ({address})")
