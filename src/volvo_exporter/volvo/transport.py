"""Send HTTP requests: a counting transport, the client, and the conversion of its errors."""

from collections.abc import Callable
from http.cookiejar import CookieJar, DefaultCookiePolicy

import anyio
import httpx2

from volvo_exporter.volvo.bodies import ACCEPT_ENCODING, BodyLimitTransport
from volvo_exporter.volvo.errors import Unreachable

Observe = Callable[[str, str, str, float], None]
"""Receives method, endpoint, status code and seconds of each request."""

MAX_EXCHANGE_SECONDS = 60.0
"""Seconds until a request times out, even if bytes of the response still arrive. Chosen: twice the timeout of
a single read."""


class CountingTransport(httpx2.AsyncBaseTransport):
    """Reports every request to `observe`, even without a response: Volvo may count it.

    `endpoint` is what the request carries in `extensions["endpoint"]`, a path template without VIN or query.
    The seconds end with the headers of the response; `status_code` is `error` without a response.
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
    """Create the client for all services; it stores no cookies, so several accounts can share it.

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
    max_seconds: float = MAX_EXCHANGE_SECONDS,
    received: Callable[[bytes], None] | None = None,
) -> tuple[httpx2.Response, bytes]:
    """Send the request once and read the whole response, within `max_seconds`.

    `received` receives the bytes of a successful response as they arrive.

    Raises:
        Unreachable: no response, or an incomplete one.
        Malformed: the response is larger than `MAX_BODY_BYTES`, or has an unsupported Content-Encoding.
    """
    host = request.url.host
    try:
        with anyio.fail_after(max_seconds):
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
