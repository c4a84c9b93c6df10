"""Authenticate API requests with an access token, which is renewed once if it is refused."""

from collections.abc import AsyncGenerator, Callable

import httpx2

from volvo_exporter.volvo.grant import Grant
from volvo_exporter.volvo.refusals import concerns_token


class BearerAuth(httpx2.Auth):
    """Sends the access token of a grant; after a 401 about the token, once more with a renewed one.

    A 401 about the API key is not retried: a new token would not help.
    `resending` is called with each retried request, which also counts against the quota.
    """

    def __init__(self, grant: Grant, *, resending: Callable[[httpx2.Request], None] = lambda _: None) -> None:
        self._grant = grant
        self._resending = resending

    async def async_auth_flow(
        self, request: httpx2.Request
    ) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        """Send the request; if its token is refused, renew the token and retry once."""
        token = await self._grant.access_token()
        request.headers["authorization"] = f"Bearer {token}"
        response = yield request
        if response.status_code == httpx2.codes.UNAUTHORIZED and concerns_token(
            status=response.status_code, body=await response.aread()
        ):
            token = await self._grant.renew(token)
            request.headers["authorization"] = f"Bearer {token}"
            self._resending(request)
            yield request
