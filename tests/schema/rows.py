"""Rows for queries to find, written as they stand: what the services write has its own tests."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from knowledge.models import (
    Challenge,
    ChallengeSource,
    ChallengeStatus,
    ChallengeTag,
    Digest,
    DigestCadence,
    DigestDelivery,
    DigestItem,
    DigestSection,
    DigestStatus,
    DigestSubscription,
    Entry,
    EntryChallenge,
    EntryKind,
    EntryRevision,
    EntrySource,
    EntryStatus,
    EntryTag,
    RevisionState,
    RevisionTag,
    Solution,
    Source,
    Tag,
    TagAlias,
    User,
)
from knowledge.text import slug_for, title_key
from schema.planner.ids import encode_id

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def at(days: float) -> datetime:
    """So many days after noon of 2 March 2026."""
    return NOON + timedelta(days=days)


def said(moment: datetime) -> str:
    """The moment as the API writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def id_of(row: Any) -> str:
    """The row's global id."""
    return encode_id(type(row).__name__, row.pk)


def tag(name: str, *aliases: str, **fields: Any) -> Tag:
    made = Tag.objects.create(**{"name": name, "slug": slug_for(name), **fields})
    for alias in aliases:
        TagAlias.objects.create(tag=made, name=alias, slug=slug_for(alias))
    return made


STATES = {
    EntryStatus.DRAFT: RevisionState.DRAFT,
    EntryStatus.IN_REVIEW: RevisionState.PENDING,
    EntryStatus.PUBLISHED: RevisionState.APPROVED,
    EntryStatus.ARCHIVED: RevisionState.APPROVED,
}


def entry(
    title: str,
    *tags: Tag,
    author: User | None = None,
    status: EntryStatus = EntryStatus.PUBLISHED,
    challenges: tuple[Challenge, ...] = (),
    **fields: Any,
) -> Entry:
    """An entry with its first revision; published ones at noon, unless `published_at` says otherwise."""
    shown = status in {EntryStatus.PUBLISHED, EntryStatus.ARCHIVED}
    made = Entry.objects.create(
        **{
            "title": title,
            "slug": slug_for(title),
            "title_key": title_key(title),
            "kind": EntryKind.CONCEPT,
            "author": author,
            "status": status,
            "created_at": NOON,
            "updated_at": NOON,
            "published_at": NOON if shown else None,
            **fields,
        }
    )
    revision(made, 1, STATES[status], author=author)
    for each in tags:
        EntryTag.objects.create(entry=made, tag=each)
    for belonging in challenges:
        EntryChallenge.objects.create(entry=made, challenge=belonging)
    return made


def revision(of: Entry, number: int, state: RevisionState, *tags: Tag, **fields: Any) -> EntryRevision:
    made = EntryRevision.objects.create(
        **{
            "entry": of,
            "number": number,
            "state": state,
            "kind": of.kind,
            "title": of.title,
            "body": of.body,
            "created_at": NOON,
            "submitted_at": None if state == RevisionState.DRAFT else NOON,
            **fields,
        }
    )
    for each in tags:
        RevisionTag.objects.create(revision=made, tag=each)
    return made


def challenge(title: str, *tags: Tag, **fields: Any) -> Challenge:
    made = Challenge.objects.create(
        **{
            "title": title,
            "slug": slug_for(title),
            "title_key": title_key(title),
            "created_at": NOON,
            "updated_at": NOON,
            **fields,
        }
    )
    for each in tags:
        ChallengeTag.objects.create(challenge=made, tag=each)
    return made


def solution(to: Challenge, body: str, **fields: Any) -> Solution:
    """A solution; an accepted one solves its challenge, at noon."""
    made = Solution.objects.create(**{"challenge": to, "body": body, "created_at": NOON, "updated_at": NOON, **fields})
    if made.is_accepted:
        Challenge.objects.filter(pk=to.pk).update(status=ChallengeStatus.SOLVED, solved_at=NOON)
        to.refresh_from_db()
    return made


def source(title: str, *rows: Entry | Challenge, **fields: Any) -> Source:
    """A document that names the rows."""
    made = Source.objects.create(
        **{"title": title, "content_hash": title.encode(), "imported_at": NOON, "updated_at": NOON, **fields}
    )
    for line, row in enumerate(rows, 1):
        if isinstance(row, Entry):
            EntrySource.objects.create(source=made, entry=row, kind=row.kind, line=line, written=b"")
        else:
            ChallengeSource.objects.create(source=made, challenge=row, line=line, written=b"")
    return made


def digest(title: str, *tags: Tag, **fields: Any) -> Digest:
    """A weekly digest that waits, unless the fields say otherwise."""
    ready = fields.get("status") == DigestStatus.READY
    texts = {"body": "# It", "body_html": "<h1>It</h1>", "body_text": "It", "progress": 100, "finished_at": at(8)}
    made = Digest.objects.create(
        **{
            "title": title,
            "cadence": DigestCadence.WEEKLY,
            "window_start": NOON,
            "window_end": at(7),
            "created_at": at(7),
            **(texts if ready else {}),
            **fields,
        }
    )
    made.tags.set(tags)
    return made


def section(of: Digest, kind: str, *items: dict[str, Any], position: int = 0) -> DigestSection:
    made = DigestSection.objects.create(digest=of, kind=kind, title=kind.title(), position=position)
    for place, item in enumerate(items):
        DigestItem.objects.create(section=made, position=place, **{"headline": f"Item {place}", **item})
    return made


def subscription(user: User, *tags: Tag, **fields: Any) -> DigestSubscription:
    """A weekly one, unless the fields say otherwise."""
    made = DigestSubscription.objects.create(**{"user": user, "cadence": DigestCadence.WEEKLY, **fields})
    made.tags.set(tags)
    return made


def delivery(of: Digest, to: User, **fields: Any) -> DigestDelivery:
    """A mail that waits, unless the fields say otherwise."""
    return DigestDelivery.objects.create(
        **{
            "digest": of,
            "recipient": to,
            "window_start": of.window_start,
            "window_end": of.window_end,
            "message_id": f"<{of.pk}.{to.pk}@example.org>",
            "created_at": at(8),
            **fields,
        }
    )


def surveyed_entries() -> None:
    """Lets PostgreSQL know the entries as after a while: counted, and none still to be put into the index of words."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT gin_clean_pending_list('entry_search')")
        cursor.execute("ANALYZE knowledge_entry")
