"""Merging tags: several names of one thing become one tag."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Case, Value, When
from django.utils import timezone

from knowledge import audit, outbox
from knowledge.access import permit, visible_ids
from knowledge.errors import MistakeCode, Mistakes
from knowledge.events import AuditAction, EventType
from knowledge.models import Challenge, Entry, Tag, TagAlias, TagAliasKind
from knowledge.policy import VISIBLE, Viewer, editable_tags, require_signed_in
from knowledge.services import tags
from knowledge.services.carriers import carrying_challenges, carrying_entries, hand_over, lock_carriers

SOURCES_MOST: Final = 20


@dataclass(frozen=True, slots=True)
class Merger:
    """The tag that is left, and how many entries and challenges came to it, as far as the viewer may see them."""

    tag: Tag
    moved_entries: int
    moved_challenges: int


@transaction.atomic
def merge_tags(
    viewer: Viewer,
    *,
    source_ids: Sequence[int],
    target_id: int,
    dry_run: bool = False,
    now: datetime | None = None,
) -> Merger:
    """Lets everything that carries one of the sources carry the target, once, and deletes the sources.

    That is entries in whatever state with all their revisions, challenges, digests and subscriptions. The sources'
    names and slugs lead to the target from then on. With `dry_run` nothing is changed, and the numbers are those that
    merging at this moment would answer; one that carried several of the tags counts once.

    Records TAG_MERGED of the target, and audits it. Raises Unauthenticated, Forbidden, and Rejected with every mistake
    at once: REQUIRED without sources, TOO_MANY, DUPLICATE at a source that is named twice, INVALID at one that is the
    target, NOT_FOUND.
    """
    require_signed_in(viewer)
    if dry_run:
        tags.keep_names()
    else:
        tags.change_names()
    _check(source_ids, target_id, viewer)
    target = Tag.objects.get(pk=target_id)
    permit(target, viewer, editable_tags)
    if not dry_run:
        lock_carriers([*source_ids, target_id])
    merger = Merger(
        target,
        Entry.objects.filter(VISIBLE[Entry](viewer), carrying_entries(source_ids)).count(),
        Challenge.objects.filter(VISIBLE[Challenge](viewer), carrying_challenges(source_ids)).count(),
    )
    if not dry_run:
        _merge(viewer, source_ids, target, now or timezone.now())
    return merger


@transaction.atomic
def tags_named(names: Sequence[str]) -> list[Tag]:
    """The tags that the names, slugs or aliases lead to, each once, in their order.

    Raises Rejected with NOT_FOUND at ("names", index) for each that leads to none. Merging them is another transaction:
    who only looks names up must not hold them while waiting to change them.
    """
    known = tags.lookup(names)
    mistakes = Mistakes()
    for place, name in enumerate(names):
        if name not in known:
            mistakes.add(MistakeCode.NOT_FOUND, "There is no such tag.", "names", str(place))
    mistakes.settle()
    return list({known[name].pk: known[name] for name in names}.values())


def _check(source_ids: Sequence[int], target_id: int, viewer: Viewer) -> None:
    mistakes = Mistakes()
    if not source_ids:
        mistakes.add(MistakeCode.REQUIRED, "Name at least one tag to merge.", "source_ids")
    if len(source_ids) > SOURCES_MOST:
        message = f"There are {len(source_ids):,}; at most {SOURCES_MOST} can be merged at once."
        mistakes.add(MistakeCode.TOO_MANY, message, "source_ids")
        mistakes.settle()
    there = visible_ids(Tag, [*source_ids, target_id], viewer)
    for place, pk in enumerate(source_ids):
        path = ("source_ids", str(place))
        if pk == target_id:
            mistakes.add(MistakeCode.INVALID, "A tag cannot be merged into itself.", *path)
        elif pk in source_ids[:place]:
            mistakes.add(MistakeCode.DUPLICATE, "This tag is named twice.", *path)
        elif pk not in there:
            mistakes.add(MistakeCode.NOT_FOUND, "There is no such tag.", *path)
    if target_id not in there:
        mistakes.add(MistakeCode.NOT_FOUND, "There is no such tag.", "target_id")
    mistakes.settle()


def _merge(viewer: Viewer, source_ids: Sequence[int], target: Tag, now: datetime) -> None:
    merged = [
        {"id": pk, "name": name, "slug": slug}
        for pk, name, slug in Tag.objects.filter(pk__in=source_ids).order_by("pk").values_list("pk", "name", "slug")
    ]
    hand_over(source_ids, target)
    own_slugs = When(kind=TagAliasKind.CANONICAL, then=Value(TagAliasKind.FORMER_ALIAS))
    TagAlias.objects.filter(tag__in=source_ids).update(tag=target, kind=Case(own_slugs, default="kind"))
    Tag.objects.filter(pk__in=source_ids).delete()
    target.revision += 1
    target.updated_at = now
    target.save(update_fields=["revision", "updated_at"])
    audit.record(AuditAction.TAG_MERGED, viewer=viewer, subject=target, at=now, merged=merged)
    outbox.record(EventType.TAG_MERGED, target, at=now, merged=list(source_ids))
