"""Clients that open many connections, or keep the server waiting: a real process and real sockets."""

import logging
import resource
import socket
import ssl
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

import anyio
import anyio.lowlevel
import httpx2
import pytest
import trustme
import yaml
from starlette.requests import Request
from starlette.responses import PlainTextResponse

from tests.support.installation import LOGIN, a_parked_world, write_token
from tests.support.services import free_port, running, serving, until
from volvo_exporter.server import GRACE_SECONDS, MAX_CONNECTIONS, REQUEST_SECONDS, max_connections
from volvo_exporter.server import serving as serving_in_block

pytestmark = pytest.mark.slow

DESCRIPTORS = 128
LIMITED = (
    "import resource, runpy, sys; "
    f"resource.setrlimit(resource.RLIMIT_NOFILE, ({DESCRIPTORS}, {DESCRIPTORS})); "
    "sys.argv[1:] = ['serve']; runpy.run_module('volvo_exporter', run_name='__main__')"
)
"""The exporter with few file descriptors."""


@contextmanager
def an_exporter(folder: Path, **more: object):
    """An exporter in a process of its own; yields its port and the process."""
    port = free_port()
    world = a_parked_world()
    write_token(world, folder / "volvo_token.json")
    with serving(world) as cloud:
        urls = {"volvo_api_url": cloud, "volvo_id_url": cloud}
        settings = {**LOGIN, **urls, "exporter_listen_port": port, **more}
        (folder / "config.yaml").write_text(yaml.safe_dump(settings))
        with running("-c", LIMITED, folder=folder) as process:
            yield port, process


def connect(stack: ExitStack, port: int, *, first: bytes = b"") -> socket.socket:
    client = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=5))
    client.sendall(first)
    return client


def is_closed(client: socket.socket) -> bool:
    """Whether the server has closed the connection."""
    client.settimeout(0)
    try:
        return client.recv(1) == b""
    except BlockingIOError:
        return False
    except ConnectionError:
        return True


def scrape(port: int, scheme: str = "http") -> int:
    return httpx2.get(f"{scheme}://127.0.0.1:{port}/metrics", verify=False, timeout=5).status_code


def raise_own_limit() -> None:
    """This process needs more descriptors than the exporter."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))


@pytest.mark.parametrize(
    "first", [b"", b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n"], ids=["idle", "half"]
)
def test_a_scrape_is_answered_although_idle_connections_exceed_the_file_descriptors(tmp_path, first):
    raise_own_limit()
    with an_exporter(tmp_path) as (port, process), ExitStack() as stack:
        until(lambda: scrape(port) == 200)
        other = stack.enter_context(
            socket.create_connection(("127.0.0.1", port), source_address=("127.0.0.2", 0))
        )
        clients = [connect(stack, port, first=first) for _ in range(2 * DESCRIPTORS)]

        assert [scrape(port) for _ in range(5)] == [200] * 5
        assert not is_closed(other)
        used = len(list(Path(f"/proc/{process.pid}/fd").iterdir()))
        assert used < DESCRIPTORS - 32  # the rest is for polling
        assert sum(map(is_closed, clients)) >= DESCRIPTORS
        until(lambda: "volvo_odometer_meters{" in httpx2.get(f"http://127.0.0.1:{port}/metrics").text)

        process.terminate()
        lines = process.stdout.read().splitlines()
        assert len([line for line in lines if "connections" in line]) == 1
        assert len(lines) < 30


def test_idle_tls_connections_are_limited_too(tmp_path):
    raise_own_limit()
    certificate = trustme.CA().issue_cert("localhost")
    certificate.private_key_pem.write_to_path(tmp_path / "key.pem")
    for pem in certificate.cert_chain_pems:
        pem.write_to_path(tmp_path / "cert.pem", append=True)
    tls = {"tls_server_config": {"cert_file": "cert.pem", "key_file": "key.pem"}}
    (tmp_path / "web.yml").write_text(yaml.safe_dump(tls))
    with an_exporter(tmp_path, web_config_file="web.yml") as (port, process), ExitStack() as stack:
        until(lambda: scrape(port, "https") == 200)
        clients = [connect(stack, port) for _ in range(2 * DESCRIPTORS)]

        assert [scrape(port, "https") for _ in range(3)] == [200] * 3
        assert len(list(Path(f"/proc/{process.pid}/fd").iterdir())) < DESCRIPTORS - 32
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        stack.enter_context(context.wrap_socket(connect(stack, port)))
        # The others, too, when the handshake does not come.
        until(lambda: all(map(is_closed, clients)))


def test_a_client_that_does_not_complete_its_request_is_disconnected(tmp_path):
    post = b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nacc"
    with an_exporter(tmp_path) as (port, _), ExitStack() as stack:
        until(lambda: scrape(port) == 200)
        silent = connect(stack, port)
        body = connect(stack, port, first=post)
        drip = connect(stack, port, first=b"GET / HTTP/1.1\r\nHost: localhost\r\n")
        begin = time.monotonic()

        def all_closed() -> bool:
            try:
                drip.settimeout(1)
                drip.sendall(b"X-A: b\r\n")
            except OSError:
                return is_closed(silent) and is_closed(body)
            return False

        until(all_closed)
        assert REQUEST_SECONDS - 1 < time.monotonic() - begin < REQUEST_SECONDS + 5


def test_invalid_requests_in_bulk_are_logged_once(tmp_path):
    with an_exporter(tmp_path) as (port, process):
        until(lambda: scrape(port) == 200)
        for _ in range(50):
            with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
                client.sendall(b"\x16\x03\x01 not HTTP\r\n\r\n")
                assert client.recv(1000).startswith(b"HTTP/1.1 400")
        process.terminate()
        assert process.stdout.read().count("Invalid HTTP request") == 1


def test_one_connection_may_send_requests_for_longer_than_one_request_may_take(tmp_path):
    with an_exporter(tmp_path) as (port, _), httpx2.Client() as client:
        until(lambda: scrape(port) == 200)
        begin = time.monotonic()
        addresses = set()

        def is_long_enough() -> bool:
            response = client.get(f"http://127.0.0.1:{port}/metrics")
            addresses.add(response.extensions["network_stream"].get_extra_info("client_addr"))
            assert response.status_code == 200
            return time.monotonic() - begin > REQUEST_SECONDS + 2

        until(is_long_enough)
        assert len(addresses) == 1


def test_half_of_the_file_descriptors_without_the_journal_is_reserved_for_polling():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (150, hard))
        assert max_connections() == 67
        resource.setrlimit(resource.RLIMIT_NOFILE, (1024, hard))
        assert max_connections() == MAX_CONNECTIONS
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


BY_ASYNCIO = pytest.mark.parametrize("anyio_backend", ["asyncio"])


class Work:
    """An application whose response takes a while."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.begun = seconds, anyio.Event()

    async def __call__(self, scope, receive, send):
        self.begun.set()
        await anyio.sleep(self.seconds)
        await PlainTextResponse(Request(scope).url.path)(scope, receive, send)


@contextmanager
def a_listener():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener, listener.getsockname()[1]


@BY_ASYNCIO
async def test_a_response_in_progress_is_completed_when_the_server_ends():
    work, answers = Work(0.3), []
    with a_listener() as (listener, port):

        async def ask():
            async with httpx2.AsyncClient(trust_env=False) as client:
                answers.append((await client.get(f"http://127.0.0.1:{port}/asked")).text)

        async with anyio.create_task_group() as tasks, serving_in_block(work, [listener], limit=5):
            tasks.start_soon(ask)
            await work.begun.wait()

    assert answers == ["/asked"]


@BY_ASYNCIO
async def test_a_server_that_is_cancelled_closes_its_connections():
    work = Work(3600.0)
    with a_listener() as (listener, port), ExitStack() as stack:
        with anyio.CancelScope() as scope:
            async with serving_in_block(work, [listener], limit=5):
                silent = connect(stack, port)
                working = connect(stack, port, first=b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
                await work.begun.wait()
                begin = time.monotonic()
                scope.cancel()
                await anyio.sleep_forever()

        await anyio.lowlevel.checkpoint()  # asyncio closes the sockets in its next turn
        assert time.monotonic() - begin < GRACE_SECONDS + 2
        assert is_closed(silent)
        assert is_closed(working)
        with pytest.raises(ConnectionRefusedError):
            connect(stack, port)


@BY_ASYNCIO
async def test_the_filter_of_the_log_ends_with_the_server():
    filters = logging.getLogger("uvicorn.error").filters
    before = list(filters)
    with a_listener() as (listener, _):
        async with serving_in_block(Work(0.0), [listener], limit=5):
            await anyio.sleep(0.05)
            assert len(filters) == len(before) + 1
    assert filters == before
