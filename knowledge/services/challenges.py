"""Challenges: asking one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from knowledge import outbox
from knowledge.errors import Mistakes
from knowledge.events import EventType
from knowledge.idempotency import once
from knowledge.models import Challenge, ChallengeTag, Difficulty, Entry
from knowledge.models.entries import TITLE_LENGTH
from knowledge.policy import Viewer, require_signed_in
from knowledge.services import revisions, tags
from knowledge.services.content import clean_body, clean_choice, clean_links, clean_tags
from knowledge.services.naming import insert_named
from knowledge.text import clean_line, title_key


@transaction.atomic
def create_challenge(
    viewer: Viewer,
    *,
    title: str,
    body: str,
    difficulty: str = Difficulty.INTERMEDIATE,
    tags: Sequence[str] = (),
    entry_ids: Sequence[int] = (),
    idempotency_key: str | None = None,
    now: datetime | None = None,
) -> Challenge:
    """A new challenge of the viewer's, OPEN and public at once, that belongs to the entries named.

    Records CHALLENGE_CREATED. The same `idempotency_key` with the same input answers the challenge that it made the
    first time. Raises Unauthenticated, and Rejected with every mistake at once.
    """
    author_id = require_signed_in(viewer)
    given = {"title": title, "body": body, "difficulty": difficulty, "tags": tags, "entry_ids": entry_ids}
    return once(
        Challenge,
        lambda: _create(viewer, author_id, given, now or timezone.now()),
        user_id=author_id,
        operation="create_challenge",
        key=idempotency_key,
        given=given,
    )


def _create(viewer: Viewer, author_id: int, given: dict[str, Any], now: datetime) -> Challenge:
    mistakes = Mistakes()
    title = clean_line(given["title"], mistakes, "title", most=TITLE_LENGTH)
    body = clean_body(given["body"], mistakes)
    difficulty = clean_choice(Difficulty, given["difficulty"], mistakes, "difficulty")
    names = clean_tags(given["tags"], mistakes)
    entry_ids = clean_links(Entry, given["entry_ids"], viewer, mistakes, "entry_ids")
    mistakes.settle()
    carried = tags.resolve(names, now=now)
    entries = list(Entry.objects.select_for_update().filter(pk__in=entry_ids).order_by("pk"))
    challenge = Challenge(
        title=title,
        title_key=title_key(title),
        difficulty=difficulty,
        author_id=author_id,
        created_at=now,
        updated_at=now,
        **body,
    )
    insert_named(Challenge, [challenge])
    ChallengeTag.objects.bulk_create([ChallengeTag(challenge=challenge, tag=tag) for tag in carried])
    revisions.link(entries, challenge)
    outbox.record(EventType.CHALLENGE_CREATED, challenge, at=now)
    return challenge
