"""The outbox: an event is written in the transaction that makes it true, and leaves when that is committed."""

from collections.abc import Mapping, Sequence
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
    event = about(type, subject, at=at or timezone.now(), **payload)
    record_all([event])
    return event


def record_all(events: Sequence[OutboxEvent]) -> None:
    """Writes events that `about` made, in one statement and in this order; as `record`, inside a transaction only."""
    if not connection.in_atomic_block:
        raise RuntimeError("events were recorded outside a transaction")
    OutboxEvent.objects.bulk_create(events)


def about(type: EventType, subject: models.Model, *, at: datetime, **payload: Any) -> OutboxEvent:  # noqa: A002 - the field's name
    """An event that is not written yet, for `record_all`."""
    return OutboxEvent(
        type=type,
        subject_type=subject._meta.object_name or "",
        subject_id=subject.pk,
        payload=_plain(payload),
        created_at=at,
        next_attempt_at=at,
    )


def _plain(payload: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value.isoformat() if isinstance(value, datetime) else value for key, value in payload.items()}
