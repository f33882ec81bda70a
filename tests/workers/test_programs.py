"""Relay, worker and beat as they are run in earnest: a digest that was asked for becomes READY, whatever dies."""

import signal
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from knowledge.digests import heal_stale, request_digest
from knowledge.models import Digest, OutboxEvent, User
from tests.cast import make_cast, viewer_of
from tests.knowledge.digests.rows import entry
from tests.workers.conftest import Rabbit
from tests.workers.programs import BEAT, RELAY, WORKER, Programs, eventually
from tests.workers.proxy import Door

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
# For what comes by itself, on a machine that has much else to do.
SECONDS = 120


@pytest.fixture(params=["folder", pytest.param("rabbit", marks=pytest.mark.rabbitmq)])
def either(request: pytest.FixtureRequest) -> Programs:
    """Programs over a folder, and over RabbitMQ."""
    fixture: Programs = request.getfixturevalue("programs" if request.param == "folder" else "rabbit_programs")
    return fixture


def ask(start: datetime = datetime(2026, 3, 2, tzinfo=UTC)) -> Digest:
    """A digest, asked for by somebody."""
    staff = make_cast().staff
    return request_digest(viewer_of(staff), window_start=start, window_end=start + timedelta(days=7))


def ask_again(made: Digest) -> Digest:
    """Another digest of the same window for the same person."""
    viewer = viewer_of(User.objects.get(digests=made))
    return request_digest(viewer, window_start=made.window_start, window_end=made.window_end)


def is_ready(made: Digest) -> bool:
    made.refresh_from_db()
    return made.status == "READY"


def sent() -> set[str]:
    return set(OutboxEvent.objects.exclude(published_at=None).values_list("type", flat=True))


def test_a_digest_becomes_ready_and_everything_ends_in_good_order(either: Programs) -> None:
    relay, worker = either.start(*RELAY), either.start(*WORKER)
    assert eventually(lambda: '"message": "celery@' in either.said() and "ready" in either.said(), SECONDS)

    made = ask()

    assert eventually(lambda: is_ready(made), SECONDS), either.said()
    assert eventually(lambda: sent() == {"digest.requested", "digest.ready"}, SECONDS)
    relay.send_signal(signal.SIGINT)
    worker.terminate()
    assert (relay.wait(SECONDS), worker.wait(SECONDS)) == (0, 0)
    assert "Traceback" not in either.said()


def test_a_worker_that_is_killed_at_work_is_made_up_for(either: Programs) -> None:
    entry("Something to write", datetime(2026, 3, 3, tzinfo=UTC))
    made = ask()
    either.start(*RELAY)
    worker = either.start(*WORKER)
    with transaction.atomic():
        with connection.cursor() as cursor:  # the worker comes as far as writing the sections, and waits
            cursor.execute("LOCK TABLE knowledge_digestsection IN ACCESS EXCLUSIVE MODE")
        assert eventually(lambda: Digest.objects.filter(progress=90).exists(), SECONDS), either.said()
        either.kill(worker)
    made.refresh_from_db()
    assert (made.status, made.attempts) == ("RUNNING", 1)

    either.start(*WORKER)
    Digest.objects.update(lease_expires_at=timezone.now())  # as if a minute had gone by
    assert heal_stale(timezone.now()) == 1

    assert eventually(lambda: is_ready(made), SECONDS), either.said()
    assert made.attempts == 2
    assert OutboxEvent.objects.filter(type="digest.ready").count() == 1


def test_beat_sends_the_sweep_and_two_beats_do_no_harm(either: Programs) -> None:
    made = ask()
    OutboxEvent.objects.all().delete()  # the task is lost
    Digest.objects.update(queued_at=timezone.now() - timedelta(minutes=2))
    for program in (RELAY, WORKER, BEAT, BEAT):
        either.start(*program)

    assert eventually(lambda: is_ready(made), SECONDS), either.said()
    told = OutboxEvent.objects.filter(subject_id=made.pk).order_by("pk").values_list("type", flat=True)
    assert (list(told), made.attempts) == (["digest.stalled", "digest.ready"], 1)
    assert "1 digests had waited too long" in either.said()
    assert "Sending due task" not in either.said()


def test_who_is_asked_to_stop_finishes_what_is_at_hand(either: Programs) -> None:
    entry("Something to write", datetime(2026, 3, 3, tzinfo=UTC))
    made = ask()
    either.start(*RELAY)
    worker = either.start(*WORKER)
    with transaction.atomic():
        with connection.cursor() as cursor:  # the worker comes as far as writing the sections, and waits
            cursor.execute("LOCK TABLE knowledge_digestsection IN ACCESS EXCLUSIVE MODE")
        assert eventually(lambda: Digest.objects.filter(progress=90).exists(), SECONDS), either.said()
        worker.terminate()
        assert not eventually(lambda: worker.poll() is not None, 1)

    assert worker.wait(SECONDS) == 0
    assert (is_ready(made), made.attempts) == (True, 1)


@pytest.mark.rabbitmq
def test_two_workers_of_one_name_share_the_work_and_each_installation_has_its_own(
    rabbit_programs: Programs, rabbit: Rabbit
) -> None:
    rabbit_programs.start(*RELAY)
    workers = [rabbit_programs.start(*WORKER, "--hostname", "one@here") for _ in range(2)]
    assert eventually(lambda: rabbit_programs.said().count("one@here ready") == 2, SECONDS), rabbit_programs.said()

    made = ask()
    assert eventually(lambda: is_ready(made), SECONDS), rabbit_programs.said()

    assert [worker.poll() for worker in workers] == [None, None]
    assert rabbit.listeners("control.pidbox", of="one@here.") == 2


@pytest.mark.rabbitmq
def test_while_rabbitmq_is_away_requests_succeed_and_afterwards_digests_are_made(
    rabbit_programs: Programs, rabbit: Rabbit
) -> None:
    with Door(rabbit.url) as door:
        for program in (RELAY, WORKER):
            rabbit_programs.start(*program, RABBITMQ_URL=door.url)
        made = ask()
        assert eventually(lambda: "the broker is away" in rabbit_programs.said(), SECONDS)
        assert (made.status, sent()) == ("QUEUED", set())

        door.open()
        assert eventually(lambda: is_ready(made), SECONDS), rabbit_programs.said()

        door.shut()
        door.open()
        again = ask_again(made)
        assert eventually(lambda: is_ready(again), SECONDS), rabbit_programs.said()
        rabbit_programs.end()
    assert [made.attempts, again.attempts] == [1, 1]
    assert OutboxEvent.objects.filter(type="digest.ready").count() == 2
