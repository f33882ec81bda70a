"""Sessions: one a sign-in, kept alive by refresh tokens of which each is good for one exchange.

A refresh token is 256 random bits, and the database holds only its SHA-256. Whoever shows one a second time is either
its thief or its owner after a theft; nobody can tell which, so the session ends for both. There is no grace for an
answer that was lost on its way: the owner signs in again.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet

from knowledge import audit
from knowledge.access import locked
from knowledge.errors import TokenExpired, TokenInvalid
from knowledge.events import AuditAction
from knowledge.models import RefreshToken, Role, Session, User
from knowledge.policy import ANONYMOUS, Viewer, require_session

USER_AGENT_MOST: Final = 300
# An expired token is kept for as long, because one that comes a second time still tells of a theft.
TOKENS_KEPT: Final = timedelta(days=7)
# What ended is kept for as long; from where somebody was signed in is asked of it.
SESSIONS_KEPT: Final = timedelta(days=90)
PRUNED_AT_ONCE: Final = 5_000

_TOKEN_BYTES: Final = 32

# Written out: it runs before every request that brings a token, and composing it takes longer than running it.
_ROLE_IN_SESSION: Final = """
    SELECT u.role
      FROM knowledge_session s JOIN knowledge_user u ON u.id = s.user_id
     WHERE s.id = %s AND u.id = %s AND u.token_version = %s
       AND s.ended_at IS NULL AND s.token_version = u.token_version AND u.is_active
"""


class EndReason(StrEnum):
    """Why a session ended."""

    SIGNED_OUT = "SIGNED_OUT"
    TOKEN_REUSED = "TOKEN_REUSED"  # noqa: S105 - a reason, not a token
    DEACTIVATED = "DEACTIVATED"
    REVOKED = "REVOKED"
    PASSWORD_CHANGED = "PASSWORD_CHANGED"  # noqa: S105 - a reason, not a password
    TOO_MANY = "TOO_MANY"


@transaction.atomic
def open_session(
    user: User, *, user_agent: str, address: str | None, now: datetime, lifetime: timedelta | None = None
) -> tuple[Session, str]:
    """A new session of a user who has just shown who they are, and its first refresh token.

    The token holds for `lifetime`, REFRESH_TOKEN_LIFETIME where none is given. Of more than SESSIONS_MOST open
    sessions, those that were used least lately end.
    """
    # Who signs in twice at once waits here, or each would not count the other.
    User.objects.select_for_update(no_key=True).filter(pk=user.pk).values_list("pk").first()
    session = Session.objects.create(
        user=user,
        token_version=user.token_version,
        created_at=now,
        last_used_at=now,
        user_agent=_one_line(user_agent),
        address=address,
    )
    open_ones = Session.objects.filter(user=user, ended_at=None).exclude(pk=session.pk)
    oldest = open_ones.order_by("-last_used_at", "-pk").values("pk")[settings.SESSIONS_MOST - 1 :]
    Session.objects.filter(pk__in=oldest).update(ended_at=now, end_reason=EndReason.TOO_MANY)
    return session, _new_token(session, now, lifetime)


def rotate(refresh_token: str, *, now: datetime, address: str = "") -> tuple[Session, str]:
    """Exchanges the token for its successor; of several exchanges at once one wins at most.

    Raises TokenInvalid for a token that is not known, whose session is not open, or that was used before: then the
    session is ended, and the audit trail tells of it. Raises TokenExpired for one that nobody used in time.
    """
    with transaction.atomic():
        token = _found(refresh_token)
        successor = _exchanged(token, now)
        if successor is None and _end(token.session, EndReason.TOKEN_REUSED, now):
            _note_end(token.session, EndReason.TOKEN_REUSED, ANONYMOUS, now, address)
    if successor is None:
        # Only now, or the session's end would be rolled back with it.
        raise TokenInvalid
    return token.session, successor


def end_session(refresh_token: str, *, now: datetime) -> datetime:
    """Ends the session that the token belongs to, whether or not the token was used or is too old, and tells when.

    Once more changes nothing. Raises TokenInvalid for a token that is not known.
    """
    session = _found(refresh_token).session
    if session.ended_at is not None:
        return session.ended_at
    _end(session, EndReason.SIGNED_OUT, now)
    return now


@transaction.atomic
def revoke_session(viewer: Viewer, *, session_id: int, now: datetime) -> int:
    """Ends one of the viewer's sessions, be it this one; answers 1, or 0 where it had ended before.

    Raises Unauthenticated, Forbidden (for a script), and Rejected with NOT_FOUND.
    """
    require_session(viewer)
    session = locked(Session, session_id, viewer)
    ended = _end(session, EndReason.REVOKED, now)
    if ended:
        _note_end(session, EndReason.REVOKED, viewer, now)
    return ended


@transaction.atomic
def revoke_other_sessions(viewer: Viewer, *, now: datetime) -> int:
    """Ends every session of the viewer's but this one; answers how many. Raises Unauthenticated, Forbidden."""
    viewer_id, session_id = require_session(viewer)
    user = User(pk=viewer_id)
    ended = end_all(user, EndReason.REVOKED, now=now, but=session_id)
    if ended:
        audit.record(AuditAction.SESSIONS_ENDED, viewer=viewer, subject=user, at=now, sessions=ended)
    return ended


def renew(session_id: int, user: User, *, now: datetime) -> tuple[Session, str]:
    """The user's session, good for their new token version, and its one live refresh token.

    Inside a transaction. Raises TokenInvalid where it has ended.
    """
    session = Session.objects.select_for_update().filter(pk=session_id, user=user, ended_at=None).first()
    if session is None:
        raise TokenInvalid
    session.user = user
    session.token_version = user.token_version
    session.last_used_at = now
    session.save(update_fields=["token_version", "last_used_at"])
    session.refresh_tokens.filter(used_at=None).update(used_at=now)
    return session, _new_token(session, now)


def outdate_tokens(user: User) -> None:
    """From the next request on refuses every access token given to the user until now; no session ends by it.

    Their open sessions go on with the next token that is refreshed. Inside the transaction that has locked the user.
    """
    before = user.token_version
    user.token_version = before + 1
    user.save(update_fields=["token_version"])
    Session.objects.filter(user=user, token_version=before, ended_at=None).update(token_version=user.token_version)


def end_all(user: User, reason: EndReason, *, now: datetime, but: int | None = None) -> int:
    """Ends every open session of the user, save the one whose id is `but`; answers how many."""
    open_ones = Session.objects.filter(user=user, ended_at=None)
    if but is not None:
        open_ones = open_ones.exclude(pk=but)
    return open_ones.update(ended_at=now, end_reason=reason)


def role_in_session(session_id: int, *, user_id: int, token_version: int) -> Role | None:
    """The user's role as it is now; None unless the session is open, theirs, and of that token version.

    One statement.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ROLE_IN_SESSION, [session_id, user_id, token_version])
        row = cursor.fetchone()
    return Role(row[0]) if row else None


def prune(now: datetime) -> int:
    """Deletes refresh tokens that expired a week ago, and sessions that nobody can use nor come back to.

    Answers how many rows. At most some thousands at once: what is left has its turn the next time.
    """
    expired = RefreshToken.objects.filter(expires_at__lt=now - TOKENS_KEPT).order_by("expires_at")
    tokens, _ = RefreshToken.objects.filter(pk__in=_first(expired.values_list("pk", flat=True))).delete()
    # Without tokens: so nothing goes that could still be refreshed, however long tokens hold.
    old = Session.objects.filter(last_used_at__lt=now - SESSIONS_KEPT, refresh_tokens=None).order_by("pk")
    sessions, _ = Session.objects.filter(pk__in=_first(old.values_list("pk", flat=True))).delete()
    return tokens + sessions


def _first(keys: QuerySet[Any, int]) -> list[int]:
    return list(keys[:PRUNED_AT_ONCE])


def _note_end(session: Session, reason: EndReason, viewer: Viewer, now: datetime, address: str = "") -> None:
    audit.record(
        AuditAction.SESSION_ENDED,
        viewer=viewer,
        subject=session,
        at=now,
        address=address,
        user=session.user_id,
        reason=reason,
    )


def _found(refresh_token: str) -> RefreshToken:
    tokens = RefreshToken.objects.select_related("session__user")
    try:
        return tokens.get(token_hash=_hash(refresh_token))
    except RefreshToken.DoesNotExist:
        raise TokenInvalid from None


def _exchanged(token: RefreshToken, now: datetime) -> str | None:
    """The successor; None where the token was used before, were it a moment ago."""
    if token.used_at is None:
        _require_open(token.session)
        if token.expires_at <= now:
            raise TokenExpired
    if not RefreshToken.objects.filter(pk=token.pk, used_at=None).update(used_at=now):
        return None
    Session.objects.filter(pk=token.session_id).update(last_used_at=now)
    return _new_token(token.session, now)


def _require_open(session: Session) -> None:
    user = session.user
    if session.ended_at is not None or not user.is_active or session.token_version != user.token_version:
        raise TokenInvalid


def _new_token(session: Session, now: datetime, lifetime: timedelta | None = None) -> str:
    text = secrets.token_urlsafe(_TOKEN_BYTES)
    expires_at = now + (lifetime or settings.REFRESH_TOKEN_LIFETIME)
    RefreshToken.objects.create(session=session, token_hash=_hash(text), created_at=now, expires_at=expires_at)
    return text


def _end(session: Session, reason: EndReason, now: datetime) -> int:
    return Session.objects.filter(pk=session.pk, ended_at=None).update(ended_at=now, end_reason=reason)


def _hash(refresh_token: str) -> bytes:
    # A salt would add nothing: what is hashed is random already.
    return hashlib.sha256(refresh_token.encode(errors="replace")).digest()


def _one_line(user_agent: str) -> str:
    return "".join(character for character in user_agent if character.isprintable())[:USER_AGENT_MOST]
