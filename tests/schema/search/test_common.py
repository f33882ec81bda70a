"""What very many rows match: the latest of them are ranked, and no search looks at more rows than it may.

Here few rows are many: a search ranks the latest three, and looks at six.
"""

from typing import Any

import pytest
from django.db import connection

from knowledge.models import Entry
from schema.planner import search as planned
from schema.planner import search_sql
from tests.client import Client
from tests.reference import watching
from tests.schema.rows import challenge, entry, tag

pytestmark = pytest.mark.django_db

# A text of its own, since its plan holds the numbers.
SEARCH = """query OfFew($query: String!, $where: SearchWhere, $types: [SearchType!]) {
  search(query: $query, where: $where, types: $types) {
    totalCount suggestion nodes { ... on Entry { title } ... on Challenge { title } }
  }
}"""


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (planned, search_sql):
        monkeypatch.setattr(module, "MOST_LOOKED_AT", 6)
    monkeypatch.setattr(search_sql, "MOST_LATEST", 3)
    # The reference knows no such bounds.
    monkeypatch.setattr(watching, "WHICH", "none")


def expect_of_any_query(common: bool) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE OR REPLACE FUNCTION nexus_is_common(rows regclass, sought tsquery) RETURNS boolean"
            f" LANGUAGE sql AS 'SELECT {common}'"
        )


def found(api: Client, query: str, **given: Any) -> list[str]:
    result = api.run(SEARCH, {"query": query, **given})
    assert result.statements == 1
    answer = result.data["search"]
    titles = [node["title"] for node in answer["nodes"]]
    assert (answer["totalCount"], answer["suggestion"]) == (len(titles), None)
    return sorted(titles)


def others(count: int = 6) -> None:
    for number in range(count):
        entry(f"Filler {number}", kind="TOOL")


@pytest.mark.parametrize("where", [None, {}, {"tagsAll": []}, {"kind": None}, {"kind": ["CONCEPT"]}])
def test_the_latest_of_each_type_are_ranked_behind_whatever_filter(api: Client, where: Any) -> None:
    for number in range(5):
        entry(f"Cache {number}", kind="CONCEPT")
        challenge(f"Challenging cache {number}")
    entry("Else", kind="CONCEPT")
    challenges = [] if where and where.get("kind") else [f"Challenging cache {number}" for number in (2, 3, 4)]
    expect_of_any_query(common=True)
    assert found(api, "cache", where=where) == ["Cache 2", "Cache 3", "Cache 4", *challenges]
    assert found(api, "cache", where=where, types=["CHALLENGE"]) == challenges
    expect_of_any_query(common=False)
    assert len(found(api, "cache", where=where)) == (10 if challenges else 5)


def test_where_too_few_are_among_the_latest_the_index_finds_the_others_too(api: Client) -> None:
    entry("Cache 0")
    entry("Cache 1")
    others(5)
    entry("Cache 2")
    expect_of_any_query(common=True)
    assert found(api, "cache") == ["Cache 0", "Cache 1", "Cache 2"]


def test_so_are_the_few_behind_a_filter(api: Client) -> None:
    entry("Cache 0", tag("Rare"))
    entry("Cache 1", kind="GUIDE")
    others()
    expect_of_any_query(common=True)
    for where in ({"tagsAny": ["rare"]}, {"tagsAll": ["rare"]}):
        assert found(api, "cache", where=where) == ["Cache 0"]
    assert found(api, "cache", where={"kind": ["GUIDE"]}) == ["Cache 1"]
    assert found(api, "cache", where={"kind": ["TOOL"]}) == []


@pytest.mark.parametrize("common", [True, False])
@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ('"cold cache"', ["A cold cache"]),
        ('"cold cache" or "cold tea"', ["A cold cache", "Cold tea and cache"]),
        ('cache -"cold tea"', ["A cold cache", "The cache is cold", "Tea, cold, and cache"]),
        ('cold -"cold tea" -"cold cache"', ["Tea, cold, and cache", "The cache is cold"]),
        ("cold -tea", ["A cold cache", "The cache is cold"]),
        ('"warm cache"', []),
        ("cache -cache", []),
    ],
)
def test_an_index_knows_no_phrases(api: Client, query: str, titles: list[str], common: bool) -> None:
    for title in ("A cold cache", "The cache is cold", "Cold tea and cache", "Tea, cold, and cache"):
        entry(title)
    others()
    expect_of_any_query(common)
    assert found(api, query) == sorted(titles)


@pytest.mark.parametrize("query", ["-filler", '-"filler 1" -filler', "cache or -filler", '"a cache" or -filler'])
def test_what_only_leaves_out_is_looked_for_among_the_latest(api: Client, query: str) -> None:
    entry("Old")
    for title in ("New", "Newer", "Newest", "Last"):
        entry(title)
    others(2)
    expect_of_any_query(common=False)
    assert found(api, query) == ["Last", "New", "Newer", "Newest"]
    expect_of_any_query(common=True)
    assert found(api, query) == ["Last", "Newer", "Newest"]


@pytest.mark.parametrize("query", ['"cache cold"', "-cold"])
@pytest.mark.parametrize("common", [True, False])
def test_no_more_rows_are_read(api: Client, query: str, common: bool) -> None:
    for number in range(15):
        entry(f"A cold cache {number}")
    expect_of_any_query(common)
    asked = api.run(SEARCH, {"query": query, "types": ["ENTRY"]})
    assert asked.data["search"]["nodes"] == []
    with connection.cursor() as cursor:
        # What it rather does than look at all of so few.
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {asked.sql[0]}")
        ((plan,),) = cursor.fetchall()
    assert _read(plan[0]["Plan"]) <= 6


def _read(node: dict[str, Any]) -> int:
    """The most rows that a scan of entries read."""
    own = 0
    if node.get("Relation Name") == Entry._meta.db_table:
        own = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
    return max([own, *(_read(inner) for inner in node.get("Plans", ()))])
