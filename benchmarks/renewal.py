"""Time until a renewed token is durable, idle and loaded, and logins that are lost by kill -9.

The token endpoint runs in a process of its own, on loopback, and writes into each answer when it was sent.
The token file is in the current folder, so that its disk is measured.
"""

import json
import math
import os
import random
import signal
import statistics
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import get_context
from pathlib import Path

import anyio

from volvo_exporter.volvo.codec import Token
from volvo_exporter.volvo.grant import Grant
from volvo_exporter.volvo.identity import VolvoId
from volvo_exporter.volvo.tokens import TokenFile
from volvo_exporter.volvo.transport import create_client

ROUNDS = 200
KILLS = 40
MAX_KILL_SECONDS = 0.1
"""Maximum seconds of renewals before a process is killed; chosen."""
JWT = "x" * 1400
"""A token of about the length of Volvo ID's access and ID tokens."""
FORK = get_context("fork")


class Endpoint(BaseHTTPRequestHandler):
    """Token endpoint whose tokens are numbered; GET returns the last number and when it was sent."""

    protocol_version = "HTTP/1.1"
    number = 0
    sent = 0.0

    def do_POST(self) -> None:
        """Answer a renewal."""
        self.rfile.read(int(self.headers["content-length"]))
        Endpoint.number += 1
        body = {"access_token": f"{Endpoint.number}.{JWT}", "refresh_token": str(Endpoint.number)}
        Endpoint.sent = math.inf
        text = json.dumps({**body, "id_token": JWT, "expires_in": 299, "sent": "{sent}"})
        sent = time.monotonic()
        self._answer(text.replace("{sent}", f"{sent:020.9f}"))
        Endpoint.sent = sent

    def do_GET(self) -> None:
        """Return the last number and when it was sent."""
        self._answer(json.dumps([Endpoint.number, Endpoint.sent]))

    def log_message(self, *_arguments: object) -> None:
        """Log nothing."""

    def _answer(self, text: str) -> None:
        head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(text)}\r\n\r\n"
        with suppress(ConnectionError):  # the client was killed
            self.wfile.write((head + text).encode())


class Server(ThreadingHTTPServer):
    """A server that ignores errors of its killed clients."""

    daemon_threads = True

    def handle_error(self, *_arguments: object) -> None:
        """Ignore the error."""


class TimedFile(TokenFile):
    """A token file that records the time of each answer from its sender to the disk."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.seconds: list[float] = []

    @contextmanager
    def receiving(self, spent: Token, *, now: float) -> Generator[Callable[[bytes], None]]:
        """Store the answer and record its time."""
        with super().receiving(spent, now=now) as store:

            def timed(data: bytes) -> None:
                store(data)
                durable = time.monotonic()
                self.seconds.append(durable - float(json.loads(data)["sent"]))

            yield timed


async def renew(file: TokenFile, url: str, rounds: int | None) -> None:
    """Renew `rounds` times, or until killed."""
    client = create_client(observe=lambda *_: None, monotonic=time.monotonic)
    async with client:
        identity = VolvoId(
            client,
            url=url,
            client_id="client",
            client_secret="secret",  # noqa: S106 - a made-up secret
            redirect_uri="http://localhost/",
            clock=time.time,
        )
        grant = Grant(file=file, identity=identity, clock=time.time, observe=lambda _: None)
        done = 0
        while rounds is None or done < rounds:
            await grant.renew(grant.token.access_token if grant.token else "")
            done += 1


def busy(folder: Path | None) -> None:
    """Use one core; if a folder is given, write and sync a file in it."""
    while True:
        sum(range(100_000))
        if folder:
            with (folder / "load").open("wb") as file:
                file.write(os.urandom(1_000_000))
                file.flush()
                os.fsync(file.fileno())


@contextmanager
def loaded(folder: Path) -> Generator[None]:
    """Run one busy process per core, and one that writes."""
    folders = [None] * (os.cpu_count() or 1) + [folder]
    processes = [FORK.Process(target=busy, args=(written,), daemon=True) for written in folders]
    for process in processes:
        process.start()
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.join()


def state(url: str) -> tuple[int, float]:
    """Return the last number of the endpoint and when it was sent."""
    with urllib.request.urlopen(url) as answer:  # noqa: S310 - loopback
        number, sent = json.load(answer)
    return number, sent


def measure_kills(file: TokenFile, url: str) -> list[float]:
    """Kill processes during renewals; returns the seconds from each lost answer to the kill."""
    lost = []
    chance = random.Random(1)  # noqa: S311 - no secret
    for _ in range(KILLS):
        first, _ = state(url)
        process = FORK.Process(target=anyio.run, args=(renew, file, url, None))
        process.start()
        while state(url)[0] < first + 2:
            time.sleep(0.01)
        time.sleep(chance.uniform(0, MAX_KILL_SECONDS))
        killed = time.monotonic()
        os.kill(process.pid or 0, signal.SIGKILL)
        process.join()
        time.sleep(0.05)  # the endpoint may be sending an answer
        file.recover()
        token, (last, sent) = file.read(), state(url)
        if token is None or token.refresh_token != str(last):
            lost.append(killed - sent)
        # The endpoint accepts any token; the next process starts as after a login.
        file.write(Token(access_token="", refresh_token=str(last), expires_at=0.0))
    return lost


def show(name: str, seconds: list[float]) -> None:
    """Print median and 99th percentile."""
    median = statistics.median(seconds) * 1000
    high = statistics.quantiles(seconds, n=100)[-1] * 1000
    print(f"  {name:20}  median {median:7.2f} ms  99th percentile {high:7.2f} ms")


def measure(folder: Path, url: str) -> None:
    """Print all figures."""
    print(f"a renewed token, from its sender to the disk, {ROUNDS} renewals")
    for name, load in (("idle", None), ("loaded", folder)):
        file = TimedFile(folder / "token.json")
        file.write(Token(access_token="", refresh_token=str(state(url)[0]), expires_at=0.0))
        with ExitStack() as stack:
            if load:
                stack.enter_context(loaded(load))
            anyio.run(renew, file, url, ROUNDS)
        show(name, file.seconds)
        first, _ = state(url)
        with ExitStack() as stack:
            if load:
                stack.enter_context(loaded(load))
            lost = measure_kills(TokenFile(folder / "token.json"), url)
        arrived = ", ".join(f"{seconds * 1000:.1f} ms" for seconds in sorted(lost) if seconds > 0)
        print(
            f"  {'':20}  {len(lost)} of {KILLS} killed processes lost the login "
            f"({state(url)[0] - first} renewals); killed after the answer was sent: {arrived or 'none'}"
        )


if __name__ == "__main__":
    server = Server(("127.0.0.1", 0), Endpoint)
    endpoint = FORK.Process(target=server.serve_forever, daemon=True)
    endpoint.start()
    with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix=".renewal-") as name:
        measure(Path(name), f"http://127.0.0.1:{server.server_port}")
    endpoint.kill()
    sys.exit()
