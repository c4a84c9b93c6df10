"""A login at a terminal, by the browser's visit to a local port or by what somebody pastes into it."""

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
"""Exchanges the code of an attempt and stores what it gives; raises LoginRefused or CloudError."""


async def login_at_terminal(
    *,
    attempt: Attempt,
    finish: Finish,
    say: Callable[[str], None],
    read_line: LineSource | None,
    listen: bool = True,
) -> None:
    """Lead the user through the login.

    A wrong address is explained, and waiting goes on.
    `listen` is False where the process itself serves the redirect URI, and hands visits to `read_line`.

    Raises:
        LoginRefused: the input has ended, and nobody listens for the browser either.
        ExporterError: whatever `finish` raised other than `LoginRefused`.
    """
    say(f"Open this address in a browser, log in and choose your cars:\n\n{attempt.url}\n")
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
            await stack.enter_async_context(serving(page, listeners, most=loopback.MAX_CONNECTIONS))
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
        """Try each line; at the end of input leave it to `others` who wait, if there are any."""
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
        """End the login with an address or a code; returns what is wrong, empty if nothing."""
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
    """The lines of a terminal, pipe or file, without a thread that would still wait when the program ends."""
    mode = os.fstat(descriptor).st_mode
    # A file and /dev/null are always ready, and refuse to be waited for.
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
