"""Passwords: changing one's own, and setting a new one by a link that was mailed."""

from datetime import datetime

from django.db import transaction

from knowledge import audit
from knowledge.errors import MistakeCode, Mistakes, Rejected, TokenInvalid
from knowledge.events import AuditAction
from knowledge.models import LinkPurpose, Session, User
from knowledge.policy import ANONYMOUS, Viewer, require_session
from knowledge.services import mailed_links, sessions
from knowledge.services.credentials import check_password, is_text
from knowledge.services.sessions import EndReason
from knowledge.services.signing_in import require_own_password
from knowledge.text import MAILBOX_MOST, mailbox


def change_password(viewer: Viewer, *, old_password: str, new_password: str, now: datetime) -> tuple[Session, str]:
    """The viewer's session with its new refresh token; every other session ends, and links to reset are void.

    Access tokens from before hold no more. Raises Unauthenticated, Forbidden (for a script), InvalidCredentials for a
    wrong old password, TooManyAttempts, TokenInvalid when the password was changed meanwhile, and Rejected with what is
    wrong with the new one, at ("new_password",).
    """
    viewer_id, session_id = require_session(viewer)
    user = User.objects.get(pk=viewer_id)
    require_own_password(viewer, user, old_password, now=now)
    _check_new(new_password, user)
    with transaction.atomic():
        _save(user, now)
        sessions.end_all(user, EndReason.PASSWORD_CHANGED, now=now, but=session_id)
        audit.record(AuditAction.PASSWORD_CHANGED, viewer=viewer, subject=user, at=now)
        return sessions.renew(session_id, user, now=now)


def request_reset(*, email: str, now: datetime, address: str = "") -> None:
    """Has a link mailed to who has confirmed this e-mail address, if anybody has; nothing tells whether.

    Raises TooManyAttempts, whoever has it.
    """
    asked = mailbox(email)
    mailed_links.require_patience(asked, address, now=now)
    if asked and len(asked) <= MAILBOX_MOST and is_text(asked):
        mailed_links.ask_to_reset(asked, now=now)


def reset_password(*, uid: str, token: str, new_password: str, now: datetime, address: str = "") -> User:
    """The user of the link, with the new password; all their sessions end, and other links to reset are void.

    Raises Rejected: INVALID at ("token",) for a link that was used, is too old or is none; and what is wrong with the
    password at ("new_password",), which leaves the link as it is.
    """
    link, user = mailed_links.find(LinkPurpose.RESET_PASSWORD, token, now=now)
    if str(user.pk) != uid:
        raise Rejected.because(MistakeCode.INVALID, "The token is not for this uid.", "token")
    _check_new(new_password, user)
    with transaction.atomic():
        mailed_links.spend(link, now=now)
        _save(user, now)
        sessions.end_all(user, EndReason.PASSWORD_CHANGED, now=now)
        audit.record(AuditAction.PASSWORD_RESET, viewer=ANONYMOUS, subject=user, at=now, address=address)
    return user


def _check_new(password: str, user: User) -> None:
    """Hashes it into the user, not saved. Before the transaction: that takes longer than everything else together."""
    mistakes = Mistakes()
    check_password(password, user, mistakes, "new_password")
    mistakes.settle()
    user.set_password(password)


def _save(user: User, now: datetime) -> None:
    """Saves the new hash, unless another password was set since the user was read."""
    changed = User.objects.filter(pk=user.pk, token_version=user.token_version - 1, is_active=True).update(
        password=user.password, token_version=user.token_version
    )
    if not changed:
        raise TokenInvalid
    mailed_links.void(user, LinkPurpose.RESET_PASSWORD, now=now)
