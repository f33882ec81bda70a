"""The audit trail: who did what, when, from where; written in the transaction that did it, and never changed."""

from datetime import datetime
from typing import Any

from django.db import connection, models

from knowledge.events import AuditAction
from knowledge.models import AuditEvent
from knowledge.policy import Viewer


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
