"""What a text is about, as words that can be compared: whether two people tell of the same thing in nearly one wording.

"Ensuring prices agree between the shops" and "Prices agree between all shops." are one;
"Cannot connect to Redis" and "Cannot connect to RabbitMQ", or "fails before the commit" and "fails after", are not.
How well it tells them apart is measured: `bench/alike.py`, docs/import.md.
"""

import hashlib
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final

# Of all words of two texts, how many must be in both.
ALIKE: Final = 0.75
# A text of more words tells a story; stories are compared word by word, not by what they are about.
MOST_WORDS: Final = 32
# Of fewer, one word says too little: "Docker problems" and "Managing Docker" are not one challenge.
_LEAST_WORDS: Final = 2


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_WORD: Final = re.compile(r"[^\W_]+(?:[+#]+(?!\w))?(?:['’][^\W_]+)?")
_NOT: Final = _words("not no nor never neither none cannot without nothing nobody")
_WEIGHTLESS: Final = _words(
    "a an the and or of in on at by for to with as is are was were be been being am it its this that these those"
    " i we my our me us you your they them their he she his her there here which who whom what when where while how"
    " why if so then than into onto through during across between among about all any some each every both such"
    " own same very too just also do does did doing done has have had having can could will would shall should may"
    " might must due via per using used use etc"
    " handling handle handled managing manage managed ensuring ensure ensured dealing deal dealt tackling"
    " challenge challenges issue issues problem problems difficulty difficulties trouble struggle struggles"
    " facing faced addressing"
)
# Words that turn what a sentence says, though each is a small one.
_TURNING: Final = _words(
    "not before after until from against only except instead despite above below under over off out up down left right"
    " first last less more fewer slow fast"
)
_SIBILANT: Final = ("ches", "shes", "sses", "xes", "zes")
_SHORT: Final = 4
# A longer word is none; of it a digest is kept, which an index has room for.
_LONG: Final = 40


@dataclass(frozen=True, slots=True)
class _Word:
    written: str
    stem: str

    @property
    def is_telling_apart(self) -> bool:
        """Whether a word is written like a name or a number: RabbitMQ, API, 404."""
        return any(char.isdigit() for char in self.written) or any(char.isupper() for char in self.written[1:])


@dataclass(frozen=True)
class Gist:
    """The words of a text that say what it is about, in order; `stems` is what is kept and compared of them."""

    words: tuple[_Word, ...]

    @cached_property
    def stems(self) -> tuple[str, ...]:
        """The words without their endings."""
        return tuple(word.stem for word in self.words)

    @property
    def kept(self) -> list[str]:
        """What a row keeps to be found by: nothing where it is not compared."""
        return list(self.stems) if self.is_comparable else []

    @property
    def is_comparable(self) -> bool:
        """Whether it has words enough to tell, and no story's."""
        return _LEAST_WORDS <= len(self.words) <= MOST_WORDS


def gist_of(*texts: str) -> Gist:
    """What the texts are about, together. Each word counts once, where it stands first."""
    first: dict[str, _Word] = {}
    for found in _WORD.finditer(" ".join(texts)):
        written = found[0]
        folded = written.casefold().replace("’", "'")
        if folded in _NOT or folded.endswith("n't"):
            first.setdefault("not", _Word("not", "not"))
        elif folded not in _WEIGHTLESS:
            stem = _stem(folded.removesuffix("'s"))
            first.setdefault(stem, _Word(written, stem))
        if len(first) > MOST_WORDS:
            break
    return Gist(tuple(first.values()))


def likeness(one: Gist, other: Gist) -> float:
    """How many of all words are in both: 1 for the same words, 0 for no word in common."""
    here, there = set(one.stems), set(other.stems)
    return len(here & there) / len(here | there) if here | there else 0.0


def told_apart_by(one: Gist, other: Gist) -> tuple[str, ...] | None:
    """The words by which two texts on the same thing differ; None when they are not on the same thing.

    They are when the shorter one's words stand in the longer one in the same order, three of four of these at least,
    and neither a negation, a number nor a name is what the longer one adds. Names that are written like any word
    ("Redis") are for the caller to know: they are among what is answered.
    """
    short, long = sorted((one, other), key=lambda gist: len(gist.words))
    if not (short.is_comparable and long.is_comparable) or likeness(one, other) < ALIKE:
        return None
    later = iter(long.stems)
    if not all(stem in later for stem in short.stems):
        return None
    common = set(short.stems)
    added = [word for word in long.words if word.stem not in common]
    if any(word.written.casefold() in _TURNING or word.is_telling_apart for word in added):
        return None
    return tuple(word.written for word in added)


def parts_to_look_for(gist: Gist) -> tuple[tuple[str, ...], ...]:
    """Groups of words, of which whatever is told in nearly the same words has one group whole.

    A text that is alike lacks one word of four at most; cut into one group more than that, one is untouched.
    """
    stems = gist.stems
    count = int(len(stems) * (1 - ALIKE)) + 1
    return tuple(group for start in range(count) if (group := stems[start::count]))


def _stem(word: str) -> str:
    """`word` without its ending, roughly: what is queried, a query and queries are one."""
    if len(word) > _LONG:
        return hashlib.sha256(word.encode()).hexdigest()[:_LONG]
    if len(word) <= _SHORT - 1 or not word.isalpha():
        return word
    if word.endswith("ies"):
        word = word[:-3] + "y"
    elif word.endswith(_SIBILANT):
        word = word[:-2]
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in ("ing", "ed"):
        kept = word.removesuffix(ending)
        if kept != word and len(kept) >= _SHORT - 1 and re.search("[aeiouy]", kept):
            word = kept[:-1] if kept[-1] == kept[-2] and kept[-1] not in "lsz" else kept
            break
    return word[:-1] if word.endswith("e") and len(word) > _SHORT - 1 else word
