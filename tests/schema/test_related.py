"""Entries that have much in common with an entry: by tags, by text, in one statement and one order."""

from typing import Any

import pytest
from django.db import connection

from knowledge.models import Entry, EntryRevision, EntryStatus
from knowledge.related import CONSIDERED, WINDOW, related_entries
from tests.cast import Cast
from tests.client import Client
from tests.schema.rows import NOON, entry, id_of, surveyed_entries, tag

RELATED = "query($id: ID!, $first: Int) { entry(id: $id) { related(first: $first) { title } } }"


def related(api: Client, to: Entry, **given: Any) -> list[str]:
    result = api.run(RELATED, {"id": id_of(to), **given})
    assert result.statements == 1
    return [each["title"] for each in result.data["entry"]["related"]]


def test_more_and_rarer_tags_come_first_and_never_itself(api: Client, db: None) -> None:
    common, rare, other = tag("Common"), tag("Rare"), tag("Other")
    origin = entry("Origin", common, rare)
    entry("Xylophone", common)
    entry("Both", common, rare)
    entry("Quiet", rare)
    for number in range(3):
        entry(f"{number}", common, other)
    entry("Apart", other)
    found = related(api, origin)
    assert found[:2] == ["Both", "Quiet"]
    assert set(found[2:]) <= {"Xylophone", "0", "1", "2"}
    assert "Apart" not in related(api, origin, first=20)
    assert "Origin" not in related(api, origin, first=20)


def test_texts_that_speak_of_it_are_related_without_a_tag(api: Client, db: None) -> None:
    origin = entry("Docker Compose")
    entry("Deploying", body="We composed containers with Docker.")
    entry("Docker", body="It runs containers.")
    entry("Gardens", body="Docks and composers.")
    assert related(api, origin) == ["Deploying"]


def published(count: int) -> None:
    made = Entry.objects.bulk_create(
        Entry(title=f"{n}", slug=f"{n}", kind="CONCEPT", status=EntryStatus.PUBLISHED, published_at=NOON)
        for n in range(count)
    )
    EntryRevision.objects.bulk_create(
        EntryRevision(entry=each, number=1, kind=each.kind, title=each.title, state="APPROVED") for each in made
    )


def expect_of_any_text(common: bool) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE OR REPLACE FUNCTION nexus_is_common(rows regclass, sought tsquery) RETURNS boolean"
            f" LANGUAGE sql AS 'SELECT {common}'"
        )


def test_of_a_text_that_very_many_speak_of_the_latest_are_looked_at(api: Client, db: None) -> None:
    origin = entry("Docker Compose")
    entry("Old", body="We composed containers with Docker.")
    published(WINDOW - 1)
    entry("New", body="Docker, composed.")
    expect_of_any_text(common=False)
    assert related(api, origin) == ["New", "Old"]
    expect_of_any_text(common=True)
    assert related(api, origin) == ["New"]


def nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(node for inner in plan.get("Plans", ()) for node in nodes(inner))]


@pytest.mark.parametrize(("common", "index"), [(False, "entry_search"), (True, "knowledge_entry_pkey")])
def test_texts_are_found_by_the_index_of_words_or_from_the_latest_on(db: None, common: bool, index: str) -> None:
    """Whatever PostgreSQL thinks of it; the other way is not begun."""
    origin = entry("Docker Compose")
    entry("Deploying", body="We composed containers with Docker.")
    published(500)
    surveyed_entries()
    expect_of_any_text(common)
    query, params = Entry.objects.filter(pk=origin.pk).values_list(related_entries(5)).query.sql_with_params()
    with connection.cursor() as cursor:
        # What it rather does than sort, with many entries.
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {query}", params)
        ((plan,),) = cursor.fetchall()
    parts = next(node for node in nodes(plan[0]["Plan"]) if node["Node Type"] == "Append")["Plans"]
    speaking = [node for part in parts[1:] for node in nodes(part) if node["Actual Loops"]]
    assert [node["Index Name"] for node in speaking if "Index Name" in node] == [index]


def test_titles_that_are_alike_come_first(api: Client, db: None) -> None:
    python = tag("Python")
    origin = entry("Python generators", python)
    entry("Python decorators", python)
    entry("Loops", python)
    entry("Generators in Python", python)
    assert related(api, origin) == ["Generators in Python", "Python decorators", "Loops"]


def test_equals_stand_newest_first(api: Client, db: None) -> None:
    python = tag("Python")
    origin = entry("?", python)
    for number in range(4):
        entry(f"{number}", python)
    assert related(api, origin) == ["3", "2", "1", "0"]


def test_of_a_popular_tag_the_newest_are_looked_at(api: Client, db: None) -> None:
    python = tag("Python")
    origin = entry("Generators", python)
    entry("Generatrix", python)
    for number in range(CONSIDERED):
        entry(f"{number}", python)
    assert "Generatrix" not in related(api, origin, first=20)


@pytest.mark.parametrize("status", [EntryStatus.DRAFT, EntryStatus.IN_REVIEW, EntryStatus.ARCHIVED])
def test_only_published_ones_for_whoever_asks(cast: Cast, api: Client, status: EntryStatus) -> None:
    """Also where the viewer may see the others, and where what is asked about is one of them."""
    python = tag("Python")
    shown = entry("Shown", python)
    unseen = entry("Unseen", python, author=cast.author, status=status)
    for viewer in (None, cast.author, cast.peer, cast.reviewer, cast.staff):
        found = api.run(RELATED, {"id": id_of(shown)}, as_=viewer).data["entry"]
        assert found == {"related": []}
    asked = api.run(RELATED, {"id": id_of(unseen)}, as_=cast.author).data["entry"]
    assert asked == {"related": [{"title": "Shown"}]}


def test_how_many(api: Client, db: None) -> None:
    python = tag("Python")
    origin = entry("Origin", python)
    for number in range(25):
        entry(f"{number}", python)
    assert len(related(api, origin)) == 5
    assert len(related(api, origin, first=None)) == 5
    assert len(api.run(f'{{ entry(id: "{id_of(origin)}") {{ related {{ title }} }} }}').data["entry"]["related"]) == 5
    for first in (1, 20):
        assert len(related(api, origin, first=first)) == first
    for first in (0, -1, 21, 2_147_483_647):
        refused = api.run(RELATED, {"id": id_of(origin), "first": first})
        assert refused.codes == ["BAD_USER_INPUT"]


def test_related_nest_and_differ_by_alias(api: Client, db: None) -> None:
    python, docker = tag("Python"), tag("Docker")
    entry("A", python)
    entry("B", python, docker)
    entry("C", docker)
    asked = """{ entries(orderBy: {field: TITLE, direction: ASC}) { nodes {
      title one: related(first: 1) { title } all: related { title tags { name } related(first: 1) { title } }
    } } }"""
    result = api.run(asked)
    assert result.statements == 1
    b = {"title": "B", "tags": [{"name": "Docker"}, {"name": "Python"}], "related": [{"title": "C"}]}
    a = {"title": "A", "tags": [{"name": "Python"}], "related": [{"title": "B"}]}
    c = {"title": "C", "tags": [{"name": "Docker"}], "related": [{"title": "B"}]}
    assert result.data["entries"]["nodes"] == [
        {"title": "A", "one": [{"title": "B"}], "all": [b]},
        {"title": "B", "one": [{"title": "C"}], "all": [c, a]},
        {"title": "C", "one": [{"title": "B"}], "all": [b]},
    ]


def test_related_of_what_a_mutation_answers_with(cast: Cast, api: Client) -> None:
    entry("Shown", tag("Python"))
    mutation = """mutation($input: EntryCreateInput!) { entryCreate(input: $input) {
      entry { two: related(first: 2) { name: title } } errors { code }
    } }"""
    given = {"kind": "CONCEPT", "title": "New", "body": "x", "tags": ["Python"]}
    assert api.run(mutation, {"input": given}, as_=cast.author).data == {
        "entryCreate": {"entry": {"two": [{"name": "Shown"}]}, "errors": []}
    }


def test_each_related_entry_counts_for_the_limit_of_nodes(api: Client, db: None) -> None:
    """100 entries, each with 20, each of those with 4: 10,100. With 3: 8,100."""
    asked = (
        "query($first: Int) { entries(first: 100) { nodes { related(first: 20) { related(first: $first) { id } } } } }"
    )
    assert api.run(asked, {"first": 3}).errors == []
    assert api.run(asked, {"first": 4}).codes == ["COST_EXCEEDED"]
    assert api.run(asked, {"first": None}).codes == ["COST_EXCEEDED"]
    assert api.run(asked.replace("(first: $first)", "").replace("($first: Int)", "")).codes == ["COST_EXCEEDED"]
