"""The way out of the outbox: what waits is claimed, handed to whoever sends it, and marked as published."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from time import monotonic
from typing import Final

from django.db import connection, transaction
from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone

from knowledge.models import OutboxEvent

BATCH: Final = 100
# A claim is good for so long: who is slower sends no more of it, and PostgreSQL takes it from who is frozen.
CLAIM_SECONDS: Final = 30.0
FROZEN_SECONDS: Final = 60
KEPT: Final = timedelta(days=7)
PRUNED_AT_ONCE: Final = 5_000
FIRST_PAUSE: Final = timedelta(seconds=1)
LONGEST_PAUSE: Final = timedelta(minutes=5)


class NotTaken(Exception):
    """This one event was refused, and others may well be taken: it waits and is tried again."""


def send_waiting(send: Callable[[OutboxEvent], None], *, limit: int = BATCH) -> int:
    """Hands waiting events of up to `limit` subjects to `send`, marks those that it took; answers how many were tried.

    Any number of processes may do this at once. Whoever claims a subject's oldest waiting event has all of its waiting
    events, and nobody else sends one of them before these are marked. As a subject's ids grow in the order of commits
    (a trigger sees to it), so do its events leave: each for the first time after all before it.

    At least once: events are marked after they were sent, so a process that dies in between lets up to a batch of them
    be sent again. What `send` raises is raised here, once the events sent before are marked; NotTaken concerns one
    event only, and the later ones of its subject wait with it.
    """
    failure: Exception | None = None
    with transaction.atomic():
        events = _claim(limit)
        good_until = monotonic() + CLAIM_SECONDS
        sent: list[int] = []
        held_back: set[tuple[str, int]] = set()
        for event in events:
            if monotonic() > good_until:
                break
            subject = (event.subject_type, event.subject_id)
            if subject in held_back:
                continue
            try:
                send(event)
            except NotTaken:
                held_back.add(subject)
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
    """Deletes events that were published more than a week ago; answers how many.

    Some thousands a statement, so that none meets its time limit after a busy week.
    """
    old = OutboxEvent.objects.filter(published_at__lt=now - KEPT).order_by("published_at")
    pruned = 0
    while deleted := OutboxEvent.objects.filter(pk__in=old.values("pk")[:PRUNED_AT_ONCE]).delete()[0]:
        pruned += deleted
    return pruned


def _claim(limit: int) -> Sequence[OutboxEvent]:
    """The oldest waiting events of up to `limit` subjects, locked, and with them as many that wait behind these."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = %s", [f"{FROZEN_SECONDS}s"])
    waiting = OutboxEvent.objects.filter(published_at=None)
    of_subject = waiting.filter(subject_type=OuterRef("subject_type"), subject_id=OuterRef("subject_id"))
    # Asked row by row, so that it costs as much as it finds; as a join it would look at all that waits.
    is_oldest = Q(pk=Subquery(of_subject.order_by("pk").values("pk")[:1]))
    due = waiting.filter(is_oldest, next_attempt_at__lte=timezone.now()).order_by("pk")
    oldest = list(due.select_for_update(skip_locked=True)[:limit])
    behind = waiting.filter(_of_subjects(oldest)).exclude(pk__in=[event.pk for event in oldest])
    return [*oldest, *behind.order_by("subject_type", "subject_id", "pk")[:limit]] if oldest else []


def _of_subjects(events: Sequence[OutboxEvent]) -> Q:
    """The events that are about the same as one of these."""
    ids = defaultdict(list)
    for event in events:
        ids[event.subject_type].append(event.subject_id)
    return Q(*(Q(subject_type=name, subject_id__in=keys) for name, keys in ids.items()), _connector=Q.OR)


def _postpone(event: OutboxEvent) -> None:
    pause = min(FIRST_PAUSE * 2**event.attempts, LONGEST_PAUSE)
    event.attempts += 1
    event.next_attempt_at = timezone.now() + pause
    event.save(update_fields=["attempts", "next_attempt_at"])
