"""Headers that are taken apart piece by piece are taken no longer than any client sends them: 431 for the others.

A request's headers may have 64 kB in all, of which an Accept alone would take as long to read as a hundred requests
to answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

import orjson

from nexus_gql.asgi_types import Asgi, Message, Receive, Send
from schema.errors import ErrorCode

LONGEST: Final = 4_096
READ_BY_PIECES: Final = ("Content-Type", "Accept", "If-None-Match")
STATUS: Final = 431

Environ = dict[str, Any]
Wsgi = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

_VARIABLES: Final = (
    ("CONTENT_TYPE", "Content-Type"),
    ("HTTP_ACCEPT", "Accept"),
    ("HTTP_IF_NONE_MATCH", "If-None-Match"),
)
_RAW: Final = {name.lower().encode(): name for name in READ_BY_PIECES}


def with_short_headers(application: Wsgi) -> Wsgi:
    """The application, which sees no request with too long a header."""

    def answer(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        for variable, name in _VARIABLES:
            if variable in environ and len(environ[variable]) > LONGEST:
                body, headers = _refusal(name)
                start_response(f"{STATUS} Request Header Fields Too Large", headers)
                return [body]
        return application(environ, start_response)

    return answer


def with_short_headers_asgi(application: Asgi) -> Asgi:
    """The ASGI application with what `with_short_headers` does for a WSGI one."""

    async def answer(scope: Message, receive: Receive, send: Send) -> None:
        sizes = dict.fromkeys(_RAW, 0)
        for key, value in scope.get("headers", ()):
            if key in sizes:
                sizes[key] += len(value)
        too_long = next((name for key, name in _RAW.items() if sizes[key] > LONGEST), None)
        if too_long is None:
            await application(scope, receive, send)
            return
        body, headers = _refusal(too_long)
        raw = [(name.lower().encode(), value.encode()) for name, value in headers]
        await send({"type": "http.response.start", "status": STATUS, "headers": raw})
        await send({"type": "http.response.body", "body": body})

    return answer


def _refusal(name: str) -> tuple[bytes, list[tuple[str, str]]]:
    message = f"The header {name} has at most {LONGEST} characters."
    body = orjson.dumps({"errors": [{"message": message, "extensions": {"code": ErrorCode.BAD_REQUEST.value}}]})
    headers = [
        ("Content-Type", "application/json; charset=utf-8"),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
    ]
    return body, headers
