"""One path answered by its view, past Django's routing and signals: they cost as much as the rest of a known read.

What stands in settings.MIDDLEWARE holds here too, and whatever goes wrong is answered as Django would.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any, Final

from django.conf import settings
from django.core.handlers.exception import response_for_exception
from django.core.handlers.wsgi import LimitedStream, WSGIRequest
from django.db import DEFAULT_DB_ALIAS, connections
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string

from nexus_gql.places import body_size

Environ = dict[str, Any]
Wsgi = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]
View = Callable[[HttpRequest], HttpResponse]

JSON: Final = "application/json"


class Direct:
    """A WSGI application: `path` by `view`, which answers with what it has whole; all others by `otherwise`."""

    def __init__(self, path: str, view: View, otherwise: Wsgi) -> None:
        self._path = path
        self._otherwise = otherwise
        self._answer: View = _safe(view)
        for middleware in reversed(settings.MIDDLEWARE):
            self._answer = import_string(middleware)(self._answer)

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answers a request."""
        if environ.get("PATH_INFO") != self._path:
            return self._otherwise(environ, start_response)
        # A connection that failed in another request, or has had its time.
        connections[DEFAULT_DB_ALIAS].close_if_unusable_or_obsolete()
        response = self._answer(Request(environ))
        # The pairs as they are kept; `items()` would look each up again by its name.
        headers: list[tuple[str, str]] = [*vars(response.headers)["_store"].values()]
        if response.cookies:
            headers += (("Set-Cookie", cookie.OutputString()) for cookie in response.cookies.values())
        start_response(f"{response.status_code} {response.reason_phrase}", headers)
        # A list: granian sends it at once, without a channel that it would be read from.
        return [response.content]


class Request(WSGIRequest):
    """As Django's, for a path that is known and holds nothing that could be encoded in several ways.

    To find out about that, Django takes longer than to set all that is set here.
    """

    def __init__(self, environ: Environ) -> None:
        self.environ = self.META = environ
        self.path_info = environ["PATH_INFO"]
        self.path = environ.get("SCRIPT_NAME", "").rstrip("/") + self.path_info
        self.method = environ["REQUEST_METHOD"].upper()
        if environ.get("CONTENT_TYPE") == JSON:
            self.content_type, self.content_params = JSON, {}
        else:
            self._set_content_type_params(environ)  # type: ignore[attr-defined]
        body: Any = environ["wsgi.input"]
        if not isinstance(body, BytesIO):
            # One that nexus_gql.places has not read, and made to end where it shall.
            body = LimitedStream(body, body_size(environ.get("CONTENT_LENGTH")))
        self._stream = body
        self._read_started = False
        self.resolver_match = None


def _safe(view: View) -> View:
    def answer(request: HttpRequest) -> HttpResponse:
        try:
            return view(request)
        except Exception as error:  # noqa: BLE001 - as Django, which answers it with a handler of nexus_gql.urls, and logs it
            response: HttpResponse = response_for_exception(request, error)
            return response

    return answer
