"""Text without what only decorates it: emoji, enumeration, trailing punctuation."""

import re
import unicodedata

__all__ = [
    "mark_of",
    "phrase",
    "phrases",
    "plain",
    "split_outside_parentheses",
    "vocabulary",
    "without_parentheses",
    "words",
]

_JOINERS = {"\ufe0e", "\ufe0f", "\u200d", "\u200b", "\u200c", "\u2060", "\ufeff", "\u20e3"}
# Below this come signs that belong to words: © ® ° ™.
_FIRST_PICTOGRAPH = "\u2190"
# Arrows that emoji fonts draw as well: they say something between two texts, and decorate one that they open.
_ARROWS = re.compile("[\u2794\u2799-\u279e\u27a1\u27f6\u2b95]\ufe0f?")
_KEYCAP = re.compile(r"[0-9#*]\ufe0f?\u20e3")
_NUMBER = r"(?:\(?\d{1,3}(?:\.\d{1,3})*[.):]|\d{1,3}\.\d{1,3}|[A-Za-z][.)]|#\d{1,3}[.:)]?|\[[ xX]\])\s+"
_ENUMERATION = re.compile(f"^(?:{_NUMBER})+")
_AROUND = ' \t:;,–—|*_`"“”«»→-'
_IN_FRONT = re.compile(f"^(?:[{_AROUND}]+|{_NUMBER})+")
_TABS = re.compile(r" ?\t[ \t]*")
_PARENTHESES = re.compile(r"\([^()]*\)")
_OPENERS = "([{"
_CLOSERS = ")]}"


def plain(text: str) -> str:
    """`text` without emoji, check boxes and an enumeration in front, spaces squeezed; tabs are kept, one of several.

    "1️⃣ 🐳 Docker" and "1. Docker" are "Docker".
    """
    text = _ARROWS.sub("\u2192", _KEYCAP.sub(" ", text))
    text = "".join(" " if _is_decoration(char) else char for char in text)
    text = " ".join(part for part in re.split(r"[^\S\t]+", text) if part).strip()
    text = _TABS.sub("\t", text)
    return _ENUMERATION.sub("", text).strip()


def mark_of(text: str) -> str:
    """The emoji that `text` opens with, or nothing."""
    first = text.lstrip()[:1]
    return first if first >= _FIRST_PICTOGRAPH and unicodedata.category(first) == "So" else ""


def phrase(text: str) -> str:
    """`plain`, and without punctuation around it: fit to be a name."""
    return _IN_FRONT.sub("", plain(text)).rstrip(_AROUND + ".")


def without_parentheses(text: str) -> str:
    """`text` without what stands in round brackets."""
    return _PARENTHESES.sub(" ", text).strip()


def words(text: str) -> list[str]:
    """The words of `text` in lower case, without anything between them."""
    return re.findall(r"[^\W_]+(?:['’][^\W_]+)*", text.casefold())


def split_outside_parentheses(text: str, separators: str) -> list[str]:
    """`text` cut at each of the characters, but not within brackets: "a (b, c), d" is "a (b, c)" and "d"."""
    parts, start, depth = [], 0, 0
    for position, char in enumerate(text):
        if char in _OPENERS:
            depth += 1
        elif char in _CLOSERS:
            depth = max(0, depth - 1)
        elif char in separators and not depth:
            parts.append(text[start:position])
            start = position + 1
    parts.append(text[start:])
    return [part.strip() for part in parts if part.strip()]


def vocabulary(text: str) -> frozenset[str]:
    """The words of a list of words, to look others up in."""
    return frozenset(text.split())


def phrases(text: str) -> tuple[str, ...]:
    """The phrases of a list of phrases, with bars between them."""
    return tuple(text.split("|"))


def _is_decoration(char: str) -> bool:
    if char.isascii():
        return False
    if char in _JOINERS:
        return True
    category = unicodedata.category(char)
    return category in ("Sk", "Cn", "Co") or (category == "So" and char >= _FIRST_PICTOGRAPH)
