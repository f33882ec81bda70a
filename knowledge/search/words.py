"""What a person typed into a search, cleaned and taken apart."""

import re
from itertools import islice
from typing import Final

from knowledge.errors import Mistakes
from knowledge.text import clean_line

QUERY_LENGTH: Final = 200
# Each is looked for among tags too. Who writes more pastes a text.
MOST_WORDS: Final = 32

# Shorter ones are too many, and begin too much.
_LEAST_BEGINNING: Final = 2
# PostgreSQL takes 2,046 at most, and more signs may come of one (without its accent).
_LONGEST_BEGINNING_BYTES: Final = 500
_LEAST_CORRECTED: Final = 3
_MOST_CORRECTED: Final = 8
_LONGEST_CORRECTED: Final = 30
_OPERATORS: Final = frozenset({"or", "and"})
# A phrase, or what stands between blanks and phrases; and a slash between letters.
_UNIT: Final = re.compile(r'"[^"]*"?|[^\s"]+')
_JOINT: Final = re.compile(r"(?<=[^\W\d_])/(?=[^\W\d_])")
_WORD: Final = re.compile(r"[^\W_]+")
_LEFT_OUT: Final = re.compile(r"-(?!-)")
_PUNCTUATION: Final = re.compile(r"^[^\w\"-]+|[^\w\"]+$")


def clean_words(raw: str, mistakes: Mistakes, *path: str, most: int = QUERY_LENGTH, required: bool = True) -> str:
    """What to search for on one line; notes REQUIRED, TOO_LONG and INVALID at `path`."""
    return clean_line(raw, mistakes, *path, most=most, required=required)


def typed(words: str) -> list[str]:
    """Clean words as `nexus_search_query` takes them: all that count, and the last where its beginning is enough."""
    whole = apart(words)
    counted = first_words(whole)
    return [counted, last_word(counted) if counted == whole else ""]


def first_words(words: str) -> str:
    """As many as count: up to the end of the last of them. A word is a run of letters and digits."""
    ends = [word.end() for word in islice(_WORD.finditer(words), MOST_WORDS + 1)]
    return words if len(ends) <= MOST_WORDS else words[: ends[MOST_WORDS - 1]]


def apart(words: str) -> str:
    """The words, with those apart that a slash joins, as they are indexed: client/server is a client and a server.

    What is left out stays one: -client/server leaves out "client server". Two minuses leave nothing out.
    """
    return _UNIT.sub(_taken_apart, words)


def _taken_apart(unit: re.Match[str]) -> str:
    word, number = _JOINT.subn(" ", unit[0])
    return f'-"{word[1:]}"' if number and _LEFT_OUT.match(word) else word


def last_word(words: str) -> str:
    """The last word, if it may go on: in lower case, without what stands before it; else empty.

    It may when it has at least two letters or digits and is not too long, ends in one, and no operator stands there:
    neither quotes nor a minus.
    """
    *_, word = words.split() or [""]
    if words.count('"') % 2 or '"' in word or word.startswith("-") or not word[-1:].isalnum():
        return ""
    word = _PUNCTUATION.sub("", word).lower()
    if sum(char.isalnum() for char in word) < _LEAST_BEGINNING or len(word.encode()) > _LONGEST_BEGINNING_BYTES:
        return ""
    return word


def spellings(words: str) -> list[tuple[str, str]]:
    """The words in their order, each with the spellings under which to look for it, joined by spaces.

    These are the word as it stands and with each two neighbours swapped: of all slips that is the one that leaves the
    fewest trigrams. Empty where a word is to stay as it is: operators, quotes, very short or long ones, and
    those after the eighth. Words that do not count are left out.
    """
    if '"' in words:
        return []
    taken = 0
    found = []
    for word in first_words(apart(words)).split():
        bare = word.lower()
        corrected = taken < _MOST_CORRECTED and _is_corrected(bare)
        taken += corrected
        found.append((word, " ".join(dict.fromkeys(_swapped(bare))) if corrected else ""))
    return found


def _is_corrected(word: str) -> bool:
    return word.isalpha() and _LEAST_CORRECTED <= len(word) <= _LONGEST_CORRECTED and word not in _OPERATORS


def _swapped(word: str) -> list[str]:
    return [word, *(word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(len(word) - 1))]
