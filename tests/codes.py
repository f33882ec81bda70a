"""Every error code that any test sees in an answer, held against the catalogue.

A middleware of the test client's gathers them; `only_known_codes` (tests/conftest.py) looks after each test.
"""

from collections.abc import Callable, Iterator
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
            seen.update(codes_in(orjson.loads(response.content)))
        return response


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
