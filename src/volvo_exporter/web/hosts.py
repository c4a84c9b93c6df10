"""Protection against DNS rebinding: the host names that are allowed without a password.

A web site can resolve its own name to this machine; its scripts then read from the exporter as if it were the
same site. The browser sends that name as `Host`, so names that cannot exist in public DNS are safe.
"""

from collections.abc import Iterable
from ipaddress import ip_address

LOCAL_DOMAINS = (
    # RFC 6761 and 6762: reserved. `.local` includes Kubernetes' `.svc.cluster.local`.
    *("localhost", "local", "test"),
    # RFC 8375; ICANN resolution 2024.07.29.06 reserves `.internal`, as in `host.docker.internal`.
    *("home.arpa", "internal"),
    # RFC 6762, appendix G: in private use, so ICANN does not delegate them.
    *("lan", "home", "corp", "intranet", "private"),
    # Kubernetes: `exporter.monitoring.svc`; not delegated.
    "svc",
)
"""Domains that the root zone does not delegate, so no web site can use them."""


class Hosts:
    """The allowed hosts.

    Args:
        allowed: Additional names; `.example.com` includes all names below it, `*` allows any.
    """

    def __init__(self, allowed: Iterable[str] = ()) -> None:
        names = {name.lower().rstrip(".") for name in allowed}
        domains = {name.removeprefix("*") for name in names if name.startswith((".", "*."))}
        self._any = "*" in names
        self._names = names | {domain[1:] for domain in domains}
        self._domains = (*domains, *(f".{domain}" for domain in LOCAL_DOMAINS))

    def allow(self, header: str) -> bool:
        """Return whether a Host header is allowed; browsers always send one."""
        name = name_in(header)
        return (
            self._any
            or "." not in name  # also ::1; a service in Compose, a machine; top-level domains have no pages
            or name in self._names
            or name.endswith(self._domains)
            or _is_address(name)  # not resolved by DNS, so a page from there is ours
        )


def name_in(header: str) -> str:
    """Return the host of a Host header, without port, brackets and the dot of the root."""
    host = header.strip().lower()
    name = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    return name.rstrip(".")


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
