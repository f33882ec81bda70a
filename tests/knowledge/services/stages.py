"""Entries in the stages of their lives, brought there by the services."""

from datetime import UTC, datetime
from typing import Any

from knowledge.models import Entry, EntryRevision, OutboxEvent
from knowledge.policy import Viewer
from knowledge.services.entries import create_entry, submit_entry, update_entry
from knowledge.services.reviews import review_entry
from tests.cast import Cast

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LATER = datetime(2026, 11, 24, 12, tzinfo=UTC)


def drafted(viewer: Viewer, **content: Any) -> Entry:
    given = {"kind": "CONCEPT", "title": "Caching", "body": "Keep it.", "tags": ["Redis"], **content}
    return create_entry(viewer, now=NOW, **given)


def published(cast: Cast, by: str = "author", **content: Any) -> Entry:
    entry = drafted(cast.viewer(by), submit=True, **content)
    review_entry(cast.viewer("staff"), entry_id=entry.pk, verdict="APPROVE", now=NOW)
    return Entry.objects.get(pk=entry.pk)


def proposed(viewer: Viewer, entry: Entry, *, submit: bool = True, **changes: Any) -> EntryRevision:
    _, revision = update_entry(viewer, entry_id=entry.pk, now=NOW, **(changes or {"body": "Keep it well."}))
    if submit:
        submit_entry(viewer, entry_id=entry.pk, now=NOW)
    revision.refresh_from_db()
    return revision


def states(entry: Entry) -> list[tuple[int, str]]:
    return list(EntryRevision.objects.filter(entry=entry).order_by("number").values_list("number", "state"))


def last_event() -> tuple[str, int, dict[str, Any]]:
    event = OutboxEvent.objects.latest("pk")
    return event.type, event.subject_id, event.payload
