"""What stands around each page of the admin, and around nothing else.

Sessions, messages and CSRF are decorators of these views instead of middleware: a request to the API pays for none of
them, reads no cookie and makes no statement for them.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.handlers.exception import response_for_exception
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import SimpleTemplateResponse
from django.utils.decorators import decorator_from_middleware

from staff import away
from staff.sign_in import identify

View = Callable[..., HttpResponseBase]

# Django's admin needs no inline script and no inline style, and neither do our templates.
CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS: Final = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
    # Not less: without a Referer, browsers that send no Origin would fail the check of forms.
    "Referrer-Policy": "same-origin",
}

_session = decorator_from_middleware(SessionMiddleware)
_messages = decorator_from_middleware(MessageMiddleware)


def shielded(view: View) -> View:
    """The view behind all of it. Whatever it answers or raises, the headers are there."""
    within = _session(_identified(_messages(_rendered(view))))

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            response = within(request, *args, **kwargs)
        except away.AWAY as error:
            response = away.page(error)
        except Exception as error:  # noqa: BLE001 - as Django does around all views: 403, 404, and what is a fault is logged
            response = response_for_exception(request, error)
        for name, value in HEADERS.items():
            response.headers[name] = value
        return response

    return answer


def _identified(view: View) -> View:
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        # No middleware asks, and a page that names its host in a form must not name somebody else's.
        request.get_host()
        identify(request)
        return view(request, *args, **kwargs)

    return answer


def _rendered(view: View) -> View:
    """Templates are rendered while there still is a session to write to."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        return response.render() if isinstance(response, SimpleTemplateResponse) else response

    return answer
