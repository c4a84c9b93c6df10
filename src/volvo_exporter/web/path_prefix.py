"""Read the path under which a reverse proxy serves the pages.

Links and redirects are relative and do not need it. It only decides whether a redirect URI leads to this
exporter: a client that sends the header itself changes a text of its own response and nothing else.
"""

import re
from collections.abc import Mapping

HEADERS = ("x-forwarded-prefix", "x-ingress-path")
"""Sent by Traefik and others, and by Home Assistant's ingress."""
MAX_LENGTH = 200
"""Longer prefixes are ignored; chosen, several times the length of Home Assistant's."""
PREFIX = re.compile(r"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+")
"""Segments without dots at their start (`..`), without `//` (another host) and without encoded characters."""


def path_prefix(headers: Mapping[str, str]) -> str:
    """Return the prefix, e.g. `/volvo`; empty if no proxy names one, or an invalid one."""
    given = next((headers[name] for name in HEADERS if headers.get(name)), "").rstrip("/")
    return given if len(given) <= MAX_LENGTH and PREFIX.fullmatch(given) else ""
