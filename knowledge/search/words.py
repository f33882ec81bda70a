"""What a person typed into a search, cleaned and taken apart."""

import re
from typing import Final

from knowledge.errors import Mistakes
from knowledge.text import clean_line

QUERY_LENGTH: Final = 200

# Shorter ones are too many, and begin too much.
_LEAST_BEGINNING: Final = 2
_LEAST_CORRECTED: Final = 3
_MOST_CORRECTED: Final = 8
_LONGEST_CORRECTED: Final = 30
_OPERATORS: Final = frozenset({"or", "and"})
_PUNCTUATION: Final = re.compile(r"^[^\w\"-]+|[^\w\"]+$")


def clean_words(raw: str, mistakes: Mistakes, *path: str, most: int = QUERY_LENGTH, required: bool = True) -> str:
    """What to search for on one line; notes REQUIRED, TOO_LONG and INVALID at `path`."""
    return clean_line(raw, mistakes, *path, most=most, required=required)


def typed(words: str) -> list[str]:
    """Clean words as `nexus_search_query` takes them: all, and the last one where its beginning is enough."""
    return [words, last_word(words)]


def last_word(words: str) -> str:
    """The last word, if it may go on: in lower case, without what stands before it; else empty.

    It may when it has at least two letters or digits, ends in one, and no operator stands there: neither quotes
    nor a minus.
    """
    *_, word = words.split() or [""]
    if words.count('"') % 2 or '"' in word or word.startswith("-") or not word[-1:].isalnum():
        return ""
    word = _PUNCTUATION.sub("", word)
    return word.lower() if sum(char.isalnum() for char in word) >= _LEAST_BEGINNING else ""


def spellings(words: str) -> list[tuple[str, str]]:
    """The words in their order, each with the spellings under which to look for it, joined by spaces.

    These are the word as it stands and with each two neighbours swapped: of all slips that is the one that leaves the
    fewest trigrams. Empty where a word is to stay as it is: operators, quotes, very short or long ones, and
    those after the eighth.
    """
    if '"' in words:
        return []
    taken = 0
    found = []
    for word in words.split():
        bare = word.lower()
        corrected = taken < _MOST_CORRECTED and _is_corrected(bare)
        taken += corrected
        found.append((word, " ".join(dict.fromkeys(_swapped(bare))) if corrected else ""))
    return found


def _is_corrected(word: str) -> bool:
    return word.isalpha() and _LEAST_CORRECTED <= len(word) <= _LONGEST_CORRECTED and word not in _OPERATORS


def _swapped(word: str) -> list[str]:
    return [word, *(word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(len(word) - 1))]
