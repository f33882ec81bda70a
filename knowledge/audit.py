"""The audit trail: who did what, when, from where; written in the transaction that did it, and never changed.

Only what is older than the trail goes back is deleted, by a function of the database that its trigger lets through.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import connection, models

from knowledge.events import AuditAction
from knowledge.models import AuditEvent
from knowledge.policy import Viewer

# Of these there are many, and soon they tell nobody anything.
FLEETING: Final = (AuditAction.SIGNED_IN, AuditAction.SIGN_IN_FAILED, AuditAction.SIGN_IN_BLOCKED)
PRUNED_AT_ONCE: Final = 5_000


def record(
    action: AuditAction,
    *,
    viewer: Viewer,
    subject: models.Model | None = None,
    at: datetime,
    address: str = "",
    **detail: Any,
) -> AuditEvent:
    """Writes down that the viewer did `action` to `subject`; `detail` is what JSON can hold, and no secret.

    The actor is the viewer, or nobody for the command line. `address` is told where the viewer does not bring theirs.
    What is deleted must be recorded before, while it has its key. Must be called inside a transaction, so that the deed
    and its trace commit together (raises RuntimeError otherwise).
    """
    if not connection.in_atomic_block:
        raise RuntimeError("a deed was recorded outside a transaction")
    return AuditEvent.objects.create(
        action=action,
        actor_id=viewer.id,
        subject_type="" if subject is None else subject._meta.object_name or "",
        subject_id=None if subject is None else subject.pk,
        at=at,
        address=address or viewer.address,
        detail=detail,
    )


def prune(now: datetime) -> int:
    """Deletes what is older than AUDIT_DAYS, of sign-ins than AUDIT_SIGN_IN_DAYS; answers how many.

    At most some thousands at once. The database refuses to delete what is younger than 30 days, whatever `now` is.
    """
    oldest = now - timedelta(days=settings.AUDIT_DAYS)
    oldest_sign_in = now - timedelta(days=settings.AUDIT_SIGN_IN_DAYS)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nexus_prune_audit(%s, NULL, %s) + nexus_prune_audit(%s, %s, %s)",
            [oldest, PRUNED_AT_ONCE, oldest_sign_in, list(FLEETING), PRUNED_AT_ONCE],
        )
        deleted: int = cursor.fetchone()[0]
    return deleted
