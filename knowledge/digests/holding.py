"""What a digest speaks of may be deleted while it is made: its items then lead nowhere, and their text stays."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from django.db import connection

from knowledge.digests.gather import Item, Section
from knowledge.models import Challenge, Entry, Tag
from knowledge.services.tags import keep_names


def holding(sections: Sequence[Section]) -> list[Section]:
    """The sections with items that lead only to what is still there, and stays until the transaction ends.

    Must be called inside a transaction, before any row in it is locked.
    """
    items = [item for section in sections for item in section.items]
    # Tags go by merging or deleting, which wait for whoever keeps the names; the others are held row by row.
    keep_names()
    entries = _held(Entry._meta.db_table, (item.entry_id for item in items))
    challenges = _held(Challenge._meta.db_table, (item.challenge_id for item in items))
    wanted = {item.tag_id for item in items if item.tag_id is not None}
    tags = set(Tag.objects.filter(pk__in=wanted).values_list("pk", flat=True))

    def leading(item: Item) -> Item:
        return replace(
            item,
            entry_id=item.entry_id if item.entry_id in entries else None,
            challenge_id=item.challenge_id if item.challenge_id in challenges else None,
            tag_id=item.tag_id if item.tag_id in tags else None,
        )

    return [replace(section, items=tuple(leading(item) for item in section.items)) for section in sections]


def _held(table: str, ids: Iterable[int | None]) -> set[int]:
    """Those rows that are there, by the lock that foreign keys take: it bars deletion, and edits go on."""
    wanted = sorted({pk for pk in ids if pk is not None})
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id FROM {table} WHERE id = ANY (%s) ORDER BY id FOR KEY SHARE",  # noqa: S608 - a model's table
            [wanted],
        )
        return {pk for (pk,) in cursor.fetchall()}
