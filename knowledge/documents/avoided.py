"""Practices told by their opposite: what stands under "Don'ts", or after a cross, is what nobody should do.

Left as it stands, "Commit secrets" would be handed on as advice.
"""

from itertools import pairwise

from knowledge.documents.lines import Line
from knowledge.documents.naming import ARROW
from knowledge.documents.tidy import plain, vocabulary, words

__all__ = ["avoided", "is_crossed", "is_on_donts"]

_CROSSES = frozenset("❌✖✗✘🚫⛔")
_DONTS = vocabulary("don't don’t dont don'ts don’ts donts avoid avoided mistakes never bad wrong")
_PAIRS = {("do", "not"), ("not", "to"), ("anti", "patterns")}
# What may stand beside these in a heading that says no more: "Mistakes to avoid", "What not to do".
_BESIDE = vocabulary(
    "a and anti common do habits i in list my not of our patterns practice practices should the things to way we what"
    " you"
)
# A sentence that opens with one of these says itself what is not to be done; "Skip tests" does not.
_NEGATIONS = vocabulary("don't don’t dont never no not avoid nothing nobody cannot can't can’t")


def is_on_donts(title: str) -> bool:
    """Whether a title announces what is not to be done, and no more: "Don'ts", "What not to do".

    "Do's and don'ts" announces both, and "Avoid N+1 queries" is advice.
    """
    said = words(plain(title))
    is_told = not _DONTS.isdisjoint(said) or not _PAIRS.isdisjoint(pairwise(said))
    return is_told and (_DONTS | _BESIDE).issuperset(said)


def is_crossed(line: Line) -> bool:
    """Whether an emoji crosses out what a line says: "❌ Commit secrets", but not "❌ Floats → ✅ Decimals"."""
    return line.mark in _CROSSES and not ARROW.search(line.text)


def avoided(name: str) -> str:
    """The name of a practice whose opposite is told, unless it says so itself."""
    said = words(name)
    says_so = not said or said[0] in _NEGATIONS or said[:2] == ["do", "not"]
    return name if says_so else f"Avoid: {name}"
