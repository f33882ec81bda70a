"""What came of an import."""

from dataclasses import dataclass
from enum import StrEnum

from knowledge.documents.document import ParseWarning
from knowledge.models import Challenge, Entry


class ItemKind(StrEnum):
    """What a document calls the thing it tells of."""

    TECHNOLOGY = "TECHNOLOGY"
    CONCEPT = "CONCEPT"
    BEST_PRACTICE = "BEST_PRACTICE"
    LEARNING = "LEARNING"
    TOOL = "TOOL"
    CHALLENGE = "CHALLENGE"


class Outcome(StrEnum):
    """What became of a thing that a document tells of.

    CREATED: it is new. MATCHED: it was there, and gained a source. UPDATED: the document brought it in before and says
    more or other now. UNCHANGED: as before. KEPT: the document says something else now, but somebody edited it by hand
    or another document names it as well, so it was left as it is.
    """

    CREATED = "CREATED"
    MATCHED = "MATCHED"
    UPDATED = "UPDATED"
    UNCHANGED = "UNCHANGED"
    KEPT = "KEPT"


@dataclass(frozen=True, slots=True)
class ImportItem:
    """One thing found. `text` is a challenge's solution or an entry's summary; `subject` is None after a dry run."""

    line: int
    kind: ItemKind
    outcome: Outcome
    title: str
    text: str
    tags: tuple[str, ...]
    subject: Entry | Challenge | None


@dataclass(frozen=True, slots=True)
class Report:
    """What was found, in document order, and what came of it."""

    items: tuple[ImportItem, ...]
    warnings: tuple[ParseWarning, ...]
    tags_created: int
    solutions_created: int

    @property
    def entries_created(self) -> int:
        """How many entries are new."""
        return self._count(Outcome.CREATED, of_challenges=False)

    @property
    def entries_matched(self) -> int:
        """How many entries were there and gained a source."""
        return self._count(Outcome.MATCHED, of_challenges=False)

    @property
    def entries_updated(self) -> int:
        """How many entries got a new revision."""
        return self._count(Outcome.UPDATED, of_challenges=False)

    @property
    def challenges_created(self) -> int:
        """How many challenges are new."""
        return self._count(Outcome.CREATED, of_challenges=True)

    @property
    def challenges_matched(self) -> int:
        """How many challenges were there and gained a source."""
        return self._count(Outcome.MATCHED, of_challenges=True)

    @property
    def challenges_updated(self) -> int:
        """How many challenges, or their solutions, were written anew."""
        return self._count(Outcome.UPDATED, of_challenges=True)

    @property
    def kept(self) -> int:
        """How many were left as they are though the document says something else now."""
        return sum(item.outcome is Outcome.KEPT for item in self.items)

    def _count(self, outcome: Outcome, *, of_challenges: bool) -> int:
        return sum(
            item.outcome is outcome and (item.kind is ItemKind.CHALLENGE) is of_challenges for item in self.items
        )
