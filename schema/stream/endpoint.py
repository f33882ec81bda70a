"""The ASGI application behind /graphql/stream: one request in, one stream of events out.

A request goes through these steps, each of which may end it: origin, Accept, parameters, document, limits, caller, the
first look; then the stream runs until its end or until the client goes.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping, MutableMapping
from contextlib import aclosing
from io import BytesIO
from time import perf_counter
from typing import Any, Final

from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse

from knowledge import channels
from schema.documents import InvalidDocument
from schema.errors import CodedError, ErrorCode
from schema.execution import Answer, refusal, refused
from schema.http.answers import http_response, status_of
from schema.http.cookies import authorization_of, carrier_of
from schema.http.media import JSON
from schema.http.origins import Origins
from schema.http.parameters import RequestError, read_parameters
from schema.presentation import AWAY
from schema.stream.events import MEDIA_TYPE
from schema.stream.feeds import Look
from schema.stream.listening import last_word, stream
from schema.stream.notifications import Notifications
from schema.stream.opening import Opening, errors_media, opening
from schema.stream.places import Places
from schema.stream.threads import Threads

logger = logging.getLogger("nexus.requests")

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

# How long a request waits for the connection that notifications come by.
CONNECT_SECONDS: Final = 3.0
# A subscription is a short document and few variables. What came so far of a body that is sent slowly stays in memory,
# and there is no end of connections.
MOST_BYTES: Final = 65_536
# A client that takes nothing for so long is gone, whatever its connection says.
STALLED_SECONDS: Final = 60.0
VARY: Final = "Origin, Accept, Authorization"


class StreamEndpoint:
    """Answers subscriptions. `database` is an entry of Django's DATABASES that no transaction pooler stands before.

    Pages at the `addresses` may read the streams from other origins. Belongs to the event loop that first calls it.
    """

    def __init__(self, *, database: Mapping[str, Any], addresses: Iterable[str], heartbeat_seconds: float) -> None:
        self._notifications = Notifications(database, channels.DIGESTS, channels.EVENTS)
        self._origins = Origins(addresses)
        self._heartbeat_seconds = heartbeat_seconds
        self._threads = Threads()
        self._places = Places(settings.LIMIT_STREAMS)

    async def listens(self, seconds: float) -> bool:
        """Whether notifications arrive, now or within so many seconds."""
        return await self._notifications.connected(seconds)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one HTTP request."""
        started = perf_counter()
        try:
            request = await _request(scope, receive)
        except ClientGone:
            return
        if request.method == "OPTIONS":
            await _respond(send, HttpResponse(status=204), {**self._origins.preflight(request), "Vary": VARY})
            return
        headers = {**self._origins.headers(request), "Cache-Control": "no-store", "Vary": VARY}
        status = await self._answer(request, receive, send, headers)
        logger.info("stream", extra={"status": status, "seconds": round(perf_counter() - started, 2)})

    async def _answer(self, request: ASGIRequest, receive: Receive, send: Send, headers: dict[str, str]) -> int:
        """Streams, or refuses; answers with the HTTP status."""
        try:
            media = errors_media(request)
            parameters = read_parameters(request, most=_most_bytes())
            authorization = authorization_of(request, carrier_of(request))
        except RequestError as error:
            response = http_response(refused(error.error), JSON, error.status)
            return await _respond(send, response, {**headers, **error.headers})
        try:
            opened = await self._threads.run(opening, request, parameters, authorization)
            await self._hear()
            feed = opened.feed
            with (
                self._places.one(opened.caller),
                self._notifications.inbox(feed.topic, feed.backlog, feed.wants) as inbox,
            ):
                # Only now: what happens after this look is in the inbox.
                first = await self._threads.run(_first, opened)
                events = stream(opened, first, inbox, self._threads, self._heartbeat_seconds)
                return await _until_either_ends(events, receive, send, headers)
        except InvalidDocument as error:
            return await _refuse(send, refused(*error.errors), media, headers)
        except Exception as error:  # noqa: BLE001 - the one place where whatever went wrong becomes a coded answer
            return await _refuse(send, refusal(error), media, headers)

    async def _hear(self) -> None:
        if not await self.listens(CONNECT_SECONDS):
            raise CodedError(ErrorCode.UNAVAILABLE, AWAY)


class ClientGone(Exception):
    """The client left before its request was read."""


def _first(opened: Opening) -> Look:
    return opened.feed.first(opened.identify())


def _most_bytes() -> int:
    return min(MOST_BYTES, settings.LIMIT_BODY_BYTES)


async def _request(scope: Scope, receive: Receive) -> ASGIRequest:
    """The request with its body, of which no more is kept than is taken."""
    body = b""
    came = 0
    more = True
    while more and came <= settings.LIMIT_BODY_BYTES:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        part = message.get("body", b"")
        came += len(part)
        # What is too long is refused by its Content-Length, to whom has said all of it.
        if len(body) <= _most_bytes():
            body += part
        more = message.get("more_body", False)
    # What a query string holds beside UTF-8 is no text of a request: it becomes one that is refused as such.
    query_string = scope.get("query_string", b"").decode("utf-8", "replace")
    return ASGIRequest({**scope, "query_string": query_string}, BytesIO(body))


async def _until_either_ends(
    events: AsyncGenerator[bytes, None], receive: Receive, send: Send, headers: dict[str, str]
) -> int:
    """Sends the events until they end or the client goes, whichever is first."""
    sending = asyncio.create_task(_send_events(send, events, headers))
    leaving = asyncio.create_task(_client_gone(receive))
    try:
        await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
    except asyncio.CancelledError:
        # The process stops. This task ends with it anyway; the response ends in order and without `complete`, so that
        # clients come again.
        logger.info("a stream ends with its process")
    finally:
        for task in (sending, leaving):
            task.cancel()
        await asyncio.wait({sending, leaving})
    if sending.cancelled() or not (error := sending.exception()):
        await send({"type": "http.response.body", "body": b""})
    else:
        logger.warning("a stream broke off", exc_info=error)
    return 200


async def _send_events(send: Send, events: AsyncGenerator[bytes, None], headers: dict[str, str]) -> None:
    # Proxies are told not to hold the events back; nginx understands only the header that bears its name.
    await send(_start(200, {**headers, "Content-Type": f"{MEDIA_TYPE}; charset=utf-8", "X-Accel-Buffering": "no"}))
    async with aclosing(events) as told:
        async for event in told:
            async with asyncio.timeout(STALLED_SECONDS):
                await send({"type": "http.response.body", "body": event, "more_body": True})


async def _client_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _refuse(send: Send, answer: Answer, media: str, headers: dict[str, str]) -> int:
    if media == MEDIA_TYPE:
        return await _respond(
            send, HttpResponse(last_word(answer), content_type=f"{MEDIA_TYPE}; charset=utf-8"), headers
        )
    return await _respond(send, http_response(answer, media, status_of(answer, media)), headers)


async def _respond(send: Send, response: HttpResponse, headers: Mapping[str, str]) -> int:
    length = {"Content-Length": str(len(response.content))} if response.content else {}
    await send(_start(response.status_code, {**dict(response.items()), **headers, **length}))
    await send({"type": "http.response.body", "body": response.content})
    return response.status_code


def _start(status: int, headers: Mapping[str, str]) -> dict[str, Any]:
    raw = [(name.lower().encode("latin1"), value.encode("latin1")) for name, value in headers.items()]
    return {"type": "http.response.start", "status": status, "headers": raw}
