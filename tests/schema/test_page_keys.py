"""Pages of what an index of words finds: the same whether rows are looked at in turn or looked up, and never all."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from django.db import connection

from knowledge.models import Entry, EntryRevision
from schema import documents
from tests.cast import Cast, make_cast
from tests.client import Client
from tests.schema import rows

pytestmark = pytest.mark.django_db

ENTRIES = 12
OTHERS = 1_500
PAGES = (
    "first: 3",
    "last: 3",
    "first: 3, orderBy: [{field: TITLE, direction: DESC}]",
    "last: 2, orderBy: [{field: SCORE, direction: ASC}, {field: TITLE, direction: DESC}]",
)
FILTERS = (
    '{text: "cache"}',
    '{text: "cache", kind: [TOOL]}',
    '{AND: [{text: "cach"}, {tagsAny: ["python"]}]}',
    '{tagsAll: ["python", "web"]}',
    '{tagsAny: ["web"], NOT: {text: "odd"}}',
    '{OR: [{text: "odd"}, {tagsAny: ["nothing"]}]}',
    '{OR: [{text: "cache", tagsAny: ["nothing"]}, {text: "cache", tagsAll: ["web"]}]}',
    '{text: "cache", tagsAny: ["nothing"]}',
    '{OR: [{text: "odd"}, {kind: [TOOL]}], text: "cache"}',
    '{text: "nobody wrote this"}',
    '{tagsAny: ["nothing"]}',
)
QUERY = """query ($after: String) {
    entries(%s, after: $after, where: %s) {
        nodes { title } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def entries(cast: Cast) -> list[Entry]:
    """Twelve that tell of a cache, every third a tool; the odd ones say so and carry Web beside Python."""
    python, web = rows.tag("Python"), rows.tag("Web")
    made = []
    for number in range(ENTRIES):
        odd = number % 2
        entry = rows.entry(
            f"Cache {number:02}",
            *([python, web] if odd else [python]),
            author=cast.author,
            kind="CONCEPT" if number % 3 else "TOOL",
            summary="An odd one" if odd else "",
        )
        Entry.objects.filter(pk=entry.pk).update(published_at=rows.at(number), score=number % 4)
        made.append(entry)
    return made


@pytest.fixture
def others(entries: list[Entry]) -> None:
    """So many more, older and of other words, that PostgreSQL has a reason to use indexes."""
    made = Entry.objects.bulk_create(
        Entry(slug=f"other-{n}", title=f"Other {n}", kind="TOOL", status="PUBLISHED", published_at=rows.at(-n - 1))
        for n in range(OTHERS)
    )
    EntryRevision.objects.bulk_create(
        EntryRevision(entry=entry, number=1, kind=entry.kind, title=entry.title, state="APPROVED") for entry in made
    )
    rows.surveyed_entries()


def believe(common: bool) -> None:
    """Has the database take every query for a common one, or none."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE OR REPLACE FUNCTION nexus_is_common(rows regclass, sought tsquery) RETURNS boolean"
            f" LANGUAGE sql AS 'SELECT {str(common).lower()}'"
        )


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("where", FILTERS)
def test_both_ways_find_the_same_pages(cast: Cast, entries: list[Entry], page: str, where: str) -> None:
    side = "after" if "first" in page else "before"
    query = QUERY.replace("after", side) % (page, where)
    found = []
    for common in (False, True):
        believe(common)
        first = Client().run(query).data["entries"]
        ends = {side: first["pageInfo"]["endCursor" if side == "after" else "startCursor"]}
        found.append((first, Client().run(query, ends).data["entries"]))

    assert found[0] == found[1]


@pytest.mark.parametrize("where", FILTERS)
def test_so_they_do_below_other_rows(
    cast: Cast, entries: list[Entry], where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("schema.planner.page_keys.LOOKED_AT", 3)
    documents.forget()
    page = f"(first: 2, where: {where}) {{ totalCount nodes {{ title }} pageInfo {{ hasNextPage }} }}"
    query = f'{{ tags {{ nodes {{ slug entries{page} }} }} user(username: "author") {{ entries{page} }} }}'
    found = []
    for common in (False, True):
        believe(common)
        found.append(Client().run(query).data)

    assert found[0] == found[1]
    documents.forget()


def test_the_pages_are_the_right_ones(cast: Cast, entries: list[Entry]) -> None:
    for common in (False, True):
        believe(common)
        for where, expected in (
            ('{text: "cache"}', ["Cache 11", "Cache 10", "Cache 09"]),
            ('{text: "cache", kind: [TOOL]}', ["Cache 09", "Cache 06", "Cache 03"]),
            ('{tagsAll: ["python", "web"]}', ["Cache 11", "Cache 09", "Cache 07"]),
            ('{tagsAny: ["nothing"]}', []),
        ):
            answer = Client().run(QUERY % ("first: 3", where)).data["entries"]

            assert [node["title"] for node in answer["nodes"]] == expected
            assert answer["pageInfo"]["hasNextPage"] is bool(expected)


def test_those_below_other_rows_too(cast: Cast, entries: list[Entry]) -> None:
    page = '(first: 2, where: {text: "cache", kind: [TOOL]}) { nodes { title } pageInfo { hasNextPage } }'
    query = f'{{ python: tag(slug: "python") {{ entries{page} }} web: tag(slug: "web") {{ entries{page} }} }}'
    for common in (False, True):
        believe(common)
        answer = Client().run(query).data

        titles = {name: [node["title"] for node in tag["entries"]["nodes"]] for name, tag in answer.items()}
        assert titles == {"python": ["Cache 09", "Cache 06"], "web": ["Cache 09", "Cache 03"]}
        assert [tag["entries"]["pageInfo"]["hasNextPage"] for tag in answer.values()] == [True, False]


def test_what_is_less_common_than_it_seemed_is_looked_up(
    cast: Cast, entries: list[Entry], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("schema.planner.page_keys.LOOKED_AT", 4)
    documents.forget()
    believe(common=True)

    answer = Client().run(QUERY % ("first: 3", '{text: "-odd cache"}')).data["entries"]

    assert [node["title"] for node in answer["nodes"]] == ["Cache 10", "Cache 08", "Cache 06"]
    documents.forget()


def test_what_is_common_is_looked_at_in_turn_and_no_further_than_the_page(cast: Cast, others: None) -> None:
    believe(common=True)

    nodes = explained(QUERY % ("first: 3", '{text: "cache"}'))

    walks = [node for node in nodes if node.get("Index Name") in {"entry_status", "entry_published_at"}]
    assert [node["Actual Rows"] for node in walks] == [4]
    assert ran(nodes, "entry_search") == []


@pytest.mark.parametrize("words", ["nobody wrote this", "cache"])
def test_what_is_not_common_is_looked_up_and_nothing_is_looked_at_in_turn(cast: Cast, others: None, words: str) -> None:
    believe(common=False)

    nodes = explained(QUERY % ("first: 3", f'{{text: "{words}"}}'))

    assert ran(nodes, "entry_status", "entry_published_at") == []
    assert looked_up(nodes) == [ENTRIES if words == "cache" else 0]


@pytest.mark.parametrize("order", ["", "orderBy: [{field: RELEVANCE, direction: DESC}], "])
def test_words_tags_and_kind_are_found_by_one_index(cast: Cast, others: None, order: str) -> None:
    believe(common=False)
    where = '{text: "cache", tagsAll: ["python", "web"], kind: [TOOL]}'

    nodes = explained(QUERY % (f"{order}first: 3", where))

    # The third and the ninth; the odd ones of the tools.
    assert looked_up(nodes) == [2]


def explained(query: str) -> list[Mapping[str, Any]]:
    """The nodes of the plan of the statement that answers the query, as it ran."""
    statement = Client().run(query).sql[-1]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement}")
        (plan,) = cursor.fetchone()
    return list(_nodes((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]))


def ran(nodes: list[Mapping[str, Any]], *indexes: str) -> list[Mapping[str, Any]]:
    """The scans of the indexes that were run at all."""
    return [node for node in nodes if node.get("Index Name") in indexes and node["Actual Loops"]]


def looked_up(nodes: list[Mapping[str, Any]]) -> list[int]:
    """How many entries each look into the index of words led to, with those left out afterwards."""
    heaps = [
        node for node in nodes if any(below.get("Index Name") == "entry_search" for below in node.get("Plans", ()))
    ]
    return [node["Actual Rows"] + node.get("Rows Removed by Filter", 0) for node in heaps if node["Actual Loops"]]


def _nodes(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from _nodes(below)
