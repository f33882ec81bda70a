"""The way out of the outbox: what waits is claimed, handed to whoever sends it, and marked as published."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from knowledge.models import OutboxEvent

BATCH: Final = 100
KEPT: Final = timedelta(days=7)
FIRST_PAUSE: Final = timedelta(seconds=1)
LONGEST_PAUSE: Final = timedelta(minutes=5)


class NotTaken(Exception):
    """This one event was refused, and others may well be taken: it waits and is tried again."""


def send_waiting(send: Callable[[OutboxEvent], None], *, limit: int = BATCH) -> int:
    """Hands up to `limit` waiting events to `send`, marks those that it took; answers how many were tried.

    Any number of processes may do this at once: each event is claimed by one of them, and of one subject only the
    oldest waiting event, so that a subject's events leave in the order in which they were committed (what changes a
    row holds its lock until it commits, so a subject's ids grow in that order).

    At least once: an event is marked after `send` returned, so a process that dies in between lets it be sent again.
    What `send` raises is raised here, once the events sent before are marked; NotTaken concerns one event only, and
    the events of its subject wait with it.
    """
    failure: Exception | None = None
    with transaction.atomic():
        events = _claim(limit)
        sent = []
        for event in events:
            try:
                send(event)
            except NotTaken:
                _postpone(event)
            except Exception as error:  # noqa: BLE001 - raised below, after what was sent is marked
                failure = error
                break
            else:
                sent.append(event.pk)
        OutboxEvent.objects.filter(pk__in=sent).update(published_at=timezone.now())
    if failure is not None:
        raise failure
    return len(events)


def prune(now: datetime) -> int:
    """Deletes events that were published more than a week ago; answers how many."""
    deleted, _ = OutboxEvent.objects.filter(published_at__lt=now - KEPT).delete()
    return deleted


def _claim(limit: int) -> Sequence[OutboxEvent]:
    waiting = OutboxEvent.objects.filter(published_at=None)
    earlier = waiting.filter(
        subject_type=OuterRef("subject_type"), subject_id=OuterRef("subject_id"), pk__lt=OuterRef("pk")
    )
    due = waiting.filter(~Exists(earlier), next_attempt_at__lte=timezone.now())
    return list(due.order_by("pk").select_for_update(skip_locked=True)[:limit])


def _postpone(event: OutboxEvent) -> None:
    pause = min(FIRST_PAUSE * 2**event.attempts, LONGEST_PAUSE)
    event.attempts += 1
    event.next_attempt_at = timezone.now() + pause
    event.save(update_fields=["attempts", "next_attempt_at"])
