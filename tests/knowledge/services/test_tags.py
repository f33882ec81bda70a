from datetime import UTC, datetime

import pytest

from knowledge.models import OutboxEvent, Tag, TagAlias, TagCategory
from knowledge.services.tags import lookup, resolve, resolve_all

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def test_unknown_names_become_tags_once() -> None:
    tags = resolve(["Django", "C++", "django", "DJANGO "], now=NOW)
    assert [(tag.name, tag.slug, tag.category) for tag in tags] == [
        ("Django", "django", "OTHER"),
        ("C++", "c-plus-plus", "OTHER"),
    ]
    assert Tag.objects.count() == 2
    assert list(OutboxEvent.objects.values_list("type", flat=True)) == ["tag.created"] * 2


def test_slugs_names_and_aliases_lead_to_what_is_there() -> None:
    [postgres] = resolve(["PostgreSQL"], now=NOW)
    TagAlias.objects.create(tag=postgres, slug="postgres", name="Postgres")
    assert resolve(["postgresql", "Postgres", "postgres"], now=NOW) == [postgres]
    assert lookup(["POSTGRES", "MySQL"]) == {"POSTGRES": postgres}
    assert Tag.objects.count() == 1
    assert OutboxEvent.objects.count() == 1


def test_a_new_tag_gets_its_category_and_one_that_is_there_keeps_its_own() -> None:
    resolve(["Docker"], now=NOW)
    resolution = resolve_all({"Docker": TagCategory.TECHNOLOGY, "Git": TagCategory.TOOL}, now=NOW)
    assert {name: tag.category for name, tag in resolution.tags.items()} == {"Docker": "OTHER", "Git": "TOOL"}
    assert [tag.slug for tag in resolution.created] == ["git"]


def test_no_names_no_tags() -> None:
    assert resolve([], now=NOW) == []
    assert Tag.objects.count() == 0


def test_new_tags_are_inserted_in_the_order_of_their_slugs() -> None:
    """So that two writers who make the same ones wait for each other in one direction only."""
    resolve(["Zig", "Ada", "Go"], now=NOW)
    assert list(Tag.objects.order_by("pk").values_list("slug", flat=True)) == ["ada", "go", "zig"]
