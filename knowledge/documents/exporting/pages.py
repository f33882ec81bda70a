"""Values as files with their names. What does not fit into one document is told in several, which belong together."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import singledispatch
from itertools import zip_longest
from typing import Final, TypeVar

from knowledge.documents.exact.values import (
    Exact,
    ExactAbout,
    ExactChallenge,
    ExactEntry,
    ExactSolution,
    ExactSource,
    ExactTag,
)
from knowledge.documents.exact.writing import CHALLENGES, ENTRIES, SOURCES, TAGS, write_exact
from knowledge.text import slug_for

ABOUT: Final = "about.md"
# Of what one document holds: with it, the longest texts and the longest names it is still short enough to be imported.
_BODIES_MOST: Final = 600_000  # bytes, unless a single solution has more
_SOLUTIONS_MOST: Final = 500
_LINKS_MOST: Final = 300
_ROWS_MOST: Final = 1_000
_TITLE_MOST: Final = 60

T = TypeVar("T")


def pages(value: Exact) -> Iterator[tuple[str, bytes]]:
    """The files that the value is told in: each one's path beneath the export's folder, and its bytes."""
    return ((path, write_exact(part).encode()) for path, part in _parts(value))


@singledispatch
def _parts(value: Exact) -> Iterator[tuple[str, Exact]]:
    raise TypeError(f"{type(value).__name__} has no page")


@_parts.register
def _tag_parts(tag: ExactTag) -> Iterator[tuple[str, Exact]]:
    yield f"{TAGS}/{tag.slug}.md", tag


@_parts.register
def _entry_parts(entry: ExactEntry) -> Iterator[tuple[str, Exact]]:
    yield f"{ENTRIES}/{entry.slug}.md", entry


@_parts.register
def _challenge_parts(challenge: ExactChallenge) -> Iterator[tuple[str, Exact]]:
    # The first part holds the accepted solution, so that it comes in as it stands; each has the whole question.
    together = zip_longest(_fitting(challenge), _chunks(challenge.entries, _LINKS_MOST), fillvalue=())
    for part, (solutions, entries) in enumerate(together, 1):
        page = replace(challenge, solutions=tuple(solutions), entries=tuple(entries))
        yield _numbered(f"{CHALLENGES}/{challenge.slug}", part), page


@_parts.register
def _source_parts(source: ExactSource) -> Iterator[tuple[str, Exact]]:
    own = hashlib.sha256(f"{source.url or source.text_hash} {source.copy}".encode()).hexdigest()
    name = f"{SOURCES}/{slug_for(source.title, most=_TITLE_MOST)}-{own[:16]}"
    for part, told in enumerate(_chunks(source.told, _ROWS_MOST), 1):
        yield _numbered(name, part), replace(source, told=tuple(told))


@_parts.register
def _about_parts(about: ExactAbout) -> Iterator[tuple[str, Exact]]:
    yield ABOUT, about


def _fitting(challenge: ExactChallenge) -> list[list[ExactSolution]]:
    """Its solutions in groups that each fit into one document; one group where it has none."""
    room = _BODIES_MOST - len(challenge.body.encode())
    groups: list[list[ExactSolution]] = [[]]
    used = 0
    for solution in challenge.solutions:
        size = len(solution.body.encode())
        if groups[-1] and (used + size > room or len(groups[-1]) == _SOLUTIONS_MOST):
            groups.append([])
            used = 0
        groups[-1].append(solution)
        used += size
    return groups


def _chunks(items: Sequence[T], most: int) -> list[Sequence[T]]:
    """The items in groups of at most so many; one group where there are none."""
    return [items[start : start + most] for start in range(0, len(items), most)] or [items]


def _numbered(name: str, part: int) -> str:
    """The first one's name sorts before the others', which come after it in an import."""
    return f"{name}.md" if part == 1 else f"{name}.part-{part:06}.md"
