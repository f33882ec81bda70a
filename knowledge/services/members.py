"""Members: which role somebody has, and whether they may sign in. For staff."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from knowledge import audit
from knowledge.access import locked
from knowledge.errors import MistakeCode, Rejected
from knowledge.events import AuditAction
from knowledge.models import Role, User
from knowledge.policy import Viewer, manageable_users, require_staff
from knowledge.services import sessions

_LEADING = Q(role=Role.STAFF, is_active=True)


@transaction.atomic
def set_role(viewer: Viewer, *, user_id: int, role: Role, now: datetime) -> User:
    """The user, with the role from their next request on. The role that they have already changes nothing.

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
    audit.record(AuditAction.USER_ROLE_SET, viewer=viewer, subject=user, at=now, before=before, after=role)
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
    return user


def _locked(viewer: Viewer, user_id: int) -> User:
    """The user, locked together with all active staff, so that of two who remove each other one stays."""
    require_staff(viewer)
    list(User.objects.select_for_update().filter(_LEADING | Q(pk=user_id)).order_by("pk"))
    return locked(User, user_id, viewer, may=manageable_users)


def _require_another_leading(user: User) -> None:
    if user.role == Role.STAFF and not User.objects.filter(_LEADING).exclude(pk=user.pk).exists():
        raise Rejected.because(MistakeCode.INVALID_STATE, "Nobody active would be left who is staff.", "id")
