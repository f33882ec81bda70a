"""Headers beyond what any client sends are refused before anything reads them."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

import orjson
import pytest

from nexus_gql.asgi_types import Message, Receive, Send
from nexus_gql.headers import LONGEST, READ_BY_PIECES, with_short_headers, with_short_headers_asgi

ENVIRON = {"Content-Type": "CONTENT_TYPE", "Accept": "HTTP_ACCEPT", "If-None-Match": "HTTP_IF_NONE_MATCH"}


def status_of_wsgi(environ: dict[str, Any]) -> str:
    statuses: list[str] = []

    def application(_environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response("200 OK", [])
        return [b'{"errors": [{"extensions": {"code": null}}]}']

    body = b"".join(with_short_headers(application)(environ, lambda status, _headers: statuses.append(status)))
    code = orjson.loads(body)["errors"][0]["extensions"]["code"]
    return f"{statuses[0][:3]} {code}"


def status_of_asgi(*headers: tuple[bytes, bytes]) -> int:
    sent: list[Message] = []

    async def application(_scope: Message, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {}

    async def answered() -> None:
        await with_short_headers_asgi(application)({"type": "http", "headers": list(headers)}, receive, send)

    asyncio.run(answered())
    status: int = sent[0]["status"]
    return status


@pytest.mark.parametrize("name", READ_BY_PIECES)
def test_a_header_has_its_limit(name: str) -> None:
    assert status_of_wsgi({ENVIRON[name]: "a" * LONGEST}) == "200 None"
    assert status_of_wsgi({ENVIRON[name]: "a" * (LONGEST + 1)}) == "431 BAD_REQUEST"
    raw = name.lower().encode()
    assert status_of_asgi((raw, b"a" * LONGEST)) == 200
    assert status_of_asgi((raw, b"a" * (LONGEST + 1))) == 431


def test_what_comes_in_several_lines_counts_together() -> None:
    assert status_of_asgi((b"accept", b"a" * LONGEST), (b"accept", b"a")) == 431


def test_others_have_none_of_their_own() -> None:
    assert status_of_wsgi({"HTTP_AUTHORIZATION": "a" * 10_000}) == "200 None"
    assert status_of_asgi((b"authorization", b"a" * 10_000)) == 200
