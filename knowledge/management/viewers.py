"""Whose eyes a command looks with."""

from knowledge.models import Role, User
from knowledge.policy import Viewer


def viewer_named(username: str) -> Viewer | None:
    """The user of that name, in whatever case it is written, as a viewer; None where there is none."""
    try:
        user = User.objects.get_by_natural_key(username)
    except User.DoesNotExist:
        return None
    return Viewer(id=user.pk, role=Role(user.role))
