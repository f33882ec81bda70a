"""Revisions: how an entry's content is begun, written down, and shown."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import F, Max, Model, Q

from knowledge import outbox
from knowledge.inserting import insert
from knowledge.models import (
    OPEN_STATES,
    Challenge,
    Entry,
    EntryChallenge,
    EntryRevision,
    EntryStatus,
    EntryTag,
    OutboxEvent,
    RevisionChallenge,
    RevisionState,
    RevisionTag,
    Tag,
)
from knowledge.services import differences, tags
from knowledge.services.content import Written
from knowledge.services.naming import insert_named, rename
from knowledge.text import reading_minutes, title_key

# What an entry and its revisions have in common.
COLUMNS: Final = ("kind", "title", "summary", "body", "body_html", "resources")


@dataclass(frozen=True, slots=True)
class Beginning:
    """An entry that is not saved yet, with its first revision and what hangs on both."""

    entry: Entry
    revision: EntryRevision
    tags: Sequence[Tag] = ()
    challenge_ids: Collection[int] = ()


def begin(beginnings: Sequence[Beginning]) -> None:
    """Saves new entries with their first revisions, in a fixed number of statements; `attach` does the rest."""
    for new in beginnings:
        _mirror(new.entry, new.revision)
    insert_named(Entry, [new.entry for new in beginnings])
    for new in beginnings:
        new.revision.entry = new.entry
    insert([new.revision for new in beginnings])


def attach(beginnings: Sequence[Beginning], events: Sequence[OutboxEvent] = ()) -> None:
    """Saves what hangs on new entries, and records events about them. The tags of published ones must be held."""
    carried = [(new, tag) for new in beginnings for tag in new.tags]
    there = set(hold_challenges(pk for new in beginnings for pk in new.challenge_ids))
    named = [(new, pk) for new in beginnings for pk in new.challenge_ids if pk in there]
    links: Sequence[Sequence[Model]] = (
        [EntryTag(entry=new.entry, tag=tag) for new, tag in carried],
        [RevisionTag(revision=new.revision, tag=tag) for new, tag in carried],
        [EntryChallenge(entry=new.entry, challenge_id=pk) for new, pk in named],
        [RevisionChallenge(revision=new.revision, challenge_id=pk) for new, pk in named],
    )
    outbox.record_all(events, after=links)


def own_open(entry: Entry, author_id: int) -> EntryRevision | None:
    """The revision that this author has open on the entry: a draft, one that waits, or one that was sent back."""
    return entry.revisions.filter(author_id=author_id, state__in=OPEN_STATES).first()


def must_be_open(entry: Entry, author_id: int) -> EntryRevision:
    """The same, where it is known to be there."""
    return entry.revisions.get(author_id=author_id, state__in=OPEN_STATES)


def propose(
    entry: Entry, *, author_id: int | None, state: RevisionState = RevisionState.DRAFT, now: datetime
) -> EntryRevision:
    """A new revision on top of what is shown, saved with the same content, tags and challenges.

    The entry must be locked, as with everything below.
    """
    revision = EntryRevision.objects.create(
        entry=entry,
        number=next_number(entry),
        based_on=entry.revision,
        state=state,
        author_id=author_id,
        created_at=now,
        **{column: getattr(entry, column) for column in COLUMNS},
    )
    revision.tags.set(entry.tags.all())
    revision.challenges.set(hold_challenges(entry.challenges.values_list("pk", flat=True)))
    return revision


def write(revision: EntryRevision, written: Written, carried: Iterable[Tag] | None) -> None:
    """Puts what was given into a saved revision and saves it; `carried` are the tags, None where none were given."""
    for column, value in written.columns.items():
        setattr(revision, column, value)
    if carried is not None:
        revision.tags.set(carried)
    if written.challenge_ids is not None:
        revision.challenges.set(hold_challenges(written.challenge_ids))
    revision.diff = differences.from_base(revision)
    revision.save()
    if revision.state in OPEN_STATES:
        differences.settle_conflict(revision.entry, revision)


def retire_shown(entry: Entry) -> None:
    """Makes room for another approved revision."""
    entry.revisions.filter(state=RevisionState.APPROVED).update(state=RevisionState.SUPERSEDED)


def publish(
    entry: Entry, revision: EntryRevision, *, reviewer_id: int | None, comment: str = "", now: datetime
) -> None:
    """Makes the revision the approved one, after `retire_shown`, and shows it; the entry is published from now on."""
    decide(revision, RevisionState.APPROVED, reviewer_id=reviewer_id, comment=comment, now=now)
    entry.status = EntryStatus.PUBLISHED
    entry.published_at = entry.published_at or now
    show(entry, revision, now=now)
    differences.settle_conflicts(entry)


def decide(
    revision: EntryRevision, state: RevisionState, *, reviewer_id: int | None, comment: str = "", now: datetime
) -> None:
    """Writes a reviewer's verdict down."""
    revision.state = state
    revision.reviewer_id = reviewer_id
    revision.review_comment = comment
    revision.reviewed_at = now
    revision.save(update_fields=["state", "reviewer", "review_comment", "reviewed_at"])


def retitle(entry: Entry, revision: EntryRevision) -> None:
    """Gives the entry the revision's title and a slug made of it, where it has another."""
    if entry.title != revision.title:
        rename(entry, revision.title)


def show(entry: Entry, revision: EntryRevision, *, now: datetime) -> None:
    """Saves the entry as a copy of the revision. Nothing else changes what a saved entry says."""
    retitle(entry, revision)
    challenges = hold_challenges(revision.challenges.values_list("pk", flat=True))
    shown_tags = set(entry.tags.values_list("pk", flat=True))
    new_tags = set(revision.tags.values_list("pk", flat=True))
    tags.hold(shown_tags | new_tags)
    _mirror(entry, revision)
    entry.updated_at = now
    entry.save()
    entry.tags.set(new_tags)
    entry.challenges.set(challenges)


def set_status(entry: Entry, status: EntryStatus, now: datetime) -> None:
    """Saves where a new entry stands."""
    entry.status = status
    entry.updated_at = now
    entry.save(update_fields=["status", "updated_at"])


def link(entries: Sequence[Entry], challenge: Challenge) -> None:
    """Adds a challenge to entries, and to what is shown of them or open on them, so that no approval drops it."""
    EntryChallenge.objects.bulk_create(
        [EntryChallenge(entry=entry, challenge=challenge) for entry in entries], ignore_conflicts=True
    )
    shown = {entry.pk: entry.revision for entry in entries}
    alive = EntryRevision.objects.filter(entry__in=shown).only("entry_id", "number", "state")
    RevisionChallenge.objects.bulk_create(
        [
            RevisionChallenge(revision=revision, challenge=challenge)
            for revision in alive
            if revision.number == shown[revision.entry_id] or revision.state in OPEN_STATES
        ],
        ignore_conflicts=True,
    )


def unlink(entries: Sequence[Entry], challenge: Challenge) -> None:
    """Takes a challenge from entries, and from what is shown of them or open on them: no approval brings it back."""
    EntryChallenge.objects.filter(entry__in=entries, challenge=challenge).delete()
    alive = Q(revision__number=F("revision__entry__revision")) | Q(revision__state__in=OPEN_STATES)
    RevisionChallenge.objects.filter(alive, revision__entry__in=entries, challenge=challenge).delete()


def hold_challenges(challenge_ids: Iterable[int]) -> list[int]:
    """Those challenges that are still there, kept from being deleted until the transaction ends. Before tags are held.

    What refers to a challenge is checked when the transaction ends; a deletion meanwhile would fail all of it.
    """
    wanted = sorted(set(challenge_ids))
    if not wanted:
        return []
    # The lock that foreign keys take; by Django's, which are stronger, those who link to one challenge would queue.
    rows = Challenge.objects.raw(
        "SELECT id FROM knowledge_challenge WHERE id = ANY (%s) ORDER BY id FOR KEY SHARE", [wanted]
    )
    return [challenge.pk for challenge in rows]


def next_number(entry: Entry) -> int:
    """The number that the entry's next revision gets."""
    highest: int = entry.revisions.aggregate(highest=Max("number"))["highest"]
    return highest + 1


def _mirror(entry: Entry, revision: EntryRevision) -> None:
    for column in COLUMNS:
        setattr(entry, column, getattr(revision, column))
    entry.revision = revision.number
    entry.reading_minutes = reading_minutes(revision.body)
    entry.title_key = title_key(revision.title)
