"""A login at a terminal, by a visit of the browser to a local port or by a pasted address."""

import os
import socket
import stat
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from urllib.parse import urlsplit

import anyio

from volvo_exporter.login import loopback
from volvo_exporter.login.attempt import Attempt, read_callback
from volvo_exporter.server import serving
from volvo_exporter.volvo.errors import ExporterError, LoginRefused

LineSource = Callable[[], Awaitable[str | None]]
"""Waits for a line; None is the end of input."""
Finish = Callable[[Attempt, str], Awaitable[None]]
"""Exchanges the code of an attempt and stores the token; raises LoginRefused or CloudError."""


async def login_at_terminal(
    *,
    attempt: Attempt,
    finish: Finish,
    say: Callable[[str], None],
    read_line: LineSource | None,
    listen: bool = True,
) -> None:
    """Lead the user through the login.

    After an invalid address, the user can try again.
    `listen` is False if this process serves the redirect URI itself and passes visits to `read_line`.

    Raises:
        LoginRefused: end of input, and no port is open for the browser.
        ExporterError: any other error of `finish`.
    """
    say(f"Open this address in a browser, log in and select your cars:\n\n{attempt.url}\n")
    login = _TerminalLogin(attempt, finish, say)
    async with AsyncExitStack() as stack:
        listeners = _listen(attempt.redirect_uri, say) if listen else []
        for listener in listeners:
            stack.enter_context(listener)
        if read_line is not None:
            say("Then paste the address of the last page, or the code in it, and press Enter.")
        elif listeners:
            say("Waiting for the login in the browser.")
        if listeners:
            page = loopback.create_app(attempt.redirect_uri, login.end)
            await stack.enter_async_context(serving(page, listeners, limit=loopback.MAX_CONNECTIONS))
        async with anyio.create_task_group() as group:
            group.start_soon(login.read, read_line, bool(listeners))
            await login.over.wait()
            group.cancel_scope.cancel()
        if login.failure is None:  # before the page ends: the exporter cancels when it notices the new token
            say("You are logged in.")
    if login.failure is not None:
        raise login.failure


class _TerminalLogin:
    """A login in progress, which a line or a visit of the browser ends."""

    def __init__(self, attempt: Attempt, finish: Finish, say: Callable[[str], None]) -> None:
        self._attempt = attempt
        self._finish = finish
        self._say = say
        self._turn = anyio.Lock()
        self.over = anyio.Event()
        self.failure: ExporterError | None = None

    async def read(self, read_line: LineSource | None, others: bool) -> None:
        """Try each line; at the end of input, wait for `others` (visits), if there are any."""
        while read_line is not None and (line := await read_line()) is not None:
            await self.end(line)
            if self.over.is_set():
                return
        if not others:
            self.failure = LoginRefused(
                "end of input before the login was complete: run the command in a terminal"
            )
            self.over.set()

    async def end(self, text: str) -> str:
        """End the login with an address or a code; return the error, empty if none."""
        async with self._turn:
            if not self.over.is_set():
                try:
                    await self._finish(self._attempt, read_callback(self._attempt, text))
                except LoginRefused as error:
                    self._say(f"Login failed: {error}.")
                    return str(error)
                except ExporterError as error:
                    self.failure = error
                self.over.set()
            return str(self.failure or "")


def _listen(redirect_uri: str, say: Callable[[str], None]) -> list[socket.socket]:
    try:
        return loopback.listen(redirect_uri)
    except OSError:
        port = urlsplit(redirect_uri).port or 80
        say(f"Port {port} is in use: the browser cannot return automatically.")
        return []


def lines_of(descriptor: int) -> LineSource:
    """Return a source of the lines of a terminal, pipe or file, without a thread that delays the exit."""
    mode = os.fstat(descriptor).st_mode
    # A file and /dev/null are always ready and cannot be polled.
    waits = stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or os.isatty(descriptor)
    rest = bytearray()

    async def read_line() -> str | None:
        while b"\n" not in rest:
            if waits:
                await anyio.wait_readable(descriptor)
            chunk = os.read(descriptor, 4096)
            if not chunk:
                break
            rest.extend(chunk)
        if not rest:
            return None
        line, _, after = bytes(rest).partition(b"\n")
        rest[:] = after
        return line.decode(errors="replace")

    return read_line


def first_of(lines: LineSource, visits: Callable[[], Awaitable[str]]) -> LineSource:
    """Combine what is typed with the visits of a browser to a redirect URI that another server serves."""

    async def read_line() -> str | None:
        first: list[str | None] = []
        async with anyio.create_task_group() as tasks:

            async def take(source: LineSource | Callable[[], Awaitable[str]]) -> None:
                first.append(await source())
                tasks.cancel_scope.cancel()

            tasks.start_soon(take, lines)
            tasks.start_soon(take, visits)
        return first[0]

    return read_line
