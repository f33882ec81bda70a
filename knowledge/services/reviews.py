"""Reviews: of a revision, and of all that a document brought in."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from knowledge import audit, outbox
from knowledge.access import locked, permit
from knowledge.actions import current_revisions
from knowledge.errors import Forbidden, MistakeCode, Mistakes, Rejected
from knowledge.events import AuditAction, EventType
from knowledge.models import (
    Entry,
    EntryRevision,
    EntrySource,
    EntryStatus,
    EntryTag,
    OutboxEvent,
    RevisionChallenge,
    RevisionState,
    RevisionTag,
    Source,
)
from knowledge.models.entries import COMMENT_LENGTH
from knowledge.policy import Viewer, require_reviewer, require_signed_in, reviewable_revisions, visible_revisions
from knowledge.services import revisions, tags
from knowledge.text import clean_text

APPROVE: Final = "APPROVE"
REQUEST_CHANGES: Final = "REQUEST_CHANGES"


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
    if entry.status == EntryStatus.ARCHIVED:
        raise Rejected.because(MistakeCode.INVALID_STATE, "This entry is archived.", "id")
    said = _clean_verdict(verdict, comment)
    reviewed = _waiting_revision(entry, revision, viewer)
    permit(reviewed, viewer, reviewable_revisions)
    if verdict == APPROVE:
        _require_current([reviewed], viewer, "revision")
        event = _approve(entry, reviewed, reviewer_id=reviewer_id, comment=said, now=moment)
    else:
        event = _send_back(entry, reviewed, reviewer_id=reviewer_id, comment=said, now=moment)
    outbox.record_all([event])
    action = AuditAction.ENTRY_APPROVED if verdict == APPROVE else AuditAction.ENTRY_CHANGES_REQUESTED
    audit.record(action, viewer=viewer, subject=entry, at=moment, revision=reviewed.number)
    return entry, reviewed


@transaction.atomic
def review_source(
    viewer: Viewer, *, source_id: int, verdict: str, comment: str = "", now: datetime | None = None
) -> tuple[Source, int]:
    """The document, and how many of the entries that it brought in were approved or sent back: all that waited.

    Those are the entries that no other document named before, with what its importer handed in. All or none: where one
    of them cannot be approved, none is. Records for each what `review_entry` records. Raises Unauthenticated,
    Forbidden, also where all that waits is the viewer's own (staff may), and Rejected: the input's mistakes at once,
    NOT_FOUND, INVALID_STATE when nothing waits, CONFLICT when one was written on what is not shown any more.
    """
    require_signed_in(viewer)
    moment = now or timezone.now()
    source = locked(Source, source_id, viewer)
    reviewer_id = require_reviewer(viewer)
    said = _clean_verdict(verdict, comment)
    waiting = _brought_in(source, viewer)
    if verdict == APPROVE:
        _require_current(waiting, viewer, "id")
        events = _approve_all(waiting, reviewer_id=reviewer_id, comment=said, now=moment)
    else:
        events = [_send_back(each.entry, each, reviewer_id=reviewer_id, comment=said, now=moment) for each in waiting]
    outbox.record_all(events)
    audit.record(
        AuditAction.SOURCE_REVIEWED, viewer=viewer, subject=source, at=moment, verdict=verdict, reviewed=len(waiting)
    )
    return source, len(waiting)


def _approve_all(
    waiting: Sequence[EntryRevision], *, reviewer_id: int, comment: str, now: datetime
) -> list[OutboxEvent]:
    """Slugs are taken first, then challenges and tags are held, all at once: see `knowledge.services.tags`."""
    for each in waiting:
        revisions.retitle(each.entry, each)
    revisions.hold_challenges(
        RevisionChallenge.objects.filter(revision__in=waiting).values_list("challenge_id", flat=True)
    )
    carried = EntryTag.objects.filter(entry__in=[each.entry_id for each in waiting]).values_list("tag_id", flat=True)
    coming = RevisionTag.objects.filter(revision__in=waiting).values_list("tag_id", flat=True)
    tags.hold({*carried, *coming})
    return [_approve(each.entry, each, reviewer_id=reviewer_id, comment=comment, now=now) for each in waiting]


def _approve(entry: Entry, revision: EntryRevision, *, reviewer_id: int, comment: str, now: datetime) -> OutboxEvent:
    first = entry.published_at is None
    revisions.retire_shown(entry)
    revisions.publish(entry, revision, reviewer_id=reviewer_id, comment=comment, now=now)
    event = EventType.ENTRY_PUBLISHED if first else EventType.ENTRY_UPDATED
    return outbox.about(event, entry, at=now, revision=revision.number, shown=True)


def _send_back(entry: Entry, revision: EntryRevision, *, reviewer_id: int, comment: str, now: datetime) -> OutboxEvent:
    revisions.decide(revision, RevisionState.CHANGES_REQUESTED, reviewer_id=reviewer_id, comment=comment, now=now)
    if entry.status == EntryStatus.IN_REVIEW:
        revisions.set_status(entry, EntryStatus.DRAFT, now)
    return outbox.about(EventType.ENTRY_CHANGES_REQUESTED, entry, at=now, revision=revision.number)


def _require_current(waiting: Sequence[EntryRevision], viewer: Viewer, path: str) -> None:
    """Nothing is shown in place of a text that its author has not seen."""
    passed = EntryRevision.objects.filter(~current_revisions(viewer), pk__in=[each.pk for each in waiting]).first()
    if passed is not None:
        raise Rejected.because(
            MistakeCode.CONFLICT,
            f"Another text of “{passed.title}” is shown by now; revision {passed.number} must be merged first.",
            path,
        )


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


def _brought_in(source: Source, viewer: Viewer) -> list[EntryRevision]:
    """What waits of what the document brought in and the viewer may review, by entry; the entries are locked."""
    named_before = EntrySource.objects.filter(entry_id=OuterRef("entry_id"), pk__lt=OuterRef("pk"))
    here_first = EntrySource.objects.filter(~Exists(named_before), source=source)
    entries = Entry.objects.select_for_update(no_key=True).filter(pk__in=here_first.values("entry_id"))
    there = {entry.pk: entry for entry in entries.exclude(status=EntryStatus.ARCHIVED).order_by("pk")}
    of_importer = Q(entry__status=EntryStatus.IN_REVIEW) | Q(author_id=source.imported_by_id, author__isnull=False)
    waiting = EntryRevision.objects.filter(of_importer, entry__in=there, state=RevisionState.PENDING).order_by("entry")
    if not waiting:
        raise Rejected.because(MistakeCode.INVALID_STATE, "Nothing that this document brought in waits.", "id")
    reviewable = list(waiting.filter(reviewable_revisions(viewer)))
    if not reviewable:
        raise Forbidden
    for revision in reviewable:
        revision.entry = there[revision.entry_id]
    return reviewable
