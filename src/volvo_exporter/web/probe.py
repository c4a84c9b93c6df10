"""Requests a page from the exporter on this machine, with or without TLS and passwords.

The certificate is not verified: it is for another name than 127.0.0.1, and nothing secret is sent.
"""

import ssl
from contextlib import suppress
from dataclasses import dataclass

import anyio
import httpx2

TIMEOUT_SECONDS = 5.0
"""Timeout of a request to this machine; chosen, health checks of containers allow 10 s or more."""
UNAUTHORIZED = 401
HANDSHAKE = 0x16
"""First byte of a TLS handshake record (RFC 8446, section 5.1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeResponse:
    """The response of the exporter."""

    text: str
    ok: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialsRequired:
    """The exporter is up but requires credentials."""

    credentials: str
    """The required credentials: basic auth or a client certificate."""


LOOPBACK_HOSTS = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - looked up, not bound
"""Loopback address by wildcard address, to connect to an exporter that listens on all addresses."""


def reachable_host(listening: str) -> str:
    """Return the host for a URL of an exporter that listens on this address."""
    return bracketed(LOOPBACK_HOSTS.get(listening, listening))


def bracketed(host: str) -> str:
    """Return a host as written in a URL (RFC 3986): an IPv6 address in brackets."""
    return f"[{host}]" if ":" in host else host


async def probe(host: str, port: int, path: str, *, tls: bool) -> ProbeResponse | CredentialsRequired:
    """Request a path by HTTP and, with `tls`, then by HTTPS; TLS in the settings may not be active yet.

    Raises:
        httpx2.TransportError: no response.
    """
    # HTTP first: a server without TLS logs a warning for each handshake, one with TLS logs nothing here.
    try:
        return await _get(f"http://{host}:{port}{path}")
    except httpx2.TimeoutException:
        raise
    except httpx2.TransportError:
        if not tls:
            raise
    try:
        return await _get(f"https://{host}:{port}{path}")
    except httpx2.TimeoutException:
        raise
    except httpx2.TransportError:
        if await _begins_tls(host, port):
            return CredentialsRequired(credentials="a client certificate")
        raise


async def _get(url: str) -> ProbeResponse | CredentialsRequired:
    async with httpx2.AsyncClient(timeout=TIMEOUT_SECONDS, trust_env=False, verify=_unverified()) as client:
        answer = await client.get(url)
    if answer.status_code == UNAUTHORIZED:
        return CredentialsRequired(credentials="basic auth")
    return ProbeResponse(text=answer.text, ok=answer.is_success)


async def _begins_tls(host: str, port: int) -> bool:
    """Return whether the server answers a TLS handshake, even if it then requires a client certificate."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    session = _unverified().wrap_bio(incoming, outgoing)
    with suppress(ssl.SSLWantReadError):
        session.do_handshake()
    with anyio.move_on_after(TIMEOUT_SECONDS):
        try:
            async with await anyio.connect_tcp(host.strip("[]"), port) as stream:
                await stream.send(outgoing.read())
                return (await stream.receive())[0] == HANDSHAKE
        except (OSError, anyio.EndOfStream, anyio.BrokenResourceError):
            return False
    return False


def _unverified() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
