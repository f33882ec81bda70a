"""Personal access tokens: how scripts show whose they are.

A token is 256 random bits behind a prefix by which people and secret scanners know it; the database holds its SHA-256
and its last four characters.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Final

from django.db import IntegrityError, connection, transaction

from knowledge import audit
from knowledge.access import locked
from knowledge.errors import MistakeCode, Mistakes, Rejected, TokenExpired, TokenInvalid
from knowledge.events import AuditAction
from knowledge.models import PersonalAccessToken, Role, TokenScope, User
from knowledge.policy import Viewer, require_session
from knowledge.text import clean_line

PREFIX: Final = "nxp_"
NAME_MOST: Final = 100
MOST_TOKENS: Final = 50
# `last_used_at` is no more exact than this, so that a busy script does not write with each request.
USE_NOTED_EVERY: Final = timedelta(minutes=1)

_SECRET_BYTES: Final = 32

# One statement: it runs before every request of a script. Once a minute it notes the use, and then waits neither for a
# lock (of many requests at once one notes it) nor for the disk (a note lost in a crash is no loss).
_VIEWER_OF: Final = """
    WITH found AS (
        SELECT t.id, t.user_id, u.role, t.scope, t.expires_at <= %(now)s AS expired, t.last_used_at
          FROM knowledge_personalaccesstoken t JOIN knowledge_user u ON u.id = t.user_id
         WHERE t.token_hash = %(hash)s AND t.revoked_at IS NULL AND u.is_active
    ), due AS (
        SELECT t.id FROM knowledge_personalaccesstoken t
         WHERE t.id = (SELECT id FROM found WHERE expired IS NOT TRUE
                          AND (last_used_at IS NULL OR last_used_at <= %(noted_before)s))
           AND set_config('synchronous_commit', 'off', true) IS NOT NULL
           FOR NO KEY UPDATE SKIP LOCKED
    ), noted AS (
        UPDATE knowledge_personalaccesstoken t SET last_used_at = %(now)s FROM due WHERE t.id = due.id
    )
    SELECT user_id, role, scope, expired FROM found
"""


def create_token(
    viewer: Viewer, *, name: str, scope: TokenScope, expires_at: datetime | None = None, now: datetime
) -> tuple[PersonalAccessToken, str]:
    """A new token of the viewer's, and its text, which nobody can read again.

    Raises Unauthenticated, Forbidden (for a script), and Rejected with every mistake at once: DUPLICATE for the name of
    another token that is not revoked, INVALID for an end that has passed, TOO_MANY beyond 50 tokens.
    """
    viewer_id, _ = require_session(viewer)
    mistakes = Mistakes()
    clean_name = clean_line(name, mistakes, "name", most=NAME_MOST)
    if expires_at is not None and expires_at <= now:
        mistakes.add(MistakeCode.INVALID, "This moment has passed.", "expires_at")
    mistakes.settle()
    text = PREFIX + secrets.token_urlsafe(_SECRET_BYTES)
    token = PersonalAccessToken(
        user_id=viewer_id,
        name=clean_name,
        scope=scope,
        token_hash=_hash(text),
        hint=text[-4:],
        created_at=now,
        expires_at=expires_at,
    )
    try:
        with transaction.atomic():
            _require_few(viewer_id)
            token.save(force_insert=True)
            audit.record(AuditAction.TOKEN_CREATED, viewer=viewer, subject=token, at=now, name=clean_name, scope=scope)
    except IntegrityError as error:
        if "personal_access_token_name_unique" not in str(error):
            raise
        raise Rejected.because(MistakeCode.DUPLICATE, "You have a token of this name.", "name") from None
    return token, text


def _require_few(user_id: int) -> None:
    """Raises Rejected with TOO_MANY. Who makes two at once waits here, or neither would count the other."""
    User.objects.select_for_update(no_key=True).filter(pk=user_id).values_list("pk").first()
    if PersonalAccessToken.objects.filter(user_id=user_id, revoked_at=None).count() >= MOST_TOKENS:
        raise Rejected.because(MistakeCode.TOO_MANY, f"You have {MOST_TOKENS} tokens; revoke one.", "name")


@transaction.atomic
def revoke_token(viewer: Viewer, *, token_id: int, now: datetime) -> PersonalAccessToken:
    """The token, good for nothing from the next request on. Once more changes nothing.

    Raises Unauthenticated, Forbidden (for a script), and Rejected with NOT_FOUND.
    """
    require_session(viewer)
    token = locked(PersonalAccessToken, token_id, viewer)
    if token.revoked_at is None:
        token.revoked_at = now
        token.save(update_fields=["revoked_at"])
        audit.record(AuditAction.TOKEN_REVOKED, viewer=viewer, subject=token, at=now, name=token.name)
    return token


def viewer_of_script(text: str, *, now: datetime) -> Viewer:
    """The viewer that the token speaks for, with their role of this moment; notes that it was used. One statement.

    Raises TokenInvalid for a token that is none, was revoked, or whose user is not active, and TokenExpired.
    """
    values: dict[str, bytes | datetime] = {"hash": _hash(text), "now": now, "noted_before": now - USE_NOTED_EVERY}
    with connection.cursor() as cursor:
        cursor.execute(_VIEWER_OF, values)
        row = cursor.fetchone()
    if row is None:
        raise TokenInvalid("The token is not valid, or was revoked.")
    user_id, role, scope, expired = row
    if expired:
        raise TokenExpired
    return Viewer(id=user_id, role=Role(role), reads_only=scope == TokenScope.READ)


def _hash(text: str) -> bytes:
    # A salt would add nothing: what is hashed is random already.
    return hashlib.sha256(text.encode(errors="replace")).digest()
