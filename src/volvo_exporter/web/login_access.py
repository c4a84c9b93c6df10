"""Visitors that may log in from a browser."""

import ipaddress
from urllib.parse import urlsplit

from starlette.requests import Request

from volvo_exporter.web.access import is_authenticated

FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
"""What a proxy adds."""
LOGIN_NOT_ALLOWED = (
    "login is only possible on the exporter's machine (http://localhost) or with basic auth: "
    "set web_config_file (docs/security.md), or run volvo-exporter login in a terminal"
)


def may_log_in(request: Request) -> str:
    """Why this visitor may not start a login; empty if it may.

    Who came through basic auth may. Without it, only a browser on this machine may: it comes from a loopback
    address, calls us by a loopback name (a site that points its own name at 127.0.0.1 does not), and no proxy
    stands in between, behind which everybody would be on this machine. Either way, what a browser sends comes
    from our own page.
    """
    if not (is_authenticated(request) or _on_this_machine(request)):
        return LOGIN_NOT_ALLOWED
    if request.method == "GET":
        return ""  # a browser that comes back from Volvo ID comes from another site
    origin = request.headers.get("origin")
    foreign = origin is not None and _place(origin) != request.url.netloc
    if foreign or request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return "request from another site refused: open /login and try again"
    return ""


def _place(address: str) -> str | None:
    try:
        return urlsplit(address).netloc
    except ValueError:  # a bracket that is not closed
        return None


def _on_this_machine(request: Request) -> bool:
    host = request.url.hostname or ""
    client = request.client.host if request.client else ""
    forwarded = any(header in request.headers for header in FORWARDED)
    return _loopback(client) and _loopback(host) and not forwarded


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
