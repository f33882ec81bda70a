"""What a document holds, as values. Lines are those of the source, the first is 1."""

from dataclasses import dataclass

from knowledge.documents.exact.values import Exact

__all__ = ["Challenge", "Document", "Named", "ParseWarning"]


@dataclass(frozen=True, slots=True)
class Named:
    """A technology, tool, concept, practice or learning: its name as it was written, without markup."""

    name: str
    text: str
    line: int

    @property
    def sentence(self) -> str:
        """Name and description as one text."""
        return f"{self.name}: {self.text}" if self.text else self.name


@dataclass(frozen=True, slots=True)
class Challenge:
    """A problem and what solved it. `body` tells more about the problem where the document does, else it is empty."""

    title: str
    body: str
    solution: str | None
    line: int

    @property
    def challenge(self) -> str:
        """Title and body as one text."""
        return f"{self.title}: {self.body}" if self.body else self.title


@dataclass(frozen=True, slots=True)
class ParseWarning:
    """Something that looked like knowledge and was not understood."""

    line: int
    message: str


@dataclass(frozen=True, slots=True)
class Document:
    """All that was found, each kind in document order; or `exact`, what a document of an export holds, and no more."""

    title: str
    technologies: tuple[Named, ...] = ()
    tools: tuple[Named, ...] = ()
    concepts: tuple[Named, ...] = ()
    best_practices: tuple[Named, ...] = ()
    learnings: tuple[Named, ...] = ()
    challenges: tuple[Challenge, ...] = ()
    warnings: tuple[ParseWarning, ...] = ()
    exact: Exact | None = None
