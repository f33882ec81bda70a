"""Who may see and change entries and their revisions."""

from django.db.models import Exists, OuterRef, Q

from knowledge.models import Entry, EntryRevision, EntryStatus, RevisionState
from knowledge.policy.scopes import EVERY_ROW, NO_ROW, among, either, own
from knowledge.policy.viewer import Viewer


def visible_entries(viewer: Viewer) -> Q:
    """Published ones; one's own; for reviewers also what is in review or archived."""
    shown = {EntryStatus.PUBLISHED}
    if viewer.reviews:
        shown |= {EntryStatus.IN_REVIEW, EntryStatus.ARCHIVED}
    return either(among("status", shown), own(viewer, "author_id"))


def visible_unpublished(viewer: Viewer) -> Q:
    """Of the visible ones those that are not published, which the counts beside tags leave out."""
    if not viewer.signed_in:
        return NO_ROW
    mine = own(viewer, "author_id") & ~Q(status=EntryStatus.PUBLISHED)
    return mine | among("status", {EntryStatus.IN_REVIEW, EntryStatus.ARCHIVED}) if viewer.reviews else mine


def visible_revisions(viewer: Viewer) -> Q:
    """Of a visible entry: the approved one; one's own; for who may edit those shown before; for reviewers what waits.

    So a draft is its author's alone, and what was taken out of a text is not public.
    """
    states = {RevisionState.APPROVED}
    if viewer.signed_in:
        states |= {RevisionState.SUPERSEDED}
    if viewer.reviews:
        states |= {RevisionState.PENDING, RevisionState.CHANGES_REQUESTED}
    entry = Exists(Entry.objects.filter(visible_entries(viewer), pk=OuterRef("entry_id")))
    return Q(entry) & either(among("state", states), own(viewer, "author_id"))


def visible_conflicts(viewer: Viewer) -> Q:
    """Those of visible revisions: what stands in their way is shown, and so visible too."""
    return Q(Exists(EntryRevision.objects.filter(visible_revisions(viewer), pk=OuterRef("revision_id"))))


def comparable_revisions(viewer: Viewer) -> Q:
    """Those that may be compared with the one before: for all who are signed in, who may see that one too."""
    return EVERY_ROW if viewer.signed_in else NO_ROW


def editable_entries(viewer: Viewer) -> Q:
    """One's own unpublished ones; published ones for all who are signed in (as a proposed revision)."""
    if not viewer.signed_in:
        return NO_ROW
    unpublished = among("status", {EntryStatus.DRAFT, EntryStatus.IN_REVIEW}) & own(viewer, "author_id")
    return unpublished | Q(status=EntryStatus.PUBLISHED)


def own_entries(viewer: Viewer) -> Q:
    """Those that one wrote first."""
    return own(viewer, "author_id")


def own_revisions(viewer: Viewer) -> Q:
    """Those that one wrote."""
    return own(viewer, "author_id")


def reviewable_revisions(viewer: Viewer) -> Q:
    """For reviewers those that others handed in; staff may review their own."""
    if not viewer.reviews:
        return NO_ROW
    return EVERY_ROW if viewer.staff else ~own(viewer, "author_id") | Q(author_id=None)


def waiting_revisions(viewer: Viewer) -> Q:
    """What the viewer may approve or send back now: reviewable, handed in, of an entry that is not archived."""
    return reviewable_revisions(viewer) & Q(state=RevisionState.PENDING) & ~Q(entry__status=EntryStatus.ARCHIVED)


def publishes_own_edits(viewer: Viewer) -> bool:
    """Whether an edit of what is published shows at once, without a review."""
    return viewer.staff
