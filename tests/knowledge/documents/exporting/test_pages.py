"""What does not fit into one document is told in several, each of which an import reads."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain

import pytest

from knowledge.documents.exact.reading import exact_text, read_exact
from knowledge.documents.exact.values import Exact, ExactChallenge, ExactSolution, ExactSource, Told
from knowledge.documents.exporting.pages import pages

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
HASH = "0123456789abcdef" * 4
# The dearest letters: four bytes each in the file.
LONGEST = "🐍" * 100_000


def written(value: Exact) -> list[tuple[str, Exact]]:
    read = []
    for name, data in pages(value):
        text = exact_text(data)
        assert text is not None
        read.append((name, read_exact(text)))
    assert sorted(name for name, _ in read) == [name for name, _ in read]
    return read


def slugs(count: int) -> tuple[str, ...]:
    return tuple(f"{number:0220}" for number in range(count))


@pytest.mark.parametrize(("rows", "parts"), [(0, 1), (1, 1), (1_000, 1), (1_001, 2), (2_500, 3)])
def test_a_source(rows: int, parts: int) -> None:
    told = tuple(Told(999_999_999, "CHALLENGE", slug, HASH, HASH) for slug in slugs(rows))
    source = ExactSource("🐍" * 200, "https://example.com/" + "a" * 1_900, HASH, 1, AT, AT, told)
    read = written(source)
    assert len(read) == parts
    assert [replace(part, told=()) for _, part in read if isinstance(part, ExactSource)] == [
        replace(source, told=())
    ] * parts
    assert tuple(chain.from_iterable(part.told for _, part in read if isinstance(part, ExactSource))) == told


@pytest.mark.parametrize(
    ("solutions", "body", "entries", "parts"),
    [(0, "", 0, 1), (3, LONGEST, 0, 3), (500, "a", 0, 1), (501, "a", 0, 2), (0, "", 301, 2), (2, LONGEST, 700, 3)],
)
def test_a_challenge(solutions: int, body: str, entries: int, parts: int) -> None:
    given = tuple(ExactSolution(body, number == 0, number + 1, AT, AT) for number in range(solutions))
    challenge = ExactChallenge(
        slug="a" * 220,
        title="🐍" * 200,
        body=LONGEST,
        difficulty="ADVANCED",
        status="CLOSED",
        close_reason="🐍" * 500,
        tags=slugs(10),
        entries=slugs(entries),
        solutions=given,
        created=AT,
        updated=AT,
        solved=AT,
    )
    read = [part for _, part in written(challenge) if isinstance(part, ExactChallenge)]
    assert len(read) == parts
    assert {replace(part, solutions=(), entries=()) for part in read} == {replace(challenge, solutions=(), entries=())}
    assert tuple(chain.from_iterable(part.solutions for part in read)) == given
    assert tuple(chain.from_iterable(part.entries for part in read)) == challenge.entries
    assert [solution.accepted for solution in read[0].solutions[:1]] == [True] * bool(solutions)
