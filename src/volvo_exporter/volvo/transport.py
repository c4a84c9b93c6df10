"""How requests leave: a counting transport, the client around it, and the one place that knows its errors."""

from collections.abc import Callable
from http.cookiejar import CookieJar, DefaultCookiePolicy

import anyio
import httpx2

from volvo_exporter.volvo.bodies import ACCEPT_ENCODING, BodyLimitTransport
from volvo_exporter.volvo.errors import Unreachable

Observe = Callable[[str, str, str, float], None]
"""Takes method, endpoint, status code and seconds of each request."""

LONGEST_EXCHANGE = 60.0
"""Seconds until a request is given up, however steadily its answer drips."""


class CountingTransport(httpx2.AsyncBaseTransport):
    """Tells `observe` of every request, also of one that got no answer: it may count at the other end.

    `endpoint` is what the request carries in `extensions["endpoint"]`, a path template without VIN or query.
    The seconds end when the headers of the answer are there; `status_code` is `error` where none came.
    """

    def __init__(
        self, inner: httpx2.AsyncBaseTransport, *, observe: Observe, monotonic: Callable[[], float]
    ) -> None:
        self._inner = inner
        self._observe = observe
        self._monotonic = monotonic

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Pass the request on and count it."""
        endpoint = str(request.extensions.get("endpoint", "unknown"))
        status_code = "error"
        start = self._monotonic()
        try:
            response = await self._inner.handle_async_request(request)
            status_code = str(response.status_code)
        finally:
            self._observe(request.method, endpoint, status_code, self._monotonic() - start)
        return response

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()


def create_client(
    *,
    observe: Observe,
    monotonic: Callable[[], float],
    transport: httpx2.AsyncBaseTransport | None = None,
    timeout: float = 30.0,
) -> httpx2.AsyncClient:
    """The client for everything in this room; it keeps no cookies, so several accounts can share it.

    Without a `transport` it uses the network, directly: proxies named in the environment are not used.
    """
    return httpx2.AsyncClient(
        transport=BodyLimitTransport(
            CountingTransport(transport or httpx2.AsyncHTTPTransport(), observe=observe, monotonic=monotonic)
        ),
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        headers={"user-agent": "volvo-vehicle-exporter", "accept-encoding": ACCEPT_ENCODING},
        timeout=timeout,
        follow_redirects=False,
        trust_env=False,
    )


async def send(
    client: httpx2.AsyncClient,
    request: httpx2.Request,
    *,
    auth: httpx2.Auth | None = None,
    patience: float = LONGEST_EXCHANGE,
    received: Callable[[bytes], None] | None = None,
) -> tuple[httpx2.Response, bytes]:
    """Send the request once and read the answer to its end, for `patience` seconds at most.

    `received` is given the bytes of a successful answer as they arrive.

    Raises:
        Unreachable: no answer, or one that broke off.
        Malformed: the response is larger than `LARGEST_BODY`, or has an unsupported Content-Encoding.
    """
    host = request.url.host
    try:
        with anyio.fail_after(patience):
            response = await client.send(request, auth=auth, stream=True)
            try:
                body = await _read(response, received)
            finally:
                await response.aclose()
    except (httpx2.TimeoutException, TimeoutError):
        message = f"{host}: request timed out; will retry"
        raise Unreachable(message) from None
    except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError) as error:
        message = f"connection to {host} failed ({type(error).__name__}); check the network if this persists"
        raise Unreachable(message) from None
    return response, body


async def _read(response: httpx2.Response, received: Callable[[bytes], None] | None) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        if received and response.is_success:
            received(chunk)
        body += chunk
    return bytes(body)
