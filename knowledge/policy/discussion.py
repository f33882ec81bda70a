"""Who may change challenges and solutions, and vote; everyone sees them."""

from django.db.models import Exists, OuterRef, Q

from knowledge.models import ChallengeStatus, Solution
from knowledge.policy.scopes import EVERY_ROW, NO_ROW, own
from knowledge.policy.viewer import Viewer


def editable_challenges(viewer: Viewer) -> Q:
    """One's own."""
    return own(viewer, "author_id")


def closable_challenges(viewer: Viewer) -> Q:
    """For reviewers all; whoever may close may reopen."""
    return EVERY_ROW if viewer.reviews else NO_ROW


def deletable_challenges(viewer: Viewer) -> Q:
    """One's own while nobody else answered; for reviewers all."""
    if viewer.reviews:
        return EVERY_ROW
    answers = Solution.objects.filter(others_rows(viewer), challenge_id=OuterRef("pk"))
    return own(viewer, "author_id") & ~Q(Exists(answers))


def answerable_challenges(viewer: Viewer) -> Q:
    """Those that are not closed, for all who are signed in."""
    return ~Q(status=ChallengeStatus.CLOSED) if viewer.signed_in else NO_ROW


def decidable_challenges(viewer: Viewer) -> Q:
    """Those of which the viewer may accept a solution, or take that back: not closed; one's own, for reviewers all."""
    return ~Q(status=ChallengeStatus.CLOSED) & _asked_by(viewer, "author_id")


def acceptable_solutions(viewer: Viewer) -> Q:
    """Those to one's own challenge; for reviewers all. The challenge must not be closed: see decidable_challenges."""
    return _asked_by(viewer, "challenge__author_id")


def editable_solutions(viewer: Viewer) -> Q:
    """One's own."""
    return own(viewer, "author_id")


def deletable_solutions(viewer: Viewer) -> Q:
    """One's own; for reviewers all."""
    return EVERY_ROW if viewer.reviews else own(viewer, "author_id")


def others_rows(viewer: Viewer) -> Q:
    """What somebody else wrote, or nobody known: what the viewer may vote on."""
    return ~own(viewer, "author_id") | Q(author_id=None) if viewer.signed_in else NO_ROW


def _asked_by(viewer: Viewer, author: str) -> Q:
    """What belongs to a challenge that the viewer asked; for reviewers to any."""
    return EVERY_ROW if viewer.reviews else own(viewer, author)
