"""What counts as one place on the network, where callers are counted by address."""

from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

# Who has one IPv6 address usually has all of its /64.
_IPV6_PREFIX: Final = 64


def network(address: str) -> str:
    """The address, or for IPv6 the network that belongs to one household or host."""
    parsed = ip_address(address)
    if isinstance(parsed, IPv6Address):
        return str(ip_network((parsed, _IPV6_PREFIX), strict=False).network_address)
    return str(parsed)
