"""Pairs of challenges that are one, and pairs that only look so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.text import gist_of, likeness, parts_to_look_for, told_apart_by
from knowledge.text.gist import ALIKE

# The words that the longer one has more.
SAME = [
    ("Release irregularities", "Release Irregularity", ()),
    ("Prices agree between the shops.", "Ensuring prices agree between all shops", ()),
    ("Nightly imports lock the orders table", "Nightly bulk imports locking the orders table", ("bulk",)),
    ("Stale translated pages", "Stale translated pages in staging", ("staging",)),
    ("Users could not upload large files", "The users couldn't upload large files!", ()),
    ("Managing shared state", "The problem of shared states", ()),
    ("Two workers took the same queued job", "How two workers took one same queued job", ("one",)),
    ("Emails were sent twice after retries", "Emails sent twice after the retries", ()),
    ("Slow queries with big tables in reports", "slow query with big tables in the reports", ()),
    ("Cannot connect to Redis", "I can't connect to redis", ()),
]
OTHER = [
    ("Cannot connect to Redis", "Cannot connect to RabbitMQ", "another name"),
    (
        "The API cannot connect to Redis from its container",
        "The API cannot connect to its container",
        "a name left out",
    ),
    ("Slow queries on large PostgreSQL tables at night", "Slow queries on large tables at night", "a name more"),
    ("Users can log in after a reset", "Users cannot log in after a reset", "a negation"),
    ("Jobs run before the commit is through", "Jobs run after the commit is through", "before and after"),
    ("Tests pass locally but fail in CI", "Tests fail locally but pass in CI", "another order"),
    ("Migrating from MySQL to PostgreSQL", "Migrating from PostgreSQL to MySQL", "another direction"),
    ("The frontend waits for the backend", "The backend waits for the frontend", "another order"),
    ("Upgrading to Python 3 broke the build", "Upgrading to Python broke the build", "a number more"),
    ("Static files answered 404 in production", "Static files answered 403 in production", "another number"),
    ("Encoding files on upload took minutes", "Decoding files on upload took minutes", "the opposite word"),
    ("Authenticated users see the wrong page", "Unauthenticated users see the wrong page", "the opposite word"),
    ("Slow queries", "Slow queries when tables grow over a year", "much more"),
    ("Docker problems", "Managing Docker", "one word says too little"),
    ("", "", "nothing said"),
    ("Rows are only locked while counting stock", "Rows are locked while counting stock", "a small word that turns it"),
    ("Reads are fast with large datasets", "Reads are slow with large datasets", "the opposite word"),
]
WORDS = ("slow", "queries", "query", "not", "Redis", "the", "tables", "big", "Loading", "after", "429", "can't", "ever")
TEXTS = st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)


@pytest.mark.parametrize(("one", "other", "more"), SAME)
def test_one_challenge_in_nearly_the_same_words(one: str, other: str, more: tuple[str, ...]) -> None:
    assert told_apart_by(gist_of(one), gist_of(other)) == more
    assert told_apart_by(gist_of(other), gist_of(one)) == more


@pytest.mark.parametrize(("one", "other", "why"), OTHER)
def test_two_challenges_that_look_alike(one: str, other: str, why: str) -> None:
    assert told_apart_by(gist_of(one), gist_of(other)) is None, why
    assert told_apart_by(gist_of(other), gist_of(one)) is None, why


def test_a_name_like_any_word_is_answered_for_the_caller_to_know() -> None:
    one, other = gist_of("Slow writes to the large redis cache"), gist_of("Slow writes to the large cache")
    assert told_apart_by(one, other) == ("redis",)


def test_words_without_their_endings() -> None:
    assert gist_of("Cached queries, a query's cache and caching in C++ & C#").stems == ("cach", "query", "c++", "c#")
    assert gist_of("It didn’t and cannot NOT work").stems == ("not", "work")


def test_a_word_that_is_none_fits_an_index() -> None:
    one, other = gist_of("Slow", "é" * 100_000), gist_of("Slow", "é" * 99_999)
    assert [len(stem) for stem in one.kept] == [4, 40]
    assert one.kept != other.kept


def test_a_story_is_not_compared() -> None:
    story = gist_of(" ".join(f"word{number}x" for number in range(100)))
    assert (story.is_comparable, story.kept, len(story.stems)) == (False, [], 33)
    assert told_apart_by(story, story) is None


@given(TEXTS, TEXTS)
def test_what_is_alike_has_a_group_of_words_whole(one: str, other: str) -> None:
    gist, there = gist_of(one), gist_of(other)
    assert told_apart_by(gist, there) == told_apart_by(there, gist)
    if told_apart_by(gist, there) is not None:
        assert likeness(gist, there) >= ALIKE
        assert any(set(group) <= set(there.stems) for group in parts_to_look_for(gist))
    assert sorted(stem for group in parts_to_look_for(gist) for stem in group) == sorted(gist.stems)


@given(TEXTS)
def test_a_text_that_is_compared_is_like_itself(text: str) -> None:
    gist = gist_of(text)
    assert told_apart_by(gist, gist) == (() if gist.is_comparable else None)
