"""What the stream process tells at /metrics."""

import asyncio

import pytest
from pytest_django import Settings

from nexus_gql.asgi_types import Message
from nexus_gql.streaming import application
from tests.nexus_gql.test_metrics import TOKEN, read


def scope(method: str, path: str, **headers: str) -> Message:
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    return {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": b"",
        "headers": raw,
        "scheme": "http",
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8000),
    }


async def asked(**headers: str) -> tuple[int, str]:
    """The status and the text of /metrics."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request"}

    await application(scope("GET", "/metrics", **headers), receive, send)
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent).decode()


def test_is_not_there_where_it_is_off() -> None:
    assert asyncio.run(asked())[0] == 404


@pytest.mark.parametrize(
    ("sent", "status"), [({}, 401), ({"authorization": "Bearer x"}, 401), ({"authorization": f"Bearer {TOKEN}"}, 200)]
)
def test_where_there_is_a_token_only_who_has_it_is_told(settings: Settings, sent: dict[str, str], status: int) -> None:
    settings.METRICS, settings.METRICS_TOKEN = True, TOKEN
    answered, text = asyncio.run(asked(**sent))
    assert (answered, "nexus_streams" in text) == (status, status == 200)


def test_tells_how_many_streams_are_open(settings: Settings) -> None:
    settings.METRICS = True

    async def watch() -> list[float]:
        gone = asyncio.Event()

        async def receive() -> Message:
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(_message: Message) -> None:
            raise AssertionError("nothing is sent to who has left")

        async def stream() -> None:
            await application(scope("POST", "/graphql/stream"), receive, send)

        streams = [asyncio.create_task(stream()) for _ in range(3)]
        await asyncio.sleep(0)
        told = [read((await asked())[1])["nexus_streams", ()]]
        gone.set()
        await asyncio.gather(*streams)
        return [*told, read((await asked())[1])["nexus_streams", ()]]

    assert asyncio.run(watch()) == [3, 0]
