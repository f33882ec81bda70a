"""By what a challenge is recognised when somebody else tells of it: its title, and what its words are about.

Whoever writes a title or body of a challenge calls `make_recognisable`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

from knowledge.models import Challenge, ChallengeStatus, TagAlias, TagCategory
from knowledge.text import Gist, gist_of, parts_to_look_for, slug_for, title_key, told_apart_by

# The columns that `make_recognisable` sets.
RECOGNISED_BY: Final = ("title_key", "gist")

# What names these have says which thing is meant: a challenge with one is another than that without.
_NAMING: Final = (TagCategory.TECHNOLOGY, TagCategory.TOOL)
# Of each group of words no more rows are looked at, however many say nearly the same.
_MOST: Final = 10
# A group of words is looked up in the index whole, so few rows are read.
_NEAR: Final = """
    SELECT wanted.place, near.id, near.title, near.body
    FROM unnest(%(places)s::int[], %(groups)s::text[], %(sizes)s::int[]) AS wanted (place, words, size)
    CROSS JOIN LATERAL (
        SELECT challenge.id, challenge.title, challenge.body
        FROM knowledge_challenge AS challenge
        WHERE challenge.gist @> string_to_array(wanted.words, ' ')
            AND cardinality(challenge.gist) * 4 >= wanted.size * 3
            AND cardinality(challenge.gist) * 3 <= wanted.size * 4
            AND challenge.status <> %(closed)s
        LIMIT %(most)s
    ) AS near
    ORDER BY wanted.place, near.id
"""


@dataclass(frozen=True, slots=True)
class _Alike:
    """A challenge in nearly the same words, and the words that one of the two has more."""

    pk: int
    more: tuple[str, ...]


def make_recognisable(challenge: Challenge) -> None:
    """Sets what a challenge is recognised by, from its title and body."""
    challenge.title_key = title_key(challenge.title)
    challenge.gist = gist_of(challenge.title, challenge.body).kept


def told_already(gists: Sequence[Gist], *, best: Collection[int]) -> list[int | None]:
    """For each gist, the id of a challenge, not closed, in nearly the same words: one of the `best`, else the oldest.

    Two statements, however many there are of either. What one of the two has more must be no technology's and no
    tool's name, as tags know them. Where more rows than a few share a group of words, not all of them are looked at.
    """
    alike = _alike(gists)
    names = _names({word for some in alike.values() for each in some for word in each.more})
    return [
        min(
            (each.pk for each in alike[place] if names.isdisjoint(map(slug_for, each.more))),
            key=lambda pk: (pk not in best, pk),
            default=None,
        )
        for place in range(len(gists))
    ]


def _alike(gists: Sequence[Gist]) -> dict[int, list[_Alike]]:
    found: dict[int, list[_Alike]] = defaultdict(list)
    seen: set[tuple[int, int]] = set()
    for place, pk, title, body in _near(gists):
        if (place, pk) not in seen:
            seen.add((place, pk))
            more = told_apart_by(gists[place], gist_of(title, body))
            if more is not None:
                found[place].append(_Alike(pk, more))
    return found


def _near(gists: Sequence[Gist]) -> Iterator[tuple[int, int, str, str]]:
    groups = [
        (place, " ".join(group), len(gist.stems))
        for place, gist in enumerate(gists)
        if gist.is_comparable
        for group in parts_to_look_for(gist)
    ]
    if not groups:
        return
    places, words, sizes = (list(column) for column in zip(*groups, strict=True))
    given: dict[str, Any] = {
        "places": places,
        "groups": words,
        "sizes": sizes,
        "closed": ChallengeStatus.CLOSED,
        "most": _MOST,
    }
    with connection.cursor() as cursor:
        cursor.execute(_NEAR, given)
        yield from cursor.fetchall()


def _names(words: set[str]) -> set[str]:
    """The slugs of those of the words that lead to a technology or a tool."""
    slugs = {slug_for(word) for word in words}
    known = TagAlias.objects.filter(slug__in=slugs, tag__category__in=_NAMING) if slugs else TagAlias.objects.none()
    return set(known.values_list("slug", flat=True))
