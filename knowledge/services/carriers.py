"""What carries tags: entries with their revisions, challenges, digests and subscriptions."""

from collections.abc import Collection

from django.db.models import Exists, Model, OuterRef, Q

from knowledge.models import (
    OPEN_STATES,
    Challenge,
    ChallengeTag,
    Digest,
    DigestItem,
    DigestStatus,
    DigestSubscription,
    Entry,
    EntryTag,
    RevisionTag,
    Tag,
)

DELETED = "The tag that it was about was deleted."

# Each table that says who carries a tag, with its column for who does.
_CARRIED = (
    (EntryTag, "entry_id"),
    (RevisionTag, "revision_id"),
    (ChallengeTag, "challenge_id"),
    (Digest.tags.through, "digest_id"),
    (DigestSubscription.tags.through, "digestsubscription_id"),
)


def carrying_entries(tag_ids: Collection[int]) -> Q:
    """Entries that carry one of the tags as they are shown."""
    return Q(Exists(EntryTag.objects.filter(entry=OuterRef("pk"), tag__in=tag_ids)))


def carrying_challenges(tag_ids: Collection[int]) -> Q:
    """Challenges that carry one of the tags."""
    return Q(Exists(ChallengeTag.objects.filter(challenge=OuterRef("pk"), tag__in=tag_ids)))


def lock_carriers(tag_ids: Collection[int]) -> None:
    """Locks the tags, and before them every entry and challenge that carries one, until the transaction ends.

    Entries that carry one in whatever revision are among them: from it the tag could come back. Whoever adds tags by
    name must be kept out before; see `knowledge.services.tags`.
    """
    in_revision = Q(Exists(RevisionTag.objects.filter(revision__entry=OuterRef("pk"), tag__in=tag_ids)))
    _lock(Entry, carrying_entries(tag_ids) | in_revision)
    _lock(Challenge, carrying_challenges(tag_ids))
    list(Tag.objects.select_for_update().filter(pk__in=tag_ids).order_by("pk").values_list("pk", flat=True))


def hand_over(tag_ids: Collection[int], target: Tag) -> None:
    """Lets everything that carries one of the tags carry the target instead, once. All of it must be locked."""
    for table, column in _CARRIED:
        _move(table, column, tag_ids, target)
    DigestItem.objects.filter(tag__in=tag_ids).update(tag=target)


def is_carried(tag: Tag) -> bool:
    """Whether something would miss the tag. Revisions that are history would not."""
    to_be_made = Digest.objects.filter(tags=tag).exclude(status=DigestStatus.READY)
    carriers = (
        EntryTag.objects.filter(tag=tag),
        ChallengeTag.objects.filter(tag=tag),
        RevisionTag.objects.filter(tag=tag, revision__state__in=OPEN_STATES),
        to_be_made,
    )
    return any(rows.exists() for rows in carriers)


def let_go(tag: Tag) -> None:
    """Takes a tag that is not carried out of history, and pauses the subscriptions that were for it alone."""
    RevisionTag.objects.filter(tag=tag).delete()
    others = DigestSubscription.tags.through.objects.filter(digestsubscription=OuterRef("pk")).exclude(tag=tag)
    alone = DigestSubscription.objects.filter(~Q(Exists(others)), tags=tag, active=True)
    alone.update(active=False, paused_reason=DELETED)


def _lock(model: type[Model], carrying: Q) -> None:
    # Not against foreign keys' checks, which others make while they wait for us.
    rows = model._default_manager.select_for_update(no_key=True).filter(carrying).order_by("pk")
    list(rows.values_list("pk", flat=True))


def _move(table: type[Model], column: str, tag_ids: Collection[int], target: Tag) -> None:
    rows = table._default_manager.filter(tag__in=tag_ids)
    carriers = rows.order_by(column).values_list(column, flat=True).distinct()
    # Added and deleted, never changed: so the triggers count.
    table._default_manager.bulk_create(
        [table(**{column: carrier, "tag_id": target.pk}) for carrier in carriers], ignore_conflicts=True
    )
    rows.delete()
