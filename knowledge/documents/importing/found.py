"""What a document holds, as what it would become in the knowledge base. Pure values: nothing here asks the database.

Names (technologies, tools, concepts) become entries of their kind and tags: "Celery & RabbitMQ" is one entry, as it was
written, that carries the tags of both. Practices and learnings are mostly sentences: entries that carry the practices
and technologies which they speak of; a practice short enough to be a name is a tag itself.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from knowledge.documents.document import Challenge, Document, Named
from knowledge.documents.importing.topics import Names, practices_in
from knowledge.models import EntryKind, TagCategory
from knowledge.models.entries import BODY_LENGTH, SUMMARY_LENGTH, TITLE_LENGTH
from knowledge.models.tags import NAME_LENGTH
from knowledge.text import Gist, bare_name, escape_markdown, excerpt, folded, gist_of, title_key

TAGS_MOST: Final = 10

_CATEGORIES: Final = {
    EntryKind.TECHNOLOGY: TagCategory.TECHNOLOGY,
    EntryKind.TOOL: TagCategory.TOOL,
    EntryKind.CONCEPT: TagCategory.CONCEPT,
    EntryKind.BEST_PRACTICE: TagCategory.PRACTICE,
}
# Documents call the same thing a technology, a tool or a concept, so these are one when they have one name.
NAMES: Final = frozenset({EntryKind.TECHNOLOGY, EntryKind.TOOL, EntryKind.CONCEPT})

_PRACTICE_WORDS: Final = 4
_PART_WORDS: Final = 4
_PARTS_MOST: Final = 5
# "A & B", "A / B", "A + B"; without spaces only between words that are no abbreviation: Swagger/OpenAPI, not CI/CD.
_BETWEEN_PARTS: Final = re.compile(r"\s+[&/+]\s+|(?<=[a-z]{3})/(?=[A-Z]\w*[a-z])")
_LIST_ITEM: Final = re.compile(r"^(\s*(?:[-*]|\d+\.)\s+)(.*)$")


@dataclass(frozen=True, slots=True)
class FoundEntry:
    """An entry that the document would become, if there is none."""

    line: int
    kind: EntryKind
    title: str
    summary: str
    body: str
    own_tag: str | None
    tags: tuple[str, ...]

    @property
    def key(self) -> str:
        """What is equal for things of one name."""
        return title_key(self.title)

    @property
    def kinds(self) -> frozenset[EntryKind]:
        """The kinds of entries that it may be."""
        return NAMES if self.kind in NAMES else frozenset({self.kind})

    @property
    def digest(self) -> bytes:
        """Tells whether the document says the same of it as before."""
        return digest(self.kind, self.title, self.summary, self.body)


@dataclass(frozen=True)
class FoundChallenge:
    """A challenge that the document tells of; `solution` is Markdown, empty where it has none."""

    line: int
    title: str
    body: str
    solution: str
    tags: tuple[str, ...]

    @property
    def key(self) -> str:
        """What is equal for challenges of one title."""
        return title_key(self.title)

    @cached_property
    def gist(self) -> Gist:
        """What its words are about."""
        return gist_of(self.title, self.body)

    @property
    def text_key(self) -> str:
        """What is equal for challenges of one text."""
        return folded(self.body)

    @property
    def digest(self) -> bytes:
        """Tells whether the document says the same of it as before."""
        return digest(self.title, self.body, self.solution)


@dataclass(frozen=True, slots=True)
class Found:
    """All that a document would become: entries each once, challenges as told, and the category of each tag's name."""

    entries: tuple[FoundEntry, ...]
    challenges: tuple[FoundChallenge, ...]
    tags: dict[str, TagCategory]


def found_in(document: Document) -> Found:
    """What the document would become."""
    named = [*_named(document.technologies, EntryKind.TECHNOLOGY), *_named(document.tools, EntryKind.TOOL)]
    technologies = Names(tag for entry in named for tag in entry.tags)
    named += _named(document.concepts, EntryKind.CONCEPT)
    named += (_practice(item, technologies) for item in document.best_practices)
    named += (_learning(item, technologies) for item in document.learnings)
    entries = {(entry.kinds, entry.key): entry for entry in reversed(named)}
    told = (_challenge(challenge, technologies) for challenge in document.challenges)
    categories: dict[str, TagCategory] = {}
    for entry in named:
        for tag in entry.tags:
            categories.setdefault(tag, _CATEGORIES.get(entry.kind, TagCategory.OTHER))
    return Found(
        tuple(sorted(entries.values(), key=lambda entry: entry.line)),
        tuple(sorted(told, key=lambda challenge: challenge.line)),
        categories,
    )


def digest(*parts: str) -> bytes:
    """The SHA-256 of texts."""
    return hashlib.sha256(json.dumps(parts).encode()).digest()


def _named(items: Iterable[Named], kind: EntryKind) -> Iterator[FoundEntry]:
    for item in items:
        parts = _parts(item.name)
        own = _tag_name(item.name) if len(parts) == 1 else None
        tags = [own] if own else [_tag_name(part) for part in parts] if len(parts) > 1 else []
        yield _entry(item, kind, own, [tag for tag in tags if tag])


def _practice(item: Named, technologies: Names) -> FoundEntry:
    own = _tag_name(item.name) if len(item.name.split()) <= _PRACTICE_WORDS else None
    about = [own] if own else practices_in(item.name)
    return _entry(item, EntryKind.BEST_PRACTICE, own, [*about, *technologies.within(item.sentence)])


def _learning(item: Named, technologies: Names) -> FoundEntry:
    return _entry(item, EntryKind.LEARNING, None, technologies.within(item.sentence))


def _entry(item: Named, kind: EntryKind, own_tag: str | None, tags: Iterable[str]) -> FoundEntry:
    return FoundEntry(
        line=item.line,
        kind=kind,
        title=excerpt(_one_line(item.name), TITLE_LENGTH),
        summary=excerpt(_one_line(item.text), SUMMARY_LENGTH),
        body=_markdown(item.text or item.name),
        own_tag=own_tag,
        tags=tuple(dict.fromkeys(tags))[:TAGS_MOST],
    )


def _challenge(challenge: Challenge, technologies: Names) -> FoundChallenge:
    text = f"{challenge.challenge}\n{challenge.solution or ''}"
    return FoundChallenge(
        line=challenge.line,
        title=excerpt(_one_line(challenge.title), TITLE_LENGTH),
        body=_markdown(challenge.body or challenge.title),
        solution=_markdown(challenge.solution or ""),
        tags=technologies.within(text)[:TAGS_MOST],
    )


def _parts(name: str) -> list[str]:
    """The names that are joined in one, or the name alone."""
    parts = [part.strip() for part in _BETWEEN_PARTS.split(name)]
    are_names = all(part and len(part.split()) <= _PART_WORDS for part in parts)
    return parts if are_names and len(parts) <= _PARTS_MOST else [name]


def _tag_name(name: str) -> str | None:
    bare = _one_line(bare_name(name)).rstrip(".,;:")
    return bare if bare and len(bare) <= NAME_LENGTH else None


def _one_line(text: str) -> str:
    """Text without line breaks and without what marks its lines as a list's items."""
    lines = (line.strip() for line in text.split("\n"))
    return " ".join(" ".join(_item_text(line) for line in lines if line).split())


def _item_text(line: str) -> str:
    item = _LIST_ITEM.match(line)
    return item[2] if item else line


def _markdown(text: str) -> str:
    """Plain text, whose lines may be a list's items, as Markdown."""
    return excerpt("\n".join(_markdown_line(line) for line in text.strip("\n").split("\n")), BODY_LENGTH)


def _markdown_line(line: str) -> str:
    item = _LIST_ITEM.match(line)
    return item[1] + escape_markdown(item[2]) if item else escape_markdown(line)
