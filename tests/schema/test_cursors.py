"""Cursors: refused where they do not belong, harmless where they were forged, and whole walks whatever the page."""

import base64
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knowledge.models import Entry, EntryStatus
from tests.cast import Cast
from tests.client import Client
from tests.schema.rows import at, challenge, entry, solution, tag

ENTRIES = """query($after: String, $order: [EntryOrder!], $where: EntryWhere) {
  entries(first: 1, after: $after, orderBy: $order, where: $where) { nodes { title } pageInfo { endCursor } }
}"""
BY_TITLE = [{"field": "TITLE", "direction": "ASC"}]
SEARCHED = {"where": {"text": "python"}, "order": [{"field": "RELEVANCE", "direction": "DESC"}]}


@pytest.fixture
def library(cast: Cast) -> None:
    python = tag("Python")
    for number in range(3):
        entry(f"Python {number}", python, author=cast.author, published_at=at(number), kind="TOOL")
        solution(challenge(f"Challenge {number}", python, author=cast.author), "So", author=cast.author)


def end_of(answer: Any) -> str:
    cursor: str = answer.data["entries"]["pageInfo"]["endCursor"]
    return cursor


def refused(api: Client, query: str, variables: dict[str, Any]) -> None:
    answer = api.run(query, variables)
    assert (answer.status, answer.codes, answer.statements) == (400, ["BAD_USER_INPUT"], 0)
    assert "data" not in answer.body


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "garbage",
        "é",
        "\x00",
        "a" * 3000,
        base64.b64encode(b"not json").decode(),
        base64.b64encode(b"{}").decode(),
        base64.b64encode(b"[]").decode(),
        base64.b64encode(b"null").decode(),
        base64.b64encode(b"1").decode(),
        base64.b64encode(b'"text"').decode(),
        base64.b64encode(b'["x", 1, 2]').decode(),
        base64.b64encode(b"[" * 500).decode(),
    ],
)
def test_what_is_no_cursor(api: Client, library: None, cursor: str) -> None:
    for name in ("after", "before"):
        refused(api, f"query($c: String) {{ entries({name}: $c) {{ nodes {{ id }} }} }}", {"c": cursor})
    refused(api, "query($c: String) { tags { nodes { entries(after: $c) { nodes { id } } } } }", {"c": cursor})


def test_a_cursor_belongs_to_its_order(api: Client, library: None) -> None:
    cursor = end_of(api.run(ENTRIES))
    by_title = end_of(api.run(ENTRIES, {"order": BY_TITLE}))
    downwards = [{"field": "TITLE", "direction": "DESC"}]
    assert api.run(ENTRIES, {"after": by_title, "order": BY_TITLE}).data["entries"]["nodes"] == [{"title": "Python 1"}]
    refused(api, ENTRIES, {"after": cursor, "order": BY_TITLE})
    refused(api, ENTRIES, {"after": by_title})
    refused(api, ENTRIES, {"after": by_title, "order": downwards})
    refused(api, ENTRIES, {"after": by_title, "order": [*BY_TITLE, {"field": "SCORE", "direction": "ASC"}]})


def test_the_default_order_is_an_order_like_others(api: Client, library: None) -> None:
    spelt = [{"field": "PUBLISHED_AT", "direction": "DESC"}]
    cursor = end_of(api.run(ENTRIES))
    assert cursor == end_of(api.run(ENTRIES, {"order": spelt})) == end_of(api.run(ENTRIES, {"order": [], "where": {}}))
    assert api.run(ENTRIES, {"after": cursor, "order": spelt}).data["entries"]["nodes"] == [{"title": "Python 1"}]


def test_a_cursor_belongs_to_its_filter(api: Client, library: None) -> None:
    cursor = end_of(api.run(ENTRIES, {"where": {"kind": ["TOOL"]}}))
    assert api.run(ENTRIES, {"after": cursor, "where": {"kind": ["TOOL"]}}).data["entries"]["nodes"]
    for where in (None, {"kind": ["TOOL", "GUIDE"]}, {"kind": ["TOOL"], "minScore": 0}, {"NOT": {"kind": ["TOOL"]}}):
        refused(api, ENTRIES, {"after": cursor, "where": where})
    ranked = end_of(api.run(ENTRIES, SEARCHED))
    refused(api, ENTRIES, SEARCHED | {"after": ranked, "where": {"text": "docker"}})


def test_a_cursor_belongs_to_its_list(cast: Cast, api: Client, library: None) -> None:
    """Also where lists differ only in the order that they have by default."""
    lists = {
        "entries": "entries(after: $c) { %s }",
        "tag.entries": 'tag(slug: "python") { entries(after: $c) { %s } }',
        "user.entries": 'user(username: "author") { entries(after: $c) { %s } }',
        "viewer.entries": "viewer { entries(after: $c) { %s } }",
        "challenges": "challenges(after: $c) { %s }",
        "user.challenges": 'user(username: "author") { challenges(after: $c) { %s } }',
        "user.solutions": 'user(username: "author") { solutions(after: $c) { %s } }',
        "challenge.solutions": 'challenge(slug: "challenge-0") { solutions(after: $c) { %s } }',
        "tags": "tags(after: $c) { %s }",
    }
    page = "pageInfo { endCursor } nodes { id }"
    queries = {name: f"query($c: String) {{ {asked % page} }}" for name, asked in lists.items()}
    cursors = {}
    for name, query in queries.items():
        found = api.run(query, as_=cast.author).data
        while "pageInfo" not in found:
            (found,) = found.values()
        cursors[name] = found["pageInfo"]["endCursor"]
    for name, query in queries.items():
        for origin, cursor in cursors.items():
            answer = api.run(query, {"c": cursor}, as_=cast.author)
            assert answer.codes == ([] if origin == name else ["BAD_USER_INPUT"]), (origin, name)


HOSTILE = [
    None,
    True,
    -1,
    2**64 - 1,
    1e308,
    "",
    "NaN",
    "Infinity",
    "-Infinity",
    "1e999999",
    "9" * 1000,
    "0001-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59-23:59",
    "2026-03-02T00:00:00",
    "infinity",
    "a\x00b",
    "'; DROP TABLE knowledge_entry; --",
    "%s",
    "\u0661",
]


@pytest.mark.parametrize(
    "given",
    [{}, {"order": BY_TITLE}, {"order": [{"field": "SCORE", "direction": "ASC"}]}, SEARCHED],
    ids=["publishedAt", "title", "score", "relevance"],
)
def test_a_forged_cursor_is_refused_or_a_place_in_the_list(api: Client, library: None, given: dict[str, Any]) -> None:
    mark, *values = orjson.loads(base64.b64decode(end_of(api.run(ENTRIES, given))))
    for place in range(len(values)):
        for hostile in HOSTILE:
            parts = [mark, *values[:place], hostile, *values[place + 1 :]]
            cursor = base64.b64encode(orjson.dumps(parts)).decode()
            answer = api.run(ENTRIES, {**given, "after": cursor})
            assert answer.codes in ([], ["BAD_USER_INPUT"]), (hostile, answer.text)
    assert Entry.objects.count() == 3


def test_microseconds_survive_a_cursor(api: Client, db: None) -> None:
    moments = [at(0).replace(microsecond=value) for value in (0, 1, 100, 1000, 100_000, 120_000, 999_999)]
    for place, moment in enumerate(moments):
        entry(f"Entry {place}", published_at=moment)
    found = []
    cursor = None
    for _ in moments:
        answer = api.run(ENTRIES, {"after": cursor})
        found += [node["title"] for node in answer.data["entries"]["nodes"]]
        cursor = end_of(answer)
    assert found == [f"Entry {place}" for place in reversed(range(len(moments)))]


def test_long_titles_of_many_bytes_survive_a_cursor(api: Client, db: None) -> None:
    for place, letter in enumerate('\\"😀ÜI'):
        entry(letter * 200, slug=f"entry-{place}")
    whole = api.run("{ entries(orderBy: {field: TITLE, direction: ASC}) { nodes { title } } }").data["entries"]["nodes"]
    found = []
    cursor = None
    for _ in range(5):
        answer = api.run(ENTRIES, {"after": cursor, "order": BY_TITLE})
        found += answer.data["entries"]["nodes"]
        cursor = end_of(answer)
    assert found == whole


# ── whole walks ─────────────────────────────────────────────────────────────────────────────────────────────────────

ARGUMENTS = "first: $first, after: $after, last: $last, before: $before, orderBy: $order, where: $where"
PAGE = f"""entries({ARGUMENTS}) {{
  nodes {{ title }} totalCount pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }}
}}"""
VARIABLES = "$first: Int, $after: String, $last: Int, $before: String, $order: [EntryOrder!], $where: EntryWhere"
ROOT = f"query({VARIABLES}) {{ {PAGE} }}"
NESTED = f'query({VARIABLES}) {{ tag(slug: "python") {{ {PAGE} }} }}'
FIELDS = ("PUBLISHED_AT", "CREATED_AT", "UPDATED_AT", "TITLE", "SCORE", "SOURCE_COUNT")
orders = st.lists(
    st.fixed_dictionaries({"field": st.sampled_from(FIELDS), "direction": st.sampled_from(("ASC", "DESC"))}),
    max_size=3,
    unique_by=lambda each: each["field"],
)
wheres = st.none() | st.sampled_from([{}, {"minScore": 1}, {"kind": ["TOOL"]}, {"NOT": {"status": ["DRAFT"]}}])


@pytest.fixture
def shelf(cast: Cast) -> None:
    """Eleven entries that differ in little, four of them drafts of the author."""
    python = tag("Python")
    for number in range(11):
        draft = number % 3 == 2
        entry(
            "abc"[number % 3],
            python,
            slug=f"entry-{number}",
            author=cast.author,
            status=EntryStatus.DRAFT if draft else EntryStatus.PUBLISHED,
            published_at=None if draft else at(number % 4),
            created_at=at(number % 2),
            updated_at=at(-number % 5),
            score=number % 3 - 1,
            kind=("TOOL", "GUIDE")[number % 2],
        )


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=orders, where=wheres, size=st.integers(1, 6), nested=st.booleans())
def test_pages_of_any_size_make_the_whole_list_and_backwards_its_reverse(
    cast: Cast,
    api: Client,
    shelf: None,
    order: list[dict[str, str]],
    where: dict[str, Any] | None,
    size: int,
    nested: bool,
) -> None:
    def page(**arguments: Any) -> dict[str, Any]:
        variables = {"order": order, "where": where, **arguments}
        data = api.run(NESTED if nested else ROOT, variables, as_=cast.author).data
        found: dict[str, Any] = (data["tag"] if nested else data)["entries"]
        return found

    whole = page(first=100)
    assert whole["totalCount"] == len(whole["nodes"])
    assert not whole["pageInfo"]["hasNextPage"]
    assert not whole["pageInfo"]["hasPreviousPage"]
    forwards = walked(page, "first", "after", "endCursor", "hasNextPage", size)
    assert [node for nodes in forwards for node in nodes] == whole["nodes"]
    backwards = walked(page, "last", "before", "startCursor", "hasPreviousPage", size)
    assert [node for nodes in reversed(backwards) for node in nodes] == whole["nodes"]


def walked(page: Any, size_name: str, cursor_name: str, edge: str, more: str, size: int) -> list[list[Any]]:
    """The nodes of each page, as they were met."""
    pages = []
    cursor = None
    while True:
        found = page(**{size_name: size, cursor_name: cursor})
        pages.append(found["nodes"])
        assert len(found["nodes"]) == size or not found["pageInfo"][more]
        cursor = found["pageInfo"][edge]
        if not found["pageInfo"][more]:
            return pages
