"""A document that tells of one challenge twice, in a list and again in a table, tells of it once."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from knowledge.documents.document import ParseWarning
from knowledge.documents.importing.found import FoundChallenge
from knowledge.models.entries import BODY_LENGTH
from knowledge.text import excerpt, folded, parts_to_look_for, told_apart_by

# With so many earlier ones that share a rare word a challenge is compared, and with no more.
_MOST: Final = 20


def told_once(
    told: Sequence[FoundChallenge], names: Iterable[str]
) -> tuple[tuple[FoundChallenge, ...], tuple[ParseWarning, ...]]:
    """Each challenge once, where it stands first, with all its solutions; and a warning for each that was told again.

    `names` are those of the document's technologies and tools, as slugs: by these, challenges are told apart.
    """
    first: list[FoundChallenge] = []
    warnings: list[ParseWarning] = []
    shelf = _Shelf(told, frozenset(names))
    for challenge in told:
        place = shelf.find(challenge, first)
        if place is None:
            shelf.add(challenge, len(first))
            first.append(challenge)
        else:
            message = (
                f"This was taken for the challenge of line {first[place].line}, told in the same words or nearly so."
            )
            warnings.append(ParseWarning(challenge.line, message))
            first[place] = _with_solution(first[place], challenge.solution)
    return tuple(first), tuple(warnings)


def _with_solution(challenge: FoundChallenge, solution: str) -> FoundChallenge:
    if folded(solution) in folded(challenge.solution):
        return challenge
    both = "\n\n".join(filter(None, (challenge.solution, solution)))
    return replace(challenge, solution=excerpt(both, BODY_LENGTH))


class _Shelf:
    """The challenges so far, to be found by their rarest words."""

    def __init__(self, told: Sequence[FoundChallenge], names: frozenset[str]) -> None:
        self._names = names
        self._by_text: dict[tuple[str, str], int] = {}
        self._uses = Counter(stem for challenge in told for stem in challenge.gist.stems)
        self._places: dict[str, list[int]] = defaultdict(list)

    def add(self, challenge: FoundChallenge, place: int) -> None:
        """Puts another one in."""
        self._by_text[challenge.key, challenge.text_key] = place
        for stem in challenge.gist.kept:
            self._places[stem].append(place)

    def find(self, challenge: FoundChallenge, first: Sequence[FoundChallenge]) -> int | None:
        """The place of the first one in these words, or in nearly these: one that lacks few has one of the rarest."""
        same = self._by_text.get((challenge.key, challenge.text_key))
        if same is not None or not challenge.gist.is_comparable:
            return same
        rarest = sorted(challenge.gist.stems, key=lambda stem: (self._uses[stem], stem))
        telling = rarest[: len(parts_to_look_for(challenge.gist))]
        places = sorted({place for stem in telling for place in self._places[stem][:_MOST]})
        return next((place for place in places if self._is_alike(challenge, first[place])), None)

    def _is_alike(self, challenge: FoundChallenge, other: FoundChallenge) -> bool:
        more = told_apart_by(challenge.gist, other.gist)
        return more is not None and self._names.isdisjoint(map(folded, more))
