import gzip
import tracemalloc

import httpx2
import pytest

from volvo_exporter.volvo.authentication import BearerAuth
from volvo_exporter.volvo.bodies import MAX_BODY_BYTES
from volvo_exporter.volvo.errors import Malformed, Unreachable
from volvo_exporter.volvo.transport import create_client, send

MIB = 1024 * 1024


class Server(httpx2.AsyncBaseTransport):
    """Send one body in chunks of 64 KiB and count how much of it is read."""

    def __init__(self, content: bytes, *, repeat: int = 1, status: int = 200, encoding: str = "") -> None:
        self.content = content
        self.repeat = repeat
        self.status = status
        self.encoding = encoding
        self.sent = 0
        self.closed = False
        self.accepted = ""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.accepted = request.headers["accept-encoding"]
        headers = {"content-encoding": self.encoding} if self.encoding else {}
        return httpx2.Response(self.status, headers=headers, stream=Body(self))

    async def get(self, *, auth: httpx2.Auth | None = None) -> tuple[httpx2.Response, bytes]:
        client = create_client(transport=self, observe=lambda *_: None, monotonic=lambda: 0.0)
        return await send(client, client.build_request("GET", "https://api.example/"), auth=auth)


class Body(httpx2.AsyncByteStream):
    def __init__(self, server: Server) -> None:
        self.server = server

    async def __aiter__(self):
        for _ in range(self.server.repeat):
            for start in range(0, len(self.server.content), 65536):
                chunk = self.server.content[start : start + 65536]
                self.server.sent += len(chunk)
                yield chunk

    async def aclose(self) -> None:
        self.server.closed = True


class FakeGrant:
    """One token, which needs no renewal."""

    async def access_token(self) -> str:
        return "token"


def nested(content: bytes, *, times: int) -> bytes:
    for _ in range(times):
        content = gzip.compress(content)
    return content


async def test_a_body_of_the_largest_size_is_read_and_a_larger_one_is_discarded():
    _, body = await Server(b"x" * MAX_BODY_BYTES).get()
    assert len(body) == MAX_BODY_BYTES
    with pytest.raises(Malformed, match="too large"):
        await Server(b"x" * (MAX_BODY_BYTES + 1)).get()


@pytest.mark.parametrize("status", [200, 401, 404, 429, 500])
@pytest.mark.parametrize("auth", [None, BearerAuth(FakeGrant())], ids=["plain", "with a token"])
async def test_a_body_of_300_mb_is_read_to_the_limit_only_whatever_the_status(status, auth):
    server = Server(bytes(65536), repeat=4800, status=status)
    tracemalloc.start()
    try:
        with pytest.raises(Malformed, match="too large"):
            await server.get(auth=auth)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert server.sent <= MAX_BODY_BYTES + 65536
    assert server.closed
    assert peak < 8 * MIB


@pytest.mark.parametrize("status", [200, 401])
async def test_a_small_body_that_becomes_300_mb_is_decompressed_to_the_limit_only(status):
    server = Server(gzip.compress(bytes(300 * MIB), 9), status=status, encoding="gzip")
    tracemalloc.start()
    try:
        with pytest.raises(Malformed, match="too large"):
            await server.get(auth=BearerAuth(FakeGrant()))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert server.closed
    assert peak < 8 * MIB


@pytest.mark.parametrize(
    "encoding", ["gzip, gzip", "gzip,identity,gzip", "br", "deflate", "zstd", "gzip, br"]
)
async def test_several_codings_and_other_codings_than_gzip_are_refused_unread(encoding):
    server = Server(nested(b"{}", times=2), encoding=encoding)
    with pytest.raises(Malformed, match="Content-Encoding"):
        await server.get()
    assert server.sent == 0
    assert server.closed


@pytest.mark.parametrize("encoding", ["", "identity", "gzip", "GZIP", "x-gzip", "identity, gzip"])
async def test_a_body_in_gzip_or_none_is_decoded(encoding):
    content = b'{"data": 1}' * 10_000
    server = Server(gzip.compress(content) if "gzip" in encoding.lower() else content, encoding=encoding)
    _, body = await server.get()
    assert body == content
    assert server.accepted == "gzip"


async def test_a_body_that_is_not_gzip_although_declared_is_unreachable():
    with pytest.raises(Unreachable, match="DecodingError"):
        await Server(b"plain text", encoding="gzip").get()
