"""The way out of mails: a link that shows a page, and a POST that ends the subscription, by RFC 8058 or that page."""

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from knowledge.deliveries import leave, subscription_of
from pages.rendering import not_found, page

# What RFC 8058 has mail clients send.
ONE_CLICK: Final = ("List-Unsubscribe", "One-Click")


@csrf_exempt  # the link itself is the authority: mail clients send no cookie and no token of ours
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows what the link is about and changes nothing; POST ends it, as often as it is sent.

    404 where the link is not one of ours, 400 for a POST without `List-Unsubscribe=One-Click`.
    """
    if request.method != "POST":
        found = subscription_of(token)
    elif request.POST.get(ONE_CLICK[0]) != ONE_CLICK[1]:
        return _private(page("unsubscribe.html", {"subscription": None}, status=400))
    else:
        found = leave(token)
    if found is None:
        return _private(not_found("subscription"))
    return _private(page("unsubscribe.html", {"subscription": found, "cadence": found.cadence.lower()}))


def _private(response: HttpResponse) -> HttpResponse:
    """Neither kept by anyone, nor told to where a link leads: who has the address may unsubscribe."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
