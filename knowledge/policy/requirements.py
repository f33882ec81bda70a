"""Who may do what at all, before any row is looked at."""

from knowledge.errors import Forbidden, Unauthenticated
from knowledge.policy.viewer import COMMAND_LINE, Viewer


def public(viewer: Viewer) -> None:
    """Everyone may; said where nothing else is required, so that nothing is forgotten."""


def require_signed_in(viewer: Viewer) -> int:
    """The viewer's id; raises Unauthenticated when there is none."""
    if not isinstance(viewer.id, int):
        raise Unauthenticated
    return viewer.id


def require_writing(viewer: Viewer) -> None:
    """Raises Forbidden when the viewer came with a token that only reads."""
    if viewer.reads_only:
        raise Forbidden("This token may only read.")


def require_session(viewer: Viewer) -> tuple[int, int]:
    """The ids of the viewer and of their session.

    Raises Unauthenticated, and Forbidden for a script: what guards an account is not for scripts to change.
    """
    viewer_id = require_signed_in(viewer)
    if viewer.session_id is None:
        raise Forbidden("Sign in to do this; a personal access token is not enough.")
    return viewer_id, viewer.session_id


def require_reviewer(viewer: Viewer) -> int:
    """The viewer's id; raises Unauthenticated or Forbidden when this is no reviewer."""
    viewer_id = require_signed_in(viewer)
    if not viewer.reviews:
        raise Forbidden("Only reviewers and staff may do this.")
    return viewer_id


def require_staff(viewer: Viewer) -> int:
    """The viewer's id; raises Unauthenticated or Forbidden when this is no staff."""
    viewer_id = require_signed_in(viewer)
    if not viewer.staff:
        raise Forbidden("Only staff may do this.")
    return viewer_id


def require_command_line(viewer: Viewer) -> None:
    """Raises Forbidden for everybody but whoever holds the machine."""
    if viewer != COMMAND_LINE:
        raise Forbidden("This is done at the command line.")
