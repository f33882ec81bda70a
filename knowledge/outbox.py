"""The outbox: an event is written in the transaction that makes it true, and leaves when that is committed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection, models
from django.utils import timezone

from knowledge.events import EventType
from knowledge.models import OutboxEvent


def record(type: EventType, subject: models.Model, *, at: datetime | None = None, **payload: Any) -> OutboxEvent:  # noqa: A002 - the field's name
    """Writes an event about `subject`; `payload` is what JSON can hold.

    Must be called inside a transaction, so that state and event commit together (raises RuntimeError otherwise).
    """
    if not connection.in_atomic_block:
        raise RuntimeError(f"{type} was recorded outside a transaction")
    moment = at or timezone.now()
    return OutboxEvent.objects.create(
        type=type,
        subject_type=subject._meta.object_name or "",
        subject_id=subject.pk,
        payload=_plain(payload),
        created_at=moment,
        next_attempt_at=moment,
    )


def _plain(payload: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value.isoformat() if isinstance(value, datetime) else value for key, value in payload.items()}
