"""A vocabulary, and phrases and sentences made of it: the same in each run, common words common, rare ones rare."""

from collections.abc import Sequence
from itertools import product
from random import Random
from typing import Final

SIZE: Final = 5_000
PHRASES: Final = 20_000
SENTENCES: Final = 20_000
WORDS_A_PHRASE: Final = 2
WORDS_A_SENTENCE: Final = 14
SEED: Final = 20_260_101

# The most common first. A word's place says how often it comes: the first is in nearly every text.
COMMON: Final = """
service database request cache queue server client table index query schema column transaction lock
thread process message worker broker event token session password endpoint response header timeout
retry backoff deploy container image volume network proxy balancer shard replica cluster node leader
follower snapshot migration rollback constraint trigger cursor page filter order join aggregate
partition vacuum statistics planner latency throughput
""".split()  # noqa: SIM905 - a list would be a line a word
_SYLLABLES: Final = tuple(
    consonant + vowel + end for consonant, vowel, end in product("bdfgklmnprstvz", "aeiou", ("", "n", "r", "l"))
)


def vocabulary() -> list[str]:
    """SIZE distinct words, the most common first."""
    chosen = Random(SEED)  # noqa: S311 - to repeat, not to hide
    words = dict.fromkeys(COMMON)
    while len(words) < SIZE:
        words[chosen.choice(_SYLLABLES) + chosen.choice(_SYLLABLES) + chosen.choice(_SYLLABLES)] = None
    return list(words)


def phrases(words: Sequence[str]) -> list[str]:
    """PHRASES beginnings and ends of titles."""
    return _joined(words, PHRASES, WORDS_A_PHRASE, SEED + 1)


def sentences(words: Sequence[str]) -> list[str]:
    """SENTENCES sentences, of about a hundred characters each."""
    return [f"{text.capitalize()}." for text in _joined(words, SENTENCES, WORDS_A_SENTENCE, SEED + 2)]


def _joined(words: Sequence[str], number: int, length: int, seed: int) -> list[str]:
    chosen = Random(seed)  # noqa: S311 - as above
    weights = [1 / place for place in range(1, len(words) + 1)]
    drawn = chosen.choices(words, weights, k=number * length)
    return [" ".join(drawn[start : start + length]) for start in range(0, len(drawn), length)]
