"""Which other origins' pages may read answers (CORS)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import urlsplit

from django.http import HttpRequest

ANY: Final = "*"
EXPOSED: Final = "ETag, GraphQL-Cost, RateLimit, RateLimit-Policy, Retry-After, X-Request-ID"
PREFLIGHT: Final[Mapping[str, str]] = {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, If-None-Match, X-Request-ID",
    "Access-Control-Max-Age": "600",
}


class Origins:
    """The origins of the pages at `addresses`; `*` among them stands for any.

    With `credentials`, pages may also send the cookies that the browser has for us; those of origins that are named,
    never just any.
    """

    def __init__(self, addresses: Iterable[str], *, credentials: bool = False) -> None:
        listed = set(addresses)
        self._any = ANY in listed
        self._named = frozenset(origin_of(address) for address in listed - {ANY})
        self._credentials = credentials
        # The request's header on which the answer's depend, if there is one.
        self.vary = "Origin" if self._named else ""

    def headers(self, request: HttpRequest) -> dict[str, str]:
        """What any answer to the request says to a browser, beside `vary`."""
        origin = request.META.get("HTTP_ORIGIN")
        if origin in self._named and origin is not None:
            headers = {"Access-Control-Allow-Origin": origin, "Access-Control-Expose-Headers": EXPOSED}
            return {**headers, "Access-Control-Allow-Credentials": "true"} if self._credentials else headers
        return {"Access-Control-Allow-Origin": ANY, "Access-Control-Expose-Headers": EXPOSED} if self._any else {}

    def preflight(self, request: HttpRequest) -> dict[str, str]:
        """What answers the question whether a page of the request's origin may ask; nothing where it may not."""
        headers = self.headers(request)
        return {**headers, **PREFLIGHT} if headers else {}


def asks_whether_it_may(request: HttpRequest) -> bool:
    """Whether the request is a browser's question before a page's own request (a CORS preflight)."""
    return (
        request.method == "OPTIONS"
        and "HTTP_ORIGIN" in request.META
        and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in request.META
    )


def origin_of(address: str) -> str:
    """Scheme, host and port of an address, as a browser writes them."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
