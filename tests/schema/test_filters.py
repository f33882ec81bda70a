"""What a filter lets through: each field of each where input, and every nesting of them against the same in Python."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knowledge.models import Entry, EntryStatus
from tests.cast import Cast
from tests.client import Client
from tests.schema.rows import at, challenge, digest, entry, said, solution, tag

ENTRIES = "query($where: EntryWhere) { entries(where: $where, first: 100) { totalCount nodes { title } } }"
CHALLENGES = "query($where: ChallengeWhere) { challenges(where: $where) { totalCount nodes { title } } }"
TAGS = "query($where: TagWhere) { tags(where: $where) { totalCount nodes { name } } }"
DIGESTS = "query($where: DigestWhere) { digests(where: $where) { totalCount nodes { title } } }"


@pytest.fixture
def library(cast: Cast) -> list[Entry]:
    """Eight entries that the author sees: two of them without a publication."""
    python, docker = tag("Python", "py"), tag("Docker", "containers")
    first = entry("a both", python, docker, author=cast.author, kind="TOOL", score=2, published_at=at(1))
    return [
        first,
        entry("b python", python, author=cast.peer, kind="TOOL", score=-1, published_at=at(2), created_at=at(-1)),
        entry("c docker", docker, author=cast.peer, score=0, published_at=at(3), created_at=at(1)),
        entry("d plain", kind="GUIDE", score=5, published_at=at(3)),
        entry("e python", python, author=cast.author, status=EntryStatus.DRAFT, created_at=at(2)),
        entry("f plain", author=cast.author, status=EntryStatus.IN_REVIEW, kind="GUIDE"),
        entry("g docker", docker, author=cast.author, status=EntryStatus.ARCHIVED, published_at=at(-5), score=9),
        entry("h python", python, author=None, kind="LEARNING", created_at=at(-1)),
    ]


def found(api: Client, query: str, as_: Any = None, **where: Any) -> str:
    """The first letters of what is found, in order; the count says the same."""
    (listed,) = api.run(query, {"where": where}, as_=as_).data.values()
    names = [node.get("title") or node["name"] for node in listed["nodes"]]
    assert listed["totalCount"] == len(names)
    return "".join(sorted(name[0] for name in names))


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({}, "abcdefgh"),
        ({"kind": ["TOOL"]}, "ab"),
        ({"kind": ["GUIDE", "LEARNING"]}, "dfh"),
        ({"kind": []}, ""),
        ({"kind": None}, "abcdefgh"),
        ({"status": ["DRAFT", "ARCHIVED"]}, "eg"),
        ({"status": []}, ""),
        ({"author": "AUTHOR"}, "aefg"),
        ({"author": "nobody"}, ""),
        ({"NOT": {"author": "nobody"}}, "abcdefgh"),
        ({"author": ""}, ""),
        ({"tagsAny": ["python"]}, "abeh"),
        ({"tagsAny": ["PY", "Containers"]}, "abcegh"),
        ({"tagsAny": ["unknown"]}, ""),
        ({"tagsAny": ["unknown", "docker"]}, "acg"),
        ({"tagsAny": []}, ""),
        ({"tagsAll": ["python", "docker"]}, "a"),
        ({"tagsAll": ["python", "py"]}, "abeh"),
        ({"tagsAll": ["python", "Python"]}, "abeh"),
        ({"tagsAll": ["python", "unknown"]}, ""),
        ({"tagsAll": []}, "abcdefgh"),
        ({"text": "python"}, "abeh"),
        ({"text": "python or plain"}, "abdefh"),
        ({"text": "docker -python"}, "cg"),
        ({"text": ""}, ""),
        ({"minScore": 2}, "adg"),
        ({"minScore": -1}, "abcdefgh"),
        ({"createdAt": {"from": said(at(0)), "to": said(at(1))}}, "adfg"),
        ({"createdAt": {"from": said(at(1))}}, "ce"),
        ({"createdAt": {"to": said(at(0))}}, "bh"),
        ({"createdAt": {}}, "abcdefgh"),
        ({"createdAt": {"from": None, "to": None}}, "abcdefgh"),
        ({"publishedAt": {"from": said(at(3))}}, "cd"),
        ({"publishedAt": {"to": said(at(1))}}, "gh"),
        ({"publishedAt": {"from": "2026-03-03T14:00:00+02:00", "to": "2026-03-03T12:00:00.000001Z"}}, "a"),
        ({"kind": ["TOOL"], "author": "peer", "minScore": -5}, "b"),
        ({"AND": []}, "abcdefgh"),
        ({"OR": []}, ""),
        ({"NOT": {}}, ""),
        ({"NOT": {"NOT": {}}}, "abcdefgh"),
        ({"NOT": {"OR": []}}, "abcdefgh"),
        ({"NOT": {"AND": []}}, ""),
        ({"OR": [{}]}, "abcdefgh"),
        ({"OR": [{"kind": ["TOOL"]}, {}]}, "abcdefgh"),
        ({"AND": None, "OR": None, "NOT": None}, "abcdefgh"),
        ({"OR": [{"kind": ["TOOL"]}, {"minScore": 5}]}, "abdg"),
        ({"AND": [{"kind": ["TOOL"]}, {"minScore": 0}]}, "a"),
        ({"NOT": {"publishedAt": {"from": said(at(-10))}}}, "ef"),
        ({"NOT": {"author": "author"}}, "bcdh"),
        ({"NOT": {"tagsAny": ["python"]}}, "cdfg"),
        ({"NOT": {"tagsAll": ["python", "docker"]}}, "bcdefgh"),
        ({"NOT": {"text": "python"}}, "cdfg"),
        ({"NOT": {"kind": []}}, "abcdefgh"),
        ({"author": "author", "OR": [{"kind": ["TOOL"]}, {"NOT": {"AND": [{"minScore": 0}]}}]}, "a"),
    ],
)
def test_entries(cast: Cast, api: Client, library: list[Entry], where: dict[str, Any], expected: str) -> None:
    assert found(api, ENTRIES, cast.author, **where) == expected
    # What everyone sees of it: nothing that is not published, whatever the filter says.
    assert found(api, ENTRIES, **where) == "".join(letter for letter in expected if letter not in "efg")


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({}, "abc"),
        ({"status": ["SOLVED"]}, "a"),
        ({"status": ["OPEN", "CLOSED"]}, "bc"),
        ({"difficulty": ["ADVANCED"]}, "b"),
        ({"difficulty": []}, ""),
        ({"author": "Peer"}, "b"),
        ({"tagsAny": ["python", "docker"]}, "ab"),
        ({"tagsAll": ["python", "docker"]}, "a"),
        ({"text": "locks"}, "ac"),
        ({"hasSolutions": True}, "ac"),
        ({"hasSolutions": False}, "b"),
        ({"hasSolutions": None}, "abc"),
        ({"NOT": {"hasSolutions": True}}, "b"),
        ({"createdAt": {"from": said(at(1))}}, "b"),
        ({"createdAt": {"to": said(at(1))}}, "ac"),
        ({"minScore": 3}, "c"),
        ({"AND": [{"hasSolutions": True}, {"NOT": {"status": ["SOLVED"]}}]}, "c"),
        ({"OR": [{"author": "peer"}, {"minScore": 3}]}, "bc"),
        ({"OR": []}, ""),
        ({"NOT": {}}, ""),
    ],
)
def test_challenges(cast: Cast, api: Client, where: dict[str, Any], expected: str) -> None:
    python, docker = tag("Python"), tag("Docker")
    solution(challenge("a", python, docker, author=cast.author, body="About locks."), "So", is_accepted=True)
    challenge("b", docker, author=cast.peer, difficulty="ADVANCED", created_at=at(1))
    solution(challenge("c locks", score=3, status="CLOSED"), "No")
    assert found(api, CHALLENGES, **where) == expected


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({}, "CDPS"),
        ({"category": ["TECHNOLOGY", "CONCEPT"]}, "CP"),
        ({"category": []}, ""),
        ({"prefix": "p"}, "P"),
        ({"prefix": "PY"}, "P"),
        ({"prefix": "containers"}, "D"),
        ({"prefix": "c"}, "CDP"),
        ({"prefix": "%"}, ""),
        ({"prefix": "_"}, ""),
        ({"prefix": "\\"}, ""),
        ({"prefix": ""}, "CDPS"),
        ({"used": True}, "DP"),
        ({"used": False}, "CS"),
        ({"used": None}, "CDPS"),
        ({"used": True, "category": ["TECHNOLOGY"], "prefix": "c"}, "P"),
    ],
)
def test_tags(cast: Cast, api: Client, where: dict[str, Any], expected: str) -> None:
    python = tag("Python", "CPython", category="TECHNOLOGY")
    docker, secret = tag("Docker", "containers"), tag("Secrets")
    tag("Concurrency", category="CONCEPT")
    entry("Shown", python)
    challenge("Why", docker)
    entry("Hidden", secret, author=cast.author, status=EntryStatus.DRAFT)
    assert found(api, TAGS, cast.author, **where) == found(api, TAGS, **where) == expected


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({}, "dow"),
        ({"status": ["READY"]}, "dw"),
        ({"status": ["QUEUED", "RUNNING"]}, "o"),
        ({"status": []}, ""),
        ({"cadence": ["WEEKLY", "ON_DEMAND"]}, "ow"),
        ({"cadence": ["DAILY"], "status": ["QUEUED"]}, ""),
    ],
)
def test_digests(cast: Cast, api: Client, where: dict[str, Any], expected: str) -> None:
    digest("weekly", status="READY")
    digest("daily", status="READY", cadence="DAILY")
    digest("on demand", cadence="ON_DEMAND", requested_by=cast.author)
    digest("unseen", cadence="MONTHLY")
    assert found(api, DIGESTS, cast.author, **where) == expected


@pytest.mark.parametrize(
    "where",
    [
        {"AND": [{"minScore": 1}] * 101},
        {"OR": [{"minScore": 1}] * 101},
        {"tagsAny": ["tag"] * 101},
        {"tagsAll": ["tag"] * 101},
        {"text": "a" * 1001},
    ],
)
def test_a_filter_that_is_too_large(api: Client, db: None, where: dict[str, Any]) -> None:
    answer = api.run(ENTRIES, {"where": where})
    assert (answer.status, answer.codes, answer.statements) == (400, ["BAD_USER_INPUT"], 0)


def test_a_filter_that_nests_too_deep(api: Client, db: None) -> None:
    def nested(depth: int) -> dict[str, Any]:
        return {"NOT": nested(depth - 1)} if depth else {"minScore": 1}

    assert api.run(ENTRIES, {"where": nested(10)}).data["entries"]["totalCount"] == 0
    for depth in (30, 200):
        answer = api.run(ENTRIES, {"where": nested(depth)})
        assert (answer.status, answer.codes, answer.statements) == (400, ["BAD_USER_INPUT"], 0)


# ── every nesting ───────────────────────────────────────────────────────────────────────────────────────────────────

Row = dict[str, Any]
TESTS: dict[str, Callable[[Row, Any], bool]] = {
    "kind": lambda row, value: row["kind"] in value,
    "status": lambda row, value: row["status"] in value,
    "author": lambda row, value: row["author"] == value,
    "tagsAny": lambda row, value: bool(row["tags"] & set(value)),
    "tagsAll": lambda row, value: set(value) <= row["tags"],
    "text": lambda row, value: value in row["title"] or value in row["tags"],
    "minScore": lambda row, value: row["score"] >= value,
    "publishedAt": lambda row, value: (
        (value.get("from") is None or (row["published"] is not None and row["published"] >= value["from"]))
        and (value.get("to") is None or (row["published"] is not None and row["published"] < value["to"]))
    ),
}


def holds(where: dict[str, Any], row: Row) -> bool:
    """Whether the filter lets the row through, as logic has it."""
    for name, value in where.items():
        if value is None:
            continue
        if name == "AND":
            held = all(holds(each, row) for each in value)
        elif name == "OR":
            held = any(holds(each, row) for each in value)
        elif name == "NOT":
            held = not holds(value, row)
        else:
            held = TESTS[name](row, value)
        if not held:
            return False
    return True


moments = st.none() | st.sampled_from([said(at(days)) for days in (-5, 1, 2, 3)])
conditions = st.fixed_dictionaries(
    {},
    optional={
        "kind": st.lists(st.sampled_from(["TOOL", "GUIDE", "CONCEPT"]), max_size=2),
        "status": st.none() | st.lists(st.sampled_from(["DRAFT", "PUBLISHED"]), max_size=2),
        "author": st.sampled_from(["author", "peer", "nobody"]),
        "tagsAny": st.lists(st.sampled_from(["python", "docker"]), max_size=2),
        "tagsAll": st.lists(st.sampled_from(["python", "docker"]), max_size=2),
        "text": st.sampled_from(["python", "plain"]),
        "minScore": st.none() | st.integers(-1, 5),
        "publishedAt": st.fixed_dictionaries({}, optional={"from": moments, "to": moments}),
    },
)


def joined(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    some = st.none() | st.lists(inner, max_size=3)
    joins = st.fixed_dictionaries({}, optional={"AND": some, "OR": some, "NOT": st.none() | inner})
    return st.tuples(conditions, joins).map(lambda parts: parts[0] | parts[1])


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(where=st.recursive(conditions, joined, max_leaves=5))
def test_every_nesting_is_logic(cast: Cast, api: Client, library: list[Entry], where: dict[str, Any]) -> None:
    rows: list[Row] = [
        {
            "title": made.title,
            "kind": str(made.kind),
            "status": str(made.status),
            "author": made.author.username if made.author else None,
            "tags": {each.slug for each in made.tags.all()},
            "score": made.score,
            "published": made.published_at and said(made.published_at),
        }
        for made in library
    ]
    assert found(api, ENTRIES, cast.author, **where) == "".join(row["title"][0] for row in rows if holds(where, row))
