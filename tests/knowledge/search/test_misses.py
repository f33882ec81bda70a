"""Searches in vain: noted beside the answer, moved by a worker, counted by words and day."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from functools import partial
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.cache import caches
from django.db import DatabaseError, connection, transaction

from knowledge.models import SearchMiss
from knowledge.search import misses
from tests.together import at_once

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _empty() -> Iterator[None]:
    caches[misses.SHARED].clear()
    yield
    caches[misses.SHARED].clear()


def counted() -> list[tuple[date, str, int]]:
    return list(SearchMiss.objects.order_by("day", "words").values_list("day", "words", "count"))


def test_notes_are_counted_by_words_and_day() -> None:
    for words, days in (("Rust", 0), ("rust", 0), ("helm", 0), ("rust", 1)):
        misses.note(words, now=NOON + timedelta(days=days))
    assert counted() == []
    assert misses.flush(NOON) == 4
    assert counted() == [(date(2026, 3, 2), "helm", 1), (date(2026, 3, 2), "rust", 2), (date(2026, 3, 3), "rust", 1)]


def test_what_was_moved_is_not_moved_again_and_more_is_added() -> None:
    misses.note("rust", now=NOON)
    assert (misses.flush(NOON), misses.flush(NOON)) == (1, 0)
    misses.note("rust", now=NOON)
    misses.note("zig", now=NOON)
    assert misses.flush(NOON) == 2
    assert counted() == [(date(2026, 3, 2), "rust", 2), (date(2026, 3, 2), "zig", 1)]


def test_the_day_is_that_of_utc() -> None:
    misses.note("rust", now=datetime(2026, 3, 3, 1, tzinfo=timezone(timedelta(hours=3))))
    misses.flush(NOON)
    assert counted() == [(date(2026, 3, 2), "rust", 1)]


def test_one_process_moves_at_a_time() -> None:
    misses.note("rust", now=NOON)
    caches[misses.SHARED].add("search-misses:moving", 1, 60)
    assert (misses.flush(NOON), counted()) == (0, [])
    caches[misses.SHARED].delete("search-misses:moving")
    assert misses.flush(NOON) == 1


def test_words_that_grow_in_lower_case_are_cut_and_hold_up_no_others() -> None:
    misses.note("İ" * 150, now=NOON)
    misses.note("rust", now=NOON)
    assert misses.flush(NOON) == 2
    assert counted() == [(date(2026, 3, 2), "İ".lower() * 100, 1), (date(2026, 3, 2), "rust", 1)]


def test_notes_wait_where_the_database_fails() -> None:
    misses.note("rust", now=NOON)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE knowledge_searchmiss RENAME TO elsewhere")
        with pytest.raises(DatabaseError):
            misses.flush(NOON)
        transaction.set_rollback(True)
    assert (misses.flush(NOON), misses.flush(NOON)) == (1, 0)
    assert counted() == [(date(2026, 3, 2), "rust", 1)]


def test_a_flood_leaves_the_last_thousand() -> None:
    for number in range(misses.MOST + 5):
        misses.note(f"word {number}", now=NOON)
    assert misses.flush(NOON) == misses.MOST
    assert not SearchMiss.objects.filter(words="word 4").exists()
    assert SearchMiss.objects.filter(words="word 5").exists()


def test_a_cache_that_was_emptied_counts_from_the_start() -> None:
    for _ in range(3):
        misses.note("rust", now=NOON)
    misses.flush(NOON)
    caches[misses.SHARED].delete("search-misses:noted")
    misses.note("zig", now=NOON)
    assert misses.flush(NOON) == 1
    assert (date(2026, 3, 2), "zig", 1) in counted()


def test_old_ones_are_forgotten() -> None:
    SearchMiss.objects.create(words="old", day=(NOON - misses.KEPT).date() - timedelta(days=1))
    SearchMiss.objects.create(words="not yet", day=(NOON - misses.KEPT).date())
    assert misses.flush(NOON) == 0
    assert [words for _, words, _ in counted()] == ["not yet"]


def test_a_folder_is_shared_as_well(settings: LazySettings, tmp_path: Path) -> None:
    folder = {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": tmp_path, "TIMEOUT": None}
    settings.CACHES = {**settings.CACHES, misses.SHARED: folder}
    misses.note("rust", now=NOON)
    misses.note("rust", now=NOON)
    assert misses.flush(NOON) == 2
    assert counted() == [(date(2026, 3, 2), "rust", 2)]


def test_notes_made_at_once_are_all_there() -> None:
    at_once([partial(misses.note, "rust", now=NOON)] * 8)
    assert misses.flush(NOON) == 8
