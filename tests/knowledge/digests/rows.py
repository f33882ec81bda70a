"""Rows for digests to find, written as they stand: what the services write has its own tests."""

from datetime import UTC, datetime

from django.db import transaction

from knowledge.models import (
    Challenge,
    ChallengeStatus,
    ChallengeTag,
    Digest,
    DigestAudience,
    DigestCadence,
    Entry,
    EntryKind,
    EntryRevision,
    EntryStatus,
    EntryTag,
    RevisionState,
    Solution,
    Tag,
)
from knowledge.text import slug_for

START = datetime(2026, 3, 2, tzinfo=UTC)
END = datetime(2026, 3, 9, tzinfo=UTC)


def day(number: int, hour: int = 0) -> datetime:
    """A moment of March 2026."""
    return datetime(2026, 3, number, hour, tzinfo=UTC)


def tag(name: str, description: str = "") -> Tag:
    return Tag.objects.create(name=name, slug=slug_for(name), description=description)


@transaction.atomic
def entry(
    title: str,
    published_at: datetime | None,
    *,
    tags: tuple[Tag, ...] = (),
    status: EntryStatus = EntryStatus.PUBLISHED,
    summary: str = "",
    body_html: str = "",
    score: int = 0,
    sources: int = 0,
) -> Entry:
    made = Entry.objects.create(
        kind=EntryKind.CONCEPT,
        title=title,
        slug=slug_for(title),
        status=status,
        summary=summary,
        body_html=body_html,
        published_at=published_at,
        score=score,
        source_count=sources,
    )
    revision(made, 1, RevisionState.APPROVED, published_at)
    EntryTag.objects.bulk_create(EntryTag(entry=made, tag=each) for each in tags)
    return made


def revision(of: Entry, number: int, state: RevisionState, at: datetime | None, summary: str = "") -> EntryRevision:
    return EntryRevision.objects.create(
        entry=of,
        number=number,
        state=state,
        kind=of.kind,
        title=of.title,
        summary=summary,
        submitted_at=at,
        reviewed_at=None if state == RevisionState.PENDING else at,
    )


@transaction.atomic
def challenge(
    title: str,
    asked_at: datetime,
    *,
    solved_at: datetime | None = None,
    answers: tuple[str, ...] = (),
    tags: tuple[Tag, ...] = (),
    body_html: str = "",
    score: int = 0,
) -> Challenge:
    """The first answer is the accepted one where it is solved."""
    made = Challenge.objects.create(
        title=title,
        slug=slug_for(title),
        body_html=body_html,
        created_at=asked_at,
        solved_at=solved_at,
        status=ChallengeStatus.SOLVED if solved_at else ChallengeStatus.OPEN,
        score=score,
    )
    for place, body in enumerate(answers):
        Solution.objects.create(challenge=made, body=body, body_html=body, is_accepted=bool(solved_at and place == 0))
    ChallengeTag.objects.bulk_create(ChallengeTag(challenge=made, tag=each) for each in tags)
    return made


def digest(
    *tags: Tag,
    start: datetime = START,
    end: datetime = END,
    audience: DigestAudience = DigestAudience.EVERYONE,
    at: datetime = END,
) -> Digest:
    cadence = DigestCadence.WEEKLY if audience == DigestAudience.REVIEWERS else DigestCadence.ON_DEMAND
    made = Digest.objects.create(
        title="A week", cadence=cadence, audience=audience, window_start=start, window_end=end, queued_at=at
    )
    made.tags.set(tags)
    return made


def contents(made: Digest) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Its sections in order: kind, and each item's headline, reason and excerpt."""
    return [
        (section.kind, list(section.items.order_by("position").values_list("headline", "reason", "excerpt")))
        for section in made.sections.order_by("position")
    ]
