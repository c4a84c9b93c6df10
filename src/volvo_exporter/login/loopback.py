"""A temporary web page at the redirect URI of a login, if that leads to this machine."""

import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from urllib.parse import unquote, urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from volvo_exporter.login.callback import HEADERS

HOSTS = ("localhost", "127.0.0.1")
MAX_CONNECTIONS = 10
"""Open at a time. Chosen: a browser opens six at most, and a login needs one."""

Answer = Callable[[str], Awaitable[str]]
"""Finishes a login with the query of a callback; returns the error, empty if none."""


def listen(redirect_uri: str) -> list[socket.socket]:
    """Return sockets that receive the browser; none if it does not return to this machine.

    Raises:
        OSError: the port is in use, or needs privileges.
    """
    address = urlsplit(redirect_uri)
    # Starlette reads braces as parameters.
    if address.scheme != "http" or address.hostname not in HOSTS or set(_path(redirect_uri)) & set("{}"):
        return []
    port = address.port or 80
    listeners = [socket.create_server(("127.0.0.1", port))]
    with suppress(OSError):  # a machine without IPv6
        listeners.append(socket.create_server(("::1", port), family=socket.AF_INET6))
    return listeners


def create_app(redirect_uri: str, answer: Answer) -> Starlette:
    """Return the ASGI application with one route: the path of the redirect URI."""

    async def callback(request: Request) -> PlainTextResponse:
        if request.method != "GET":  # Starlette adds HEAD, which must not use up a code
            raise HTTPException(404)
        if problem := await answer(f"?{request.url.query}"):
            return PlainTextResponse(problem, 400, headers=HEADERS)
        return PlainTextResponse("You are logged in. You can close this window.", headers=HEADERS)

    async def not_found(_request: Request, _error: Exception) -> PlainTextResponse:
        return PlainTextResponse("Not found.", 404, headers=HEADERS)

    app = Starlette(
        routes=[Route(_path(redirect_uri), callback)],
        exception_handlers={404: not_found, 405: not_found},
    )
    app.router.redirect_slashes = False
    return app


def _path(redirect_uri: str) -> str:
    return unquote(urlsplit(redirect_uri).path) or "/"
