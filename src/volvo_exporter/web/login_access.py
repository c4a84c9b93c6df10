"""Decides whether a browser is allowed to log in."""

import ipaddress
from urllib.parse import urlsplit

from starlette.requests import Request

from volvo_exporter.web.access import is_authenticated

FORWARDED = (
    *("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip"),
    *("x-forwarded-prefix", "x-ingress-path"),
)
"""Headers that proxies add."""
LOGIN_NOT_ALLOWED = (
    "login is only possible on the exporter's machine (http://localhost) or with basic auth: "
    "set web_config_file (docs/security.md), or run volvo-exporter login in a terminal"
)
FOREIGN = "request from another site refused: open /login and try again"


def login_refusal(request: Request) -> str:
    """Return why the request must not start a login; empty if it is allowed.

    Requests with basic auth are allowed. Without basic auth, only browsers on this machine are: the client
    address and the host name are loopback (a site that resolves its own name to 127.0.0.1 uses another host
    name), and no proxy is involved, behind which every client has a loopback address. Forms must come from
    the page itself.
    """
    if not (is_authenticated(request) or is_local(request)):
        return LOGIN_NOT_ALLOWED
    if request.method == "GET":
        return ""  # the redirect from Volvo ID is a cross-site request
    return FOREIGN if is_foreign(request) else ""


def is_foreign(request: Request) -> bool:
    """Return whether another site has sent the request."""
    origin = request.headers.get("origin")
    foreign = origin is not None and _netloc(origin) != request.url.netloc
    return foreign or request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none")


def _netloc(address: str) -> str | None:
    try:
        return urlsplit(address).netloc
    except ValueError:  # a bracket that is not closed
        return None


def is_local(request: Request) -> bool:
    """Return whether the browser is on this machine, without a proxy between."""
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
