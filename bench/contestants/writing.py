"""What the rivals' mutation does: an entry, its revision and its tags, by the ORM, without any of Nexus' rules."""

from itertools import count
from secrets import token_hex
from typing import Any, Final

from django.db import transaction

from knowledge.models import Entry, EntryRevision, EntryTag, Tag, User

_NUMBERS: Final = count()
# What a run left behind that was broken off is in nobody's way.
_RUN: Final = token_hex(4)


@transaction.atomic
def create_entry(rival: str, *, kind: str, title: str, summary: str, body: str, tags: list[str]) -> Any:
    """The new entry."""
    author = User.objects.get(username="person1")
    content = {"kind": kind, "title": title, "summary": summary, "body": body, "body_html": f"<p>{body}</p>\n"}
    entry = Entry.objects.create(
        slug=f"{title.lower().replace(' ', '-')}-{rival}-{_RUN}-{next(_NUMBERS)}", author=author, **content
    )
    EntryRevision.objects.create(entry=entry, number=1, author=author, **content)
    chosen = Tag.objects.filter(slug__in=[tag.lower() for tag in tags])
    EntryTag.objects.bulk_create(EntryTag(entry=entry, tag=tag) for tag in chosen)
    return entry
