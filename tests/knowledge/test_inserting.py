"""New rows by statements that are written once for a model."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, models, transaction
from django.test.utils import CaptureQueriesContext

from knowledge.inserting import insert, insert_together
from knowledge.models import Bookmark, Challenge, EntryTag, Tag
from tests.cast import Cast
from tests.schema import rows

pytestmark = pytest.mark.django_db


def challenge(slug: str, **columns: Any) -> Challenge:
    return Challenge(slug=slug, title=slug, created_at=rows.at(1), updated_at=rows.at(2), **columns)


def columns(row: models.Model) -> dict[str, object]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if not field.primary_key}


def test_rows_are_saved_as_django_saves_them(cast: Cast) -> None:
    said = {"author": cast.author, "body": "B", "score": -2, "gist": ["b", "c"], "tag_ids": [3, 4]}
    own, djangos = challenge("one", **said), challenge("one", **said)

    insert([own])
    saved = columns(Challenge.objects.get(pk=own.pk))
    own.delete()
    djangos.save(force_insert=True)

    assert saved == columns(Challenge.objects.get(pk=djangos.pk))


def test_rows_get_their_keys_in_their_order_by_one_statement() -> None:
    made = [challenge("one"), challenge("two"), challenge("three")]

    with CaptureQueriesContext(
        connection,
    ) as statements:
        assert insert(made) == made

    assert len(statements) == 1
    assert [row.pk for row in made] == sorted(row.pk for row in made)
    assert dict(Challenge.objects.values_list("pk", "slug")) == {row.pk: row.slug for row in made}
    assert not any(row._state.adding for row in made)


def test_what_is_taken_is_left_out_and_stays_new() -> None:
    insert([challenge("taken")])
    made = [challenge("one"), challenge("taken"), challenge("two"), challenge("one")]

    assert insert(made, unless_taken="slug") == [made[0], made[2]]

    assert [(row.slug, row._state.adding, row.pk is None) for row in made] == [
        ("one", False, False),
        ("taken", True, True),
        ("two", False, False),
        ("one", True, True),
    ]
    assert dict(Challenge.objects.exclude(slug="taken").values_list("slug", "pk")) == {
        "one": made[0].pk,
        "two": made[2].pk,
    }


def test_what_is_taken_is_an_error_where_nothing_is_said_of_it() -> None:
    insert([challenge("taken")])
    with pytest.raises(IntegrityError, match="slug"), transaction.atomic():
        insert([challenge("one"), challenge("taken")])
    assert list(Challenge.objects.values_list("slug", flat=True)) == ["taken"]


def test_what_else_the_database_refuses_is_an_error_all_the_same() -> None:
    with pytest.raises(IntegrityError, match="challenge_status_known"), transaction.atomic():
        insert([challenge("one", status="LOST")], unless_taken="slug")


def test_a_row_that_lacks_what_it_refers_to_is_refused() -> None:
    tag = rows.tag("Python")
    with pytest.raises(IntegrityError, match="entry_id"), transaction.atomic():
        insert([EntryTag(tag=tag)])
    assert Tag.objects.count() == 1


def test_nothing_is_sent_for_no_rows() -> None:
    with CaptureQueriesContext(connection) as statements:
        assert insert([]) == []
    assert len(statements) == 0


def test_links_are_saved_together_by_one_statement_and_the_last_get_their_keys(cast: Cast) -> None:
    python, redis = rows.tag("Python"), rows.tag("Redis")
    one, another = rows.entry("One"), rows.entry("Another")
    kept = [Bookmark(entry=another, user=cast.author), Bookmark(entry=one, user=cast.author)]

    with CaptureQueriesContext(connection) as statements:
        insert_together([EntryTag(entry=one, tag=redis), EntryTag(entry=one, tag=python)], [], kept)

    assert len(statements) == 1
    assert list(EntryTag.objects.order_by("pk").values_list("entry_id", "tag_id")) == [
        (one.pk, redis.pk),
        (one.pk, python.pk),
    ]
    assert dict(Bookmark.objects.values_list("pk", "entry_id")) == {kept[0].pk: another.pk, kept[1].pk: one.pk}
    assert not any(row._state.adding for row in kept)


def test_links_are_saved_where_the_last_are_none() -> None:
    entry, tag = rows.entry("One"), rows.tag("Python")
    insert_together([EntryTag(entry=entry, tag=tag)], [])
    assert list(EntryTag.objects.values_list("entry_id", "tag_id")) == [(entry.pk, tag.pk)]


def test_of_what_is_saved_together_all_is_refused_or_nothing(cast: Cast) -> None:
    entry, tag = rows.entry("One"), rows.tag("Python")
    with pytest.raises(IntegrityError, match="entry_tag_once"), transaction.atomic():
        insert_together(
            [Bookmark(entry=entry, user=cast.author)], [EntryTag(entry=entry, tag=tag), EntryTag(entry=entry, tag=tag)]
        )
    assert not Bookmark.objects.exists()


def test_nothing_is_sent_for_no_groups() -> None:
    with CaptureQueriesContext(connection) as statements:
        insert_together([], [])
        insert_together()
    assert len(statements) == 0
