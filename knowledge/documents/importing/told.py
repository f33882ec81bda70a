"""The challenges that an import may meet, each to be met once."""

from collections.abc import Iterable, Mapping

from knowledge.documents.importing.found import FoundChallenge
from knowledge.models import Challenge, ChallengeSource
from knowledge.text import folded, gist_of, told_apart_by


class Told:
    """The challenges that are there, each to be found once."""

    def __init__(self, challenges: Iterable[Challenge], rows: Mapping[int, ChallengeSource]) -> None:
        self._by_words: dict[bytes, list[Challenge]] = {}
        self._by_title: dict[str, list[Challenge]] = {}
        self._by_text: dict[tuple[str, str], list[Challenge]] = {}
        self._by_id: dict[int, Challenge] = {}
        self._taken: set[int] = set()
        for challenge in challenges:
            self._by_id[challenge.pk] = challenge
            if row := rows.get(challenge.pk):
                self._by_words.setdefault(bytes(row.written), []).append(challenge)
                self._by_title.setdefault(challenge.title_key, []).append(challenge)
            self._by_text.setdefault((challenge.title_key, folded(challenge.body)), []).append(challenge)

    def take(self, found: FoundChallenge) -> Challenge | None:
        """The one that this document told of in these words, or under this title; else one of title and text."""
        candidates = (
            *self._by_words.get(found.digest, ()),
            *self._by_title.get(found.key, ()),
            *self._by_text.get((found.key, found.text_key), ()),
        )
        return self._take(candidates)

    def take_alike(self, found: FoundChallenge, pk: int | None) -> Challenge | None:
        """The one of this id, if it still is told in nearly these words."""
        challenge = None if pk is None else self._by_id.get(pk)
        return self._take([challenge] if challenge and _is_alike(challenge, found) else [])

    def _take(self, candidates: Iterable[Challenge]) -> Challenge | None:
        challenge = next((each for each in candidates if each.pk not in self._taken), None)
        if challenge is not None:
            self._taken.add(challenge.pk)
        return challenge


def _is_alike(challenge: Challenge, found: FoundChallenge) -> bool:
    return told_apart_by(gist_of(challenge.title, challenge.body), found.gist) is not None
