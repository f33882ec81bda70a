"""The request id: taken from the caller or made, in every log record of the request, and sent back."""

import re
from collections.abc import Callable
from contextvars import ContextVar
from secrets import token_hex
from typing import Final

from django.http import HttpRequest, HttpResponse

from nexus_gql.asgi_types import Asgi, Message, Receive, Send

ACCEPTED: Final = re.compile(r"[A-Za-z0-9-]{8,64}")

_request_id: ContextVar[str | None] = ContextVar("request_id", default=None)


def current_request_id() -> str | None:
    """The id of the request that is being answered; None outside of one."""
    return _request_id.get()


class RequestIdMiddleware:
    """Gives each request an id: the caller's X-Request-ID if it is 8 to 64 letters, digits and hyphens, else a new one.

    Views find it in `request.headers["X-Request-ID"]`, whoever chose it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answers the request, with its id in the response's X-Request-ID."""
        request_id = _accepted(request.META.get("HTTP_X_REQUEST_ID", ""))
        request.META["HTTP_X_REQUEST_ID"] = request_id
        token = _request_id.set(request_id)
        try:
            response = self.get_response(request)
        finally:
            _request_id.reset(token)
        response.headers["X-Request-ID"] = request_id
        return response


def with_request_ids(application: Asgi) -> Asgi:
    """The ASGI application with what RequestIdMiddleware does for a WSGI one."""

    async def answer(scope: Message, receive: Receive, send: Send) -> None:
        request_id = _accepted(dict(scope.get("headers", ())).get(b"x-request-id", b"").decode("latin1"))
        # Each request has a task, and with it a context, of its own.
        _request_id.set(request_id)

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], (b"x-request-id", request_id.encode())]}
            await send(message)

        await application(scope, receive, send_with_id)

    return answer


def _accepted(proposed: str) -> str:
    return proposed if ACCEPTED.fullmatch(proposed) else token_hex(16)
