"""The HTTP server: limits the number of connections and closes those whose client is too slow.

uvicorn accepts connections without a limit and waits for the first request forever, so 1,024 idle
connections use up the descriptors of a process, also those for Volvo's APIs. This server accepts them itself.
"""

import asyncio
import logging
import resource
import socket
import ssl
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import cast

import anyio
import structlog
import uvicorn
from anyio.abc import TaskGroup
from anyio.lowlevel import checkpoint
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle
from uvicorn.server import ServerState

from volvo_exporter.clients import network_of

MAX_CONNECTIONS = 100
"""Open connections: a browser uses six and Prometheus one, so this serves a dozen users."""
REQUEST_SECONDS = 10.0
"""Timeout of a request or a TLS handshake; Prometheus times out after 10 s by default."""
RESPONSE_SECONDS = 60.0
"""Timeout of reading a response; 1.1 MB of 20 cars take 9 s at 1 Mbit/s."""
GRACE_SECONDS = 3
"""Time for responses in progress when the server stops; chosen."""
LOG_SECONDS = 60.0
"""Time between two equal warnings; chosen."""
PAUSE_SECONDS = 1.0
"""Pause after a failed accept, as in asyncio."""
TICKS_PER_SECOND = 10
"""Calls of `on_tick` per second by uvicorn."""


DATABASE_DESCRIPTORS = 16
"""Reserved for the journal: SQLite holds up to three files for each of its connections."""


def max_connections() -> int:
    """Return the limit for this process: at most half of the file descriptors that the journal leaves."""
    descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if descriptors < 0:
        return MAX_CONNECTIONS
    return max(1, min(MAX_CONNECTIONS, (descriptors - DATABASE_DESCRIPTORS) // 2))


def configure(app: ASGIApp, *, tls: ssl.SSLContext | None = None) -> uvicorn.Config:
    """Return the configuration that all servers of the exporter have in common."""
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        ws="none",
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
        ssl_context_factory=(lambda _config, _default: tls) if tls else None,
    )


@asynccontextmanager
async def serving(app: ASGIApp, listeners: Sequence[socket.socket], *, limit: int) -> AsyncIterator[None]:
    """Serve while the block runs; at its end, responses in progress are completed, also when cancelled."""
    server = Server(configure(app), limit=limit)

    async def run() -> None:
        # Cancelled, uvicorn would leave its connections open.
        with anyio.CancelScope(shield=True):
            await server.serve(list(listeners))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(run)
        try:
            yield
        finally:
            server.should_exit = True


class Connection(H11Protocol):
    """A connection with the time since which it waits for its client.

    Args:
        peer: The network of the client.
        closed: Called when the connection is lost.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        state: ServerState,
        *,
        peer: str,
        closed: Callable[["Connection"], None],
    ) -> None:
        super().__init__(config=config, server_state=state, app_state={})
        self.peer = peer
        self.since = self.loop.time()
        self.handshake = anyio.CancelScope()
        self._closed = closed

    @property
    def is_connected(self) -> bool:
        """Whether the TLS handshake, if any, is complete."""
        return self._transport() is not None

    @property
    def is_working(self) -> bool:
        """Whether the exporter is processing a complete request, without waiting for the client."""
        cycle = cast("RequestResponseCycle | None", self.cycle)  # None before the first request
        return (
            cycle is not None
            and not (cycle.response_complete or cycle.more_body)
            and not self.flow.write_paused
        )

    def is_late(self, now: float) -> bool:
        """Whether the client takes too long to send a request or to read a response."""
        transport = self._transport()
        unread = transport is not None and transport.get_write_buffer_size() > 0
        return now - self.since > (RESPONSE_SECONDS if unread else REQUEST_SECONDS)

    def abort(self) -> None:
        """Close the connection at once, without waiting for the client."""
        transport = self._transport()
        if transport is None:
            self.handshake.cancel()
        else:
            transport.abort()

    def on_response_complete(self) -> None:
        """Wait for the next request from now on."""
        self.since = self.loop.time()
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Report it."""
        self._closed(self)
        super().connection_lost(exc)

    def _transport(self) -> asyncio.Transport | None:
        """Return the transport; None during the TLS handshake, unlike uvicorn declares it."""
        return self.transport


class Server(uvicorn.Server):
    """A server that leaves the signals to the supervisor and limits its connections.

    Beyond `limit`, a new connection replaces the one idle for the longest time, of the network with
    the most connections. A client that opens many loses its own, and a scraper can connect.
    """

    def __init__(self, config: uvicorn.Config, *, limit: int = MAX_CONNECTIONS) -> None:
        super().__init__(config)
        self._limit = limit
        self._open: set[Connection] = set()
        self._listeners: list[socket.socket] = []
        self._warned: dict[str, float] = {}

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Install no handlers."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start without the listeners of uvicorn."""
        await self.lifespan.startup()
        logging.getLogger("uvicorn.error").addFilter(self._may_log)
        self._listeners = sockets or []
        self.servers = []
        self.started = True

    async def main_loop(self) -> None:
        """Accept connections until the server must stop."""
        async with anyio.create_task_group() as tasks:
            for listener in self._listeners:
                listener.settimeout(0)
                tasks.start_soon(self._accept, listener, tasks)
            await super().main_loop()
            tasks.cancel_scope.cancel()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop, and close the connections of clients that do not read their response in time."""
        await super().shutdown(sockets)
        for connection in list(self._open):
            connection.abort()
        logging.getLogger("uvicorn.error").removeFilter(self._may_log)

    async def on_tick(self, counter: int) -> bool:
        """Close slow connections, every second."""
        if counter % TICKS_PER_SECOND == 0:
            self._close_late(asyncio.get_running_loop().time())
        return await super().on_tick(counter)

    async def _accept(self, listener: socket.socket, tasks: TaskGroup) -> None:
        while True:
            # A waiting connection is accepted without a pause, and the rest of the process needs its turn.
            await checkpoint()
            try:
                client, address = await asyncio.get_running_loop().sock_accept(listener)
            except ConnectionError:  # it was closed before it was accepted
                continue
            except OSError as error:
                self._warn(
                    f"cannot accept connections ({error.strerror}); raise the open files limit (ulimit -n)"
                )
                await anyio.sleep(PAUSE_SECONDS)
                continue
            if len(self._open) >= self._limit:
                self._warn(f"more than {self._limit} connections; closing idle ones")
                self._close_one()
            connection = Connection(
                self.config, self.server_state, peer=network_of(address[0]), closed=self._open.discard
            )
            self._open.add(connection)
            tasks.start_soon(self._connect, connection, client)

    async def _connect(self, connection: Connection, client: socket.socket) -> None:
        with connection.handshake, suppress(OSError):  # ssl.SSLError is one
            await asyncio.get_running_loop().connect_accepted_socket(
                lambda: connection, client, ssl=self.config.ssl
            )
        if not connection.is_connected:  # asyncio has closed the socket
            self._open.discard(connection)

    def _close_one(self) -> None:
        crowd = Counter(each.peer for each in self._open)
        victim = min(self._open, key=lambda each: (-crowd[each.peer], each.since))
        self._open.discard(victim)
        victim.abort()

    def _close_late(self, now: float) -> None:
        for connection in list(self._open):
            if connection.is_working:
                connection.since = now
            elif connection.is_late(now):
                connection.abort()

    def _warn(self, message: str) -> None:
        if self._is_due(message):
            structlog.get_logger().warning(message)

    def _may_log(self, record: logging.LogRecord) -> bool:
        """Filter uvicorn's log: it warns of each invalid request."""
        return record.levelno >= logging.ERROR or self._is_due(record.getMessage())

    def _is_due(self, message: str) -> bool:
        now = time.monotonic()
        if now < self._warned.get(message, 0.0):
            return False
        self._warned[message] = now + LOG_SECONDS
        return True
