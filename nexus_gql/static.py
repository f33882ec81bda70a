"""The files that the admin's pages load, served by whitenoise from where they were collected to.

Their names carry a hash of what is in them, so browsers keep them for good.
"""

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final
from wsgiref.headers import Headers

from django.conf import settings
from whitenoise import WhiteNoise

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_HASHED: Final = re.compile(r"\.[0-9a-f]{12}\.[^/.]+$")


def with_static_files(application: "WSGIApplication") -> "WSGIApplication":
    """The application, with what lies below STATIC_URL served beside it: nothing else passes by whitenoise."""
    prefix: str = settings.STATIC_URL
    files = WhiteNoise(
        application,
        root=settings.STATIC_ROOT,
        prefix=prefix,
        allow_all_origins=False,
        immutable_file_test=_is_hashed,
        add_headers_function=_add_headers,
    )

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        below = environ["PATH_INFO"].startswith(prefix)
        chosen: Callable[..., Iterable[bytes]] = files if below else application
        return chosen(environ, start_response)

    return answer


def _is_hashed(path: str, url: str) -> bool:
    return _HASHED.search(url) is not None


def _add_headers(headers: Headers, path: str, url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"
