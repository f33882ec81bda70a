"""What the parts share: who brings what back, and what came of it so far."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Model

from knowledge import outbox
from knowledge.documents.document import ParseWarning
from knowledge.documents.importing.report import ImportItem, ItemKind, Outcome, Report
from knowledge.events import EventType
from knowledge.models import Challenge, Entry, EntryKind, OutboxEvent, Source, Tag, TagCategory
from knowledge.policy import Viewer, restores_exports
from knowledge.services import tags

_FIRST_LINE = 1


@dataclass(slots=True)
class Bringing:
    """One document of an export on its way in."""

    viewer: Viewer
    author_id: int | None
    now: datetime
    source: Source | None = None
    items: list[ImportItem] = field(default_factory=list)
    warnings: list[ParseWarning] = field(default_factory=list)
    events: list[OutboxEvent] = field(default_factory=list)
    tags_created: int = 0
    solutions_created: int = 0

    @property
    def restores(self) -> bool:
        """Whether addresses and times come back too."""
        return restores_exports(self.viewer)

    def at(self, moment: datetime) -> datetime:
        """The moment that the document tells, or now where it is not for this viewer to say."""
        return moment if self.restores else self.now

    def resolved(self, slugs: Iterable[str]) -> list[Tag]:
        """The tags of these slugs, each once; those that are not there are made."""
        resolution = tags.resolve_all(dict.fromkeys(slugs, TagCategory.OTHER), now=self.now)
        self.tags_created += len(resolution.created)
        return list({tag.pk: tag for tag in resolution.tags.values()}.values())

    def note(
        self,
        outcome: Outcome,
        subject: Entry | Challenge,
        text: str,
        tag_names: Iterable[str],
        *,
        line: int = _FIRST_LINE,
    ) -> None:
        """Adds the report's line on an entry or a challenge."""
        self.items.append(ImportItem(line, _kind_of(subject), outcome, subject.title, text, tuple(tag_names), subject))

    def warn(self, message: str, *, line: int = _FIRST_LINE) -> None:
        """Tells what was left out."""
        self.warnings.append(ParseWarning(line, message))

    def tell(self, event: EventType, subject: Model, **payload: object) -> None:
        """Notes an event, to be recorded with all others at the end."""
        self.events.append(outbox.about(event, subject, at=self.now, **payload))

    def report(self) -> Report:
        """What came of it."""
        return Report(
            tuple(self.items),
            tuple(self.warnings),
            tags_created=self.tags_created,
            solutions_created=self.solutions_created,
        )


def _kind_of(subject: Entry | Challenge) -> ItemKind:
    """What reports call it. They have no word for guides, which no learner's document holds."""
    if isinstance(subject, Challenge):
        return ItemKind.CHALLENGE
    return ItemKind.LEARNING if subject.kind == EntryKind.GUIDE else ItemKind(subject.kind)
