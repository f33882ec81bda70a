"""Cookies and streams: a page of ours is let in by its cookie, a foreign one is not."""

import asyncio
import json
from typing import Any

import pytest
from pytest_django import Settings

from nexus_gql.asgi_types import Message
from nexus_gql.streaming import application

OURS = "https://nexus.example"
BODY = json.dumps({"query": "subscription { knowledgeChanged { kind } }"}).encode()


async def asked(cookie: str, origin: str | None) -> tuple[int, list[str]]:
    """The status and the codes of a stream that is refused."""
    sent: list[Message] = []
    headers = {
        b"content-type": b"application/json",
        b"content-length": str(len(BODY)).encode(),
        b"accept": b"text/event-stream, application/graphql-response+json",
        b"cookie": cookie.encode(),
        **({b"origin": origin.encode()} if origin else {}),
    }
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/graphql/stream",
        "query_string": b"",
        "headers": list(headers.items()),
        "scheme": "https",
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8000),
    }

    async def receive() -> Message:
        return {"type": "http.request", "body": BODY}

    async def send(message: Message) -> None:
        sent.append(message)

    await application(scope, receive, send)
    answer: dict[str, Any] = json.loads(b"".join(message.get("body", b"") for message in sent))
    return sent[0]["status"], [error["extensions"]["code"] for error in answer["errors"]]


@pytest.mark.parametrize(
    ("origin", "refusal"),
    [
        (OURS, (401, ["TOKEN_INVALID"])),
        ("https://evil.example", (403, ["BAD_REQUEST"])),
        (None, (403, ["BAD_REQUEST"])),
    ],
)
def test_a_cookie_is_read_for_pages_of_ours(
    settings: Settings, origin: str | None, refusal: tuple[int, list[str]]
) -> None:
    settings.TOKEN_COOKIES, settings.PUBLIC_URL = True, OURS
    assert asyncio.run(asked("__Host-JWT=x.y.z", origin)) == refusal
