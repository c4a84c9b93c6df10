"""Group addresses that count as one client, for limits."""

from ipaddress import IPv6Address, IPv6Network, ip_address


def network_of(address: str) -> str:
    """Return the network of a client: for IPv6 its /64 (RFC 6177), else the address."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    return str(IPv6Network((parsed.packed, 64), strict=False)) if isinstance(parsed, IPv6Address) else address
