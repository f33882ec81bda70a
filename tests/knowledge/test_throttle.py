"""Counting attempts."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import caches
from django.db import connection
from pytest_django import Settings

from knowledge.errors import TooManyAttempts
from knowledge.throttle import Limit, allowed, in_one_case, key_of, worth_noting
from tests.caches import KINDS, own_cache

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
TEN = Limit("row", 10, QUARTER)


@pytest.fixture(autouse=True, params=KINDS)
def empty_cache(request: pytest.FixtureRequest, settings: Settings) -> None:
    """In the process, and in each cache that processes share."""
    settings.CACHES = own_cache(request.param)


def tried(limit: Limit = TEN, now: datetime = NOW) -> int | None:
    """The seconds to wait, if any."""
    try:
        allowed(limit, now=now)
    except TooManyAttempts as refused:
        return refused.retry_after
    return None


def test_lets_by_what_the_limit_does_and_says_how_long_the_others_wait() -> None:
    assert [tried() for _ in range(12)] == [None] * 10 + [900, 900]
    assert tried(Limit("another", 10, QUARTER)) is None


def test_the_first_refusal_of_a_window_is_marked() -> None:
    one = Limit("row", 1, QUARTER)
    allowed(one, now=NOW)
    firsts = []
    for _ in range(3):
        with pytest.raises(TooManyAttempts, match=r"^Too many attempts\. Wait 900 seconds\.$") as caught:
            allowed(one, now=NOW)
        firsts.append(caught.value.first)
    assert firsts == [True, False, False]


def test_a_window_begins_with_the_first_attempt() -> None:
    tried()
    for _ in range(10):
        tried(now=NOW + timedelta(minutes=10))
    assert tried(now=NOW + timedelta(minutes=14, seconds=58, milliseconds=500)) == 2
    assert tried(now=NOW + QUARTER) is None


def test_what_is_taken_back_was_not_made() -> None:
    for _ in range(30):
        allowed(TEN, now=NOW).take_back()
    assert [tried() for _ in range(11)] == [None] * 10 + [900]


def test_of_many_at_once_no_more_get_by() -> None:
    barrier = threading.Barrier(30)
    outcomes: list[int | None] = []

    def attempt() -> None:
        barrier.wait()
        outcomes.append(tried())
        caches.close_all()

    threads = [threading.Thread(target=attempt) for _ in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (outcomes.count(None), outcomes.count(900)) == (10, 20)


def test_of_many_few_are_worth_noting() -> None:
    noted = [worth_noting("row", 5, QUARTER, now=NOW) for _ in range(1_000)]
    assert [number for number in noted if number is not None] == [1, 2, 3, 4, 5, 8, 16, 32, 64, 128, 256, 512]
    assert worth_noting("row", 5, QUARTER, now=NOW + QUARTER) == 1


@pytest.mark.parametrize("text", ["", "x" * 100_000, "\x00", "\ud800", "with space", "名"])
def test_whatever_is_typed_makes_a_key(text: str) -> None:
    assert tried(Limit(key_of(text), 1, QUARTER)) is None
    assert tried(Limit(key_of(text), 1, QUARTER)) == 900


def test_parts_of_a_key_are_kept_apart() -> None:
    assert key_of("ab", "c") != key_of("a", "bc")


def test_what_the_database_takes_for_one_name_is_counted_as_one(db: None) -> None:
    characters = [chr(number) for number in range(1, 0x110000) if not 0xD800 <= number < 0xE000]
    with connection.cursor() as cursor:
        cursor.execute("SELECT c, lower(c) FROM unnest(%s::text[]) AS c WHERE lower(c) <> c", [characters])
        pairs = cursor.fetchall()
    assert len(pairs) > 1_000
    assert [pair for pair in pairs if in_one_case(pair[0]) != in_one_case(pair[1])] == []
    # A letter is written in two ways at the end of a word, and in one in the database.
    assert in_one_case("ΝΙΚΟΣ") == in_one_case("νικοσ")
    assert in_one_case("author") != in_one_case("anchor")
