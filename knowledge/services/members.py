"""Members: which role somebody has, and whether they may sign in. For staff."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q, Value

from knowledge import audit, outbox
from knowledge.access import locked
from knowledge.errors import MistakeCode, Rejected
from knowledge.events import AuditAction, EventType
from knowledge.models import Role, User
from knowledge.policy import Viewer, manageable_users, require_command_line, require_staff
from knowledge.reads import has_username
from knowledge.services import sessions

_LEADING = Q(role=Role.STAFF, is_active=True)


@transaction.atomic
def set_role(viewer: Viewer, *, user_id: int, role: Role, now: datetime) -> User:
    """The user, with the role from their next request on. The role that they have already changes nothing.

    Access tokens from before are refused; sessions go on with what is refreshed.
    Raises Unauthenticated, Forbidden (for others than staff, and for oneself), and Rejected: NOT_FOUND, INVALID_STATE
    when nobody active would be left who is staff.
    """
    user = _locked(viewer, user_id)
    before = user.role
    if role == before:
        return user
    if role != Role.STAFF:
        _require_another_leading(user)
    user.role = role
    user.save(update_fields=["role"])
    sessions.outdate_tokens(user)
    audit.record(AuditAction.USER_ROLE_SET, viewer=viewer, subject=user, at=now, before=before, after=role)
    outbox.record(EventType.USER_ROLE_SET, user, at=now, role=role)
    return user


@transaction.atomic
def deactivate(viewer: Viewer, *, user_id: int, now: datetime) -> User:
    """The user, who may not sign in any more; their sessions end. Once more changes nothing.

    Personal access tokens rest until the user is active again. Raises as `set_role`.
    """
    user = _locked(viewer, user_id)
    if not user.is_active:
        return user
    _require_another_leading(user)
    user.is_active = False
    user.save(update_fields=["is_active"])
    sessions.end_all(user, sessions.EndReason.DEACTIVATED, now=now)
    audit.record(AuditAction.USER_DEACTIVATED, viewer=viewer, subject=user, at=now)
    outbox.record(EventType.USER_DEACTIVATED, user, at=now)
    return user


@transaction.atomic
def reactivate(viewer: Viewer, *, user_id: int, now: datetime) -> User:
    """The user, who may sign in again. Once more changes nothing. Raises as `set_role`."""
    user = _locked(viewer, user_id)
    if user.is_active:
        return user
    user.is_active = True
    user.save(update_fields=["is_active"])
    audit.record(AuditAction.USER_REACTIVATED, viewer=viewer, subject=user, at=now)
    outbox.record(EventType.USER_REACTIVATED, user, at=now)
    return user


@transaction.atomic
def appoint_staff(viewer: Viewer, *, username: str, now: datetime) -> User:
    """The user of that name, active and STAFF: how the operator makes the first one, or one when nobody is left.

    For the command line alone. Records STAFF_APPOINTED and the events of what it changed; once more changes nothing.
    Raises Forbidden, and Rejected with NOT_FOUND at ("username",).
    """
    require_command_line(viewer)
    user = User.objects.select_for_update().filter(has_username(Value(username))).first()
    if user is None:
        raise Rejected.because(MistakeCode.NOT_FOUND, "There is no such user.", "username")
    if user.is_staff:
        return user
    before = {"role": user.role, "is_active": user.is_active}
    user.role, user.is_active = Role.STAFF, True
    user.save(update_fields=["role", "is_active"])
    audit.record(AuditAction.STAFF_APPOINTED, viewer=viewer, subject=user, at=now, before=before)
    if not before["is_active"]:
        outbox.record(EventType.USER_REACTIVATED, user, at=now)
    if before["role"] != Role.STAFF:
        sessions.outdate_tokens(user)
        outbox.record(EventType.USER_ROLE_SET, user, at=now, role=Role.STAFF)
    return user


def _locked(viewer: Viewer, user_id: int) -> User:
    """The user, locked together with all active staff, so that of two who remove each other one stays."""
    require_staff(viewer)
    list(User.objects.select_for_update().filter(_LEADING | Q(pk=user_id)).order_by("pk"))
    return locked(User, user_id, viewer, may=manageable_users)


def _require_another_leading(user: User) -> None:
    if user.role == Role.STAFF and not User.objects.filter(_LEADING).exclude(pk=user.pk).exists():
        raise Rejected.because(MistakeCode.INVALID_STATE, "Nobody active would be left who is staff.", "id")
