"""Which media type an answer has."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from django.http import HttpRequest

from schema.http.parameters import RequestError

GRAPHQL: Final = "application/graphql-response+json"
JSON: Final = "application/json"
HTML: Final = "text/html"

# With the charset, each also meets an Accept header that names it. JSON comes first: it is what `*/*` gets, because
# clients that send no more than that know nothing of the newer type.
OFFERED: Final = MappingProxyType({f"{name}; charset=utf-8": name for name in (JSON, GRAPHQL, HTML)})


def negotiated(request: HttpRequest) -> str:
    """The media type that the caller likes best: JSON also when it does not say, HTML only on a GET.

    Raises RequestError 406 where it likes none of them.
    """
    accepted = HttpRequest()
    # Media types and charsets are the same in whatever case; Django compares them as they are written.
    accepted.META["HTTP_ACCEPT"] = request.headers.get("Accept", "").lower()
    if not accepted.headers["Accept"].strip():
        return JSON
    offered = [full for full, name in OFFERED.items() if name != HTML or request.method == "GET"]
    preferred = accepted.get_preferred_type(offered)
    if preferred is None:
        raise RequestError(406, f"Accept {GRAPHQL} or {JSON}.")
    return OFFERED[preferred]
