"""A plan can be looked at: by staff over HTTP, and at the command line."""

import logging
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command

from knowledge.models import Entry, User
from schema.planner.explain import laid_out
from tests.cast import Cast
from tests.client import Client, Result
from tests.schema.rows import entry, tag

QUERY = """query Shelf($n: Int, $words: [String!]) {
  shelf: tags(first: 2, orderBy: {field: ENTRY_COUNT, direction: DESC}) {
    nodes {
      name
      entries(first: $n, where: {tagsAny: $words, NOT: {kind: TOOL}}) { nodes { title author { username } } }
    }
  }
  node(id: "VGFnOjE=") { __typename ... on Tag { slug } }
}"""
VARIABLES = {"n": 3, "words": ["zxword"]}
TREE = """\
field               need              rows                         order              filter               page
shelf: tags         Connection Tag                                 ENTRY_COUNT DESC                        first
  nodes
    name            Value name
    entries         Connection Entry  entrytag__tag_id = outer pk  PUBLISHED_AT DESC  NOT (kind), tags_any  first
      nodes
        title       Value title
        author      One User          pk = outer author_id
          username  Value username"""

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf(cast: Cast) -> Entry:
    return entry("Shown", tag("Python"), author=cast.author)


def explained(api: Client, query: str, as_: User | None = None, **variables: Any) -> Result:
    request = {"query": query, "variables": variables, "extensions": {"explain": True}}
    return api.post(orjson.dumps(request), as_=as_)


def test_staff_are_told_and_nothing_is_run(cast: Cast, api: Client, shelf: Entry) -> None:
    answer = explained(api, QUERY, cast.staff, **VARIABLES)
    assert answer.data == {}
    told = answer.body["extensions"]["explain"]
    assert (told["cost"], told["nodes"]) == (1, 15)
    lines = [" ".join(line.split()) for line in told["tree"]]
    assert lines[: len(TREE.splitlines())] == [" ".join(line.split()) for line in TREE.splitlines()]
    assert "... on Tag" in lines
    assert told["estimatedCost"] > 0
    assert told["estimatedRows"] == 1
    assert told["sql"].startswith("WITH once_0 AS (\n  SELECT ")
    assert "\nSELECT json_build_object('shelf', (\n  SELECT " in told["sql"]
    assert "zxword" not in told["sql"] + "".join(told["tree"])
    assert any("knowledge_tag" in line for line in told["postgresql"])
    # Who asks, and PostgreSQL's word on the statement: its estimate, and its plan.
    assert [sql.split(" ", 1)[0] for sql in answer.sql][-2:] == ["EXPLAIN", "EXPLAIN"]
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("value", [1, "true", "", 0, {}, []])
def test_what_is_neither_true_nor_false_is_refused_and_runs_nothing(cast: Cast, api: Client, value: Any) -> None:
    request = {"query": "{ tags { totalCount } }", "extensions": {"explain": value}}
    answer = api.post(orjson.dumps(request), as_=cast.staff)
    assert (answer.status, answer.codes, answer.statements) == (400, ["BAD_REQUEST"], 0)
    for false in (False, None):
        request["extensions"] = {"explain": false}
        assert api.post(orjson.dumps(request), as_=cast.staff).data == {"tags": {"totalCount": 0}}


@pytest.mark.parametrize(
    ("who", "codes"),
    [("anonymous", ["UNAUTHENTICATED"]), ("author", ["FORBIDDEN"]), ("reviewer", ["FORBIDDEN"]), ("staff", [])],
)
def test_who_may(cast: Cast, api: Client, shelf: Entry, who: str, codes: list[str]) -> None:
    as_ = None if who == "anonymous" else getattr(cast, who)
    answer = explained(api, QUERY, as_, **VARIABLES)
    assert answer.codes == codes
    assert ("explain" in answer.body.get("extensions", {})) == (not codes)


def test_in_development_everyone_may(api: Client, shelf: Entry, settings: LazySettings) -> None:
    settings.DEVELOPMENT = True
    assert explained(api, "{ tags { totalCount } }").body["extensions"]["explain"]["nodes"] == 0


def test_what_would_be_refused_is(cast: Cast, api: Client) -> None:
    assert explained(api, "{ entries(first: 1000) { totalCount } }", cast.staff).codes == ["BAD_USER_INPUT"]
    assert explained(api, 'mutation { tagCreate(input: {name: "x"}) { tag { id } } }', cast.staff).codes == [
        "BAD_REQUEST"
    ]


def test_what_only_the_process_knows_is_in_the_tree(cast: Cast, api: Client) -> None:
    told = explained(api, "{ rateLimit { cost } errorCodes { code } __typename }", cast.staff)
    lines = [" ".join(line.split()) for line in told.body["extensions"]["explain"]["tree"]]
    assert lines == ["field need", "rateLimit Known", "cost", "errorCodes Known", "code", "__typename"]


def test_what_graphql_core_answers_has_no_plan(cast: Cast, api: Client, shelf: Entry) -> None:
    told = explained(api, "{ tags { totalCount } meta: __schema { queryType { name } } }", cast.staff)
    lines = [" ".join(line.split()) for line in told.body["extensions"]["explain"]["tree"]]
    assert lines[-4:] == [
        "tags Connection Tag NAME ASC",
        "totalCount",
        "",
        "graphql-core answers meta by itself",
    ]
    (error,) = explained(api, "{ meta: __schema { queryType { name } } }", cast.staff).errors
    assert error["extensions"]["code"] == "BAD_REQUEST"
    assert error["message"] == "There is no plan to explain: graphql-core answers meta by itself."


def command(tmp_path: Path, *options: str, query: str = QUERY) -> str:
    document = tmp_path / "query.graphql"
    document.write_text(query, "utf-8")
    printed = StringIO()
    call_command("explain_query", str(document), *options, stdout=printed)
    return printed.getvalue()


def test_the_command_prints_it(tmp_path: Path, shelf: Entry) -> None:
    asked = ("--variables", orjson.dumps(VARIABLES).decode())
    printed = command(tmp_path, *asked)
    assert " ".join(TREE.splitlines()[1].split()) in " ".join(printed.split())
    assert "15 nodes, price 1; PostgreSQL estimates " in printed
    assert '\n        FROM "knowledge_entry"' in printed
    assert "actual time" not in printed
    assert "actual time" in command(tmp_path, *asked, "--analyze")


def test_the_command_asks_as_somebody(tmp_path: Path, cast: Cast) -> None:
    query = "{ entries { nodes { id } } }"
    anonymous, reviewer, person = (
        command(tmp_path, *options, query=query) for options in ((), ("--as", "REVIEWER"), ("--as", "reviewer"))
    )
    assert ("author_id" in anonymous, "author_id" in reviewer) == (False, True)
    assert f"author_id = {cast.reviewer.pk}" in person


@pytest.mark.parametrize(
    ("query", "options", "message"),
    [
        ("{ nothing }", (), "Cannot query field 'nothing'"),
        ("query A { __typename } query B { __typename }", (), "give operationName"),
        ("{ users { totalCount } }", (), "Sign in"),
        ("{ tags { totalCount } }", ("--as", "nobody"), "There is nobody called nobody"),
        ("{ tags { totalCount } }", ("--variables", "{"), "unexpected end of data"),
        ("{ tags { totalCount } }", ("--variables", "[1]"), "--variables must be a JSON object"),
        ("{ tags { totalCount } }", ("--variables", "null"), "--variables must be a JSON object"),
        ("{ __schema { queryType { name } } }", (), "graphql-core answers __schema by itself"),
        ("mutation { sessionRevokeAll(input: {}) { revoked } }", (), "Only queries can be explained"),
    ],
)
def test_the_command_says_what_is_wrong(tmp_path: Path, query: str, options: tuple[str, ...], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        command(tmp_path, *options, query=query)


def test_a_slow_plan_is_logged_without_values(
    cast: Cast, api: Client, shelf: Entry, settings: LazySettings, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "nexus.plans"):
        api.run(QUERY, VARIABLES, as_=cast.author)
        assert caplog.records == []
        settings.SLOW_PLAN_MS = 0
        api.run(QUERY, VARIABLES, as_=cast.author)
    (record,) = caplog.records
    told = vars(record)
    assert (record.getMessage(), told["operation"], told["role"]) == ("slow plan", "Shelf", "CONTRIBUTOR")
    assert told["document"] == sha256(QUERY.encode()).hexdigest()
    assert 0 < told["milliseconds"] < 10_000
    assert "zxword" not in str(told)


def test_sql_is_laid_out() -> None:
    sql = "SELECT coalesce(a, 'FROM (') FROM (SELECT \"WHERE\" FROM t WHERE x IN (1, 2) ORDER BY y LIMIT 1) u"
    assert laid_out(sql).splitlines() == [
        "SELECT coalesce(a, 'FROM (')",
        "FROM (",
        '  SELECT "WHERE"',
        "  FROM t",
        "  WHERE x IN (1, 2)",
        "  ORDER BY y",
        "  LIMIT 1",
        ") u",
    ]
