"""Values that stand in several places of a statement, and are worked out once."""

import re
from typing import Any

import pytest
from django.db import connection
from django.db.models import Func, IntegerField, Value
from django.db.models.sql import Query
from django.test.utils import CaptureQueriesContext

from schema.planner.once import Once, with_steps
from schema.planner.sql import Bound, JsonObject
from tests.cast import make_cast
from tests.client import Client
from tests.schema import rows

LISTED = """query ($text: String, $after: String) {
    entries(first: 2, after: $after, where: {text: $text, tagsAny: ["python"]},
            orderBy: [{field: RELEVANCE, direction: DESC}]) { totalCount nodes { title } pageInfo { endCursor } } }"""
SEARCHED = """query ($text: String!) {
    search(query: $text, where: {tagsAny: ["python"]}) { totalCount nodes { __typename } } }"""
TAGS_BY_SLUGS = 'FROM "knowledge_tagalias"'


def slot(_run: Any) -> int:
    return 1


def compiled(**pairs: Any) -> tuple[str, list[Any]]:
    query = Query(None)
    compiler = query.get_compiler(connection=connection)
    return with_steps(*compiler.compile(JsonObject(pairs).resolve_expression(query)))


def number(value: Any) -> Bound:
    return Bound(value, IntegerField())


@pytest.mark.django_db
def test_the_same_value_is_one_step_and_another_value_another_one() -> None:
    def other(_run: Any) -> int:
        return 2

    once = [Once(number(each)) for each in (slot, other, slot)]
    sql, slots = compiled(a=once[0], b=number(other), c=once[1], d=once[2], e=number(slot))
    assert sql == (
        "WITH once_0 AS (SELECT %s AS value), once_1 AS (SELECT %s AS value) json_build_object("
        "'a', (SELECT value FROM once_0), 'b', %s, 'c', (SELECT value FROM once_1), "
        "'d', (SELECT value FROM once_0), 'e', %s)"
    )
    assert slots == [slot, other, other, slot]


@pytest.mark.django_db
def test_what_looks_the_same_to_python_alone_is_not_the_same() -> None:
    sql, slots = compiled(a=Once(Value(1)), b=Once(Value(True)), c=Once(Value(1)))  # noqa: FBT003 - a constant
    assert (sql.count("AS value"), slots) == (2, [1, True])
    assert [type(constant) for constant in slots] == [int, bool]


@pytest.mark.django_db
def test_a_step_may_need_another_one() -> None:
    inner = Once(number(slot))
    outer = Once(Func(inner, Value(2), function="mod", output_field=IntegerField()))
    sql, slots = compiled(a=outer, b=inner, c=outer)
    assert sql == (
        "WITH once_0 AS (SELECT %s AS value), once_1 AS (SELECT mod((SELECT value FROM once_0), %s) AS value)"
        " json_build_object('a', (SELECT value FROM once_1), 'b', (SELECT value FROM once_0),"
        " 'c', (SELECT value FROM once_1))"
    )
    assert slots == [slot, 2]


@pytest.mark.django_db
def test_what_shares_nothing_stays_as_it_is() -> None:
    assert compiled(a=number(slot), b=Value(3)) == ("json_build_object('a', %s, 'b', %s)", [slot, 3])


def test_a_sign_of_percent_stays_one() -> None:
    assert with_steps("SELECT '%%s', %s", ["a"]) == ("SELECT '%%s', %s", ["a"])


@pytest.mark.django_db
def test_a_text_that_finds_counts_and_ranks_becomes_a_query_once(api: Client) -> None:
    cast = make_cast()
    python = rows.tag("Python")
    for title in ("Docker", "Docker docker", "Nothing"):
        rows.entry(title, python, author=cast.author)
    rows.entry("Docker without a tag", author=cast.author)
    with CaptureQueriesContext(connection) as captured:
        answer = api.run(LISTED, {"text": "docker"})
    listed = answer.data["entries"]
    assert (listed["totalCount"], {node["title"] for node in listed["nodes"]}) == (2, {"Docker", "Docker docker"})
    (statement,) = [query["sql"] for query in captured if query["sql"].startswith("WITH once_0")]
    # What was typed, and the same without beginnings.
    assert len(re.findall(r"nexus_search_query\(", statement)) == 2
    assert statement.count(TAGS_BY_SLUGS) == 1
    assert api.run(LISTED, {"text": "docker", "after": listed["pageInfo"]["endCursor"]}).data["entries"]["nodes"] == []


@pytest.mark.django_db
def test_the_filter_of_a_search_is_made_once_for_all_types(api: Client) -> None:
    cast = make_cast()
    rows.entry("Docker", rows.tag("Python"), author=cast.author)
    rows.entry("Docker without a tag", author=cast.author)
    with CaptureQueriesContext(connection) as captured:
        answer = api.run(SEARCHED, {"text": "docker"})
    assert answer.data["search"] == {"totalCount": 1, "nodes": [{"__typename": "Entry"}]}
    (statement,) = [query["sql"] for query in captured if query["sql"].startswith("WITH once_0")]
    assert statement.count(TAGS_BY_SLUGS) == 1
