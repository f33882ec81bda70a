"""The page of a digest, which anyone may share, and the feed of the latest."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, set_response_etag
from django.utils.feedgenerator import Atom1Feed
from django.views.decorators.http import require_safe

from knowledge.digests.phrases import window_in_words
from knowledge.digests.reading import address_of, latest_public, public_digest, sections_of
from pages.rendering import not_found, page

# Digests never change; only what they link to may go.
_CACHED: Final = "public, max-age=300"
_STYLE: Final = (Path(__file__).parent / "static" / "style.css").read_text()
# Characters that XML 1.0 cannot hold, escaped or not: one of them, and readers take nothing of the feed.
_NOT_IN_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BEFORE_ANY: Final = datetime(1970, 1, 1, tzinfo=UTC)


class _Feed(Atom1Feed):
    """Atom that is the same each time until there is another digest."""

    def latest_post_date(self) -> datetime:
        """When the feed last changed: RFC 4287 wants a date also where there is nothing yet."""
        return super().latest_post_date() if self.items else _BEFORE_ANY


@require_safe
def digest_page(request: HttpRequest, digest_id: int) -> HttpResponse:
    """A digest that everyone may read, else 404: for one that is not ready, not public or not there alike."""
    digest = public_digest(digest_id)
    if digest is None:
        return not_found("digest")
    values = {
        "digest": digest,
        "window": window_in_words(digest.window_start, digest.window_end),
        "headline": (digest.body_text or "").partition("\n")[0],
        "sections": sections_of(digest),
        "address": address_of(digest),
    }
    return _cached(request, page("digest.html", values))


@require_safe
def feed(request: HttpRequest) -> HttpResponse:
    """The latest public digests, as Atom."""
    digests = latest_public()
    atom = _Feed(
        title="Nexus digests",
        link=f"{settings.PUBLIC_URL}/",
        description="What happened in the knowledge base.",
        author_name="Nexus",
        feed_url=f"{settings.PUBLIC_URL}{request.path}",
    )
    for digest in digests:
        address = address_of(digest)
        atom.add_item(
            title=_in_xml(digest.title),
            link=address,
            unique_id=address,
            description=_in_xml(digest.body_html or ""),
            pubdate=digest.finished_at,
            updateddate=digest.finished_at,
        )
    return _cached(request, HttpResponse(atom.writeString("utf-8"), content_type=atom.content_type))


@require_safe
def stylesheet(request: HttpRequest) -> HttpResponse:
    """How the pages look."""
    return _cached(request, HttpResponse(_STYLE, content_type="text/css; charset=utf-8"))


def _in_xml(text: str) -> str:
    return _NOT_IN_XML.sub("\ufffd", text)


def _cached(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    response.headers["Cache-Control"] = _CACHED
    set_response_etag(response)
    # Answers the response itself, or one that says that it has not changed.
    conditional = get_conditional_response(request, etag=response.headers["ETag"], response=response)
    return cast("HttpResponse", conditional)
