"""Every verb that takes a key or expects a number: repeated, with other input, by another person, twenty at once."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from graphql import GraphQLInputObjectType

from knowledge.digests import request_digest
from knowledge.errors import MistakeCode, Rejected
from knowledge.models import Challenge, Digest, Entry, OutboxEvent, Solution
from knowledge.services.challenges import create_challenge, update_challenge
from knowledge.services.entries import create_entry, update_entry
from knowledge.services.solutions import create_solution, update_solution
from knowledge.services.vocabulary import create_tag, update_tag
from schema.schema import schema
from tests.cast import Cast, make_cast
from tests.knowledge.services.stages import published
from tests.schema.rows import at, tag
from tests.together import at_once

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 20
CORE = schema.graphql_schema


@dataclass(frozen=True)
class Making:
    """A verb that makes something; `given` is the input beside the key, `others` what may be another in it."""

    verb: Callable[..., Any]
    model: type[Any]
    given: Callable[[Cast], dict[str, Any]]
    others: dict[str, Any]


def question(cast: Cast) -> Challenge:
    return create_challenge(cast.viewer("staff"), title="Why", body="x")


MAKING = {
    "entry": Making(
        create_entry,
        Entry,
        lambda _: {"kind": "TOOL", "title": "T", "body": "B"},
        {
            "kind": "GUIDE",
            "title": "U",
            "summary": "S",
            "body": "C",
            "tags": ["t"],
            "resources": [{"title": "R", "url": "https://example.org"}],
            "challenge_ids": [1],
            "submit": True,
        },
    ),
    "challenge": Making(
        create_challenge,
        Challenge,
        lambda _: {"title": "T", "body": "B"},
        {"title": "U", "body": "C", "difficulty": "ADVANCED", "tags": ["t"], "entry_ids": [1]},
    ),
    "solution": Making(
        create_solution,
        Solution,
        lambda cast: {"challenge_id": question(cast).pk, "body": "B"},
        {"challenge_id": 0, "body": "C"},
    ),
    "digest": Making(
        request_digest,
        Digest,
        lambda _: {"window_start": at(0), "window_end": at(7)},
        {"window_start": at(1), "window_end": at(6), "tags": ["t"], "title": "U"},
    ),
}
making = pytest.mark.parametrize("made", MAKING.values(), ids=MAKING)


def refused(verb: Callable[[], object]) -> list[tuple[tuple[str, ...], MistakeCode]]:
    with pytest.raises(Rejected) as error:
        verb()
    return [(mistake.path, mistake.code) for mistake in error.value.mistakes]


@making
def test_a_key_is_for_one_input_of_one_person(made: Making) -> None:
    cast = make_cast()
    author, given = cast.viewer("author"), made.given(cast)
    first = made.verb(author, **given, idempotency_key="k")
    others, events = made.model.objects.exclude(pk=first.pk).count(), OutboxEvent.objects.count()
    assert made.verb(author, **given, idempotency_key="k").pk == first.pk
    # A digest is of tags that are there.
    tag("t")
    for name, other in made.others.items():
        changed = partial(made.verb, author, **{**given, name: other}, idempotency_key="k")
        assert refused(changed) == [(("idempotency_key",), MistakeCode.CONFLICT)], name
    assert (made.model.objects.exclude(pk=first.pk).count(), OutboxEvent.objects.count()) == (others, events)
    assert made.verb(cast.viewer("peer"), **given, idempotency_key="k").pk != first.pk
    assert made.verb(author, **given, idempotency_key="another").pk != first.pk
    assert made.verb(author, **given).pk != first.pk


@making
def test_twenty_at_once_with_one_key_make_one(made: Making) -> None:
    cast = make_cast()
    given = made.given(cast)
    before, told = made.model.objects.count(), OutboxEvent.objects.count()
    answers = at_once([partial(made.verb, cast.viewer("author"), **given, idempotency_key="k")] * MANY)
    assert len({getattr(answer, "pk", answer) for answer in answers}) == 1
    assert made.model.objects.count() == before + 1
    alone = OutboxEvent.objects.count() - told
    made.verb(cast.viewer("author"), **given, idempotency_key="k2")
    assert OutboxEvent.objects.count() - told == 2 * alone


def of_entry(cast: Cast) -> partial[Any]:
    entry = create_entry(cast.viewer("author"), kind="TOOL", title="T", body="B")
    return partial(update_entry, cast.viewer("author"), entry_id=entry.pk, title="New")


def of_shown_entry(cast: Cast) -> partial[Any]:
    """For staff an edit of what is published is shown at once."""
    return partial(update_entry, cast.viewer("staff"), entry_id=published(cast).pk, title="New")


def of_challenge(cast: Cast) -> partial[Any]:
    made = create_challenge(cast.viewer("author"), title="T", body="B")
    return partial(update_challenge, cast.viewer("author"), challenge_id=made.pk, title="New")


def of_solution(cast: Cast) -> partial[Any]:
    made = create_solution(cast.viewer("author"), challenge_id=question(cast).pk, body="B")
    return partial(update_solution, cast.viewer("author"), solution_id=made.pk, body="New")


def of_tag(cast: Cast) -> partial[Any]:
    made = create_tag(cast.viewer("author"), name="T")
    return partial(update_tag, cast.viewer("reviewer"), tag_id=made.pk, description="New")


# What is expected, and what grows with each change. An entry's revision moves only when another one is shown.
EXPECTING = {
    "entry's revision": (of_shown_entry, "expected_revision"),
    "entry's version": (of_entry, "expected_version"),
    "challenge's revision": (of_challenge, "expected_revision"),
    "solution's revision": (of_solution, "expected_revision"),
    "tag's revision": (of_tag, "expected_revision"),
}
expecting = pytest.mark.parametrize(("verb_of", "name"), EXPECTING.values(), ids=EXPECTING)


@expecting
def test_what_is_stale_changes_nothing(verb_of: Callable[[Cast], partial[Any]], name: str) -> None:
    change = verb_of(make_cast())
    events = OutboxEvent.objects.count()
    for stale in (0, 2, -1, 2**31 - 1):
        assert refused(partial(change, **{name: stale})) == [((name,), MistakeCode.CONFLICT)]
    assert OutboxEvent.objects.count() == events
    change(**{name: 1})
    assert refused(partial(change, **{name: 1})) == [((name,), MistakeCode.CONFLICT)]


@expecting
def test_of_twenty_that_expect_the_same_one_is_done(verb_of: Callable[[Cast], partial[Any]], name: str) -> None:
    change = verb_of(make_cast())
    field = "description" if "description" in change.keywords else "body"
    answers = at_once([partial(change, **{field: f"Text {n}", name: 1}) for n in range(MANY)])
    codes = Counter(answer.mistakes[0].code.value if isinstance(answer, Rejected) else "done" for answer in answers)
    assert codes == {"done": 1, "CONFLICT": MANY - 1}


def test_the_rest_of_the_keys_and_numbers_are_none() -> None:
    """Whoever adds a key or an expectation to the contract adds it here."""
    named = {
        f"{name}.{field}"
        for name, of in CORE.type_map.items()
        if isinstance(of, GraphQLInputObjectType)
        for field in of.fields
        if field in {"idempotencyKey", "expectedRevision", "expectedVersion"}
    }
    assert named == {
        "EntryCreateInput.idempotencyKey",
        "ChallengeCreateInput.idempotencyKey",
        "SolutionCreateInput.idempotencyKey",
        "DigestRequestInput.idempotencyKey",
        "EntryUpdateInput.expectedRevision",
        "EntryUpdateInput.expectedVersion",
        "ChallengeUpdateInput.expectedRevision",
        "SolutionUpdateInput.expectedRevision",
        "TagUpdateInput.expectedRevision",
    }
