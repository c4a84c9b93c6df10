"""Response bodies of limited size: bytes are counted before and after decompression, for every status."""

import zlib
from collections.abc import AsyncGenerator, AsyncIterator

import httpx2

from volvo_exporter.volvo.errors import Malformed

MAX_BODY_BYTES = 1024 * 1024
"""Bytes of a response, compressed and decompressed; the APIs send less than 4 KiB.

zlib decompresses as much in 5 ms on a Raspberry Pi 3, so decompression does not delay the pages.
"""

ACCEPT_ENCODING = "gzip"
"""The one coding that is requested, and the only one that is decoded."""


class BodyLimitTransport(httpx2.AsyncBaseTransport):
    """Decode and limit the body of each response, before authentication or anything else can read it."""

    def __init__(self, inner: httpx2.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Pass the request on; raises Malformed if the response has a coding other than gzip, or several."""
        response = await self._inner.handle_async_request(request)
        host = request.url.host
        codings = [
            coding
            for value in response.headers.get_list("content-encoding", split_commas=True)
            if (coding := value.strip().lower()) not in ("", "identity")
        ]
        if codings not in ([], ["gzip"], ["x-gzip"]):
            await response.aclose()
            # Codings are not limited in number: 1,827 bytes of nested gzip keep a core busy for seconds.
            message = f"{host} sent a response with an unsupported Content-Encoding, discarded; will retry"
            raise Malformed(message)
        response.headers.pop("content-encoding", None)
        return httpx2.Response(
            response.status_code,
            headers=response.headers,
            stream=_LimitedBody(response, host=host, compressed=bool(codings)),
            extensions=response.extensions,
        )

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()


class _LimitedBody(httpx2.AsyncByteStream):
    """The decoded body of a response; raises Malformed beyond `MAX_BODY_BYTES`, and reads no further."""

    def __init__(self, response: httpx2.Response, *, host: str, compressed: bool) -> None:
        self._response = response
        self._host = host
        self._gzip = zlib.decompressobj(zlib.MAX_WBITS | 16) if compressed else None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        received = decoded = 0
        stream = aiter(self._raw())
        try:
            async for chunk in stream:
                received += len(chunk)
                content = self._decode(chunk, MAX_BODY_BYTES + 1 - decoded)
                decoded += len(content)
                if max(received, decoded) > MAX_BODY_BYTES:
                    message = f"{self._host} sent a response that is too large, discarded; will retry"
                    raise Malformed(message)
                yield content
        finally:
            if isinstance(stream, AsyncGenerator):
                await stream.aclose()

    async def aclose(self) -> None:
        """Close the response; a body that was not read to its end ends its connection."""
        await self._response.aclose()

    def _raw(self) -> httpx2.AsyncByteStream:
        stream = self._response.stream
        if not isinstance(stream, httpx2.AsyncByteStream):
            message = "an asynchronous transport gave a synchronous body"
            raise TypeError(message)
        return stream

    def _decode(self, chunk: bytes, limit: int) -> bytes:
        if self._gzip is None:
            return chunk
        try:
            return self._gzip.decompress(chunk, limit)
        except zlib.error as error:
            message = "invalid gzip"
            raise httpx2.DecodingError(message) from error
