"""A reverse proxy that serves an app under a path."""

from starlette.types import ASGIApp, Receive, Scope, Send

PREFIX = "/tools/volvo"


class StrippingProxy:
    """Removes the path from requests, and answers those outside of it with status 502.

    Args:
        app: The pages.
        headers: Added to each request.
    """

    def __init__(self, app: ASGIApp, *, headers: tuple[tuple[bytes, bytes], ...] = ()) -> None:
        self._app = app
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        path = scope["path"]
        if not path.startswith(f"{PREFIX}/"):
            await send({"type": "http.response.start", "status": 502, "headers": []})
            await send({"type": "http.response.body"})
            return
        stripped = path.removeprefix(PREFIX)
        headers = [*scope["headers"], *self._headers]
        await self._app(
            {**scope, "path": stripped, "raw_path": stripped.encode(), "headers": headers}, receive, send
        )
