"""A login at a terminal, by the browser's visit to a local port or by what somebody pastes into it."""

import os
import stat
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from http import HTTPStatus
from urllib.parse import urlsplit

import anyio
from anyio.abc import ByteStream, Listener, SocketStream
from anyio.streams.buffered import BufferedByteReceiveStream

from volvo_exporter.login.attempt import Login, read_callback
from volvo_exporter.volvo.errors import ExporterError, LoginRefused

LineSource = Callable[[], Awaitable[str | None]]
"""Waits for a line; None is the end of input."""

_LARGEST_REQUEST = 16 * 1024
_VISIT = 10.0
"""Seconds that a visitor may take to say what it wants; browsers open connections that they never use."""


async def login_at_terminal(
    *,
    login: Login,
    finish: Callable[[str, str], Awaitable[None]],
    say: Callable[[str], None],
    read_line: LineSource | None,
    listen: bool = True,
) -> None:
    """Lead somebody through the login. `finish` is given code and verifier; it exchanges and stores.

    A wrong address is explained, and waiting goes on.
    `listen` is False where the process itself serves the redirect URI, and hands visits to `read_line`.

    Raises:
        LoginRefused: the input has ended, and nobody listens for the browser either.
        ExporterError: whatever `finish` raised other than `LoginRefused`.
    """
    say(f"Open this address in a browser, log in and choose your cars:\n\n{login.url}\n")
    attempt = _Attempt(login, finish, say)
    async with AsyncExitStack() as stack:
        listeners = await _listen(login, say) if listen else []
        for listener in listeners:
            stack.push_async_callback(listener.aclose)
        if read_line is not None:
            say("Then paste the address that the browser ends up at, or the code in it, and press Enter.")
        elif listeners:
            say("Waiting for the browser to come back.")
        async with anyio.create_task_group() as group:
            for listener in listeners:
                group.start_soon(listener.serve, attempt.receive)
            group.start_soon(attempt.read, read_line, bool(listeners))
            await attempt.over.wait()
            group.cancel_scope.cancel()
    if attempt.failure is not None:
        raise attempt.failure
    say("You are logged in.")


class _Attempt:
    """A login under way, with its two ways to end."""

    def __init__(
        self, login: Login, finish: Callable[[str, str], Awaitable[None]], say: Callable[[str], None]
    ) -> None:
        self._login = login
        self._path = urlsplit(login.redirect_uri).path or "/"
        self._finish = finish
        self._say = say
        self._turn = anyio.Lock()
        self._done = False
        self.over = anyio.Event()
        self.failure: ExporterError | None = None

    async def read(self, read_line: LineSource | None, others: bool) -> None:
        """Try each line; at the end of input leave it to `others` who wait, if there are any."""
        while read_line is not None and (line := await read_line()) is not None:
            await self._try(line)
            if self._done:
                self.over.set()
                return
        if not others:
            self.failure = LoginRefused("the input ended before the login was done: run it in a terminal")
            self.over.set()

    async def receive(self, stream: SocketStream) -> None:
        """Answer one visit of a browser."""
        with suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):
            async with stream:
                with anyio.move_on_after(_VISIT):
                    target = await _target(stream)
                    with anyio.CancelScope(shield=True):
                        await stream.send(await self._answer(target))
        if self._done:
            self.over.set()

    async def _answer(self, target: str) -> bytes:
        path, _, query = target.partition("?")
        if path != self._path:
            return _page(HTTPStatus.NOT_FOUND, "There is nothing here.")
        mend = await self._try(f"?{query}")
        if mend is None:
            return _page(HTTPStatus.OK, "You are logged in, close this window.")
        return _page(HTTPStatus.BAD_REQUEST, mend)

    async def _try(self, text: str) -> str | None:
        """Finish the login with what came back; the mend where that did not work."""
        async with self._turn:
            if self._done:
                return None if self.failure is None else str(self.failure)
            try:
                await self._finish(read_callback(self._login, text), self._login.verifier)
            except LoginRefused as error:
                self._say(f"That did not work: {error}.")
                return str(error)
            except ExporterError as error:
                self.failure = error
            self._done = True
            return None if self.failure is None else str(self.failure)


async def _listen(login: Login, say: Callable[[str], None]) -> list[Listener[SocketStream]]:
    """Listeners for the browser, where the redirect URI leads to this machine; none where it is taken."""
    address = urlsplit(login.redirect_uri)
    if address.scheme != "http" or address.hostname not in ("localhost", "127.0.0.1"):
        return []
    port = address.port or 80
    listeners: list[Listener[SocketStream]] = []
    try:
        listeners.append(await anyio.create_tcp_listener(local_host="127.0.0.1", local_port=port))
    except OSError:
        say(f"The browser cannot come back by itself: port {port} is in use.")
        return listeners
    with suppress(OSError):  # a machine without IPv6
        listeners.append(await anyio.create_tcp_listener(local_host="::1", local_port=port))
    return listeners


async def _target(stream: ByteStream) -> str:
    """The path and query that the visitor asks for; empty where it does not speak HTTP."""
    try:
        head = await BufferedByteReceiveStream(stream).receive_until(b"\r\n\r\n", _LARGEST_REQUEST)
    except (anyio.IncompleteRead, anyio.DelimiterNotFound):
        return ""
    match head.split(b"\r\n", 1)[0].decode("latin-1").split(" "):
        case ["GET", target, _]:
            return target
        case _:
            return ""


def _page(status: HTTPStatus, text: str) -> bytes:
    body = text.encode()
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\n"
        "content-type: text/plain; charset=utf-8\r\n"
        f"content-length: {len(body)}\r\n"
        "cache-control: no-store\r\nx-content-type-options: nosniff\r\nreferrer-policy: no-referrer\r\n"
        "connection: close\r\n\r\n"
    )
    return head.encode() + body


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
