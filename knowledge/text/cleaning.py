"""What a person typed, made fit to be stored."""

import re
import unicodedata
from typing import Final

from knowledge.errors import MistakeCode, Mistakes
from knowledge.text.normal import normal

# Control characters but tab and newline, and halves of surrogate pairs.
_FORBIDDEN: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
# Category Cf and white space are invisible by definition; these are letters, marks and symbols that nobody can see.
_BLANKS: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_INVISIBLE: Final = frozenset({"Cc", "Cf", "Zl", "Zp", "Zs"})
_VARIATION_SELECTORS: Final = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))
_DIRECTIONS: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
_ELLIPSIS: Final = "…"


def clean_line(raw: str, mistakes: Mistakes, *path: str, most: int, required: bool = True) -> str:
    """`raw` as one line: in NFC, white space squeezed to single spaces, and without controls of direction.

    Notes at `path`: REQUIRED when nothing visible is left (unless not `required`), TOO_LONG beyond `most` characters,
    INVALID for control characters and lone surrogates. What it answers is fit to be stored when nothing was noted.
    """
    return _checked(" ".join(without_directions(raw).split()), mistakes, path, most=most, required=required)


def clean_text(raw: str, mistakes: Mistakes, *path: str, most: int, required: bool = True) -> str:
    """`raw` as text of several lines that end in a newline character; as `clean_line` but tabs and newlines stay.

    Empty lines before it and white space after it are dropped; the first line keeps its indentation, which means
    something in Markdown.
    """
    lines = raw.replace("\r\n", "\n").replace("\r", "\n").rstrip().split("\n")
    first = next((number for number, line in enumerate(lines) if line.strip()), 0)
    return _checked("\n".join(lines[first:]), mistakes, path, most=most, required=required)


def without_directions(text: str) -> str:
    """`text` without the controls that turn its direction, which could show it as something else than it is."""
    return _DIRECTIONS.sub("", text)


def excerpt(text: str, most: int) -> str:
    """`text` in at most `most` characters, cut between words and marked by an ellipsis where something is left out."""
    if len(text) <= most:
        return text
    kept = text[: most - len(_ELLIPSIS)]
    whole_words = kept.rpartition(" ")[0] if len(text.split(maxsplit=1)[0]) < len(kept) else kept
    return (whole_words.rstrip(" ,;:.-–—") or kept) + _ELLIPSIS


def storable(text: str) -> str:
    """`text` in NFC, without control characters; for documents, which are not refused for one."""
    return _FORBIDDEN.sub("", normal("NFC", text))


def _checked(text: str, mistakes: Mistakes, path: tuple[str, ...], *, most: int, required: bool) -> str:
    cleaned = normal("NFC", text)
    if _FORBIDDEN.search(cleaned):
        mistakes.add(MistakeCode.INVALID, "This holds control characters or broken characters.", *path)
    elif len(cleaned) <= most and not any(_is_visible(char) for char in cleaned):
        if required:
            mistakes.add(MistakeCode.REQUIRED, "This must not be empty.", *path)
        return ""
    if len(cleaned) > most:
        mistakes.add(MistakeCode.TOO_LONG, f"This has {len(cleaned):,} characters; at most {most:,} fit.", *path)
    return cleaned


def _is_visible(char: str) -> bool:
    if char in _BLANKS or unicodedata.category(char) in _INVISIBLE:
        return False
    return not any(ord(char) in selectors for selectors in _VARIATION_SELECTORS)
