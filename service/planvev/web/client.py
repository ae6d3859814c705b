"""Whose request it is: the address that a client's share of the service is counted by.

That is the peer of the connection, unless the peer is a proxy that the operator trusts: then it is the last address in
`X-Forwarded-For` that no trusted proxy has. What stands before that one anybody may have written. An IPv6 client has
a network of addresses to itself, so it is counted by the first 64 bits. The same proxies say whether it came by https.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from starlette.types import Scope

Network = IPv4Network | IPv6Network


def client_of(scope: Scope, trusted: Sequence[Network]) -> str:
    """The client of a request, as text that only counts.

    Args:
        scope: of the request (ASGI).
        trusted: the proxies whose word counts.
    """
    peer = scope["client"][0] if scope.get("client") else ""
    if not trusted:
        return _alone(peer)
    forwarded = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
    chain = [part.strip() for part in ",".join(forwarded).split(",") if part.strip()]
    client = _address(peer)
    while client is not None and chain and any(client in network for network in trusted):
        above = _address(chain.pop())
        if above is None:
            break  # not an address: the proxy that passed it on is the last one known
        client = above
    return _counted(client) or peer


def scheme_of(scope: Scope, trusted: Sequence[Network]) -> str:
    """How the client reached this service, http or https: as the connection was made, or as a trusted proxy says."""
    peer = _address(scope["client"][0]) if scope.get("client") else None
    if peer is None or not any(peer in network for network in trusted):
        return str(scope["scheme"])
    told = [value.decode("latin-1").strip().lower() for name, value in scope["headers"] if name == b"x-forwarded-proto"]
    return told[-1] if told and told[-1] in ("http", "https") else str(scope["scheme"])


@lru_cache(1024)  # reading an address costs 20 µs
def _alone(peer: str) -> str:
    return _counted(_address(peer)) or peer


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """An address with or without a port, as proxies write it: `::1`, `[::1]:80`, `192.0.2.1:80`."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def _counted(address: IPv4Address | IPv6Address | None) -> str:
    if isinstance(address, IPv6Address):
        return str(IPv6Network((int(address), 64), strict=False))
    return str(address or "")
