"""Entries: writing them, handing them in, reviewing them.

An entry's first revision is made with it, and the entry mirrors it until it is approved for the first time. From then
on the entry shows its approved revision, and everybody's edits are revisions beside it. The order of locks is that of
`knowledge.services.tags`: tags are made first, then the entry is locked.
"""

from datetime import datetime
from typing import Final, Unpack

from django.db import transaction
from django.utils import timezone

from knowledge import outbox
from knowledge.access import locked, permit
from knowledge.errors import MistakeCode, Mistakes, Rejected
from knowledge.events import EventType
from knowledge.idempotency import once
from knowledge.models import Entry, EntryRevision, EntryStatus, RevisionState
from knowledge.models.entries import COMMENT_LENGTH, NOTE_LENGTH
from knowledge.policy import (
    Viewer,
    editable_entries,
    publishes_own_edits,
    require_reviewer,
    require_signed_in,
    reviewable_revisions,
    visible_revisions,
)
from knowledge.services import revisions, tags
from knowledge.services.content import ContentChanges, NewContent, clean_content
from knowledge.text import clean_line, clean_text

APPROVE: Final = "APPROVE"
REQUEST_CHANGES: Final = "REQUEST_CHANGES"

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
    revisions.attach(new)
    outbox.record(EventType.ENTRY_CREATED, entry, at=now, revision=1)
    if submit:
        outbox.record(EventType.ENTRY_SUBMITTED, entry, at=now, revision=1)
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
    entry = _locked_for_editing(entry_id, viewer)
    _expect("expected_revision", expected_revision, entry.revision)
    direct = entry.status == EntryStatus.PUBLISHED and publishes_own_edits(viewer)
    if direct:
        _expect("expected_version", expected_version, None)
        revisions.retire_shown(entry)
        revision = revisions.propose(entry, author_id=viewer_id, state=RevisionState.APPROVED, now=moment)
    else:
        revision = _own_draft(entry, viewer_id, expected_version, now=moment)
        if expected_revision is not None and revision.based_on is not None:
            revisions.rebase(entry, revision)
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
    entry = _locked_for_editing(entry_id, viewer)
    draft = revisions.own_open(entry, viewer_id)
    if draft is None:
        raise Rejected.because(MistakeCode.INVALID_STATE, "You have no draft of this entry to hand in.", "id")
    _require_not_handed_in(draft)
    draft.state = RevisionState.PENDING
    draft.submitted_at = moment
    draft.note = draft.note if clean_note is None else clean_note
    draft.save(update_fields=["state", "submitted_at", "note"])
    if entry.status == EntryStatus.DRAFT:
        _set_status(entry, EntryStatus.IN_REVIEW, moment)
    outbox.record(EventType.ENTRY_SUBMITTED, entry, at=moment, revision=draft.number)
    return entry, draft


@transaction.atomic
def review_entry(
    viewer: Viewer,
    *,
    entry_id: int,
    verdict: str,
    revision: int | None = None,
    comment: str = "",
    now: datetime | None = None,
) -> tuple[Entry, EntryRevision]:
    """The entry and its revision number `revision` (the only one that waits, when not given), after the verdict.

    APPROVE shows it and publishes the entry; REQUEST_CHANGES sends it back and needs a comment. Records
    ENTRY_PUBLISHED, ENTRY_UPDATED or ENTRY_CHANGES_REQUESTED. Raises Unauthenticated, Forbidden, and Rejected: the
    input's mistakes at once, NOT_FOUND, INVALID_STATE when it does not wait for a review, CONFLICT when what is shown
    has changed since the revision was written.
    """
    require_signed_in(viewer)
    moment = now or timezone.now()
    entry = locked(Entry, entry_id, viewer)
    reviewer_id = require_reviewer(viewer)
    _require_not_archived(entry)
    said = _clean_verdict(verdict, comment)
    reviewed = _waiting_revision(entry, revision, viewer)
    permit(reviewed, viewer, reviewable_revisions)
    if verdict == REQUEST_CHANGES:
        revisions.decide(reviewed, RevisionState.CHANGES_REQUESTED, reviewer_id=reviewer_id, comment=said, now=moment)
        if entry.status == EntryStatus.IN_REVIEW:
            _set_status(entry, EntryStatus.DRAFT, moment)
        outbox.record(EventType.ENTRY_CHANGES_REQUESTED, entry, at=moment, revision=reviewed.number)
        return entry, reviewed
    first = entry.status in _UNPUBLISHED
    if not first and reviewed.based_on != entry.revision:
        raise Rejected.because(
            MistakeCode.CONFLICT, f"Revision {entry.revision} is shown by now; it must be merged first.", "revision"
        )
    revisions.retire_shown(entry)
    revisions.publish(entry, reviewed, reviewer_id=reviewer_id, comment=said, now=moment)
    event = EventType.ENTRY_PUBLISHED if first else EventType.ENTRY_UPDATED
    outbox.record(event, entry, at=moment, revision=reviewed.number, shown=True)
    return entry, reviewed


def _locked_for_editing(entry_id: int, viewer: Viewer) -> Entry:
    entry = locked(Entry, entry_id, viewer)
    _require_not_archived(entry)
    permit(entry, viewer, editable_entries)
    return entry


def _own_draft(entry: Entry, author_id: int, expected_version: int | None, *, now: datetime) -> EntryRevision:
    """The author's revision that is open for changes, its version counted on; a new one where there was none."""
    draft = revisions.own_open(entry, author_id)
    _expect("expected_version", expected_version, draft.version if draft else None)
    if draft is None:
        return revisions.propose(entry, author_id=author_id, now=now)
    _require_not_handed_in(draft)
    draft.version += 1
    return draft


def _expect(field: str, expected: int | None, actual: int | None) -> None:
    if expected is not None and expected != actual:
        now = "there is none" if actual is None else f"it is {actual} by now"
        raise Rejected.because(MistakeCode.CONFLICT, f"You expected {expected}, but {now}.", field)


def _require_not_archived(entry: Entry) -> None:
    if entry.status == EntryStatus.ARCHIVED:
        raise Rejected.because(MistakeCode.INVALID_STATE, "This entry is archived.", "id")


def _require_not_handed_in(revision: EntryRevision) -> None:
    if revision.state == RevisionState.PENDING:
        raise Rejected.because(MistakeCode.INVALID_STATE, "It waits for a review; withdraw it first.", "id")


def _set_status(entry: Entry, status: EntryStatus, now: datetime) -> None:
    entry.status = status
    entry.updated_at = now
    entry.save(update_fields=["status", "updated_at"])


def _clean_verdict(verdict: str, comment: str) -> str:
    mistakes = Mistakes()
    if verdict not in {APPROVE, REQUEST_CHANGES}:
        mistakes.add(MistakeCode.INVALID, f"This must be {APPROVE} or {REQUEST_CHANGES}.", "verdict")
    said = clean_text(comment, mistakes, "comment", most=COMMENT_LENGTH, required=verdict == REQUEST_CHANGES)
    mistakes.settle()
    return said


def _waiting_revision(entry: Entry, number: int | None, viewer: Viewer) -> EntryRevision:
    seen = entry.revisions.filter(visible_revisions(viewer))
    if number is not None:
        revision = seen.filter(number=number).first()
        if revision is None:
            raise Rejected.because(MistakeCode.NOT_FOUND, "There is no such revision.", "revision")
        if revision.state != RevisionState.PENDING:
            raise Rejected.because(MistakeCode.INVALID_STATE, "It does not wait for a review.", "revision")
        return revision
    waiting = list(seen.filter(state=RevisionState.PENDING)[:2])
    if not waiting:
        raise Rejected.because(MistakeCode.INVALID_STATE, "Nothing waits for a review here.", "id")
    if len(waiting) > 1:
        raise Rejected.because(MistakeCode.REQUIRED, "Several revisions wait; say which.", "revision")
    return waiting[0]
