"""The output: samples all series at an interval and sends them to one receiver, in order."""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import anyio
import httpx2
import structlog

from volvo_exporter.prometheus.remote_write.delivery import (
    Delivered,
    Outcome,
    Postponed,
    Rejected,
    read_response,
    wait,
)
from volvo_exporter.prometheus.remote_write.encoding import Encode
from volvo_exporter.prometheus.remote_write.series import SeriesReader, batches
from volvo_exporter.vehicles.updates import Subscription

MAX_SERIES = 2000
"""Series of one request, as Prometheus sends them (`max_samples_per_send`)."""
MAX_KEPT_SECONDS = 3600.0
"""Age of the oldest samples that wait for the receiver. Chosen: Prometheus refuses samples that are older
than its head block, at least an hour; the samples of three cars are 0.4 MB (measured)."""
TIMEOUT_SECONDS = 30.0
HEADERS = {
    "content-type": "application/x-protobuf",
    "content-encoding": "snappy",
    "x-prometheus-remote-write-version": "0.1.0",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """Where the samples are sent."""

    url: str
    auth: httpx2.Auth
    headers: Mapping[str, str]

    @property
    def host(self) -> str:
        """The host, for log lines; the rest of a URL may contain a secret."""
        return httpx2.URL(self.url).host


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request that waits to be sent."""

    at: float
    """Unix time of its samples."""
    body: bytes


class RemoteWrite:
    """Samples all series at an interval and sends them to one receiver.

    Args:
        receiver: Where the samples are sent.
        parts: Returns the exposition in parts.
        reader: Reads the series of the parts.
        encode: Returns the body of a request.
        interval: Seconds between two samples of a series.
        clock: Unix time.
        create_client: Returns the client; it is created where it is used, in `run`.
    """

    def __init__(
        self,
        receiver: Receiver,
        *,
        parts: Callable[[], Iterable[bytes]],
        reader: SeriesReader,
        encode: Encode,
        interval: float,
        clock: Callable[[], float],
        create_client: Callable[[], httpx2.AsyncClient],
    ) -> None:
        self.name = f"remote_write {receiver.host}"
        self._receiver = receiver
        self._parts = parts
        self._reader = reader
        self._encode = encode
        self._interval = interval
        self._clock = clock
        self._create_client = create_client
        self._waiting: deque[Request] = deque()
        self._sampled = anyio.Event()
        self._failures = 0
        self._log = structlog.get_logger().bind(receiver=receiver.host)

    async def run(self, updates: Subscription) -> None:
        """Sample and send until cancelled."""
        async with self._create_client() as client, anyio.create_task_group() as tasks:
            tasks.start_soon(self._sample)
            tasks.start_soon(self._send, client)
            async for _ in updates:
                pass  # `/metrics` has taken it; samples are due by time, whether or not a value changed

    async def _sample(self) -> None:
        while True:
            await anyio.sleep(self._interval - self._clock() % self._interval)
            self.take(self._clock())

    def take(self, now: float) -> None:
        """Queue a sample of every series; drop requests that have waited for too long."""
        for batch in batches(self._reader.read(self._parts()), MAX_SERIES):
            self._waiting.append(Request(at=now, body=self._encode(batch, at=now)))
        while self._waiting and self._waiting[0].at < now - MAX_KEPT_SECONDS:
            self._waiting.popleft()
        self._sampled.set()

    async def _send(self, client: httpx2.AsyncClient) -> None:
        while True:
            while not self._waiting:
                self._sampled = anyio.Event()
                await self._sampled.wait()
            request = self._waiting[0]
            outcome = await self._attempt(client, request)
            self._report(outcome)
            if isinstance(outcome, Postponed):
                await anyio.sleep(outcome.seconds)
                continue
            # Meanwhile it may have been dropped because of its age.
            if self._waiting and self._waiting[0] is request:
                self._waiting.popleft()

    async def _attempt(self, client: httpx2.AsyncClient, request: Request) -> Outcome:
        receiver = self._receiver
        try:
            with anyio.fail_after(TIMEOUT_SECONDS):
                response = await client.post(
                    receiver.url,
                    content=request.body,
                    auth=receiver.auth,
                    headers={**receiver.headers, **HEADERS},
                )
        except (httpx2.TransportError, TimeoutError) as error:
            return Postponed(reason=type(error).__name__, seconds=wait(self._failures))
        return read_response(response.status_code, response.headers, failures=self._failures)

    def _report(self, outcome: Outcome) -> None:
        """Log the first failure of several, and their end."""
        match outcome:
            case Delivered():
                if self._failures:
                    self._log.info("remote write works again", failures=self._failures)
                self._failures = 0
            case Rejected(reason=reason) | Postponed(reason=reason):
                if not self._failures:
                    self._log.warning("remote write failed; check its url and credentials", reason=reason)
                self._failures += 1
