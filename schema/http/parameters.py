"""What an HTTP request asks for: query, operationName, variables, extensions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from json import JSONDecoder
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import orjson
from django.core.exceptions import TooManyFieldsSent
from django.http import HttpRequest, RawPostDataException
from django.http.request import UnreadablePostError

from schema.errors import CodedError, ErrorCode
from schema.persisted import is_asked_for
from schema.settings import settings

MOST_DIGITS: Final = 18
# Commas and opening brackets outside of texts: what a request may hold (schema.variables.MOST_VALUES) has fewer.
# 300,000 of them would take longer to read than any document to refuse.
MOST_SIGNS: Final = 20_000
# Possessive, and with its end left out where there is none: each byte is looked at once.
TEXT: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
NAMES: Final = frozenset({"query", "operationName", "variables", "extensions"})


class RequestError(Exception):
    """The HTTP request is not one for GraphQL; `status` says how, `headers` what would be right."""

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        self.status = status
        self.headers = dict(headers or {})
        self.error = CodedError(ErrorCode.BAD_REQUEST, message)
        super().__init__(message)


class Parameters(NamedTuple):
    """A GraphQL request; `query` is empty where the document is named by its hash alone (schema.persisted)."""

    query: str
    operation_name: str | None = None
    variables: Mapping[str, Any] = MappingProxyType({})
    extensions: Mapping[str, Any] = MappingProxyType({})


def read_parameters(request: HttpRequest, *, most: int | None = None) -> Parameters:
    """The parameters of a GET's address or a POST's body, of `most` bytes or LIMIT_BODY_BYTES. Raises RequestError."""
    if request.method == "GET":
        return _checked(_from_address(request))
    if request.method == "POST":
        return _checked(_from_body(request, settings.LIMIT_BODY_BYTES if most is None else most))
    raise RequestError(405, "Use GET or POST.", {"Allow": "GET, POST"})


def _from_address(request: HttpRequest) -> dict[str, Any]:
    try:
        address = request.GET
    except TooManyFieldsSent:
        raise RequestError(400, "The address has too many parameters.") from None
    if any(len(values) > 1 for name, values in address.lists() if name in NAMES):
        raise RequestError(400, "The address names a parameter twice.")
    given: dict[str, Any] = {name: address[name] for name in ("query", "operationName") if name in address}
    for name in ("variables", "extensions"):
        if name in address:
            given[name] = json_in(address[name].encode("utf-8", "replace"), name)
    return given


def _from_body(request: HttpRequest, most: int) -> Any:
    if request.content_type != "application/json":
        raise RequestError(415, "Send the request as application/json.", {"Accept": "application/json"})
    charset = (request.content_params or {}).get("charset", "utf-8")
    if charset.strip('"').lower() not in {"utf-8", "utf8"}:
        raise RequestError(415, "Send the request in UTF-8.")
    if "HTTP_CONTENT_ENCODING" in request.META:
        raise RequestError(415, "Send the request uncompressed.")
    length = _length(request, most)
    try:
        body = request.read(most + 1)
    except (UnreadablePostError, RawPostDataException):
        raise _cut_short() from None
    if len(body) > most:
        raise _too_long(most)
    if len(body) != length:
        # What came may be JSON nevertheless, and say something else than was meant.
        raise _cut_short()
    return json_in(body, "body")


def _cut_short() -> RequestError:
    return RequestError(400, "The request ended before its end.")


def _too_long(most: int) -> RequestError:
    return RequestError(413, f"A request has at most {most} bytes.")


def _length(request: HttpRequest, most: int) -> int:
    length = request.META.get("CONTENT_LENGTH") or "0"
    if "HTTP_TRANSFER_ENCODING" in request.META:
        # WSGI hands no body over whose length it does not know.
        raise RequestError(411, "Send the request with its Content-Length.")
    if not (length.isascii() and length.isdecimal()):
        raise RequestError(400, "The Content-Length is no number.")
    if len(length) > MOST_DIGITS or int(length) > most:
        raise _too_long(most)
    return int(length)


def json_in(text: bytes, what: str) -> Any:
    """The value that a text is in JSON; `what` names the text. Raises RequestError, also where a key stands twice."""
    # Most requests have not so many bytes, and hardly any so many signs in all.
    if len(text) > MOST_SIGNS and _signs(text) > MOST_SIGNS and _signs(TEXT.sub(b"", text)) > MOST_SIGNS:
        raise RequestError(400, f"The {what} is not JSON that anybody needs to send: it holds too many values.")
    try:
        given = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise RequestError(400, f"The {what} is not JSON.") from None
    if _may_name_twice(text, given):
        _refuse_doubles(text, what)
    return given


def _may_name_twice(text: bytes, given: Any) -> bool:
    """Whether an object may have a key twice: it has not where as many texts, keys among them, were read as are there.

    Of two equal keys one is read. Where texts hold quotes themselves, to count those tells nothing.
    """
    quotes = text.count(b'"')
    if rb"\"" in text:
        return True
    waiting: list[Any] = [given]
    for value in waiting:
        if type(value) is str:
            quotes -= 2
        elif type(value) is dict:
            quotes -= 2 * len(value)
            waiting += value.values()
        elif type(value) is list:
            waiting += value
    return quotes != 0


def _refuse_doubles(text: bytes, what: str) -> None:
    try:
        WITHOUT_DOUBLES.decode(text.decode())
    except DuplicateKeyError:
        raise RequestError(400, f"The {what} names a key of an object twice.") from None
    except (ValueError, RecursionError):
        # The second reader takes fewer levels.
        raise RequestError(400, f"The {what} is JSON that nobody needs to send.") from None


def _signs(text: bytes) -> int:
    return sum(map(text.count, (b",", b"{", b"[")))


class DuplicateKeyError(ValueError):
    """An object in JSON has a key twice: two readers of one text may take it for two things."""


def _distinct(pairs: list[tuple[str, Any]]) -> None:
    if len({key for key, _ in pairs}) != len(pairs):
        raise DuplicateKeyError


# orjson takes the last of two equal keys; this one is asked for the sake of that alone.
WITHOUT_DOUBLES: Final = JSONDecoder(object_pairs_hook=_distinct)


def _checked(given: Any) -> Parameters:
    if not isinstance(given, dict):
        raise RequestError(400, "A request is one JSON object; there are no batches.")
    query = given.get("query")
    by_hash = query is None and isinstance(given.get("extensions"), dict) and is_asked_for(given["extensions"])
    if not by_hash and (not isinstance(query, str) or not query.strip()):
        raise RequestError(400, "The request has no `query`, which is a text.")
    name = given.get("operationName")
    if name is not None and not isinstance(name, str):
        raise RequestError(400, "`operationName` is a text.")
    variables, extensions = given.get("variables"), given.get("extensions")
    for key, item in (("variables", variables), ("extensions", extensions)):
        if item is not None and not isinstance(item, dict):
            raise RequestError(400, f"`{key}` is an object.")
    if extensions and not isinstance(extensions.get("explain"), bool | None):
        raise RequestError(400, "`extensions.explain` is true or false.")
    return Parameters(query or "", name or None, variables or {}, extensions or {})
