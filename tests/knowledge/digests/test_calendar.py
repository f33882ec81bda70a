"""Digests that come by the calendar."""

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection

from knowledge.digests import open_due_windows
from knowledge.digests.calendar import SETTLED_AFTER, complete_windows
from knowledge.models import Digest, DigestAudience, DigestCadence, OutboxEvent
from tests.knowledge.digests.rows import challenge, entry

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 3, 2, 0, 5, tzinfo=UTC)


def opened() -> list[tuple[str, str]]:
    """Titles and audiences, in the order in which they were opened."""
    return list(Digest.objects.order_by("pk").values_list("title", "audience"))


def test_the_windows_of_a_monday_after_a_month() -> None:
    windows = [
        (window.cadence, window.start.date().isoformat(), window.end.date().isoformat())
        for window in complete_windows(MONDAY)
        if window.audience == DigestAudience.EVERYONE
    ]
    assert windows == [
        ("DAILY", "2026-03-01", "2026-03-02"),
        ("DAILY", "2026-02-28", "2026-03-01"),
        ("DAILY", "2026-02-27", "2026-02-28"),
        ("DAILY", "2026-02-26", "2026-02-27"),
        ("DAILY", "2026-02-25", "2026-02-26"),
        ("DAILY", "2026-02-24", "2026-02-25"),
        ("DAILY", "2026-02-23", "2026-02-24"),
        ("WEEKLY", "2026-02-23", "2026-03-02"),
        ("WEEKLY", "2026-02-16", "2026-02-23"),
        ("WEEKLY", "2026-02-09", "2026-02-16"),
        ("WEEKLY", "2026-02-02", "2026-02-09"),
        ("MONTHLY", "2026-02-01", "2026-03-01"),
        ("MONTHLY", "2026-01-01", "2026-02-01"),
    ]


def test_nothing_is_opened_before_there_is_anything_to_tell() -> None:
    assert open_due_windows(MONDAY) == 0
    entry("First", MONDAY)
    assert open_due_windows(MONDAY) == 0
    assert opened() == []


def test_due_windows_are_opened_once_each_for_both_audiences() -> None:
    challenge("First", MONDAY - timedelta(days=1))

    assert [open_due_windows(MONDAY), open_due_windows(MONDAY), open_due_windows(MONDAY + timedelta(hours=23))] == [
        4,
        0,
        0,
    ]

    titles = ["Daily digest, 1 March 2026", "Weekly digest, 23 February to 1 March 2026"]
    assert opened() == [(title, audience) for title in titles for audience in ("EVERYONE", "REVIEWERS")]


def test_a_window_waits_for_what_is_committed_a_moment_after_it() -> None:
    midnight = MONDAY.replace(minute=0)
    entry("First", midnight - timedelta(hours=1))
    assert [
        open_due_windows(midnight + SETTLED_AFTER - timedelta(microseconds=1)),
        open_due_windows(midnight + SETTLED_AFTER),
    ] == [0, 4]


def test_the_next_day_opens_the_next_windows() -> None:
    entry("First", MONDAY - timedelta(hours=1))
    open_due_windows(MONDAY)
    Digest.objects.all().delete()
    OutboxEvent.objects.all().delete()
    entry("Second", MONDAY)
    open_due_windows(MONDAY)
    before = len(opened())

    assert open_due_windows(MONDAY + timedelta(days=1)) == 2

    newest = Digest.objects.order_by("pk")[before]
    assert (newest.title, newest.status, newest.cadence) == (
        "Daily digest, 2 March 2026",
        "QUEUED",
        DigestCadence.DAILY,
    )
    assert (newest.created_at, newest.queued_at) == (MONDAY + timedelta(days=1),) * 2
    assert OutboxEvent.objects.filter(type="digest.requested", subject_id=newest.pk).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_beats_at_once_open_each_window_once() -> None:
    entry("First", MONDAY - timedelta(days=40))
    barrier = Barrier(2)
    answers: list[int] = []

    def open_all() -> None:
        try:
            barrier.wait()
            answers.append(open_due_windows(MONDAY))
        finally:
            connection.close()

    threads = [Thread(target=open_all) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(answers) == Digest.objects.count() == OutboxEvent.objects.count() == 26
