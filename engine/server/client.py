"""Who calls: what tells one client from another, so that each gets its turn."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping


def client_key(peer: str, headers: Mapping[str, str], proxies: int) -> str:
    """Return a name for the client: its IPv4 address, or the /64 network of its IPv6 address.

    `peer` is who is connected. Each of `proxies` trusted reverse proxies adds one address to the
    end of `X-Forwarded-For`; what stands before those is the client's own invention.
    """
    forwarded = [each.strip() for each in headers.get("x-forwarded-for", "").split(",")]
    if 0 < proxies <= len(forwarded):
        peer = forwarded[-proxies] or peer
    try:
        address = ipaddress.ip_address(peer)
    except ValueError:
        return peer[:64]
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
