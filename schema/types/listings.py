"""What can be asked of each kind of list: filters, orders, and which order holds when none is given."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    BooleanField,
    DateTimeField,
    DecimalField,
    IntegerField,
    Q,
    TextField,
)
from django.db.models.functions import Lower

from knowledge import reads, search
from knowledge.errors import Mistakes
from knowledge.policy import NO_ROW
from knowledge.text import slug_for
from schema.errors import bad_input
from schema.planner.cursors import rank, whole_number
from schema.planner.needs import Filter, Given, Index, Listing, Order

WORDS = ArrayField(TextField())
MOST_TAGS = 100
LONGEST_TEXT = 1_000
WHOLE = whole_number(1 - 2**31, 2**31)


def moment(by: str, *, nullable: bool = False) -> Order:
    """An order by time."""
    return Order(by, DateTimeField(), _moment, nullable=nullable)


def number(by: str) -> Order:
    """An order by a whole number."""
    return Order(by, IntegerField(), WHOLE)


def _moment(value: Any) -> datetime:
    parsed = datetime.fromisoformat(value)
    if parsed.tzinfo is None:
        raise ValueError(value)
    # PostgreSQL reads offsets up to sixteen hours, Python up to twenty-four.
    return parsed.astimezone(UTC)


def _text(value: Any) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise ValueError(value)
    return value


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(value)
    return value


def _relevance(given: Given) -> Any:
    asked = given.bound("where", "text", output=WORDS, convert=_typed)
    return search.rank(given.once(search.text_query(asked)), given.once(search.exact_query(asked)))


def one_of(column: str, query: Callable[[Any], Any] | None = None) -> Filter:
    """The column is one of the enum values; `query` finds the same where the search column has them too."""
    return Filter(
        lambda values: Q(**{f"{column}__any": values}), WORDS, lambda values: [v.value for v in values], query
    )


def at_least(column: str) -> Filter:
    """The number is the value or more."""
    return Filter(lambda value: Q(**{f"{column}__gte": value}), IntegerField())


def during(column: str, name: str) -> dict[str, Filter]:
    """A half-open range of time."""
    return {
        f"{name}.from_": Filter(lambda value: Q(**{f"{column}__gte": value}), DateTimeField()),
        f"{name}.to": Filter(lambda value: Q(**{f"{column}__lt": value}), DateTimeField()),
    }


def tagged(q: Callable[[Any], Q]) -> Filter:
    """Tags by slugs, names or aliases."""
    return Filter(q, WORDS, _slugs)


def marked(query: Callable[[Any], Any], *, empty_holds: bool = False) -> Filter:
    """The same of rows that have their tags' marks in their search column."""
    return Filter(None, WORDS, _slugs, query=query, empty_holds=empty_holds)


def _slugs(words: list[str]) -> list[str]:
    if len(words) > MOST_TAGS:
        raise bad_input(f"A filter names at most {MOST_TAGS} tags.")
    return sorted({slug_for(word) for word in words})


def _typed(text: str) -> list[str]:
    mistakes = Mistakes()
    words = search.clean_words(text, mistakes, "text", most=LONGEST_TEXT, required=False)
    for mistake in mistakes.found:
        raise bad_input(mistake.message)
    return search.typed(words)


def _some(listing: Listing, *names: str) -> dict[str, Filter]:
    return {name: listing.filters[name] for name in names}


# Of a column that other types have: no row of this one holds it.
NOT_ITS_OWN = Filter(lambda _values: NO_ROW, WORDS)
RELEVANCE = Order(_relevance, DecimalField(), rank, needs="text", descending_only=True)
TEXT = Filter(None, WORDS, _typed, query=search.text_query)
ANY_TAG = marked(search.any_tag_query)
ALL_TAGS = marked(search.all_tags_query, empty_holds=True)
WORDS_INDEX = Index(
    found=search.found,
    matches=search.matches,
    is_common=search.is_common,
    all_of=search.all_of,
    any_of=search.any_of,
)

ENTRIES = Listing(
    filters={
        "kind": one_of("kind", query=search.kind_query),
        "status": one_of("status"),
        "author": Filter(reads.written_by, TextField()),
        "tags_any": ANY_TAG,
        "tags_all": ALL_TAGS,
        "text": TEXT,
        **during("created_at", "created_at"),
        **during("published_at", "published_at"),
        "min_score": at_least("score"),
    },
    orders={
        "PUBLISHED_AT": moment("published_at", nullable=True),
        "CREATED_AT": moment("created_at"),
        "UPDATED_AT": moment("updated_at"),
        "TITLE": Order(lambda _given: Lower("title"), TextField(), _text),
        "SCORE": number("score"),
        "SOURCE_COUNT": number("source_count"),
        "RELEVANCE": RELEVANCE,
    },
    default=(("PUBLISHED_AT", "DESC"),),
    index=WORDS_INDEX,
)
CHALLENGES = Listing(
    filters={
        "status": one_of("status"),
        "difficulty": one_of("difficulty"),
        "author": Filter(reads.written_by, TextField()),
        "tags_any": ANY_TAG,
        "tags_all": ALL_TAGS,
        "text": TEXT,
        "has_solutions": Filter(reads.challenge_has_solutions, BooleanField()),
        **during("created_at", "created_at"),
        "min_score": at_least("score"),
    },
    orders={
        "CREATED_AT": moment("created_at"),
        "UPDATED_AT": moment("updated_at"),
        "TITLE": Order(lambda _given: Lower("title"), TextField(), _text),
        "SCORE": number("score"),
        "RELEVANCE": RELEVANCE,
    },
    default=(("CREATED_AT", "DESC"),),
    index=WORDS_INDEX,
)
SEARCHED_ENTRIES = Listing(
    filters={**_some(ENTRIES, "tags_any", "tags_all", "kind"), "status": NOT_ITS_OWN}, index=WORDS_INDEX
)
SEARCHED_CHALLENGES = Listing(
    filters={**_some(CHALLENGES, "tags_any", "tags_all", "status"), "kind": NOT_ITS_OWN}, index=WORDS_INDEX
)
SEARCHED_SOLUTIONS = Listing(
    filters={
        "tags_any": tagged(reads.solution_has_any_tag),
        "tags_all": tagged(reads.solution_has_all_tags),
        "kind": NOT_ITS_OWN,
        "status": NOT_ITS_OWN,
    }
)
SOLUTIONS = Listing(
    orders={
        "ACCEPTED_FIRST": Order("is_accepted", BooleanField(), _truth, descending_only=True, then=(number("score"),)),
        "CREATED_AT": moment("created_at"),
        "SCORE": number("score"),
    },
    default=(("ACCEPTED_FIRST", "DESC"),),
)
TAGS = Listing(
    filters={
        "category": one_of("category"),
        "prefix": Filter(reads.tag_starts_with, TextField()),
        "used": Filter(reads.tag_is_used, BooleanField()),
    },
    orders={
        "NAME": Order("slug", TextField(), _text),
        "ENTRY_COUNT": number("entry_count"),
        "CHALLENGE_COUNT": number("challenge_count"),
    },
    default=(("NAME", "ASC"),),
)
USERS = Listing(
    filters={
        "role": one_of("role"),
        "is_active": Filter(lambda value: Q(is_active=value), BooleanField()),
        "prefix": Filter(reads.user_starts_with, TextField()),
    },
    orders={"JOINED_AT": moment("joined_at")},
    default=(("JOINED_AT", "DESC"),),
)
AUDIT_EVENTS = Listing(
    filters={
        "action": Filter(lambda words: Q(action__any=words), WORDS),
        "actor": Filter(reads.done_by, TextField()),
        **during("at", "at"),
    },
    orders={"AT": moment("at")},
    default=(("AT", "DESC"),),
)
REVISIONS = Listing(
    # Only what waits for a review is listed in the order of submission, so there always is one.
    orders={"CREATED_AT": moment("created_at"), "SUBMITTED_AT": moment("submitted_at")},
    default=(("CREATED_AT", "DESC"),),
)
SOURCES = Listing(orders={"IMPORTED_AT": moment("imported_at")}, default=(("IMPORTED_AT", "DESC"),))
BOOKMARKS = Listing(orders={"CREATED_AT": moment("created_at")}, default=(("CREATED_AT", "DESC"),))
DELIVERIES = Listing(orders={"CREATED_AT": moment("created_at")}, default=(("CREATED_AT", "DESC"),))
DIGESTS = Listing(
    filters={"status": one_of("status"), "cadence": one_of("cadence")},
    orders={"CREATED_AT": moment("created_at")},
    default=(("CREATED_AT", "DESC"),),
)
