"""Every error code that any test sees in an answer, held against the catalogue.

A middleware of the test client's gathers them, and so do the clients of servers that tests start and of streams;
`only_known_codes` (tests/conftest.py) looks after each test.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse

from schema.errors import CATALOGUE

KNOWN = frozenset(code.value for code in CATALOGUE)
MIDDLEWARE = "tests.codes.CodesMiddleware"

seen: set[str] = set()


class CodesMiddleware:
    """Notes the codes in each answer that is JSON."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not response.streaming and "json" in response.headers.get("Content-Type", ""):
            note(orjson.loads(response.content))
        return response


def note(answer: Any) -> None:
    """Notes the codes in an answer."""
    seen.update(codes_in(answer))


def note_body(media_type: str, body: bytes) -> None:
    """Notes the codes in a response's body, if it is JSON or events, as far as it came."""
    if "json" in media_type:
        texts = [body]
    elif "event-stream" in media_type:
        texts = [line.removeprefix(b"data:") for line in body.splitlines() if line.startswith(b"data:")]
    else:
        return
    for text in texts:
        with suppress(orjson.JSONDecodeError):
            note(orjson.loads(text))


def codes_in(answer: Any) -> Iterator[str]:
    """The codes in an answer: of its errors, and of the errors in payloads. An error without a code counts as ''."""
    if isinstance(answer, list):
        for item in answer:
            yield from codes_in(item)
    elif isinstance(answer, dict):
        if "message" in answer and ("extensions" in answer or "locations" in answer):
            yield answer.get("extensions", {}).get("code", "")
        elif "path" in answer and "code" in answer:
            yield answer["code"]
        for value in answer.values():
            yield from codes_in(value)


def unknown() -> set[str]:
    """The codes seen since the last look that the catalogue does not have; forgets them."""
    found = seen - KNOWN
    seen.clear()
    return found
