"""Which media type an answer has."""

from __future__ import annotations

from functools import lru_cache
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

# The longest Accept header that is remembered: browsers send half of it.
LONGEST_KEPT: Final = 300


def negotiated(request: HttpRequest) -> str:
    """The media type that the caller likes best: JSON also when it does not say, HTML only on a GET.

    Raises RequestError 406 where it likes none of them.
    """
    # Media types and charsets are the same in whatever case; Django compares them as they are written.
    accept = request.META.get("HTTP_ACCEPT", "").strip().lower()
    if not accept:
        return JSON
    page = request.method == "GET"
    preferred = _remembered(accept, page) if len(accept) <= LONGEST_KEPT else _preferred(accept, page)
    if preferred is None:
        raise RequestError(406, f"Accept {GRAPHQL} or {JSON}.")
    return preferred


def _preferred(accept: str, page: bool) -> str | None:  # noqa: FBT001 - a key
    """What is liked best of what is offered, a page among it or not."""
    accepted = HttpRequest()
    accepted.META["HTTP_ACCEPT"] = accept
    offered = [full for full, name in OFFERED.items() if name != HTML or page]
    preferred = accepted.get_preferred_type(offered)
    return None if preferred is None else OFFERED[preferred]


# Clients of one kind all send the same.
_remembered = lru_cache(maxsize=200)(_preferred)
