"""One path answered by its view, past Django's routing and signals: they cost as much as the rest of a known read.

What stands in settings.MIDDLEWARE holds here too, and whatever goes wrong is answered as Django would.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.core.handlers.exception import response_for_exception
from django.core.handlers.wsgi import WSGIRequest
from django.db import DEFAULT_DB_ALIAS, connections
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string

Environ = dict[str, Any]
Wsgi = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]
View = Callable[[HttpRequest], HttpResponse]


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
        response = self._answer(WSGIRequest(environ))
        # The pairs as they are kept; `items()` would look each up again by its name.
        headers: list[tuple[str, str]] = [*vars(response.headers)["_store"].values()]
        headers += (("Set-Cookie", cookie.OutputString()) for cookie in response.cookies.values())
        start_response(f"{response.status_code} {response.reason_phrase}", headers)
        # A list: granian sends it at once, without a channel that it would be read from.
        return [response.content]


def _safe(view: View) -> View:
    def answer(request: HttpRequest) -> HttpResponse:
        try:
            return view(request)
        except Exception as error:  # noqa: BLE001 - as Django, which answers it with a handler of nexus_gql.urls, and logs it
            response: HttpResponse = response_for_exception(request, error)
            return response

    return answer
