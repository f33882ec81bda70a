"""What an HTTP request asks for: query, operationName, variables, extensions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from django.http import HttpRequest, RawPostDataException
from django.http.request import UnreadablePostError

from schema.errors import CodedError, ErrorCode

LARGEST_BODY: Final = 1_048_576


class RequestError(Exception):
    """The HTTP request is not one for GraphQL; `status` says how, `headers` what would be right."""

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        self.status = status
        self.headers = dict(headers or {})
        self.error = CodedError(ErrorCode.BAD_REQUEST, message)
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Parameters:
    """A GraphQL request."""

    query: str
    operation_name: str | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    extensions: Mapping[str, Any] = field(default_factory=dict)


def read_parameters(request: HttpRequest) -> Parameters:
    """The parameters of a GET's address or a POST's body. Raises RequestError."""
    if request.method == "GET":
        return _checked(_from_address(request))
    if request.method == "POST":
        return _checked(_from_body(request))
    raise RequestError(405, "Use GET or POST.", {"Allow": "GET, POST"})


def _from_address(request: HttpRequest) -> dict[str, Any]:
    given: dict[str, Any] = {name: request.GET[name] for name in ("query", "operationName") if name in request.GET}
    for name in ("variables", "extensions"):
        if name in request.GET:
            given[name] = _json(request.GET[name].encode("utf-8", "replace"), name)
    return given


def _from_body(request: HttpRequest) -> Any:
    if request.content_type != "application/json":
        raise RequestError(415, "Send the request as application/json.", {"Accept": "application/json"})
    charset = (request.content_params or {}).get("charset", "utf-8")
    if charset.strip('"').lower() not in {"utf-8", "utf8"}:
        raise RequestError(415, "Send the request in UTF-8.")
    if "Content-Encoding" in request.headers:
        raise RequestError(415, "Send the request uncompressed.")
    _check_length(request)
    try:
        body = request.read(LARGEST_BODY + 1)
    except (UnreadablePostError, RawPostDataException):
        raise RequestError(400, "The request ended before its end.") from None
    if len(body) > LARGEST_BODY:
        raise RequestError(413, f"A request has at most {LARGEST_BODY} bytes.")
    return _json(body, "body")


def _check_length(request: HttpRequest) -> None:
    length = request.headers.get("Content-Length") or "0"
    if "Transfer-Encoding" in request.headers:
        # WSGI hands no body over whose length it does not know.
        raise RequestError(411, "Send the request with its Content-Length.")
    if not (length.isascii() and length.isdecimal()):
        raise RequestError(400, "The Content-Length is no number.")
    if int(length) > LARGEST_BODY:
        raise RequestError(413, f"A request has at most {LARGEST_BODY} bytes.")


def _json(text: bytes, what: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        raise RequestError(400, f"The {what} is not JSON.") from None


def _checked(given: Any) -> Parameters:
    if not isinstance(given, dict):
        raise RequestError(400, "A request is one JSON object; there are no batches.")
    query = given.get("query")
    if not isinstance(query, str) or not query.strip():
        raise RequestError(400, "The request has no `query`, which is a text.")
    name = given.get("operationName")
    if name is not None and not isinstance(name, str):
        raise RequestError(400, "`operationName` is a text.")
    objects = {key: given.get(key) for key in ("variables", "extensions")}
    for key, item in objects.items():
        if item is not None and not isinstance(item, dict):
            raise RequestError(400, f"`{key}` is an object.")
    return Parameters(query, name or None, objects["variables"] or {}, objects["extensions"] or {})
