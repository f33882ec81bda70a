"""Events on their way out: in order, each by one sender, none lost."""

import time
from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Lock, Thread

import pytest
from django.db import InterfaceError, connection, transaction
from django.db.transaction import TransactionManagementError
from django.utils import timezone

from knowledge import dispatch, outbox
from knowledge.dispatch import NotTaken, prune, send_waiting
from knowledge.events import EventType
from knowledge.models import Digest, OutboxEvent
from tests.knowledge.digests.rows import digest
from tests.workers.programs import eventually

pytestmark = pytest.mark.django_db

Sent = list[tuple[int, str]]


def record(subject: int, *types: EventType) -> None:
    with transaction.atomic():
        for each in types:
            outbox.record(each, Digest(pk=subject))


def into(sent: Sent) -> Callable[[OutboxEvent], None]:
    return lambda event: sent.append((event.subject_id, event.type))


def waiting() -> list[tuple[int, str]]:
    return list(OutboxEvent.objects.filter(published_at=None).order_by("pk").values_list("subject_id", "type"))


ASKED, STALLED, FAILED = EventType.DIGEST_REQUESTED, EventType.DIGEST_STALLED, EventType.DIGEST_FAILED


def test_of_each_subject_the_oldest_goes_first() -> None:
    record(1, ASKED, STALLED)
    record(2, ASKED)
    record(1, FAILED)
    sent: Sent = []

    assert [send_waiting(into(sent)) for _ in range(2)] == [4, 0]

    assert sent == [(1, ASKED), (2, ASKED), (1, STALLED), (1, FAILED)]
    assert waiting() == []


def test_no_more_than_the_limit_at_once() -> None:
    for subject in range(1, 6):
        record(subject, ASKED)
    record(9, *[STALLED] * 6)

    assert [send_waiting(lambda _: None, limit=2) for _ in range(6)] == [2, 2, 4, 3, 0, 0]


def test_what_was_sent_before_a_failure_stays_sent_and_the_rest_waits() -> None:
    record(1, ASKED)
    record(2, ASKED)
    record(3, ASKED)

    def send(event: OutboxEvent) -> None:
        if event.subject_id == 2:
            raise ConnectionError("away")

    with pytest.raises(ConnectionError, match="away"):
        send_waiting(send)
    assert waiting() == [(2, ASKED), (3, ASKED)]


def test_one_that_is_not_taken_holds_back_its_subject_alone() -> None:
    record(1, ASKED, STALLED)
    record(2, ASKED)

    def refuse_the_first(event: OutboxEvent) -> None:
        if event.subject_id == 1:
            raise NotTaken

    before = timezone.now()
    assert [send_waiting(refuse_the_first), send_waiting(refuse_the_first)] == [3, 0]
    refused = OutboxEvent.objects.get(subject_id=1, type=ASKED)
    assert (refused.attempts, refused.published_at) == (1, None)
    assert before + timedelta(seconds=1) <= refused.next_attempt_at <= timezone.now() + timedelta(seconds=1)

    OutboxEvent.objects.filter(pk=refused.pk).update(next_attempt_at=before)
    sent: Sent = []
    assert [send_waiting(into(sent)) for _ in range(2)] == [2, 0]
    assert sent == [(1, ASKED), (1, STALLED)]


def test_a_refused_one_in_the_middle_keeps_its_place() -> None:
    record(1, ASKED, STALLED, FAILED)
    sent: Sent = []

    def refuse_stalled(event: OutboxEvent) -> None:
        if event.type == STALLED:
            raise NotTaken
        into(sent)(event)

    assert [send_waiting(refuse_stalled) for _ in range(2)] == [3, 0]
    assert (sent, waiting()) == ([(1, ASKED)], [(1, STALLED), (1, FAILED)])


def test_who_is_too_slow_sends_no_more_of_what_it_claimed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch, "CLAIM_SECONDS", 0.1)
    record(1, ASKED, STALLED)
    sent: Sent = []

    def send_slowly(event: OutboxEvent) -> None:
        into(sent)(event)
        time.sleep(0.2)

    send_waiting(send_slowly)
    assert (sent, waiting()) == ([(1, ASKED)], [(1, STALLED)])


def test_what_is_due_later_waits() -> None:
    record(1, ASKED)
    OutboxEvent.objects.update(next_attempt_at=timezone.now() + timedelta(minutes=1))
    assert send_waiting(lambda _: None) == 0


@pytest.mark.django_db(transaction=True)
def test_several_senders_at_once_send_each_event_once_and_in_order() -> None:
    order = [ASKED, STALLED, FAILED]
    for subject in range(1, 21):
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
    assert {subject: [kind for of, kind in sent if of == subject] for subject in range(1, 21)} == dict.fromkeys(
        range(1, 21), order
    )


@pytest.mark.django_db(transaction=True)
def test_an_event_of_a_subject_that_another_sender_holds_waits_for_it() -> None:
    record(1, ASKED, STALLED)
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

    assert send_waiting(send) == 2
    assert seen_by_the_other == [0, 0]
    assert waiting() == []


@pytest.mark.django_db(transaction=True)
def test_who_dies_between_sending_and_marking_lets_the_same_be_sent_again_and_nothing_before_it() -> None:
    record(1, ASKED, STALLED)
    sent: Sent = []

    def die_after_the_first(event: OutboxEvent) -> None:
        into(sent)(event)
        connection.close()  # as PostgreSQL sees it when the process is gone

    with pytest.raises((InterfaceError, TransactionManagementError)):
        send_waiting(die_after_the_first)
    connection.close()
    assert waiting() == [(1, ASKED), (1, STALLED)]
    send_waiting(into(sent))
    assert sent == [(1, ASKED), (1, STALLED), (1, ASKED), (1, STALLED)]


@pytest.mark.django_db(transaction=True)
def test_a_subject_is_held_before_an_event_takes_its_id() -> None:
    subject, other = digest(), digest()
    begun: list[int] = []

    def record_too() -> None:
        try:
            with transaction.atomic():
                begun.append(outbox.record(ASKED, other).pk)
                begun.append(outbox.record(STALLED, subject).pk)
        finally:
            connection.close()

    thread = Thread(target=record_too)
    with transaction.atomic():
        first = outbox.record(ASKED, subject).pk
        thread.start()
        assert eventually(lambda: len(begun) == 1, 10)  # another subject's does not wait
        assert not eventually(lambda: len(begun) == 2, 0.3)
        second = outbox.record(STALLED, subject).pk
    thread.join()
    assert first < begun[0] < second < begun[1]


def test_only_what_was_published_a_week_ago_is_pruned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch, "PRUNED_AT_ONCE", 1)
    now = timezone.now()
    days = timedelta(days=1)
    for subject, published_at in enumerate([now - 8 * days, now - 6 * days, None, now - 9 * days], 1):
        record(subject, ASKED)
        OutboxEvent.objects.filter(subject_id=subject).update(published_at=published_at)
    OutboxEvent.objects.update(created_at=now - timedelta(days=30))

    assert prune(now) == 2

    assert set(OutboxEvent.objects.values_list("subject_id", flat=True)) == {2, 3}
