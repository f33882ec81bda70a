"""Operations made up from the schema are answered by the planner as by the reference, to the byte."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st

from knowledge.policy import ANONYMOUS
from schema.documents import InvalidDocument, read_document
from schema.execution import Caller
from tests.cast import Cast
from tests.reference.comparing import bare, both, told
from tests.reference.operations import Maker, Operation
from tests.reference.values import Values, changed
from tests.reference.watching import expect_the_same
from tests.reference.world import World, make_world

# `make test` compares a few, the same each time; to look for more, give a number and another seed.
OPERATIONS = int(os.environ.get("NEXUS_TEST_OPERATIONS", "120"))
SEED = int(os.environ.get("NEXUS_TEST_SEED", "0"))
PEOPLE = ("anonymous", "author", "peer", "reviewer", "staff")
NOW = datetime(2026, 3, 9, 12, 30, tzinfo=UTC)


@pytest.fixture
def world(cast: Cast) -> World:
    return make_world(cast)


class Tally(Counter[str]):
    """How many operations were compared, and how they ended."""


def compare(world: World, random: Random, tally: Tally) -> None:
    """Makes an operation, and asks it of both; then once more from cursors that the answer had."""
    person = random.choice(PEOPLE)
    made = Maker(random, Values(world)).operation()
    answer = asked(world, person, made, tally)
    if answer is None or not made.cursors:
        return
    turned = dict(made.variables)
    for name, key in made.cursors.items():
        # Seldom those of any list of the answer.
        cursors = list(cursors_below(answer, key)) if random.random() > 1 / 12 else list(all_cursors(answer))
        if cursors:
            cursor = random.choice(cursors)
            turned[name] = changed(cursor, random) if random.random() < 1 / 8 else cursor
    if turned != made.variables:
        asked(world, person, replace(made, variables=turned), tally)


def asked(world: World, person: str, operation: Operation, tally: Tally) -> Any:
    """The planner's data, which must be the reference's."""
    try:
        document = read_document(operation.text)
    except InvalidDocument as error:
        tally[f"invalid: {error}"[:90]] += 1
        return None
    caller = Caller(identify=lambda: world.cast.viewer(person), now=NOW)
    found = both(document, operation.name, operation.variables, caller)
    assert found.equal, f"{person} asks {operation.text}\nwith {operation.variables}\n{told(found)}"
    answer = orjson.loads(found.planned)
    tally[answer["errors"][0]["message"][:40] if "errors" in answer else "data"] += 1
    return answer.get("data")


def cursors_below(data: Any, key: str) -> Iterator[str]:
    """The cursors of connections that stand under the response key."""
    if isinstance(data, list):
        for item in data:
            yield from cursors_below(item, key)
    elif isinstance(data, dict):
        for name, value in data.items():
            if name == key and isinstance(value, dict):
                yield from cursors_in(value)
            yield from cursors_below(value, key)


def all_cursors(data: Any) -> Iterator[str]:
    """The cursors of every connection."""
    for value in data if isinstance(data, list) else data.values() if isinstance(data, dict) else ():
        if isinstance(value, dict):
            yield from cursors_in(value)
        yield from all_cursors(value)


def cursors_in(page: dict[str, Any]) -> Iterator[str]:
    """The cursors of one page: of its edges, and of its pageInfo, under whatever keys."""
    parts = [part for value in page.values() for part in (value if isinstance(value, list) else [value])]
    for part in parts:
        if isinstance(part, dict):
            yield from (text for text in part.values() if isinstance(text, str) and text.startswith("Wy"))


def test_made_up_operations(world: World) -> None:
    tally = Tally()

    @seeded(SEED)
    @settings(
        max_examples=OPERATIONS,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    @given(st.randoms(use_true_random=False))
    def compared(random: Random) -> None:
        compare(world, random, tally)

    compared()
    # Of the others each is refused, for one reason or another.
    assert tally["data"] > tally.total() / 3, (SEED, tally)


def test_a_difference_is_told(world: World) -> None:
    query = "{ tags(first: 1) { totalCount nodes { slug } } }"
    right = b'{"data":{"tags":{"totalCount":4,"nodes":[{"slug":"docker"}]}}}'
    expect_the_same(query, None, None, ANONYMOUS, right)
    for wrong in (
        right.replace(b"4", b"3"),
        right.replace(b"docker", b"Docker"),
        right.replace(b'"totalCount":4,"nodes":[{"slug":"docker"}]', b'"nodes":[{"slug":"docker"}],"totalCount":4'),
        b'{"errors":[{"message":"No.","extensions":{"code":"FORBIDDEN"}}]}',
    ):
        with pytest.raises(AssertionError, match="answered"):
            expect_the_same(query, None, None, ANONYMOUS, wrong)


def test_who_is_not_admitted_is_told_that_whatever_else_is_wrong(world: World) -> None:
    query = "{ tags(last: 1000) { totalCount } auditEvents { totalCount } }"
    document = read_document(query)
    found = both(document, None, {}, Caller(identify=lambda: ANONYMOUS, now=NOW))
    assert found.equal, told(found)
    assert b"UNAUTHENTICATED" in found.planned


def test_spaces_between_tokens_mean_nothing_and_those_in_texts_do() -> None:
    assert bare(b'{"a" : [1, \n {"b c" : " d\\" e "}]}') == b'{"a":[1,{"b c":" d\\" e "}]}'
