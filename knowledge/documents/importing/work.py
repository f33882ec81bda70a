"""What the parts of one import share."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Model

from knowledge import outbox
from knowledge.events import EventType
from knowledge.models import OutboxEvent, Source, Tag
from knowledge.policy import Viewer


@dataclass(frozen=True, slots=True)
class Work:
    """One import: who, which document, when; the tag for each name in it; and the events so far."""

    viewer: Viewer
    author_id: int | None
    source: Source
    now: datetime
    tags: Mapping[str, Tag]
    events: list[OutboxEvent] = field(default_factory=list)

    def carried(self, names: Iterable[str]) -> list[Tag]:
        """The tags that these names lead to, each once."""
        return list({tag.pk: tag for tag in (self.tags[name] for name in names)}.values())

    def tag_names(self, names: Iterable[str]) -> tuple[str, ...]:
        """What the tags are called that these names lead to; a name that leads nowhere stands for itself."""
        return tuple(dict.fromkeys(self.tags[name].name if name in self.tags else name for name in names))

    def tell(self, event: EventType, subject: Model, **payload: object) -> None:
        """Notes an event, to be recorded with all others at the end."""
        self.events.append(outbox.about(event, subject, at=self.now, source=self.source.pk, **payload))
