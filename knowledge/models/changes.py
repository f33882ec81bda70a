"""Changes that readers are told of while they watch: those events of the outbox that tell of something visible."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar, Final

from django.db import models
from django.db.models import Case, F, Value, When

from knowledge.events import EventType
from knowledge.models.outbox import OutboxEvent


class ChangeKind(models.TextChoices):
    """What happened, as readers call it."""

    ENTRY_PUBLISHED = "ENTRY_PUBLISHED"
    ENTRY_UPDATED = "ENTRY_UPDATED"
    ENTRY_ARCHIVED = "ENTRY_ARCHIVED"
    CHALLENGE_CREATED = "CHALLENGE_CREATED"
    CHALLENGE_SOLVED = "CHALLENGE_SOLVED"
    SOLUTION_CREATED = "SOLUTION_CREATED"


# The one table from events to changes. Of the other events readers are not told.
KIND_OF: Final[Mapping[EventType, ChangeKind]] = MappingProxyType(
    {
        EventType.ENTRY_PUBLISHED: ChangeKind.ENTRY_PUBLISHED,
        # It is visible to everyone again.
        EventType.ENTRY_RESTORED: ChangeKind.ENTRY_PUBLISHED,
        EventType.ENTRY_UPDATED: ChangeKind.ENTRY_UPDATED,
        EventType.ENTRY_ARCHIVED: ChangeKind.ENTRY_ARCHIVED,
        EventType.CHALLENGE_CREATED: ChangeKind.CHALLENGE_CREATED,
        EventType.CHALLENGE_SOLVED: ChangeKind.CHALLENGE_SOLVED,
        EventType.SOLUTION_CREATED: ChangeKind.SOLUTION_CREATED,
    }
)


class ChangeManager(models.Manager["Change"]):
    """Events as changes: `kind`, and the subject's key in that of `entry_key`, `challenge_key`, `solution_key`."""

    def get_queryset(self) -> models.QuerySet["Change"]:
        """Without edits that readers don't see: their events say `shown: false`."""
        return (
            super()
            .get_queryset()
            .filter(type__in=sorted(KIND_OF))
            .exclude(payload__contains={"shown": False})
            .annotate(
                kind=Case(
                    *(When(type=event, then=Value(kind)) for event, kind in KIND_OF.items()),
                    output_field=models.CharField(),
                ),
                entry_key=_key_of("Entry"),
                challenge_key=_key_of("Challenge"),
                solution_key=_key_of("Solution"),
            )
        )


class Change(OutboxEvent):
    """An event that readers are told of, if they may see its subject."""

    objects: ClassVar[ChangeManager] = ChangeManager()

    class Meta:
        proxy = True


def _key_of(subject_type: str) -> Case:
    return Case(When(subject_type=subject_type, then=F("subject_id")), output_field=models.BigIntegerField())
