"""The archive: taking entries out of view and bringing them back, earlier texts, and deleting what nobody saw."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from knowledge import audit, outbox
from knowledge.access import allow, locked
from knowledge.actions import ARCHIVE, DELETE, REVERT, UNARCHIVE
from knowledge.errors import MistakeCode, Mistakes, Rejected
from knowledge.events import AuditAction, EventType
from knowledge.models import Entry, EntryRevision, EntryStatus, RevisionState
from knowledge.models.entries import REASON_LENGTH
from knowledge.policy import Viewer, publishes_own_edits, require_signed_in, visible_revisions
from knowledge.services import revisions
from knowledge.services.content import Written
from knowledge.text import clean_line


@transaction.atomic
def archive_entry(viewer: Viewer, *, entry_id: int, reason: str = "", now: datetime | None = None) -> Entry:
    """Takes a published entry out of view of all but its author, reviewers and staff.

    Records ENTRY_ARCHIVED. Raises Unauthenticated, Forbidden, and Rejected: the reason's mistakes, NOT_FOUND,
    INVALID_STATE when it is not published.
    """
    require_signed_in(viewer)
    moment = now or timezone.now()
    mistakes = Mistakes()
    said = clean_line(reason, mistakes, "reason", most=REASON_LENGTH, required=False)
    mistakes.settle()
    entry = locked(Entry, entry_id, viewer)
    allow(entry, viewer, ARCHIVE)
    entry.status = EntryStatus.ARCHIVED
    entry.archive_reason = said
    entry.save(update_fields=["status", "archive_reason"])
    audit.record(AuditAction.ENTRY_ARCHIVED, viewer=viewer, subject=entry, at=moment, reason=said)
    outbox.record(EventType.ENTRY_ARCHIVED, entry, at=moment)
    return entry


@transaction.atomic
def restore_entry(
    viewer: Viewer, *, entry_id: int, revision: int | None = None, now: datetime | None = None
) -> tuple[Entry, EntryRevision | None]:
    """Without `revision`: an archived entry is PUBLISHED again, as it was. Records ENTRY_RESTORED.

    With the number of a revision that was shown before: its content becomes a new revision of the viewer's on top of
    what is shown, which waits for a review (records ENTRY_SUBMITTED), or is shown at once for staff (records
    ENTRY_UPDATED). It is answered too.

    Raises Unauthenticated, Forbidden, and Rejected: NOT_FOUND; INVALID_STATE when there is nothing to bring back, or
    when the viewer has an open revision of the entry already.
    """
    viewer_id = require_signed_in(viewer)
    moment = now or timezone.now()
    entry = locked(Entry, entry_id, viewer)
    if revision is None:
        _bring_back(entry, viewer, moment)
        return entry, None
    allow(entry, viewer, REVERT)
    return entry, _propose_again(entry, _shown_before(entry, revision, viewer), viewer, viewer_id, moment)


@transaction.atomic
def delete_entry(viewer: Viewer, *, entry_id: int, now: datetime | None = None) -> int:
    """Deletes a draft of the viewer's that was never published, with its revisions; answers its key.

    Records ENTRY_DELETED. Raises Unauthenticated, Forbidden, and Rejected: NOT_FOUND, INVALID_STATE when it is handed
    in (withdraw it first) or was published (it can be archived).
    """
    require_signed_in(viewer)
    moment = now or timezone.now()
    entry = locked(Entry, entry_id, viewer)
    allow(entry, viewer, DELETE)
    audit.record(AuditAction.ENTRY_DELETED, viewer=viewer, subject=entry, at=moment, title=entry.title)
    outbox.record(EventType.ENTRY_DELETED, entry, at=moment)
    entry.delete()
    return entry_id


def _bring_back(entry: Entry, viewer: Viewer, now: datetime) -> None:
    allow(entry, viewer, UNARCHIVE)
    entry.status = EntryStatus.PUBLISHED
    entry.archive_reason = ""
    entry.save(update_fields=["status", "archive_reason"])
    audit.record(AuditAction.ENTRY_RESTORED, viewer=viewer, subject=entry, at=now)
    outbox.record(EventType.ENTRY_RESTORED, entry, at=now)


def _shown_before(entry: Entry, number: int, viewer: Viewer) -> EntryRevision:
    found = entry.revisions.filter(visible_revisions(viewer), number=number).first()
    if found is None:
        raise Rejected.because(MistakeCode.NOT_FOUND, "There is no such revision.", "revision")
    if found.state != RevisionState.SUPERSEDED:
        raise Rejected.because(MistakeCode.INVALID_STATE, "Only one that was shown before can be restored.", "revision")
    return found


def _propose_again(
    entry: Entry, earlier: EntryRevision, viewer: Viewer, viewer_id: int, now: datetime
) -> EntryRevision:
    direct = publishes_own_edits(viewer)
    if direct:
        revisions.retire_shown(entry)
    state = RevisionState.APPROVED if direct else RevisionState.DRAFT
    revision = revisions.propose(entry, author_id=viewer_id, state=state, now=now)
    revision.note = f"Restores revision {earlier.number}."
    if not direct:
        revision.state, revision.submitted_at = RevisionState.PENDING, now
    again = Written(
        {column: getattr(earlier, column) for column in revisions.COLUMNS},
        challenge_ids=tuple(earlier.challenges.values_list("pk", flat=True)),
    )
    revisions.write(revision, again, earlier.tags.all())
    if direct:
        revisions.publish(entry, revision, reviewer_id=viewer_id, now=now)
        outbox.record(EventType.ENTRY_UPDATED, entry, at=now, revision=revision.number, shown=True)
    else:
        outbox.record(EventType.ENTRY_SUBMITTED, entry, at=now, revision=revision.number)
    return revision
