"""Sessions of the admin: of staff alone, for hours instead of weeks, and without tokens.

They are sessions like any other: their owner sees and ends them with the others, and they end with a change of
password, a deactivation, or when their time is over.
"""

from datetime import datetime
from typing import Final

from django.conf import settings

from knowledge.errors import InvalidCredentials
from knowledge.models import Session, User
from knowledge.policy import Viewer, require_session
from knowledge.reads import session_is_open
from knowledge.services import sessions
from knowledge.services.signing_in import identify

REFUSED: Final = "The username or the password is wrong, or this is not the account of somebody who is staff."


def sign_in_staff(*, username: str, password: str, user_agent: str, address: str, now: datetime) -> Session:
    """A new session, which holds for ADMIN_SESSION_LIFETIME. Written to the audit trail.

    Raises TooManyAttempts, counted together with every other way of signing in, and InvalidCredentials for an unknown
    name, a wrong password, and whoever is not active staff: neither the answer nor its time tells which, nor does the
    count.
    """
    try:
        user = identify(
            username=username, password=password, address=address or None, door="admin", admits=_is_staff, now=now
        )
    except InvalidCredentials:
        raise InvalidCredentials(REFUSED) from None
    session, _ = sessions.open_session(
        user, user_agent=user_agent, address=address or None, now=now, lifetime=settings.ADMIN_SESSION_LIFETIME
    )
    return session


def staff_in_session(session_id: int, *, now: datetime) -> User | None:
    """Whose session it is, if it is open and they are active staff at this moment; one statement.

    It ends here where they are not staff any more, and is not open again when they are.
    """
    session = Session.objects.select_related("user").filter(session_is_open(now), pk=session_id).first()
    if session is None:
        return None
    if not session.user.is_staff:
        _end(session.pk, session.user_id, sessions.EndReason.REVOKED, now)
        return None
    return session.user


def sign_out_staff(viewer: Viewer, *, now: datetime) -> None:
    """Ends the viewer's session. Once more changes nothing. Raises Unauthenticated, Forbidden (for a script)."""
    viewer_id, session_id = require_session(viewer)
    _end(session_id, viewer_id, sessions.EndReason.SIGNED_OUT, now)


def _end(session_id: int, user_id: int, reason: sessions.EndReason, now: datetime) -> None:
    Session.objects.filter(pk=session_id, user_id=user_id, ended_at=None).update(ended_at=now, end_reason=reason)


def _is_staff(user: User) -> bool:
    return user.is_staff
