"""Events on their way out: in order, each by one sender, none lost."""

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Lock, Thread

import pytest
from django.db import connection, transaction
from django.utils import timezone

from knowledge import outbox
from knowledge.dispatch import NotTaken, prune, send_waiting
from knowledge.events import EventType
from knowledge.models import OutboxEvent, User

pytestmark = pytest.mark.django_db

Sent = list[tuple[int, str]]


def record(subject: int, *types: EventType) -> None:
    with transaction.atomic():
        for each in types:
            outbox.record(each, User(pk=subject))


def into(sent: Sent) -> Callable[[OutboxEvent], None]:
    return lambda event: sent.append((event.subject_id, event.type))


def waiting() -> list[tuple[int, str]]:
    return list(OutboxEvent.objects.filter(published_at=None).order_by("pk").values_list("subject_id", "type"))


CREATED, UPDATED, PUBLISHED = EventType.ENTRY_CREATED, EventType.ENTRY_UPDATED, EventType.ENTRY_PUBLISHED


def test_of_each_subject_the_oldest_goes_first() -> None:
    record(1, CREATED, UPDATED)
    record(2, CREATED)
    record(1, PUBLISHED)
    sent: Sent = []

    assert [send_waiting(into(sent)) for _ in range(4)] == [2, 1, 1, 0]

    assert sent == [(1, CREATED), (2, CREATED), (1, UPDATED), (1, PUBLISHED)]
    assert waiting() == []


def test_no_more_than_the_limit_at_once() -> None:
    for subject in range(5):
        record(subject, CREATED)

    assert [send_waiting(lambda _: None, limit=2) for _ in range(4)] == [2, 2, 1, 0]


def test_what_was_sent_before_a_failure_stays_sent_and_the_rest_waits() -> None:
    record(1, CREATED)
    record(2, CREATED)
    record(3, CREATED)

    def send(event: OutboxEvent) -> None:
        if event.subject_id == 2:
            raise ConnectionError("away")

    with pytest.raises(ConnectionError, match="away"):
        send_waiting(send)
    assert waiting() == [(2, CREATED), (3, CREATED)]


def test_one_that_is_not_taken_holds_back_its_subject_alone() -> None:
    record(1, CREATED, UPDATED)
    record(2, CREATED)

    def refuse_the_first(event: OutboxEvent) -> None:
        if event.subject_id == 1:
            raise NotTaken

    before = timezone.now()
    assert [send_waiting(refuse_the_first), send_waiting(refuse_the_first)] == [2, 0]
    refused = OutboxEvent.objects.get(subject_id=1, type=CREATED)
    assert (refused.attempts, refused.published_at) == (1, None)
    assert before + timedelta(seconds=1) <= refused.next_attempt_at <= timezone.now() + timedelta(seconds=1)

    OutboxEvent.objects.filter(pk=refused.pk).update(next_attempt_at=before)
    sent: Sent = []
    assert [send_waiting(into(sent)) for _ in range(3)] == [1, 1, 0]
    assert sent == [(1, CREATED), (1, UPDATED)]


def test_what_is_due_later_waits() -> None:
    record(1, CREATED)
    OutboxEvent.objects.update(next_attempt_at=timezone.now() + timedelta(minutes=1))
    assert send_waiting(lambda _: None) == 0


@pytest.mark.django_db(transaction=True)
def test_several_senders_at_once_send_each_event_once_and_in_order() -> None:
    order = [CREATED, UPDATED, PUBLISHED]
    for subject in range(20):
        record(subject, *order)
    sent: Sent = []
    lock = Lock()
    barrier = Barrier(3)

    def send(event: OutboxEvent) -> None:
        with lock:
            sent.append((event.subject_id, event.type))

    def relay() -> None:
        barrier.wait()
        try:
            while waiting():
                send_waiting(send, limit=4)
        finally:
            connection.close()

    threads = [Thread(target=relay) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(sent) == 60
    assert {subject: [kind for of, kind in sent if of == subject] for subject in range(20)} == dict.fromkeys(
        range(20), order
    )


@pytest.mark.django_db(transaction=True)
def test_an_event_of_a_subject_that_another_sender_holds_waits_for_it() -> None:
    record(1, CREATED, UPDATED)
    seen_by_the_other: list[int] = []

    def other() -> None:
        try:
            seen_by_the_other.append(send_waiting(lambda _: None))
        finally:
            connection.close()

    def send(_: OutboxEvent) -> None:
        thread = Thread(target=other)
        thread.start()
        thread.join()

    assert send_waiting(send) == 1
    assert seen_by_the_other == [0]
    assert waiting() == [(1, UPDATED)]


def test_only_what_was_published_a_week_ago_is_pruned() -> None:
    now = timezone.now()
    for subject, published_at in enumerate([now - timedelta(days=8), now - timedelta(days=6), None]):
        record(subject, CREATED)
        OutboxEvent.objects.filter(subject_id=subject).update(published_at=published_at)
    OutboxEvent.objects.update(created_at=now - timedelta(days=30))

    assert prune(now) == 1

    assert set(OutboxEvent.objects.values_list("subject_id", flat=True)) == {1, 2}
