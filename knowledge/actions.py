"""What can be done with an entry next: one table of actions, which the services enforce and viewers are told.

A rule has two halves, so that who may not is told apart from what cannot be done now.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce
from operator import or_
from types import MappingProxyType
from typing import Final

from django.db.models import Exists, F, OuterRef, Q

from knowledge.models import OPEN_STATES, EntryRevision, EntryStatus, RevisionState
from knowledge.policy import (
    NO_ROW,
    Scope,
    Viewer,
    editable_entries,
    own_entries,
    own_revisions,
    publishes_own_edits,
    reviewers_only,
    visible_revisions,
    waiting_revisions,
)


class EntryAction(StrEnum):
    """What can be done with an entry."""

    UPDATE = "UPDATE"
    SUBMIT = "SUBMIT"
    WITHDRAW = "WITHDRAW"
    DISCARD = "DISCARD"
    APPROVE = "APPROVE"
    REQUEST_CHANGES = "REQUEST_CHANGES"
    ARCHIVE = "ARCHIVE"
    RESTORE = "RESTORE"
    DELETE = "DELETE"


@dataclass(frozen=True, slots=True)
class Rule:
    """`may`: the rows that somebody may do it to at all. `when`: those where it can be done now; else `otherwise`."""

    may: Scope
    when: Scope
    otherwise: str

    def possible(self, viewer: Viewer) -> Q:
        """The rows that the viewer can do it to, now."""
        may = self.may(viewer)
        return NO_ROW if may is NO_ROW else may & self.when(viewer)


def possible(action: EntryAction, viewer: Viewer) -> Q:
    """The entries, of those that the viewer sees, with which they can do it now."""
    scopes = [scope for rule in ENTRY_ACTIONS[action] if (scope := rule.possible(viewer)) is not NO_ROW]
    return reduce(or_, scopes) if scopes else NO_ROW


# ── who may ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def revisable_entries(viewer: Viewer) -> Q:
    """Editable ones; and, for whoever sees them, archived ones, which can be edited again once they are restored."""
    return editable_entries(viewer) | Q(status=EntryStatus.ARCHIVED) if viewer.signed_in else NO_ROW


# ── when it can be done ─────────────────────────────────────────────────────────────────────────────────────────────

_DRAFTS: Final = (RevisionState.DRAFT, RevisionState.CHANGES_REQUESTED)
_ALIVE: Final = ~Q(status=EntryStatus.ARCHIVED)
_PUBLISHED: Final = Q(status=EntryStatus.PUBLISHED)


def _no_own_waits(viewer: Viewer) -> Q:
    """Not archived, and the viewer's own revision does not wait for a review: withdrawn, it could be edited."""
    free = _ALIVE & ~_has_own(viewer, RevisionState.PENDING)
    return free | _PUBLISHED if publishes_own_edits(viewer) else free


def _own_draft(viewer: Viewer) -> Q:
    return _ALIVE & _has_own(viewer, *_DRAFTS)


def _own_waits(viewer: Viewer) -> Q:
    return _ALIVE & _has_own(viewer, RevisionState.PENDING)


def _own_draft_beside(viewer: Viewer) -> Q:
    """Of a new entry the draft is all there is: it can only be deleted with it."""
    return _PUBLISHED & _has_own(viewer, *_DRAFTS)


def _one_waits(viewer: Viewer) -> Q:
    return _has(waiting_revisions(viewer))


def _current_one_waits(viewer: Viewer) -> Q:
    return _has(waiting_revisions(viewer) & current_revisions(viewer))


def _published(viewer: Viewer) -> Q:
    return _PUBLISHED


def _archived(viewer: Viewer) -> Q:
    return Q(status=EntryStatus.ARCHIVED)


def _room_for_an_earlier_one(viewer: Viewer) -> Q:
    earlier = _PUBLISHED & _has(visible_revisions(viewer) & Q(state=RevisionState.SUPERSEDED))
    return earlier if publishes_own_edits(viewer) else earlier & ~_has_own(viewer, *OPEN_STATES)


def _draft(viewer: Viewer) -> Q:
    return Q(status=EntryStatus.DRAFT)


def current_revisions(viewer: Viewer) -> Q:
    """Those that would not undo what changed meanwhile: new entries', and those based on what is shown."""
    return Q(entry__status=EntryStatus.IN_REVIEW) | Q(based_on=F("entry__revision"))


def _has(which: Q) -> Q:
    return Q(Exists(EntryRevision.objects.filter(which, entry_id=OuterRef("pk"))))


def _has_own(viewer: Viewer, *states: RevisionState) -> Q:
    return _has(own_revisions(viewer) & Q(state__in=states))


# ── the table ───────────────────────────────────────────────────────────────────────────────────────────────────────

UPDATE: Final = Rule(revisable_entries, _no_own_waits, "It is archived, or waits for a review: withdraw it first.")
SUBMIT: Final = Rule(revisable_entries, _own_draft, "You have no draft of this entry to hand in.")
WITHDRAW: Final = Rule(revisable_entries, _own_waits, "Nothing of yours waits for a review here.")
DISCARD: Final = Rule(revisable_entries, _own_draft_beside, "There is no draft beside what is shown to discard.")
REQUEST_CHANGES: Final = Rule(reviewers_only, _one_waits, "Nothing waits for your review here.")
APPROVE: Final = Rule(reviewers_only, _current_one_waits, "Nothing waits for your review here that could be shown.")
ARCHIVE: Final = Rule(reviewers_only, _published, "Only published entries can be archived.")
UNARCHIVE: Final = Rule(reviewers_only, _archived, "This entry is not archived.")
REVERT: Final = Rule(
    revisable_entries,
    _room_for_an_earlier_one,
    "Only a published entry that was changed, and of which you have no draft.",
)
DELETE: Final = Rule(own_entries, _draft, "Only a draft that was never published can be deleted.")

# In the order in which viewers are told. An action is possible where one of its rules lets it be.
ENTRY_ACTIONS: Final[Mapping[EntryAction, tuple[Rule, ...]]] = MappingProxyType(
    {
        EntryAction.UPDATE: (UPDATE,),
        EntryAction.SUBMIT: (SUBMIT,),
        EntryAction.WITHDRAW: (WITHDRAW,),
        EntryAction.DISCARD: (DISCARD,),
        EntryAction.APPROVE: (APPROVE,),
        EntryAction.REQUEST_CHANGES: (REQUEST_CHANGES,),
        EntryAction.ARCHIVE: (ARCHIVE,),
        EntryAction.RESTORE: (UNARCHIVE, REVERT),
        EntryAction.DELETE: (DELETE,),
    }
)
