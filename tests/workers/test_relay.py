"""The relay: wakes up, keeps the order, survives the broker's absence, ends when asked."""

import json
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from kombu import Connection
from kombu.exceptions import OperationalError

from knowledge import outbox
from knowledge.events import EventType
from knowledge.models import Digest, OutboxEvent
from tests.workers.conftest import Rabbit
from tests.workers.programs import eventually
from tests.workers.proxy import Door
from tests.workers.test_broker import listen
from workers.broker import BrokerAway, Publisher
from workers.listener import Listener
from workers.relay import CHANNEL, POLL_SECONDS, Relay

pytestmark = pytest.mark.django_db(transaction=True)
# For what comes by itself, on a machine that has much else to do.
SECONDS = 120


class Enqueued:
    """Takes the place of a queue of tasks: keeps what it is sent, and is away on demand."""

    def __init__(self) -> None:
        self.tasks: list[tuple[str, tuple[int, ...], str]] = []
        self.away = False

    def __call__(self, name: str, args: tuple[int, ...], *, task_id: str, **options: Any) -> None:
        if self.away:
            raise OperationalError("no route to broker")
        self.tasks.append((name, args, task_id))


def record(subject: int, *types: EventType) -> None:
    with transaction.atomic():
        for each in types:
            outbox.record(each, Digest(pk=subject))


def all_published() -> bool:
    return not OutboxEvent.objects.filter(published_at=None).exists()


@contextmanager
def in_a_thread(relay: Relay) -> Iterator[None]:
    """The relay runs meanwhile."""

    def run() -> None:
        try:
            relay.run()
        finally:
            connection.close()

    thread = Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        relay.stop()
        thread.join(SECONDS)
        assert not thread.is_alive()


@contextmanager
def running(
    *, publisher: Publisher | None = None, send_task: Any, poll_seconds: float = POLL_SECONDS
) -> Iterator[None]:
    """A relay that listens to the test's database runs meanwhile."""
    with (
        Listener(connection.settings_dict, CHANNEL) as listener,
        in_a_thread(Relay(publisher=publisher, send_task=send_task, listener=listener, poll_seconds=poll_seconds)),
    ):
        yield
    if publisher:
        publisher.close()


def test_an_event_becomes_the_tasks_of_the_table_named_after_it() -> None:
    record(7, EventType.DIGEST_REQUESTED, EventType.DIGEST_FAILED, EventType.DIGEST_STALLED)
    first, _, third = OutboxEvent.objects.order_by("pk").values_list("pk", flat=True)
    enqueued = Enqueued()

    with Listener(connection.settings_dict, CHANNEL) as listener:
        Relay(publisher=None, send_task=enqueued, listener=listener).send_all()

    assert enqueued.tasks == [
        ("workers.make_digest", (7,), f"{first}-workers.make_digest"),
        ("workers.make_digest", (7,), f"{third}-workers.make_digest"),
    ]
    assert all_published()


def test_it_is_woken_by_a_commit_and_not_by_the_clock() -> None:
    enqueued = Enqueued()
    with running(send_task=enqueued, poll_seconds=SECONDS * 10):
        for subject in range(1, 6):
            record(subject, EventType.DIGEST_REQUESTED)
            assert eventually(lambda expected=subject: len(enqueued.tasks) == expected, SECONDS)  # type: ignore[misc]


def test_without_a_notification_it_looks_for_itself() -> None:
    enqueued = Enqueued()
    record(1, EventType.DIGEST_REQUESTED)
    OutboxEvent.objects.update(next_attempt_at=timezone.now() + timedelta(seconds=0.5))
    with running(send_task=enqueued):
        assert eventually(lambda: len(enqueued.tasks) == 1, SECONDS)


def test_without_a_database_to_listen_to_it_looks_for_itself() -> None:
    enqueued = Enqueued()
    with Listener({**connection.settings_dict, "PORT": "1"}, CHANNEL) as listener:
        relay = Relay(publisher=None, send_task=enqueued, listener=listener)
        record(1, EventType.DIGEST_REQUESTED)
        with in_a_thread(relay):
            assert eventually(lambda: len(enqueued.tasks) == 1, SECONDS)
            record(2, EventType.DIGEST_REQUESTED)
            assert eventually(lambda: len(enqueued.tasks) == 2, SECONDS)


def test_while_the_queue_is_away_nothing_is_lost_and_it_says_so_once(caplog: pytest.LogCaptureFixture) -> None:
    enqueued = Enqueued()
    enqueued.away = True
    caplog.set_level(logging.INFO, "workers.relay")
    with running(send_task=enqueued):
        record(1, EventType.DIGEST_REQUESTED)
        record(2, EventType.DIGEST_REQUESTED)
        time.sleep(1.2)
        assert not OutboxEvent.objects.exclude(published_at=None).exists()
        enqueued.away = False
        assert eventually(all_published, SECONDS)

    assert [args for _, args, _ in enqueued.tasks] == [(1,), (2,)]
    assert [record.getMessage() for record in caplog.records] == [
        "the broker is away (no route to broker); trying again with growing pauses",
        "broker and database are back; nothing was lost",
    ]


def others(counted: str) -> int:
    """How many other connections to this database there are, or to how many of them it was done."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count({counted}) FROM pg_stat_activity"  # noqa: S608 - our own words
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        (number,) = cursor.fetchone()
    return int(number)


def test_it_comes_back_after_the_database_hung_up() -> None:
    enqueued = Enqueued()
    with running(send_task=enqueued):
        record(1, EventType.DIGEST_REQUESTED)
        assert eventually(lambda: len(enqueued.tasks) == 1, SECONDS)
        # Both of its connections: the one that listens is made when there is nothing to do.
        assert eventually(lambda: others("pid") >= 2, SECONDS)
        assert others("pg_terminate_backend(pid)") >= 2
        record(2, EventType.DIGEST_REQUESTED)
        # The first one comes again where the database hung up before it was marked.
        assert eventually(lambda: (2,) in [args for _, args, _ in enqueued.tasks], SECONDS)


@pytest.mark.rabbitmq
def test_two_relays_tell_other_systems_each_event_once_and_in_order(rabbit: Rabbit) -> None:
    order = [EventType.DIGEST_REQUESTED, EventType.DIGEST_STALLED, EventType.DIGEST_FAILED]
    with Connection(rabbit.url) as broker:
        queue = listen(rabbit, broker)
        publishers = [Publisher(rabbit.url, f"{rabbit.prefix}.events") for _ in range(2)]
        with (
            running(publisher=publishers[0], send_task=Enqueued()),
            running(publisher=publishers[1], send_task=Enqueued()),
        ):
            for subject in range(1, 31):
                record(subject, *order)
            assert eventually(all_published, SECONDS)
        heard = []
        while message := queue.get(no_ack=True):
            heard.append(json.loads(message.body))

    assert sorted(int(each["id"]) for each in heard) == sorted(OutboxEvent.objects.values_list("pk", flat=True))
    for subject in range(1, 31):
        assert [each["type"] for each in heard if each["subject"] == {"type": "Digest", "id": str(subject)}] == order


@pytest.mark.rabbitmq
def test_the_message_says_what_happened_to_what_and_when(rabbit: Rabbit) -> None:
    with transaction.atomic():
        event = outbox.record(EventType.DIGEST_READY, Digest(pk=3), item_count=2)
    publisher = Publisher(rabbit.url, f"{rabbit.prefix}.events")
    with Connection(rabbit.url) as broker, Listener(connection.settings_dict, CHANNEL) as listener:
        queue = listen(rabbit, broker)
        Relay(publisher=publisher, send_task=Enqueued(), listener=listener).send_all()
        publisher.close()
        message = queue.get(no_ack=True)

    assert json.loads(message.body) == {
        "id": str(event.pk),
        "type": "digest.ready",
        "version": 1,
        "at": event.created_at.isoformat(),
        "subject": {"type": "Digest", "id": "3"},
        "payload": {"item_count": 2},
    }


@pytest.mark.rabbitmq
@pytest.mark.usefixtures("failing_connections")
def test_an_exchange_that_is_away_keeps_tasks_from_being_sent_before_their_event(rabbit: Rabbit) -> None:
    record(1, EventType.DIGEST_REQUESTED)
    enqueued = Enqueued()
    with Door(rabbit.url) as door, Listener(connection.settings_dict, CHANNEL) as listener:
        relay = Relay(publisher=Publisher(door.url, f"{rabbit.prefix}.events"), send_task=enqueued, listener=listener)
        with pytest.raises(BrokerAway):
            relay.send_all()
        assert (enqueued.tasks, all_published()) == ([], False)
        door.open()
        relay.send_all()
    assert ([name for name, _, _ in enqueued.tasks], all_published()) == (["workers.make_digest"], True)
