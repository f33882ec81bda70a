"""The document itself: known by its url, else by its text."""

import hashlib
from dataclasses import dataclass
from typing import Final

from django.db import connection
from django.db.models import F

from knowledge.errors import MistakeCode, Rejected
from knowledge.models import Source
from knowledge.policy import VISIBLE, Viewer, updatable_sources

# Any number; with it PostgreSQL tells this lock from others.
_IMPORTING: Final = 0x4E657875


@dataclass(frozen=True, slots=True)
class Manuscript:
    """A document as it was handed in, cleaned. `title` is its own where none was given."""

    text: str
    title: str
    url: str | None

    @property
    def digest(self) -> bytes:
        """The SHA-256 of the text."""
        return hashlib.sha256(self.text.encode()).digest()


def wait_for_turn() -> None:
    """Lets one import after the other write, until the transaction ends.

    Two documents that name the same new thing at once would else make two entries of it: names of entries need not be
    unique, so no index can settle that.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_IMPORTING])


def seen_before(manuscript: Manuscript, viewer: Viewer) -> Source | None:
    """The document as it came in before, locked, or None. One without a url is known by its text, where it is visible.

    Raises Rejected with CONFLICT at ("url",) when somebody else was first with this url and the viewer is not staff.
    """
    sources = Source.objects.select_for_update(no_key=True)
    if manuscript.url is None:
        known = sources.filter(VISIBLE[Source](viewer), content_hash=manuscript.digest)
        return known.order_by(F("url").asc(nulls_first=True), "pk").first()
    source = sources.filter(url=manuscript.url).first()
    if source is not None and not Source.objects.filter(updatable_sources(viewer), pk=source.pk).exists():
        message = "Somebody else imported the document at this address first."
        raise Rejected.because(MistakeCode.CONFLICT, message, "url")
    return source
