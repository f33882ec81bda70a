"""What is where in the stream process: /graphql/stream, /livez, /readyz and /metrics, and nothing else."""

import asyncio
import json
from collections.abc import Mapping
from typing import Final

from django.conf import settings
from prometheus_client import CONTENT_TYPE_LATEST

from nexus_gql.asgi_types import Message, Receive, Send
from nexus_gql.headers import with_short_headers_asgi
from nexus_gql.health import OK, Readiness, readiness
from nexus_gql.metrics import done, may_read, streams
from nexus_gql.proxies import Proxies, behind_proxies
from nexus_gql.requests import with_request_ids
from nexus_gql.security import Security
from schema.stream.endpoint import StreamEndpoint

CONNECT_SECONDS: Final = 1.0


class StreamProcess:
    """The ASGI application, whole."""

    def __init__(self, endpoint: StreamEndpoint, ready: Readiness) -> None:
        self._endpoint = endpoint
        self._readiness = ready

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answers an HTTP request; raises TypeError for anything else."""
        if scope["type"] != "http":
            raise TypeError(f"The stream process answers HTTP, not {scope['type']}.")
        path = scope["path"]
        if path == "/graphql/stream":
            with streams.track_inprogress():
                await self._endpoint(scope, receive, send)
        elif path == "/metrics" and settings.METRICS:
            await _tell(scope, send)
        elif path == "/livez":
            await _respond(send, 200, {"process": OK})
        elif path == "/readyz":
            report = await self._report()
            await _respond(send, 200 if set(report.values()) == {OK} else 503, report)
        else:
            await _respond(send, 404, {"message": "There is nothing here."})

    async def _report(self) -> dict[str, str]:
        """As the web's, but of what a stream needs: it can do without the broker."""
        listens, report = await asyncio.gather(
            self._endpoint.listens(CONNECT_SECONDS), asyncio.to_thread(self._readiness.report)
        )
        asked = {part: report[part] for part in ("database", "migrations")}
        return {**asked, "notifications": OK if listens else "no connection"}


async def _tell(scope: Message, send: Send) -> None:
    """As the web's /metrics, but of this process alone: the web tells of the queues."""
    header = dict(scope.get("headers", ())).get(b"authorization", b"").decode("latin1")
    if not may_read(header):
        await _respond(send, 401, {"message": "Send the token as `Authorization: Bearer`."})
        return
    headers = [(b"content-type", CONTENT_TYPE_LATEST.encode()), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": done()})


async def _respond(send: Send, status: int, content: Mapping[str, str]) -> None:
    body = json.dumps(content).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


_stream_process = StreamProcess(
    StreamEndpoint(
        database=settings.DATABASE_DIRECT,
        addresses=[settings.PUBLIC_URL or "", *settings.STREAM_ORIGINS, *settings.CORS_ORIGINS],
        heartbeat_seconds=settings.STREAM_HEARTBEAT_SECONDS,
    ),
    readiness(),
)
_secured = Security(hsts_seconds=settings.HSTS_SECONDS).of_asgi(with_short_headers_asgi(_stream_process))
application = with_request_ids(behind_proxies(_secured, Proxies(settings.TRUSTED_PROXIES)))
