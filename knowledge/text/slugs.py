"""Names and titles as slugs: lower-case ASCII letters and digits, with single hyphens between them."""

import hashlib
import re
import secrets
import unicodedata
from collections.abc import Iterator
from typing import Final

from knowledge.text.normal import normal

TAG_SLUG_MOST: Final = 80
TITLE_SLUG_MOST: Final = 200
TITLE_KEY_MOST: Final = 220
# Nothing has so long a name, and to read one takes its time.
_LONGEST: Final = 1_000

# Letters that Unicode does not take apart into a letter and its accent.
_LETTERS: Final = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "\u0131": "i"}
    | dict.fromkeys("'’\u2018`®©™", "")
)
_SIGNS: Final = (
    (re.compile(r"(?<=\w)\+"), "-plus-"),
    (re.compile(r"(?<=\w)#"), "-sharp-"),
    (re.compile(r"(?<!\w)\.(?=\w)"), "-dot-"),
    (re.compile(r"&"), "-and-"),
)
_PLUS_RUN: Final = re.compile(r"\+\+")
_SLUG: Final = re.compile(r"[a-z0-9]++(?:-[a-z0-9]++)*+")
_NOT_SLUG: Final = re.compile(r"[^a-z0-9]+")
_QUALIFIERS: Final = re.compile(r"(?:\s*[(\[][^()\[\]]*[)\]]|\s+v?\d+(?:\.\d+)*(?:\+|\.x))\s*$", re.IGNORECASE)
_NUMBERED: Final = 9


def slug_for(name: str, *, most: int = TAG_SLUG_MOST) -> str:
    """The slug of a name, at most `most` characters, never empty, always the same for the same name.

    Case, accents and punctuation make no difference, but signs that tell names apart are spelt: C++ is c-plus-plus,
    C# c-sharp, .NET dot-net, R&D r-and-d. Where letters cannot be written in ASCII, or the slug would be too long, a
    digest of the name ends it, so that different names keep different slugs. Beyond 1,000 characters it is all of it.
    """
    if len(name) > _LONGEST:
        return f"x-{_digest(name)}"
    if len(name) <= most and _SLUG.fullmatch(name):
        # Its own already, as those are that pages link by.
        return name
    folded, lost = _folded(name)
    if folded and not lost and len(folded) <= most:
        return folded
    digest = _digest(normal("NFKC", name).casefold())
    kept = folded[: most - len(digest) - 1].strip("-")
    return f"{kept}-{digest}" if kept else f"x-{digest}"


def title_key(title: str) -> str:
    """What is equal for titles that name the same: the slug of the bare name.

    "Continuous Integration (CI)" and "continuous  integration" have one key.
    """
    return slug_for(bare_name(title), most=TITLE_KEY_MOST)


def bare_name(name: str) -> str:
    """`name` without what only qualifies it at its end, unless that is all of it: "(CI)", "3.9+", "v4.x"."""
    return _QUALIFIERS.sub("", name).strip() or name


def folded(text: str) -> str:
    """`text` in slug letters, of any length: equal for texts that differ in case, accents and punctuation alone."""
    return _folded(text)[0]


def slugs(title: str) -> Iterator[str]:
    """Slugs for a title, best first: its own, then with the numbers 2 to 9, then with random ends, without end."""
    own = slug_for(title, most=TITLE_SLUG_MOST)
    yield own
    for number in range(2, _NUMBERED + 1):
        yield f"{own}-{number}"
    while True:
        yield f"{own}-{secrets.token_hex(4)}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:10]


def _folded(name: str) -> tuple[str, bool]:
    """The name in slug letters, and whether letters or digits had to be left out."""
    text = name.casefold().translate(_LETTERS)
    text = _PLUS_RUN.sub("-plus-plus-", text)
    for sign, word in _SIGNS:
        text = sign.sub(word, text)
    if text.isascii():
        return _NOT_SLUG.sub("-", text).strip("-"), False
    decomposed = normal("NFKD", text)
    base = "".join(char for char in decomposed if not unicodedata.combining(char)).translate(_LETTERS)
    lost = any(char.isalnum() and not char.isascii() for char in base)
    return _NOT_SLUG.sub("-", base).strip("-"), lost
