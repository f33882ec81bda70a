"""Several relays and many writers: whoever listens hears each subject's events in the order of their commits."""

import json
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import F
from kombu import Connection

from knowledge import outbox
from knowledge.events import EventType
from knowledge.models import Entry, OutboxEvent
from tests.knowledge.digests.rows import entry
from tests.workers.conftest import Rabbit
from tests.workers.programs import RELAY, Programs, eventually
from tests.workers.test_broker import listen

pytestmark = [pytest.mark.slow, pytest.mark.rabbitmq, pytest.mark.django_db(transaction=True)]
SECONDS = 120
SUBJECTS, WRITERS, WRITES = 5, 6, 40


def relays() -> int:
    """How many relays listen to the database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query = 'LISTEN nexus_outbox'"
        )
        (number,) = cursor.fetchone()
    return int(number)


def write(subjects: list[Entry]) -> None:
    """Changes one subject after the other; each change says the how many-eth of its subject it is."""
    try:
        for subject in subjects * (WRITES // SUBJECTS):
            with transaction.atomic():
                Entry.objects.filter(pk=subject.pk).update(score=F("score") + 1)
                number = Entry.objects.values_list("score", flat=True).get(pk=subject.pk)
                outbox.record(EventType.ENTRY_UPDATED, subject, revision=number, shown=False)
    finally:
        connection.close()


def published() -> int:
    return OutboxEvent.objects.exclude(published_at=None).count()


def test_three_relays_of_which_one_is_killed(rabbit_programs: Programs, rabbit: Rabbit) -> None:
    subjects = [entry(f"Entry {number}", datetime(2026, 3, 2, tzinfo=UTC)) for number in range(SUBJECTS)]
    with Connection(rabbit.url) as broker, ThreadPoolExecutor(WRITERS) as pool:
        queue = listen(rabbit, broker)
        processes = [rabbit_programs.start(*RELAY) for _ in range(3)]
        assert eventually(lambda: relays() == 3, SECONDS), rabbit_programs.said()

        for place in range(WRITERS):
            pool.submit(write, subjects[place % SUBJECTS :] + subjects[: place % SUBJECTS])
        assert eventually(lambda: published() > 0, SECONDS)
        rabbit_programs.kill(processes[0])
        rabbit_programs.start(*RELAY)
        pool.shutdown()
        total = WRITERS * WRITES
        assert eventually(lambda: published() == total, SECONDS), rabbit_programs.said()
        heard = heard_of(queue)

    changes = list(range(1, total // SUBJECTS + 1))
    assert {key: list(dict.fromkeys(numbers)) for key, numbers in heard.items()} == {
        str(subject.pk): changes for subject in subjects
    }


def heard_of(queue: Any) -> dict[str, list[int]]:
    """What was heard of each subject, in order; also what was heard twice."""
    heard = defaultdict(list)
    while message := queue.get(no_ack=True):
        told = json.loads(message.body)
        heard[told["subject"]["id"]].append(told["payload"]["revision"])
    return heard
