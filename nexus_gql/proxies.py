"""Who sent a request: what proxies forward about that is believed of those alone that TRUSTED_PROXIES lists.

Whoever asks for a request's caller reads REMOTE_ADDR (or `scope["client"]`) and its scheme, as though there were no
proxy: sign-in limits, budgets, sessions, the audit trail and the log alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from nexus_gql.asgi_types import Asgi, Message, Receive, Send

Address = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True)
class Proxies:
    """The networks in which proxies of ours stand."""

    networks: tuple[IPv4Network | IPv6Network, ...]

    def caller(self, peer: str | None, forwarded_for: Iterable[str]) -> str | None:
        """The address of who sent the request: the nearest that is not a proxy's of ours. None where there is none.

        `peer` is the other end of the connection; `forwarded_for` the values of X-Forwarded-For, in the order in which
        they came. Each proxy adds whom it was called by at the right end, so what callers claim stands further left,
        and is never reached. Where a proxy of ours forwards what is no address, it is the caller itself.
        """
        nearest = parsed(peer)
        if nearest is None or not self.trusts(nearest):
            return written(peer)
        hops = ",".join(forwarded_for).split(",")
        for hop in reversed(hops):
            before = parsed(hop)
            if before is None:
                break
            nearest = before
            if not self.trusts(nearest):
                break
        return str(nearest)

    def scheme(self, peer: str | None, forwarded_proto: Iterable[str], scheme: str) -> str:
        """`https` or `http`, as the nearest proxy was asked; `scheme` where no proxy of ours says so."""
        nearest = parsed(peer)
        if nearest is None or not self.trusts(nearest):
            return scheme
        said = ",".join(forwarded_proto).rpartition(",")[2].strip().lower()
        return said if said in {"http", "https"} else scheme

    def trusts(self, address: Address) -> bool:
        """Whether a proxy of ours is there."""
        return bool(self.networks) and any(address in network for network in self.networks)


@lru_cache(maxsize=1_000)
def written(text: str | None) -> str | None:
    """The address as it is written everywhere; None where there is none."""
    address = parsed(text)
    return str(address) if address else None


@lru_cache(maxsize=1_000)
def parsed(text: str | None) -> Address | None:
    """The address, without a port; an IPv4 address that is written as an IPv6 one is itself. None for anything else."""
    bare = (text or "").strip()
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        address = ip_address(bare)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


class ProxiesMiddleware:
    """Makes a request look as it did when it reached the first proxy of ours: REMOTE_ADDR and scheme."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.proxies = Proxies(settings.TRUSTED_PROXIES)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answers the request."""
        meta = request.META
        peer = meta.get("REMOTE_ADDR")
        if self.proxies.networks:
            scheme = meta.get("wsgi.url_scheme", "http")
            meta["wsgi.url_scheme"] = self.proxies.scheme(peer, [meta.get("HTTP_X_FORWARDED_PROTO", "")], scheme)
        meta["REMOTE_ADDR"] = self.proxies.caller(peer, [meta.get("HTTP_X_FORWARDED_FOR", "")]) or ""
        return self.get_response(request)


def behind_proxies(application: Asgi, proxies: Proxies) -> Asgi:
    """The ASGI application with what ProxiesMiddleware does for a WSGI one."""

    async def answer(scope: Message, receive: Receive, send: Send) -> None:
        peer, port = scope.get("client") or (None, 0)
        forwarded = {
            name: [value.decode("latin1") for key, value in scope.get("headers", ()) if key == name]
            for name in (b"x-forwarded-for", b"x-forwarded-proto")
        }
        caller = proxies.caller(peer, forwarded[b"x-forwarded-for"])
        scheme = proxies.scheme(peer, forwarded[b"x-forwarded-proto"], scope.get("scheme", "http"))
        await application({**scope, "client": (caller, port) if caller else None, "scheme": scheme}, receive, send)

    return answer
