"""What the documents of an export hold: one tag, entry, challenge or source each. Kinds and states are the API's words.

Things refer to each other by slug. Times are UTC.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

CHALLENGE: Final = "CHALLENGE"


@dataclass(frozen=True, slots=True)
class ExactTag:
    """A tag with its other names."""

    slug: str
    name: str
    category: str
    description: str = ""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ExactResource:
    """A page to read on."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class ExactEntry:
    """An entry as it is shown; `tags` are slugs."""

    slug: str
    kind: str
    title: str
    summary: str
    body: str
    tags: tuple[str, ...]
    resources: tuple[ExactResource, ...]
    created: datetime
    updated: datetime
    published: datetime


@dataclass(frozen=True, slots=True)
class ExactSolution:
    """A solution. It is the `copy`-th of those that answer the challenge in the very same words, the first is 1."""

    body: str
    accepted: bool
    copy: int
    created: datetime
    updated: datetime


@dataclass(frozen=True, slots=True)
class ExactChallenge:
    """A challenge with solutions; `tags` and `entries` are slugs.

    One whose solutions do not fit into one document is told in several, each of which holds other solutions.
    """

    slug: str
    title: str
    body: str
    difficulty: str
    status: str
    close_reason: str
    tags: tuple[str, ...]
    entries: tuple[str, ...]
    solutions: tuple[ExactSolution, ...]
    created: datetime
    updated: datetime
    solved: datetime | None


@dataclass(frozen=True, slots=True)
class Told:
    """That a source names an entry or a challenge at a line of its own.

    `kind` is what the source calls it; `written` and `solution` are SHA-256 in hexadecimal: of what the import wrote
    then, and of the solution that it brought in, empty where it brought in none. `at` is the line here, the first is 1.
    """

    line: int
    kind: str
    slug: str
    written: str
    solution: str = ""
    at: int = field(default=1, compare=False)

    @property
    def is_challenge(self) -> bool:
        """Whether it is a challenge that is named, and not an entry."""
        return self.kind == CHALLENGE


@dataclass(frozen=True, slots=True)
class ExactSource:
    """A document that knowledge came from, and what it names. One that names too much for one document has several.

    `text_hash` is the SHA-256 of its text. Without a url it is the `copy`-th source of that text, the first is 1.
    """

    title: str
    url: str | None
    text_hash: str
    copy: int
    imported: datetime
    updated: datetime
    told: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class ExactAbout:
    """What an export tells of itself: the hash of its content, and how many of each it holds."""

    content_hash: str
    counts: tuple[tuple[str, int], ...]


Exact = ExactTag | ExactEntry | ExactChallenge | ExactSource | ExactAbout
