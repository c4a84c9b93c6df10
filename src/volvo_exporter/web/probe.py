"""Asks the exporter that runs on this machine, whatever TLS and passwords it stands behind.

Its certificate is not verified: it is one of another name than 127.0.0.1, and nothing secret is sent.
"""

import ssl
from contextlib import suppress
from dataclasses import dataclass

import anyio
import httpx2

TIMEOUT_SECONDS = 5.0
UNAUTHORIZED = 401
HANDSHAKE = 0x16
"""The first byte of a server that begins TLS (RFC 8446, section 5.1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeResponse:
    """What it says."""

    text: str
    ok: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialsRequired:
    """It is there, but lets nobody in who does not show something."""

    credentials: str


LOOPBACK_HOSTS = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - looked up, not bound
"""Where an exporter that listens everywhere is reached from here."""


def reachable_host(listening: str) -> str:
    """The host to ask, as in an address, of an exporter that listens there."""
    return bracketed(LOOPBACK_HOSTS.get(listening, listening))


def bracketed(host: str) -> str:
    """A host as it stands in an address (RFC 3986)."""
    return f"[{host}]" if ":" in host else host


async def probe(host: str, port: int, path: str, *, tls: bool) -> ProbeResponse | CredentialsRequired:
    """Ask; with `tls` by HTTPS first, and by HTTP too, as TLS is switched on with a restart only.

    Raises:
        httpx2.TransportError: nobody answers.
    """
    # Plain first: a server without TLS logs a warning of each handshake, one with TLS nothing of this.
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
    """Whether the server answers a greeting: without a client certificate it says no more than that."""
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
