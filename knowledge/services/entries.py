"""Entries: writing them, handing them in, taking them back.

An entry's first revision is made with it, and the entry mirrors it until it is approved for the first time. From then
on the entry shows its approved revision, and everybody's edits are revisions beside it. The order of locks is that of
`knowledge.services.tags`: tags are made first, then the entry is locked.
"""

from datetime import datetime
from typing import Final, Unpack

from django.db import transaction
from django.utils import timezone

from knowledge import audit, outbox
from knowledge.access import allow, expect, locked, permit, visible
from knowledge.actions import DISCARD, SUBMIT, UPDATE, WITHDRAW
from knowledge.errors import MistakeCode, Mistakes, Rejected
from knowledge.events import AuditAction, EventType
from knowledge.idempotency import once
from knowledge.models import Entry, EntryRevision, EntryStatus, RevisionState
from knowledge.models.entries import NOTE_LENGTH
from knowledge.policy import Viewer, own_revisions, publishes_own_edits, require_signed_in
from knowledge.services import differences, rebasing, revisions, tags
from knowledge.services.content import ContentChanges, NewContent, clean_content
from knowledge.text import clean_line

_UNPUBLISHED: Final = frozenset({EntryStatus.DRAFT, EntryStatus.IN_REVIEW})


@transaction.atomic
def create_entry(
    viewer: Viewer,
    *,
    submit: bool = False,
    idempotency_key: str | None = None,
    now: datetime | None = None,
    **content: Unpack[NewContent],
) -> Entry:
    """A new entry of the viewer's: a DRAFT, or with `submit` IN_REVIEW.

    Records ENTRY_CREATED, and ENTRY_SUBMITTED. The same `idempotency_key` with the same input answers the entry that it
    made the first time. Raises Unauthenticated, and Rejected with every mistake at once.
    """
    author_id = require_signed_in(viewer)
    return once(
        Entry,
        lambda: _create(viewer, author_id, content, submit=submit, now=now or timezone.now()),
        user_id=author_id,
        operation="create_entry",
        key=idempotency_key,
        given={**content, "submit": submit},
    )


def _create(viewer: Viewer, author_id: int, content: NewContent, *, submit: bool, now: datetime) -> Entry:
    mistakes = Mistakes()
    written = clean_content(content, viewer, mistakes)
    mistakes.settle()
    carried = tags.resolve(written.tags or (), now=now)
    entry = Entry(author_id=author_id, created_at=now, updated_at=now)
    revision = EntryRevision(number=1, author_id=author_id, created_at=now, **written.columns)
    if submit:
        entry.status = EntryStatus.IN_REVIEW
        revision.state = RevisionState.PENDING
        revision.submitted_at = now
    new = [revisions.Beginning(entry, revision, carried, written.challenge_ids or ())]
    revisions.begin(new)
    told = (EventType.ENTRY_CREATED, EventType.ENTRY_SUBMITTED) if submit else (EventType.ENTRY_CREATED,)
    revisions.attach(new, [outbox.about(type_, entry, at=now, revision=1) for type_ in told])
    return entry


@transaction.atomic
def update_entry(
    viewer: Viewer,
    *,
    entry_id: int,
    expected_revision: int | None = None,
    expected_version: int | None = None,
    note: str | None = None,
    now: datetime | None = None,
    **changes: Unpack[ContentChanges],
) -> tuple[Entry, EntryRevision]:
    """The entry, and the revision that now holds the changes. What is not among `changes` stays as it is.

    An entry that was never published: its draft is saved, and the entry mirrors it. A published one: the viewer's draft
    beside it is made or saved again, and what is shown stays; for staff the edit is a new revision that is shown at
    once. `expected_revision` is the number shown; a draft that was begun on an earlier one and is saved with it stands
    on what is shown from then on, under a new number. `expected_version` is that of the viewer's draft. Records
    ENTRY_UPDATED, whose payload says whether readers see it.

    Raises Unauthenticated, Forbidden, and Rejected: with the input's mistakes at once, NOT_FOUND, CONFLICT when one of
    the expected numbers is another by now, INVALID_STATE when it is archived or handed in.
    """
    viewer_id = require_signed_in(viewer)
    moment = now or timezone.now()
    mistakes = Mistakes()
    written = clean_content(changes, viewer, mistakes)
    clean_note = None if note is None else clean_line(note, mistakes, "note", most=NOTE_LENGTH, required=False)
    mistakes.settle()
    carried = None if written.tags is None else tags.resolve(written.tags, now=moment)
    entry = locked(Entry, entry_id, viewer)
    allow(entry, viewer, UPDATE)
    expect("expected_revision", expected_revision, entry.revision)
    direct = entry.status == EntryStatus.PUBLISHED and publishes_own_edits(viewer)
    if direct:
        expect("expected_version", expected_version, None)
        revisions.retire_shown(entry)
        revision = revisions.propose(entry, author_id=viewer_id, state=RevisionState.APPROVED, now=moment)
    else:
        revision = _own_draft(entry, viewer_id, expected_version, now=moment)
        if expected_revision is not None and revision.based_on is not None:
            written = rebasing.rebase(entry, revision, written)
    revision.note = revision.note if clean_note is None else clean_note
    revisions.write(revision, written, carried)
    if direct:
        revisions.publish(entry, revision, reviewer_id=viewer_id, now=moment)
    elif entry.status in _UNPUBLISHED:
        revisions.show(entry, revision, now=moment)
    outbox.record(EventType.ENTRY_UPDATED, entry, at=moment, revision=revision.number, shown=direct)
    return entry, revision


@transaction.atomic
def submit_entry(
    viewer: Viewer, *, entry_id: int, note: str | None = None, now: datetime | None = None
) -> tuple[Entry, EntryRevision]:
    """Hands the viewer's draft in for review, or one that was sent back: it is PENDING, a new entry IN_REVIEW.

    Records ENTRY_SUBMITTED. Raises Unauthenticated, Forbidden, and Rejected: the note's mistakes, NOT_FOUND,
    INVALID_STATE when the viewer has nothing to hand in.
    """
    viewer_id = require_signed_in(viewer)
    moment = now or timezone.now()
    mistakes = Mistakes()
    clean_note = None if note is None else clean_line(note, mistakes, "note", most=NOTE_LENGTH, required=False)
    mistakes.settle()
    entry = locked(Entry, entry_id, viewer)
    allow(entry, viewer, SUBMIT)
    draft = revisions.must_be_open(entry, viewer_id)
    draft.state = RevisionState.PENDING
    draft.submitted_at = moment
    draft.note = draft.note if clean_note is None else clean_note
    draft.save(update_fields=["state", "submitted_at", "note"])
    if entry.status == EntryStatus.DRAFT:
        revisions.set_status(entry, EntryStatus.IN_REVIEW, moment)
    outbox.record(EventType.ENTRY_SUBMITTED, entry, at=moment, revision=draft.number)
    return entry, draft


@transaction.atomic
def withdraw_entry(viewer: Viewer, *, entry_id: int, now: datetime | None = None) -> tuple[Entry, EntryRevision]:
    """Takes back what the viewer handed in: it is a DRAFT again, and so is a new entry.

    Records ENTRY_WITHDRAWN. Raises Unauthenticated, Forbidden, and Rejected: NOT_FOUND, INVALID_STATE when nothing of
    the viewer's waits for a review.
    """
    viewer_id = require_signed_in(viewer)
    moment = now or timezone.now()
    entry = locked(Entry, entry_id, viewer)
    allow(entry, viewer, WITHDRAW)
    revision = revisions.must_be_open(entry, viewer_id)
    revision.state = RevisionState.DRAFT
    revision.save(update_fields=["state"])
    if entry.status == EntryStatus.IN_REVIEW:
        revisions.set_status(entry, EntryStatus.DRAFT, moment)
    outbox.record(EventType.ENTRY_WITHDRAWN, entry, at=moment, revision=revision.number)
    return entry, revision


@transaction.atomic
def discard_revision(viewer: Viewer, *, revision_id: int, now: datetime | None = None) -> tuple[Entry, EntryRevision]:
    """Throws away a draft of the viewer's that stands beside what is shown, or one that was sent back.

    Records REVISION_DISCARDED. Raises Unauthenticated, Forbidden, and Rejected: NOT_FOUND, INVALID_STATE when it is
    no such draft: that of a new entry goes with the entry only.
    """
    require_signed_in(viewer)
    moment = now or timezone.now()
    named = visible(EntryRevision, revision_id, viewer)
    permit(named, viewer, own_revisions)
    entry = locked(Entry, named.entry_id, viewer)
    allow(entry, viewer, DISCARD)
    revision = entry.revisions.get(pk=named.pk)
    if revision.state not in {RevisionState.DRAFT, RevisionState.CHANGES_REQUESTED}:
        raise Rejected.because(MistakeCode.INVALID_STATE, DISCARD.otherwise, "id")
    revision.state = RevisionState.DISCARDED
    revision.save(update_fields=["state"])
    differences.forget_conflict(revision)
    audit.record(AuditAction.REVISION_DISCARDED, viewer=viewer, subject=revision, at=moment, entry=entry.pk)
    outbox.record(EventType.REVISION_DISCARDED, entry, at=moment, revision=revision.number)
    return entry, revision


def _own_draft(entry: Entry, author_id: int, expected_version: int | None, *, now: datetime) -> EntryRevision:
    """The author's revision that is open for changes, its version counted on; a new one where there was none."""
    draft = revisions.own_open(entry, author_id)
    expect("expected_version", expected_version, draft.version if draft else None)
    if draft is None:
        return revisions.propose(entry, author_id=author_id, now=now)
    draft.version += 1
    return draft
