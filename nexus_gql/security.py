"""Headers that every answer has, whatever it is and whoever made it: what browsers may do with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, Final

from nexus_gql.asgi_types import Asgi, Message, Receive, Send

# An answer that says otherwise, as the GraphiQL page does, keeps what it says.
HEADERS: Final = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("X-Frame-Options", "DENY"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
)

MOST_REMEMBERED: Final = 100

Headers = list[tuple[str, str]]
Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Security:
    """The headers; for `hsts_seconds`, where it is not 0, browsers are told to come by HTTPS alone."""

    def __init__(self, *, hsts_seconds: int) -> None:
        hsts = ("Strict-Transport-Security", f"max-age={hsts_seconds}; includeSubDomains")
        self._plain = _known(HEADERS)
        self._secure = _known((*HEADERS, hsts)) if hsts_seconds else self._plain

    def missing(self, present: Iterable[str], scheme: str) -> Headers:
        """The headers to add to an answer that was asked for by `scheme`, and has those named `present`."""
        names = {name.lower() for name in present}
        ours = self._secure if scheme == "https" else self._plain
        return [header for known, header in ours if known not in names]

    def of_wsgi(self, application: Wsgi) -> Wsgi:
        """The application with them."""
        # Most answers have the same headers.
        missing = lru_cache(MOST_REMEMBERED)(self.missing)

        def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
            def start(status: str, headers: Headers, *error: Any) -> Any:
                # Only now: what forwards the request may have told the scheme.
                added = missing(tuple([name for name, _ in headers]), environ["wsgi.url_scheme"])
                return start_response(status, headers + added, *error)

            return application(environ, start)

        return answer

    def of_asgi(self, application: Asgi) -> Asgi:
        """The application with them."""

        async def answer(scope: Message, receive: Receive, send: Send) -> None:
            async def send_with_them(message: Message) -> None:
                if message["type"] == "http.response.start":
                    headers = message["headers"]
                    added = self.missing((name.decode("latin1") for name, _ in headers), scope["scheme"])
                    raw = [(name.lower().encode(), value.encode()) for name, value in added]
                    message = {**message, "headers": [*headers, *raw]}
                await send(message)

            await application(scope, receive, send_with_them)

        return answer


def _known(headers: Iterable[tuple[str, str]]) -> list[tuple[str, tuple[str, str]]]:
    """Headers by the names that they are known by in whatever case."""
    return [(name.lower(), (name, value)) for name, value in headers]
