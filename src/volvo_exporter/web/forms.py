"""Reads the form of a POST request, up to a limit."""

from contextlib import aclosing, suppress
from urllib.parse import parse_qs

from starlette.requests import ClientDisconnect, Request

MAX_FORM_BYTES = 16 * 1024
"""A longer form is ignored; chosen, several times the length of an address from Volvo ID."""
MAX_READ_BYTES = 1024 * 1024
"""Length after which reading a form stops; chosen, so that most clients still receive the response."""


async def read_form(request: Request) -> dict[str, str]:
    """Return the fields of a form; none if the form is too long."""
    body, length = b"", 0
    with suppress(ClientDisconnect):  # the client is gone
        async with aclosing(request.stream()) as chunks:
            async for chunk in chunks:
                length += len(chunk)
                body = body + chunk if length <= MAX_FORM_BYTES else b""
                if length > MAX_READ_BYTES:
                    break
    return {name: values[0] for name, values in parse_qs(body.decode(errors="replace")).items()}
