"""Digests that anyone may read: their pages and their feed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.db.models import Prefetch, QuerySet

from knowledge.digests.gather import LISTED
from knowledge.models import Digest, DigestAudience, DigestCadence, DigestItem, DigestSection, DigestStatus
from knowledge.policy import ANONYMOUS, visible_digests

PATH: Final = "/digests/"
IN_FEED: Final = 30


@dataclass(frozen=True, slots=True)
class PageSection:
    """A section as a page shows it: the items that the digest lists, those that it keeps beside, how many in all."""

    title: str
    listed: Sequence[DigestItem]
    beside: Sequence[DigestItem]
    total: int

    @property
    def left_out(self) -> int:
        """How many are not kept."""
        return max(self.total - len(self.listed) - len(self.beside), 0)


def address_of(digest: Digest) -> str:
    """Where the digest's page is."""
    return f"{settings.PUBLIC_URL}{PATH}{digest.pk}"


def is_public(digest: Digest) -> bool:
    """Whether anyone may read its page: as `visible_digests` has it, without asking the database."""
    return (
        digest.status == DigestStatus.READY
        and digest.audience == DigestAudience.EVERYONE
        and digest.cadence != DigestCadence.ON_DEMAND
    )


def public_digest(digest_id: int) -> Digest | None:
    """The digest, if anyone may read it."""
    return _public().filter(pk=digest_id).first()


def latest_public() -> Sequence[Digest]:
    """The latest that anyone may read and that hold something, the newest first."""
    return list(_public().filter(item_count__gt=0).order_by("-window_end", "-pk")[:IN_FEED])


def sections_of(digest: Digest) -> Sequence[PageSection]:
    """Its sections, in two statements."""
    items = Prefetch("items", DigestItem.objects.order_by("position"))
    sections = DigestSection.objects.filter(digest_id=digest.pk).order_by("position").prefetch_related(items)
    return [
        PageSection(section.title, kept[:LISTED], kept[LISTED:], section.total)
        for section, kept in ((section, list(section.items.all())) for section in sections)
    ]


def _public() -> QuerySet[Digest]:
    return Digest.objects.filter(visible_digests(ANONYMOUS))
