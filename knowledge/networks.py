"""What counts as one place on the network, where callers are counted by address."""

from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

# Who has one IPv6 address usually has all of its /64.
_IPV6_PREFIX: Final = 64
# Each request is counted by its caller's, and to read an address takes longer than to find it.
_MOST_REMEMBERED: Final = 10_000


@lru_cache(_MOST_REMEMBERED)
def network(address: str) -> str:
    """The address, or for IPv6 the network that belongs to one household or host."""
    parsed = ip_address(address)
    if isinstance(parsed, IPv6Address):
        return str(ip_network((parsed, _IPV6_PREFIX), strict=False).network_address)
    return str(parsed)
