"""What of a digest is for this person, and new to them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, groupby
from typing import Final

from django.db.models import Exists, OuterRef, Q

from knowledge.digests.gather import LISTED, Section
from knowledge.digests.gather import Item as Line
from knowledge.models import (
    ChallengeTag,
    DeliveryStatus,
    DigestDelivery,
    DigestItem,
    DigestSectionKind,
    Entry,
    EntryTag,
    RevisionState,
    RevisionTag,
    Role,
)
from knowledge.policy import ANONYMOUS, Viewer, visible_entries

Subject = tuple[str, int | None, int | None, int | None, str]

_QUEUE: Final = Q(section__kind=DigestSectionKind.REVIEW_QUEUE)
_GAPS: Final = Q(section__kind=DigestSectionKind.SEARCH_GAPS)


@dataclass(frozen=True, slots=True)
class Selection:
    """The sections for a person that hold something, and the ids of the items that they list, in that order."""

    sections: tuple[Section, ...]
    item_ids: tuple[int, ...]


def select(delivery: DigestDelivery, tag_ids: Collection[int]) -> Selection:
    """What of the delivery's digest carries one of the tags, is to be seen still, and was not told before.

    Without tags, whatever it carries. Told before is what a mail to the same person about an overlapping time told of
    the same subject and the same moment, or a later one.
    """
    told = _told_before(delivery)
    sections = []
    item_ids: list[int] = []
    items = DigestItem.objects.filter(_tagged(tag_ids), _still_seen(), section__digest_id=delivery.digest_id)
    in_order = items.select_related("section").order_by("section__position", "position")
    for section, found in groupby(in_order, key=lambda item: item.section):
        offered = list(found)
        news = [item for item in offered if _is_news(item, told)]
        if news:
            total = len(news) if tag_ids else section.total - (len(offered) - len(news))
            sections.append(Section(DigestSectionKind(section.kind), section.title, tuple(map(_line, news)), total))
            item_ids += [item.pk for item in news[:LISTED]]
    return Selection(tuple(sections), tuple(item_ids))


def _tagged(tag_ids: Collection[int]) -> Q:
    """Its subject is, or carries, one of the tags; anything where there are none."""
    if not tag_ids:
        return Q()
    waiting = RevisionTag.objects.filter(
        tag_id__in=tag_ids, revision__entry_id=OuterRef("entry_id"), revision__state=RevisionState.PENDING
    )
    return (
        Q(tag_id__in=tag_ids)
        | Q(Exists(EntryTag.objects.filter(tag_id__in=tag_ids, entry_id=OuterRef("entry_id"))))
        | Q(Exists(ChallengeTag.objects.filter(tag_id__in=tag_ids, challenge_id=OuterRef("challenge_id"))))
        | (_QUEUE & Q(Exists(waiting)))
    )


def _still_seen() -> Q:
    """Its subject has not been deleted since, nor an entry hidden from those whom the section is for."""
    entries = Entry.objects.filter(pk=OuterRef("entry_id"))
    shown = Exists(entries.filter(visible_entries(ANONYMOUS)))
    waiting = Exists(entries.filter(visible_entries(Viewer(role=Role.REVIEWER))))
    return Q(challenge_id__isnull=False) | Q(tag_id__isnull=False) | _GAPS | Q(shown) | (_QUEUE & Q(waiting))


def _told_before(delivery: DigestDelivery) -> dict[Subject, datetime]:
    """The latest moment of each subject that the person has been told of, where it may be told again now."""
    before = DigestDelivery.objects.filter(
        recipient_id=delivery.recipient_id,
        status=DeliveryStatus.SENT,
        window_start__lt=delivery.window_end,
        window_end__gt=delivery.window_start,
    )
    item_ids = set(chain.from_iterable(before.values_list("item_ids", flat=True)))
    told: dict[Subject, datetime] = {}
    for item in DigestItem.objects.filter(pk__in=item_ids, happened_at__isnull=False).select_related("section"):
        subject = _subject(item)
        assert item.happened_at is not None  # noqa: S101 - for the type checker: filtered for above
        told[subject] = max(item.happened_at, told.get(subject, item.happened_at))
    return told


def _is_news(item: DigestItem, told: dict[Subject, datetime]) -> bool:
    if item.happened_at is None:
        return True
    before = told.get(_subject(item))
    return before is None or item.happened_at > before


def _subject(item: DigestItem) -> Subject:
    """What it tells of: words that were searched for have no row, and stand for themselves."""
    alone = item.entry_id is None and item.challenge_id is None and item.tag_id is None
    return item.section.kind, item.entry_id, item.challenge_id, item.tag_id, item.headline if alone else ""


def _line(item: DigestItem) -> Line:
    return Line(
        item.headline, item.reason, item.excerpt, item.entry_id, item.challenge_id, item.tag_id, item.happened_at
    )
