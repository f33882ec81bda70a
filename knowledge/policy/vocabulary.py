"""Who may change tags; everyone sees them."""

from django.db.models import Q

from knowledge.policy.scopes import EVERY_ROW, NO_ROW
from knowledge.policy.viewer import Viewer


def editable_tags(viewer: Viewer) -> Q:
    """All of them, for reviewers: to rename, to merge, to delete."""
    return EVERY_ROW if viewer.reviews else NO_ROW
