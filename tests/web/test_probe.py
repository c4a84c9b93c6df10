"""Probes of servers that answer, answer wrongly, or do not answer. Real TLS: tests/test_processes.py."""

import asyncio
from contextlib import asynccontextmanager

import httpx2
import pytest

from tests.support.services import free_port
from volvo_exporter.web.probe import CredentialsRequired, ProbeResponse, probe

pytestmark = pytest.mark.parametrize("anyio_backend", ["asyncio"])


@asynccontextmanager
async def serving(answer: bytes):
    """Run a server that sends the same bytes to every client and closes; yield its port."""

    async def send(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(send, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


def http(status: str, body: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n{body}".encode()


@pytest.mark.parametrize("tls", [True, False])
@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (http("200 OK", "healthy\n"), ProbeResponse(text="healthy\n", ok=True)),
        (http("503 Service Unavailable", "no"), ProbeResponse(text="no", ok=False)),
        (http("401 Unauthorized", "who?"), CredentialsRequired(credentials="basic auth")),
    ],
)
async def test_plain_http_is_understood_with_and_without_tls_in_the_settings(answer, expected, tls):
    async with serving(answer) as port:
        assert await probe("127.0.0.1", port, "/-/healthy", tls=tls) == expected


@pytest.mark.parametrize(
    "answer", [b"", b"SSH-2.0-OpenSSH_9.2\r\n", b"\x15\x03\x03\x00\x02\x02\x28"], ids=repr
)
async def test_a_server_of_another_protocol_is_an_error(answer):
    async with serving(answer) as port:
        with pytest.raises(httpx2.TransportError):
            await probe("127.0.0.1", port, "/-/healthy", tls=True)


@pytest.mark.parametrize("tls", [True, False])
@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]"])
async def test_a_closed_port_is_an_error(host, tls):
    with pytest.raises(httpx2.TransportError):
        await probe(host, free_port(), "/-/healthy", tls=tls)
