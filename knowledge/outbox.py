"""The outbox: an event is written in the transaction that makes it true, and leaves when that is committed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, models
from django.utils import timezone

from knowledge import freshness
from knowledge.contracts import CONTRACTS
from knowledge.events import EventType
from knowledge.inserting import insert_together
from knowledge.models import OutboxEvent


def record(type: EventType, subject: models.Model, *, at: datetime | None = None, **payload: Any) -> OutboxEvent:  # noqa: A002 - the field's name
    """Writes an event about `subject`; `payload` is what its contract says.

    Must be called inside a transaction, so that state and event commit together (raises RuntimeError otherwise).
    """
    event = about(type, subject, at=at or timezone.now(), **payload)
    record_all([event])
    return event


def record_all(events: Sequence[OutboxEvent], *, after: Sequence[Sequence[models.Model]] = ()) -> None:
    """Writes events that `about` made, in this order and by one round trip; as `record`, inside a transaction only.

    `after` are new rows that make them true and that nothing refers to, each group of one model: they go first.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("events were recorded outside a transaction")
    insert_together(*after, events)
    # Also by processes that keep no answers: others may, in the cache that all of them share.
    if settings.CACHE_URL:
        freshness.moves_on()


def about(type: EventType, subject: models.Model, *, at: datetime, **payload: Any) -> OutboxEvent:  # noqa: A002 - the field's name
    """An event that is not written yet, for `record_all`. Raises ValueError where it is not what its contract says."""
    contract = CONTRACTS[type]
    subject_type = subject._meta.object_name or ""
    if breaches := contract.breaches(subject_type, payload):
        raise ValueError(f"{type} is not what is promised: {', '.join(breaches)}")
    return OutboxEvent(
        type=type,
        version=contract.version,
        subject_type=subject_type,
        subject_id=subject.pk,
        payload=payload,
        created_at=at,
        next_attempt_at=at,
    )
