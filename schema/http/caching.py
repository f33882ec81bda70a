"""What those between us and a caller may keep of an answer, and for how long."""

from __future__ import annotations

import hashlib
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response

from schema.execution import Answer
from schema.http.answers import put
from schema.settings import settings

NOTHING: Final = "no-store"
# Kept, and asked about each time: an answer that is still the same is not sent again.
ONE_PERSONS: Final = "private, no-cache"
EVERYBODYS: Final = "no-cache"
TOLD_TO_ONE: Final = ("GraphQL-Cost", "RateLimit", "RateLimit-Policy")


def with_caching(request: HttpRequest, response: HttpResponse, answer: Answer) -> HttpResponse:
    """The response with what may be kept of it; 304 where the caller has this very answer already.

    What is asked by GET and answered without errors has an ETag of its bytes. Anybody may keep what nobody had to sign
    in for, for HTTP_CACHE_SECONDS; the rest only the caller's own browser. All else is not kept.
    """
    if request.method != "GET" or answer.errors or response.status_code != 200 or answer.about.momentary:  # noqa: PLR2004
        put(response, "Cache-Control", NOTHING)
        return response
    # Strong, so it differs where the bytes or what they are taken for do.
    digest = hashlib.sha256(response.headers["Content-Type"].encode() + b"\0" + response.content).hexdigest()
    etag = response.headers["ETag"] = f'"{digest[:32]}"'
    seconds = settings.HTTP_CACHE_SECONDS
    anybodys = f"public, max-age={seconds}" if seconds else EVERYBODYS
    put(response, "Cache-Control", anybodys if answer.about.anybodys else ONE_PERSONS)
    if answer.about.anybodys and seconds:
        # Somebody else may be sent this copy of it.
        for name in TOLD_TO_ONE:
            response.headers.pop(name, None)
    answered = get_conditional_response(request, etag=etag, response=response)
    return response if answered is None else answered
