"""Tokens in cookies, for pages: no script can read them there. Off unless TOKEN_COOKIES is on.

They count on a POST without Authorization from a page at an origin that may: PUBLIC_URL's, and with CORS_CREDENTIALS
those of CORS_ORIGINS. Any other POST that brings them is refused, because a browser adds cookies to what foreign pages
send, too. A GET never looks at them.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django.http import HttpRequest, HttpResponse

from schema.context import Carrier
from schema.http.origins import origin_of
from schema.http.parameters import RequestError
from schema.settings import settings

# A browser takes a cookie of such a name from a secure origin alone, `__Host-` also for no other host and path.
SECURE_NAMES: Final = ("__Host-JWT", "__Secure-JWT-refresh-token")
NAMES: Final = ("JWT", "JWT-refresh-token")
ACCESS_PATH: Final = "/"
# Where it is good for something.
REFRESH_PATH: Final = "/graphql"


def carrier_of(request: HttpRequest) -> Carrier | None:
    """What carries the tokens of this request and its answer, where cookies do.

    Raises RequestError 403 where cookies came with a request that no page of ours has sent.
    """
    if not settings.TOKEN_COOKIES or request.method != "POST" or "HTTP_AUTHORIZATION" in request.META:
        return None
    access, refresh = (request.COOKIES.get(name) for name in _names())
    if request.headers.get("Origin") in _origins():
        return Carrier(access=access, refresh=refresh)
    if access is None and refresh is None:
        return None
    raise RequestError(403, "Cookies are taken from pages of this service alone.")


def authorization_of(request: HttpRequest, carrier: Carrier | None) -> str | None:
    """The Authorization header, or what stands for it where a cookie carries the access token."""
    if carrier is not None and carrier.access is not None:
        return f"JWT {carrier.access}"
    return request.META.get("HTTP_AUTHORIZATION")


def set_cookies(response: HttpResponse, carrier: Carrier) -> None:
    """Has the browser keep the tokens that were given, or forget those that it had."""
    access, refresh = _names()
    if carrier.given is not None:
        # As long as the session may last: an access token that is too old is to be told as such, not as nobody's.
        kept: dict[str, Any] = {
            "max_age": settings.REFRESH_TOKEN_LIFETIME,
            "secure": _is_secure(),
            "httponly": True,
            "samesite": "Strict",
        }
        response.set_cookie(access, carrier.given[0], path=ACCESS_PATH, **kept)
        response.set_cookie(refresh, carrier.given[1], path=REFRESH_PATH, **kept)
    elif carrier.ended:
        for name, path in ((access, ACCESS_PATH), (refresh, REFRESH_PATH)):
            response.set_cookie(
                name, "", max_age=timedelta(0), path=path, secure=_is_secure(), httponly=True, samesite="Strict"
            )


def _is_secure() -> bool:
    return str(settings.PUBLIC_URL).startswith("https:")


def _names() -> tuple[str, str]:
    return SECURE_NAMES if _is_secure() else NAMES


def _origins() -> set[str]:
    addresses = settings.CORS_ORIGINS if settings.CORS_CREDENTIALS else ()
    return {origin_of(str(address)) for address in (settings.PUBLIC_URL, *addresses)}
