"""Queries that tests send are answered by the reference as well, in the same state, and must be answered the same.

NEXUS_TEST_REFERENCE says which: `all`, as `make test` has it; `some` documents, the same each time, which is enough
while one works; or `none`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from zlib import crc32

import orjson
from django.conf import settings

from knowledge.policy import Viewer
from schema.documents import InvalidDocument, read_document
from schema.errors import CodedError, ErrorCode
from schema.execution import Caller
from tests.reference.comparing import bare, right

WHICH: Final = os.environ.get("NEXUS_TEST_REFERENCE", "some")
# What is answered so came of the request, of the time that it took, or of a fault that the test made.
OF_THE_REQUEST: Final = frozenset(
    {
        ErrorCode.BAD_REQUEST,
        ErrorCode.INTERNAL,
        ErrorCode.RATE_LIMITED,
        ErrorCode.TIMEOUT,
        ErrorCode.TOKEN_EXPIRED,
        ErrorCode.TOKEN_INVALID,
        ErrorCode.UNAVAILABLE,
    }
)
ONE_IN: Final = 4
# What a root tells of the request itself.
MOMENTARY: Final = "rateLimit"


def watch(query: str, name: str | None, variables: Mapping[str, Any] | None, viewer: Viewer, content: bytes) -> None:
    """Asserts that the reference answers an operation as `content` does, if it is one of those that are watched."""
    if WHICH == "all" or (WHICH == "some" and crc32(query.encode()) % ONE_IN == 0):
        expect_the_same(query, name, variables, viewer, content)


def expect_the_same(
    query: str, name: str | None, variables: Mapping[str, Any] | None, viewer: Viewer, content: bytes
) -> None:
    """Asserts that the reference answers an operation as `content` does, if it is a query that tells of no request."""
    if settings.RATE_LIMIT or settings.TRUSTED_DOCUMENTS_ONLY or MOMENTARY in query:
        return
    body = orjson.loads(content)
    if OF_THE_REQUEST & {error["extensions"]["code"] for error in body.get("errors", [])}:
        return
    try:
        document = read_document(query)
        if not document.operation(name).reads:
            return
    except (InvalidDocument, CodedError):
        return
    caller = Caller(identify=lambda: viewer, now=datetime.now(UTC))
    answers = right(document, name, variables or {}, caller)
    assert bare(content) in answers, f"{query}\n{variables}\nanswered: {content!r}\n   right: {answers}"
