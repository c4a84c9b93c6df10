"""The response to a scrape, joined and compressed in pieces; long ones in a thread, off the event loop.

1,000 vehicles are 28 MB of text, which take 0.3 s to compress; other requests must not wait for that.
"""

import zlib
from collections.abc import AsyncIterator, Iterator, Sequence

import anyio.to_thread
from starlette.datastructures import Headers
from starlette.responses import Response, StreamingResponse

PIECE_BYTES = 256 * 1024
"""Bytes that are joined at once; copying them takes 0.05 ms (measured)."""
COMPRESSION_LEVEL = 5
"""Measured with 1.1 MB of 20 vehicles: 34 kB in 4 ms on level 5, 28 kB in 21 ms on the default 9."""
GZIP = 16 + zlib.MAX_WBITS
"""The `wbits` of zlib for the gzip format."""
MIN_COMPRESSED_BYTES = 1000
"""Shorter responses are not compressed; chosen, as they fit into one packet."""


def respond(parts: Sequence[bytes], headers: Headers, *, content_type: str) -> Response:
    """Return the response to a scrape of these parts, compressed if the client accepts it."""
    size = sum(map(len, parts))
    if size < MIN_COMPRESSED_BYTES or "gzip" not in headers.get("accept-encoding", ""):
        if size <= PIECE_BYTES:
            return Response(b"".join(parts), media_type=content_type)
        length = {"content-length": str(size)}
        return StreamingResponse(pieces(parts), media_type=content_type, headers=length)
    encoding = {"content-encoding": "gzip", "vary": "accept-encoding"}
    if size <= PIECE_BYTES:
        return Response(_compress(b"".join(parts)), media_type=content_type, headers=encoding)
    return StreamingResponse(_compressed(parts), media_type=content_type, headers=encoding)


def pieces(parts: Sequence[bytes]) -> Iterator[bytes]:
    """Join parts to pieces of about `PIECE_BYTES`."""
    joined: list[bytes] = []
    size = 0
    for part in parts:
        joined.append(part)
        size += len(part)
        if size >= PIECE_BYTES:
            yield b"".join(joined)
            joined, size = [], 0
    if joined:
        yield b"".join(joined)


def _compress(text: bytes) -> bytes:
    compressor = zlib.compressobj(COMPRESSION_LEVEL, wbits=GZIP)
    return compressor.compress(text) + compressor.flush()


async def _compressed(parts: Sequence[bytes]) -> AsyncIterator[bytes]:
    compressor = zlib.compressobj(COMPRESSION_LEVEL, wbits=GZIP)
    for piece in pieces(parts):
        if compressed := await anyio.to_thread.run_sync(compressor.compress, piece):
            yield compressed
    yield compressor.flush()
