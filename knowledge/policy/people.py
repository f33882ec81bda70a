"""Who may change whose account."""

from django.db.models import Q

from knowledge.policy.scopes import NO_ROW, own
from knowledge.policy.viewer import Viewer


def manageable_users(viewer: Viewer) -> Q:
    """For staff everybody but themselves."""
    return ~own(viewer, "pk") if viewer.staff else NO_ROW
