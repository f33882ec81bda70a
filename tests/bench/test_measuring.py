"""What a measurement leaves behind: the data as it was, and no dead rows."""

from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection, transaction

from bench.measuring import TOUCHED, tidied
from knowledge.models import Entry, EntryRevision, EntryTag, OutboxEvent, RevisionTag
from tests.cast import Cast
from tests.client import Client
from tests.schema.rows import entry, tag

pytestmark = pytest.mark.django_db(transaction=True)
CREATE = """mutation($title: String!) {
  entryCreate(input: {kind: TOOL, title: $title, summary: "s", body: "b", tags: ["Python"]}) { errors { code } } }"""


def left() -> tuple[list[Any], ...]:
    """What there is of entries: slugs, revisions, tags, their revisions' tags, and events by their subjects."""
    return (
        list(Entry.objects.order_by("slug").values_list("slug", flat=True)),
        list(EntryRevision.objects.order_by("pk").values_list("entry__slug", flat=True)),
        list(EntryTag.objects.order_by("pk").values_list("entry__slug", flat=True)),
        list(RevisionTag.objects.order_by("pk").values_list("revision__entry__slug", flat=True)),
        list(OutboxEvent.objects.order_by("pk").values_list("subject_type", "type")),
    )


def make(api: Client, cast: Cast, *titles: str) -> None:
    for title in titles:
        assert api.run(CREATE, {"title": title}, as_=cast.author).data == {"entryCreate": {"errors": []}}


def swept() -> set[str]:
    """The tables that were vacuumed and analyzed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_stat_user_tables WHERE last_vacuum IS NOT NULL AND last_analyze IS NOT NULL"
        )
        return {name for (name,) in cursor.fetchall()}


def test_what_is_made_meanwhile_goes_and_the_data_stay(api: Client, cast: Cast) -> None:
    python = tag("Python")
    with transaction.atomic():
        entry("Kept", python, slug="entry-1", author=cast.author)
    OutboxEvent.objects.create(type="tag.created", subject_type="Tag", subject_id=python.pk + 1_000)
    before = left()
    assert before[0] == ["entry-1"]
    place = {name: quote(str(connection.settings_dict[name])) for name in ("USER", "PASSWORD", "HOST", "PORT", "NAME")}
    make(api, cast, "Left by a run that was broken off")

    with tidied("postgresql://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**place)):
        assert left() == before
        make(api, cast, "One", "Two")
        assert [len(rows) for rows in left()] == [3, 3, 3, len(before[3]) + 2, 3]

    assert left() == before
    assert swept() == {f"knowledge_{table}" for table in TOUCHED}
