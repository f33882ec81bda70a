"""The sweep: what has waited too long or lost its maker gets another chance, and in the end an answer."""

from datetime import timedelta
from threading import Thread

import pytest
from django.db import connection, transaction

from knowledge.digests import heal_stale, make_digest
from knowledge.digests.lifecycle import FAILURE, LEASE, give_up, report, take
from knowledge.models import Digest, OutboxEvent
from tests.knowledge.digests.rows import END, digest

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


def events() -> list[tuple[str, int]]:
    return list(OutboxEvent.objects.order_by("pk").values_list("type", "subject_id"))


def test_what_has_been_queued_for_a_minute_is_sent_again_once_a_minute() -> None:
    made = digest()

    swept = [heal_stale(END + wait) for wait in (MINUTE - SECOND, MINUTE, MINUTE + SECOND, 2 * MINUTE)]

    assert swept == [0, 1, 0, 1]
    assert events() == [("digest.stalled", made.pk)] * 2
    made.refresh_from_db()
    assert (made.status, made.attempts, made.queued_at) == ("QUEUED", 0, END + 2 * MINUTE)


def test_an_expired_lease_is_sent_again_and_a_live_one_is_left_alone() -> None:
    made = digest()
    claim = take(made.pk, END)
    assert claim is not None
    report(claim, 36)

    assert [heal_stale(END + LEASE - SECOND), heal_stale(END + LEASE)] == [0, 1]

    made.refresh_from_db()
    assert (made.status, made.attempts, made.lease_expires_at, made.progress) == ("QUEUED", 1, None, 0)
    assert events() == [("digest.stalled", made.pk)]
    assert make_digest(made.pk, now=END + LEASE) is True


def test_who_gives_up_leaves_it_as_it_was_before() -> None:
    made = digest()
    claim = take(made.pk, END)
    assert claim is not None
    report(claim, 90)

    give_up(claim, END + SECOND)

    made.refresh_from_db()
    assert (made.status, made.attempts, made.progress, made.queued_at) == ("QUEUED", 1, 0, END + SECOND)


def test_a_digest_whose_makers_all_died_fails_with_words() -> None:
    made = digest()
    for attempt in range(3):
        assert take(made.pk, END + attempt * LEASE) is not None

    assert take(made.pk, END + 3 * LEASE) is None
    assert heal_stale(END + 3 * LEASE) == 1

    made.refresh_from_db()
    assert (made.status, made.failure, made.finished_at) == ("FAILED", FAILURE, END + 3 * LEASE)
    assert events() == [("digest.failed", made.pk)]
    assert heal_stale(END + 9 * LEASE) == 0


def test_what_is_done_is_left_alone() -> None:
    made = digest()
    make_digest(made.pk, now=END)
    before = Digest.objects.values().get()

    assert heal_stale(END + timedelta(days=1)) == 0
    assert Digest.objects.values().get() == before


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_send_it_once() -> None:
    made = digest()
    swept: list[int] = []

    def sweep() -> None:
        try:
            swept.append(heal_stale(END + MINUTE))
        finally:
            connection.close()

    second = Thread(target=sweep)
    with transaction.atomic():
        swept.append(heal_stale(END + MINUTE))
        second.start()
        second.join()

    assert swept == [1, 0]
    assert events() == [("digest.stalled", made.pk)]
