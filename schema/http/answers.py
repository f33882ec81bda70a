"""An answer over HTTP: media type, status, and how long to wait."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpResponse
from django.http.cookie import SimpleCookie
from django.http.response import ResponseHeaders

from schema.errors import ErrorCode
from schema.execution import Answer
from schema.http.media import GRAPHQL

# What a top-level error without data means over HTTP, for callers that read graphql-response+json; a code that is not
# here means 400 where nothing was run, and 200 where something was. The others get 200, as clients of application/json
# expect, except where it is no GraphQL answer at all.
STATUSES: Final = {
    ErrorCode.UNAUTHENTICATED: 401,
    ErrorCode.TOKEN_INVALID: 401,
    ErrorCode.TOKEN_EXPIRED: 401,
    ErrorCode.INTERNAL: 500,
    ErrorCode.UNAVAILABLE: 503,
    ErrorCode.TIMEOUT: 503,
    ErrorCode.RATE_LIMITED: 429,
    # As Apollo's clients expect: they take it for an answer, and send the document.
    ErrorCode.PERSISTED_QUERY_NOT_FOUND: 200,
    ErrorCode.PERSISTED_QUERY_NOT_SUPPORTED: 200,
}
ALWAYS: Final = frozenset(
    {
        ErrorCode.BAD_REQUEST,
        ErrorCode.RATE_LIMITED,
        ErrorCode.INTERNAL,
        ErrorCode.UNAVAILABLE,
        ErrorCode.TIMEOUT,
    }
)


def status_of(answer: Answer, media: str) -> int:
    """The status of an answer, whether or not anything was run."""
    codes = [ErrorCode(error["extensions"]["code"]) for error in answer.errors]
    if answer.has_data:
        # The one answer with data that is not 200: a proxy or a client library waits only for a 429.
        return 429 if ErrorCode.RATE_LIMITED in codes else 200
    status = STATUSES.get(codes[0], 400 if answer.data is None else 200)
    return status if media == GRAPHQL or codes[0] in ALWAYS else 200


def http_response(answer: Answer, media: str, status: int, extensions: dict[str, Any] | None = None) -> HttpResponse:
    """The response."""
    response = Response(answer.text(extensions), f"{media}; charset=utf-8", status)
    if waits := [error["extensions"]["retryAfter"] for error in answer.errors if "retryAfter" in error["extensions"]]:
        response.headers["Retry-After"] = str(max(waits))
    if answer.about.facts is not None:
        for name, value in answer.about.facts.headers().items():
            put(response, name, value)
    return response


class Response(HttpResponse):
    """As Django's, made without its checks, which take longer than the rest: of bytes, our words, a valid status."""

    def __init__(self, body: bytes, content_type: str, status: int) -> None:
        self.headers = ResponseHeaders({})
        put(self, "Content-Type", content_type)
        put(self, "Content-Length", str(len(body)))
        self.cookies: SimpleCookie = SimpleCookie()
        self.status_code = status
        self.closed = False
        self._charset = self._reason_phrase = self._handler_class = None
        self._resource_closers: list[Any] = []
        self._container = [body]
        # Django would log each unhappy status once more; `nexus.requests` and `nexus.errors` tell of it.
        self._has_been_logged = True


def put(response: HttpResponse, name: str, value: str) -> None:
    """Sets a header to words of our own, without a look for what others' might hold."""
    vars(response.headers)["_store"][name.lower()] = (name, value)
