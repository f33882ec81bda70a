"""A line taken apart into a name and what is said about it."""

import re
from collections.abc import Sequence

from knowledge.documents.lines import Line
from knowledge.documents.tidy import phrase, plain, split_outside_parentheses, vocabulary, without_parentheses, words

__all__ = [
    "ARROW",
    "DIVIDER",
    "are_separate",
    "enumerated",
    "has_colon",
    "is_capitalised",
    "is_placeholder",
    "is_titled",
    "looks_like_name",
    "members_of",
    "name_of",
    "split_name",
    "statement",
    "without_purpose",
]

ARROW = re.compile(r"\s*(?:→|➜|➡|⇒|⟶|=>|->|-->)\s*")
_SEPARATOR = re.compile(r":\s+|:$|\s+[-–—|]{1,2}\s+|\s+[–—]|[–—]\s+|\s*(?:→|➜|➡|⇒|⟶|=>|-->|->)\s*|\t+")
_LEADING = re.compile(r"^\s*(?:[:–—|-]|→|➜|➡|⇒|⟶|=>|->)+\s*")
_AND = re.compile(r"^(?:and|or|&)\s+")
# Names in a row: "Python | Django", "Python · Django", "Python • Django".
DIVIDER = re.compile(r"\s+[|·•]\s+|\t+")
_PURPOSE = re.compile(r"^([^()]*(?:\([^()]*\)[^()]*)*?)\s+for\s+(?=[a-z]).*$")
# "I had two. The first was payments: it lied." opens with no name.
_SENTENCE_END = re.compile(r"\w{3,}[.!?]\s")
_LEAD_ENDS = (":", ".", "!", "?")
# "**Nginx** (a proxy in front)" tells what it is, "**Django REST Framework** (DRF)" is all a name.
_ASIDE = re.compile(r"^\(([^()]+)\)[.:]?$")
_PLAIN_ASIDE = re.compile(r"^([^():–—]+?)\s+\(([a-z][^()]+)\)\.?$")
_MIN_ASIDE = 3
# "To be added at the end", "Coming soon...": what holds a place for something that was never written.
_PROMISE = re.compile(
    r"(?:coming soon|tb[acd]|todo|wip|work in progress|under construction)\W*$"
    r"|(?:(?:this|it|more|details|content|notes|entries)(?: section)? (?:is |are )?)?(?:yet )?(?:to|will) be "
    r"(?:(?:added|completed|continued|documented|filled|written)\b|(?:updated|announced)(?:\W*$| (?:as|later|soon)\b))",
    re.IGNORECASE,
)
_MAX_PROMISE = 10
_STOPS = (".", ",", ";", ":", "!", "?")
_MAX_TITLE_WORDS = 6
_MIN_TEXT_WORDS = 3
_MIN_SEPARATE = 3
_MAX_NAME_WORDS = 8
_MAX_CAPITALISED = 5
_JOINING = vocabulary("a an and as at by for in of on or the to via vs with")


def split_name(line: Line, limit: int = _MAX_NAME_WORDS) -> tuple[str, str] | None:
    """The name that a line opens with and the text after it; None when no more than `limit` words precede a separator.

    "**Docker** – containers", "**Docker.** Containers", "Docker: containers", "**Docker**" and "Docker → containers"
    name Docker.
    """
    if line.lead and (line.is_all_lead or line.lead.endswith(_LEAD_ENDS) or _LEADING.match(line.rest)):
        return phrase(line.lead), _LEADING.sub("", line.rest).strip()
    if line.lead and (aside := _ASIDE.match(line.rest)) and len(words(aside[1])) >= _MIN_ASIDE:
        return phrase(line.lead), aside[1].strip()
    if (aside := _PLAIN_ASIDE.match(line.text)) and len(words(aside[2])) >= _MIN_ASIDE and is_capitalised(aside[1]):
        return phrase(aside[1]), aside[2].strip()
    match = _SEPARATOR.search(line.text)
    before = line.text[: match.start()] if match else ""
    if match is None or not 0 < len(words(before)) <= limit or _SENTENCE_END.search(before):
        return None
    return phrase(before), line.text[match.end() :].strip()


def is_titled(lines: Sequence[Line]) -> bool:
    """Whether the first of an item's lines is a title and the rest a text about it, though nothing sets it off.

    - Slow pages
      Added an index where it was missing.
    """
    if len(lines) < 2:  # noqa: PLR2004 - a title and a text
        return False
    title, text = lines[0].text, lines[1].text
    is_title = 0 < len(words(title)) <= _MAX_TITLE_WORDS and not title.endswith(_STOPS) and title[0].isupper()
    return is_title and text[0].isupper() and len(words(text)) >= _MIN_TEXT_WORDS and lines[-1].text.endswith(".")


def name_of(line: Line) -> str:
    """The name that a line opens with, or all of it."""
    named = split_name(line)
    return named[0] if named else phrase(line.text)


def looks_like_name(text: str) -> bool:
    """Whether a text is written like a proper name: one word, or no more than five with a capital or digit in each."""
    said = _telling(text)
    return len(said) == 1 or is_capitalised(text)


def is_capitalised(text: str) -> bool:
    """Whether no more than five words are there and each has a capital or digit, but for joining words."""
    said = _telling(text)
    return 0 < len(said) <= _MAX_CAPITALISED and all(any(c.isupper() or c.isdigit() for c in word) for word in said)


def _telling(text: str) -> list[str]:
    """The words of a possible name, none of a sentence."""
    bare = without_parentheses(text)
    if bare.endswith((".", "!", "?")):
        return []
    return [word for word in re.split(r"[\s/&+]+", bare) if word and word.casefold() not in _JOINING]


def members_of(text: str) -> list[str]:
    """The names in an enumeration, without what they are for: "Celery, Redis for caching" are Celery and Redis."""
    return [name for part in enumerated(text) if (name := phrase(without_purpose(part)))]


def without_purpose(text: str) -> str:
    """`text` without what it is for: "Redis for caching" is "Redis", but "Apollo for GraphQL" stays."""
    return _PURPOSE.sub(r"\1", text)


def statement(text: str) -> str:
    """A challenge's text: without a colon or dash around it, but with its full stop."""
    return plain(text).strip(" \t:–—-*_|→").strip()


def enumerated(text: str) -> list[str]:
    """The parts of an enumeration as they stand there."""
    return [_AND.sub("", part) for part in split_outside_parentheses(DIVIDER.sub(";", text), ",;")]


def are_separate(lines: Sequence[Line]) -> bool:
    """Whether a paragraph's lines are meant one by one, as a list is: all end like sentences, or none does.

    Of several that all open with a capital, some may end so and some not.
    """
    if len(lines) == 1 or not all(line.text[0].isupper() or line.text[0].isdigit() for line in lines):
        return False
    ends = [line.text.endswith((".", "!", "?")) for line in lines]
    if any(line.text.endswith((",", ";", ":")) for line in lines):
        return False
    return all(ends) or not any(ends) or len(lines) >= _MIN_SEPARATE


def has_colon(line: Line, name: str) -> bool:
    """Whether the name that a line opens with is set off by a colon."""
    before, colon, _ = line.text.partition(":")
    return bool(colon) and phrase(before) == name


def is_placeholder(text: str) -> bool:
    """Whether a text only holds the place of one: "[Describe a challenge here]", "To be added soon"."""
    text = plain(text).strip()
    if _PROMISE.match(text) and len(text.split()) <= _MAX_PROMISE:
        return True
    return text.startswith(("[", "<")) and text.endswith(("]", ">"))
