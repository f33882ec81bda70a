"""Challenges: asking one, editing it, closing it, deleting it.

Locks: tags are made first; then entries are locked, then the challenge, then its solutions; last the tags are held.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Required, TypedDict, Unpack

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from knowledge import audit, outbox
from knowledge.access import expect, locked
from knowledge.errors import MistakeCode, Mistakes, Rejected
from knowledge.events import AuditAction, EventType
from knowledge.idempotency import once
from knowledge.models import Challenge, ChallengeStatus, ChallengeTag, Difficulty, Entry, EntryChallenge, Tag
from knowledge.models.entries import TITLE_LENGTH
from knowledge.policy import (
    Viewer,
    closable_challenges,
    deletable_challenges,
    editable_challenges,
    require_signed_in,
    visible_entries,
)
from knowledge.services import revisions, tags
from knowledge.services.alike import RECOGNISED_BY, make_recognisable
from knowledge.services.content import clean_body, clean_choice, clean_links, clean_reason, clean_tags
from knowledge.services.naming import insert_named, rename
from knowledge.text import clean_line


class ChallengeChanges(TypedDict, total=False):
    """What may be given of a challenge; what is not given stays. `tags` are names, slugs or aliases."""

    title: str
    body: str
    difficulty: str
    tags: Sequence[str]
    entry_ids: Sequence[int]


class NewChallenge(TypedDict, total=False):
    """What a new challenge says. `tags` are names, slugs or aliases."""

    title: Required[str]
    body: Required[str]
    difficulty: str
    tags: Sequence[str]
    entry_ids: Sequence[int]


@dataclass(frozen=True, slots=True)
class _Written:
    """Cleaned: the columns that it sets; its tags' names and its entries' ids, None where not given."""

    columns: Mapping[str, Any] = field(default_factory=dict)
    tags: tuple[str, ...] | None = None
    entry_ids: tuple[int, ...] | None = None


@transaction.atomic
def create_challenge(
    viewer: Viewer,
    *,
    idempotency_key: str | None = None,
    now: datetime | None = None,
    **said: Unpack[NewChallenge],
) -> Challenge:
    """A new challenge of the viewer's, OPEN and public at once, that belongs to the entries named.

    Records CHALLENGE_CREATED. The same `idempotency_key` with the same input answers the challenge that it made the
    first time. Raises Unauthenticated, and Rejected with every mistake at once.
    """
    author_id = require_signed_in(viewer)
    given: ChallengeChanges = {"difficulty": Difficulty.INTERMEDIATE, "tags": (), "entry_ids": (), **said}
    return once(
        Challenge,
        lambda: _create(viewer, author_id, given, now or timezone.now()),
        user_id=author_id,
        operation="create_challenge",
        key=idempotency_key,
        given=given,
    )


@transaction.atomic
def update_challenge(
    viewer: Viewer,
    *,
    challenge_id: int,
    expected_revision: int | None = None,
    now: datetime | None = None,
    **changes: Unpack[ChallengeChanges],
) -> Challenge:
    """The viewer's challenge with the changes, its revision counted on. What is not among `changes` stays as it is.

    The slug follows the title; the old one goes on leading here. `entry_ids` are all entries that it shall belong to;
    those that the viewer cannot see are left alone. Records CHALLENGE_UPDATED. Raises Unauthenticated, Forbidden, and
    Rejected: with the input's mistakes at once, NOT_FOUND, CONFLICT when the revision is not `expected_revision`.
    """
    require_signed_in(viewer)
    moment = now or timezone.now()
    mistakes = Mistakes()
    written = _clean(changes, viewer, mistakes)
    mistakes.settle()
    carried = None if written.tags is None else tags.resolve(written.tags, now=moment)
    entries = [] if written.entry_ids is None else _locked_entries(challenge_id, written.entry_ids, viewer)
    challenge = locked(Challenge, challenge_id, viewer, may=editable_challenges)
    expect("expected_revision", expected_revision, challenge.revision)
    _write(challenge, written.columns, now=moment)
    if carried is not None:
        _retag(challenge, carried)
    if written.entry_ids is not None:
        _relink(challenge, entries, written.entry_ids)
    outbox.record(EventType.CHALLENGE_UPDATED, challenge, at=moment, revision=challenge.revision)
    return challenge


@transaction.atomic
def close_challenge(viewer: Viewer, *, challenge_id: int, reason: str = "", now: datetime | None = None) -> Challenge:
    """The challenge, CLOSED: it takes no more solutions, and none of those it has is accepted or rejected any more.

    Records CHALLENGE_CLOSED, also in the audit trail. Raises Unauthenticated, Forbidden, and Rejected: the reason's
    mistakes, NOT_FOUND, INVALID_STATE when it is closed already.
    """
    require_signed_in(viewer)
    moment = now or timezone.now()
    said = clean_reason(reason)
    challenge = locked(Challenge, challenge_id, viewer, may=closable_challenges)
    require_not_closed(challenge)
    challenge.close_reason = said
    _set_status(challenge, ChallengeStatus.CLOSED, now=moment)
    audit.record(AuditAction.CHALLENGE_CLOSED, viewer=viewer, subject=challenge, at=moment, reason=said)
    outbox.record(EventType.CHALLENGE_CLOSED, challenge, at=moment)
    return challenge


@transaction.atomic
def reopen_challenge(viewer: Viewer, *, challenge_id: int, now: datetime | None = None) -> Challenge:
    """The closed challenge as it would be if nobody had closed it: SOLVED with an accepted solution, else OPEN.

    Records CHALLENGE_REOPENED, also in the audit trail. Raises Unauthenticated, Forbidden, and Rejected: NOT_FOUND,
    INVALID_STATE when it is not closed.
    """
    require_signed_in(viewer)
    moment = now or timezone.now()
    challenge = locked(Challenge, challenge_id, viewer, may=closable_challenges)
    if challenge.status != ChallengeStatus.CLOSED:
        raise Rejected.because(MistakeCode.INVALID_STATE, "This challenge is not closed.", "id")
    solved = challenge.solutions.filter(is_accepted=True).exists()
    challenge.close_reason = ""
    challenge.solved_at = (challenge.solved_at or moment) if solved else None
    _set_status(challenge, ChallengeStatus.SOLVED if solved else ChallengeStatus.OPEN, now=moment)
    audit.record(AuditAction.CHALLENGE_REOPENED, viewer=viewer, subject=challenge, at=moment)
    outbox.record(EventType.CHALLENGE_REOPENED, challenge, at=moment, status=challenge.status)
    return challenge


@transaction.atomic
def delete_challenge(viewer: Viewer, *, challenge_id: int, reason: str = "", now: datetime | None = None) -> None:
    """Deletes a challenge with its solutions, and the votes and bookmarks on them.

    Records CHALLENGE_DELETED, also in the audit trail, with its title and the reason. Raises Unauthenticated,
    Forbidden, and Rejected: the reason's mistakes, NOT_FOUND.
    """
    require_signed_in(viewer)
    moment = now or timezone.now()
    said = clean_reason(reason)
    challenge = locked(Challenge, challenge_id, viewer, may=deletable_challenges)
    # Whoever votes on one of them at this moment comes before or after, not between the votes' deletion and its own.
    list(challenge.solutions.select_for_update().order_by("pk").values_list("pk"))
    audit.record(
        AuditAction.CHALLENGE_DELETED, viewer=viewer, subject=challenge, at=moment, title=challenge.title, reason=said
    )
    outbox.record(EventType.CHALLENGE_DELETED, challenge, at=moment)
    challenge.delete()


def require_not_closed(challenge: Challenge, field: str = "id") -> None:
    """Raises Rejected with INVALID_STATE at `field` when it is closed."""
    if challenge.status == ChallengeStatus.CLOSED:
        raise Rejected.because(MistakeCode.INVALID_STATE, "This challenge is closed.", field)


def _clean(given: ChallengeChanges, viewer: Viewer, mistakes: Mistakes) -> _Written:
    columns: dict[str, Any] = {}
    if "title" in given:
        columns["title"] = clean_line(given["title"], mistakes, "title", most=TITLE_LENGTH)
    if "body" in given:
        columns |= clean_body(given["body"], mistakes)
    if "difficulty" in given:
        columns["difficulty"] = clean_choice(Difficulty, given["difficulty"], mistakes, "difficulty")
    names = given.get("tags")
    entry_ids = given.get("entry_ids")
    return _Written(
        columns,
        None if names is None else clean_tags(names, mistakes),
        None if entry_ids is None else clean_links(Entry, entry_ids, viewer, mistakes, "entry_ids"),
    )


def _create(viewer: Viewer, author_id: int, given: ChallengeChanges, now: datetime) -> Challenge:
    mistakes = Mistakes()
    written = _clean(given, viewer, mistakes)
    mistakes.settle()
    carried = tags.resolve(written.tags or (), now=now)
    entries = list(Entry.objects.select_for_update().filter(pk__in=written.entry_ids or ()).order_by("pk"))
    challenge = Challenge(author_id=author_id, created_at=now, updated_at=now, **written.columns)
    make_recognisable(challenge)
    insert_named(Challenge, [challenge])
    revisions.link(entries, challenge)
    links = [ChallengeTag(challenge=challenge, tag=tag) for tag in carried]
    outbox.record_all([outbox.about(EventType.CHALLENGE_CREATED, challenge, at=now)], after=[links])
    return challenge


def _locked_entries(challenge_id: int, wanted: Collection[int], viewer: Viewer) -> list[Entry]:
    """The visible entries to which the challenge belongs or shall belong, locked."""
    linked = EntryChallenge.objects.filter(entry_id=OuterRef("pk"), challenge_id=challenge_id)
    concerned = Entry.objects.filter(Q(pk__in=wanted) | Q(Exists(linked)), visible_entries(viewer))
    return list(concerned.select_for_update().order_by("pk"))


def _write(challenge: Challenge, columns: Mapping[str, Any], *, now: datetime) -> None:
    title = columns.get("title", challenge.title)
    if title != challenge.title:
        rename(challenge, title)
    for column, value in columns.items():
        setattr(challenge, column, value)
    make_recognisable(challenge)
    challenge.revision += 1
    challenge.updated_at = now
    challenge.save(update_fields=[*columns, *RECOGNISED_BY, "revision", "updated_at"])


def _retag(challenge: Challenge, carried: Sequence[Tag]) -> None:
    tags.hold({*challenge.tags.values_list("pk", flat=True), *(tag.pk for tag in carried)})
    challenge.tags.set(carried)


def _relink(challenge: Challenge, entries: Sequence[Entry], wanted: Collection[int]) -> None:
    linked = set(EntryChallenge.objects.filter(challenge=challenge).values_list("entry_id", flat=True))
    revisions.unlink([entry for entry in entries if entry.pk in linked and entry.pk not in wanted], challenge)
    revisions.link([entry for entry in entries if entry.pk not in linked and entry.pk in wanted], challenge)


def _set_status(challenge: Challenge, status: ChallengeStatus, *, now: datetime) -> None:
    challenge.status = status
    challenge.updated_at = now
    challenge.save(update_fields=["status", "close_reason", "solved_at", "updated_at"])
