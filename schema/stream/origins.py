"""Which other origins' pages may read a stream: GraphiQL's, where the stream has a port of its own. No credentials."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from django.http import HttpRequest


class Origins:
    """The origins of the pages at `addresses`."""

    def __init__(self, addresses: Iterable[str]) -> None:
        self._allowed = frozenset(origin_of(address) for address in addresses)

    def headers(self, request: HttpRequest) -> dict[str, str]:
        """The headers of any answer to the request."""
        headers = {"Vary": "Origin, Accept, Authorization"}
        if request.headers.get("Origin") in self._allowed:
            headers["Access-Control-Allow-Origin"] = request.headers["Origin"]
            headers["Access-Control-Expose-Headers"] = "X-Request-ID, Retry-After"
        return headers

    def preflight(self, request: HttpRequest) -> dict[str, str]:
        """The headers that answer the question whether a page of the request's origin may ask."""
        headers = self.headers(request)
        if "Access-Control-Allow-Origin" in headers:
            headers["Access-Control-Allow-Methods"] = "GET, POST"
            headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type, X-Request-ID"
            headers["Access-Control-Max-Age"] = "600"
        return headers


def origin_of(address: str) -> str:
    """Scheme, host and port of an address, as a browser writes them."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
