"""A plan that was kept answers other values, and another viewer of the role, with their own: nothing is baked in."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import pytest
from django.test import Client as HttpClient

from knowledge.models import Bookmark, Entry, EntryStatus, RevisionState, Vote
from schema import documents
from schema.planner import planner
from schema.planner.plan import Plan, shape
from schema.planner.shelves import Shelves
from tests.cast import Cast
from tests.client import JSON, Client
from tests.schema.rows import at, challenge, digest, entry, id_of, revision, said, solution, source, tag

Variables = Mapping[str, Any]


@pytest.fixture
def library(cast: Cast) -> list[Entry]:
    """Six entries by three people, of different kinds, tags, times and scores; drafts of the author and the peer."""
    python, docker = tag("Python", "py"), tag("Docker")
    why, how = (
        challenge("Why python", python, author=cast.author),
        challenge("How docker", docker, difficulty="ADVANCED"),
    )
    solution(why, "So", author=cast.peer, is_accepted=True)
    writers = (cast.author, cast.peer, cast.reviewer)
    made = [
        entry(
            f"{'Python' if number % 2 else 'Docker'} {number}",
            *((python,) if number % 2 else (docker,)),
            author=writers[number % 3],
            kind=("TOOL", "CONCEPT")[number % 2],
            published_at=at(number),
            created_at=at(-number),
            score=number,
            challenges=((why, how)[number % 2],),
        )
        for number in range(6)
    ]
    entry("Author's draft", author=cast.author, status=EntryStatus.DRAFT)
    entry("Peer's draft", author=cast.peer, status=EntryStatus.DRAFT)
    revision(made[0], 2, RevisionState.DRAFT, author=cast.peer)
    Vote.objects.create(user=cast.author, entry=made[1], value=Vote.UP)
    Bookmark.objects.create(user=cast.peer, entry=made[2])
    source("Notes", *made[:3], imported_by=cast.author)
    digest("Author's", cadence="ON_DEMAND", requested_by=cast.author)
    digest("Everyone's", status="READY")
    return made


def plans(query: str) -> Sequence[Plan]:
    """The plans that are kept with the document."""
    return documents.read_document(query).store.plans()


def same_plan_own_answers(api: Client, query: str, *variables: Variables) -> None:
    """One plan for all the variables, and for each the answer that a plan made for it alone gives; all differ."""
    alone = []
    for each in variables:
        documents.forget()
        alone.append(api.run(query, each).data)
    documents.forget()
    for _ in range(2):
        assert [api.run(query, each).data for each in variables] == alone
    assert len(plans(query)) == 1
    assert all(first != second for place, first in enumerate(alone) for second in alone[:place])


ENTRIES = "query($it: %s) { entries(where: {%s: $it}) { totalCount nodes { title } pageInfo { endCursor } } }"
CHALLENGES = "query($it: %s) { challenges(where: {%s: $it}) { totalCount nodes { title } } }"
TAGS = "query($it: %s) { tags(where: {%s: $it}) { totalCount nodes { name } } }"
RANGES = ({"from": said(at(-4))}, {"from": said(at(-2))}, {"from": said(at(3))})


@pytest.mark.parametrize(
    ("query", "values"),
    [
        (ENTRIES % ("[EntryKind!]", "kind"), (["TOOL"], ["CONCEPT"], ["TOOL", "CONCEPT"], ["GUIDE"])),
        (ENTRIES % ("[EntryStatus!]", "status"), (["PUBLISHED"], ["DRAFT", "ARCHIVED"])),
        (ENTRIES % ("String", "author"), ("author", "PEER", "reviewer", "nobody")),
        (ENTRIES % ("[String!]", "tagsAny"), (["python"], ["docker"], ["py", "docker"], ["x"])),
        (ENTRIES % ("[String!]", "tagsAll"), (["python"], ["docker"], ["py", "docker"])),
        (ENTRIES % ("String", "text"), ("python", "docker", "docker or python", "nothing")),
        (ENTRIES % ("DateTimeRange", "createdAt"), RANGES),
        (ENTRIES % ("DateTimeRange", "publishedAt"), ({"to": said(at(2))}, {"to": said(at(4))})),
        (ENTRIES % ("Int", "minScore"), (0, 3, 5, 6)),
        (ENTRIES % ("EntryWhere", "NOT"), ({"minScore": 1}, {"minScore": 4})),
        (
            ENTRIES % ("[EntryWhere!]", "OR"),
            ([{"minScore": 5}, {"author": "author"}], [{"minScore": 4}, {"author": "nobody"}]),
        ),
        (CHALLENGES % ("[ChallengeStatus!]", "status"), (["OPEN"], ["SOLVED"], ["OPEN", "SOLVED"])),
        (CHALLENGES % ("[Difficulty!]", "difficulty"), (["ADVANCED"], ["INTERMEDIATE"], ["BEGINNER"])),
        (CHALLENGES % ("String", "author"), ("author", "nobody")),
        (CHALLENGES % ("[String!]", "tagsAny"), (["python"], ["docker"], ["nothing"])),
        (CHALLENGES % ("String", "text"), ("python", "docker", "nothing")),
        (TAGS % ("[TagCategory!]", "category"), (["OTHER"], ["TOOL"])),
        (TAGS % ("String", "prefix"), ("p", "D", "x")),
    ],
)
def test_filters(api: Client, library: list[Entry], query: str, values: tuple[Any, ...]) -> None:
    same_plan_own_answers(api, query, *({"it": value} for value in values))


def test_sizes(api: Client, library: list[Entry]) -> None:
    for name in ("first", "last"):
        query = f"query($n: Int) {{ entries({name}: $n) {{ nodes {{ title }} pageInfo {{ hasNextPage }} }} }}"
        same_plan_own_answers(api, query, *({"n": number} for number in (1, 2, 5)))
    nested = "query($n: Int) { tags { nodes { entries(first: $n) { nodes { title } } } } }"
    same_plan_own_answers(api, nested, {"n": 1}, {"n": 2}, {"n": 3})


def test_cursors(api: Client, library: list[Entry]) -> None:
    cursors = [edge["cursor"] for edge in api.run("{ entries { edges { cursor } } }").data["entries"]["edges"]]
    for name in ("after", "before"):
        query = f"query($c: String) {{ entries({name}: $c) {{ edges {{ cursor node {{ title }} }} }} }}"
        same_plan_own_answers(api, query, *({"c": cursor} for cursor in cursors[1:5]))


def test_ids_and_slugs(api: Client, library: list[Entry]) -> None:
    ids = [{"it": id_of(made)} for made in library]
    same_plan_own_answers(api, "query($it: ID) { entry(id: $it) { title } }", *ids)
    same_plan_own_answers(api, "query($it: ID!) { node(id: $it) { id } }", *ids)
    some = ({"it": [one["it"], two["it"]]} for one, two in pairwise(ids))
    same_plan_own_answers(api, "query($it: [ID!]!) { nodes(ids: $it) { id } }", *some)
    slugs = ({"it": made.slug} for made in library)
    same_plan_own_answers(api, "query($it: String) { entry(slug: $it) { title } }", *slugs)
    names = ({"it": name} for name in ("author", "peer", "Reviewer", "nobody"))
    same_plan_own_answers(api, "query($it: String!) { user(username: $it) { id } }", *names)


def test_ids_of_different_types(cast: Cast, api: Client, library: list[Entry]) -> None:
    query = "query($it: ID!) { node(id: $it) { __typename ... on Entry { title } ... on User { username } } }"
    same_plan_own_answers(api, query, {"it": id_of(library[0])}, {"it": id_of(cast.peer)}, {"it": "VGFnOjk5OTk5OQ=="})


PERSONAL = """{
  viewer { id user { username } email entries { totalCount nodes { title } } }
  entries { totalCount nodes { title viewerVote viewerHasBookmarked viewerCanUpdate viewerDraft { number } } }
  sources { nodes { title } }
  digests { totalCount nodes { title } }
  user(username: "author") { role }
}"""


def test_viewers_of_one_role(cast: Cast, api: Client, library: list[Entry]) -> None:
    people = (cast.author, cast.peer)
    alone = []
    for person in people:
        documents.forget()
        alone.append(api.run(PERSONAL, as_=person).data)
    documents.forget()
    for _ in range(2):
        assert [api.run(PERSONAL, as_=person).data for person in people] == alone
    assert len(plans(PERSONAL)) == 1
    assert [data["viewer"]["user"]["username"] for data in alone] == ["author", "peer"]
    drafts = [{node["title"] for node in data["entries"]["nodes"] if "draft" in node["title"]} for data in alone]
    assert drafts == [{"Author's draft"}, {"Peer's draft"}]
    assert [data["user"]["role"] for data in alone] == ["CONTRIBUTOR", None]


def test_roles_do_not_share_a_plan(cast: Cast, api: Client, library: list[Entry]) -> None:
    documents.forget()
    query = "{ entries { totalCount } digests { totalCount } }"
    counts = {}
    for person in (cast.staff, None, cast.author, cast.reviewer, cast.peer, None, cast.staff):
        data = api.run(query, as_=person).data
        counts[person] = (data["entries"]["totalCount"], data["digests"]["totalCount"])
    assert counts == {cast.staff: (6, 2), cast.reviewer: (6, 1), cast.author: (7, 2), cast.peer: (7, 1), None: (6, 1)}
    assert len(plans(query)) == 4


def test_operations_of_one_document_do_not_share_a_plan(api: Client, library: list[Entry]) -> None:
    query = "query A { x: entries { totalCount } } query B { x: tags { totalCount } }"
    for _ in range(2):
        assert api.run(query, name="A").data == {"x": {"totalCount": 6}}
        assert api.run(query, name="B").data == {"x": {"totalCount": 2}}


def test_shapes_do_not_share_a_plan(api: Client, library: list[Entry]) -> None:
    query = """query($where: EntryWhere, $order: [EntryOrder!], $first: Int, $last: Int, $on: Boolean = false) {
      entries(where: $where, orderBy: $order, first: $first, last: $last) {
        nodes { title slug @include(if: $on) }
      }
    }"""
    ascending = [{"field": "TITLE", "direction": "ASC"}]
    asked: list[tuple[Variables, list[str]]] = [
        ({}, ["Python 5", "Docker 4", "Python 3", "Docker 2", "Python 1", "Docker 0"]),
        ({"first": 1}, ["Python 5"]),
        ({"last": 1}, ["Docker 0"]),
        ({"first": None, "last": 1}, ["Docker 0"]),
        ({"order": ascending, "first": 1}, ["Docker 0"]),
        ({"order": [{"field": "SCORE", "direction": "ASC"}], "first": 1}, ["Docker 0"]),
        ({"order": [{"field": "SCORE", "direction": "DESC"}], "first": 1}, ["Python 5"]),
        ({"where": {"minScore": 4}}, ["Python 5", "Docker 4"]),
        ({"where": {"kind": ["TOOL"]}, "first": 2}, ["Docker 4", "Docker 2"]),
        ({"where": {"kind": []}}, []),
        ({"where": {}, "first": 1}, ["Python 5"]),
        ({"where": {"NOT": {}}}, []),
        ({"where": {"OR": []}}, []),
        ({"where": {"OR": [{}]}, "first": 1}, ["Python 5"]),
        ({"where": {"OR": [{"minScore": 5}, {"NOT": {"minScore": 1}}]}}, ["Python 5", "Docker 0"]),
        ({"where": {"AND": [{"minScore": 5}, {"NOT": {"minScore": 1}}]}}, []),
        ({"where": {"createdAt": {"from": said(at(-1))}}}, ["Python 1", "Docker 0"]),
        ({"where": {"createdAt": {"to": said(at(-4))}}}, ["Python 5"]),
        ({"where": {"createdAt": {"from": None}}, "first": 1}, ["Python 5"]),
    ]
    for _ in range(2):
        for variables, titles in asked:
            nodes = api.run(query, variables).data["entries"]["nodes"]
            assert ([node["title"] for node in nodes], variables) == (titles, variables)
        assert api.run(query, {"on": True, "first": 1}).data["entries"]["nodes"] == [
            {"title": "Python 5", "slug": "python-5"}
        ]


def test_what_a_shape_tells() -> None:
    same = [
        ({"a": 1}, {"a": 2}),
        ({"a": "x"}, {"a": "y"}),
        ({"a": ["x"]}, {"a": ["y", "z"]}),
        ({"a": {"b": [1]}}, {"a": {"b": [2, 3]}}),
        ({"a": 1, "b": "x"}, {"b": "x", "a": 1}),
    ]
    other = [
        ({}, {"a": None}),
        ({"a": None}, {"a": 0}),
        ({"a": True}, {"a": False}),
        ({"a": EntryStatus.DRAFT}, {"a": EntryStatus.PUBLISHED}),
        ({"a": [{"b": 1}]}, {"a": [{"b": 1}, {"b": 1}]}),
        ({"a": [{"b": 1}]}, {"a": [{"c": 1}]}),
        ({"a": {"b": 1}}, {"a": {"b": None}}),
    ]
    assert all(shape(one) == shape(two) for one, two in same)
    assert all(shape(one) != shape(two) for one, two in other)


def test_no_value_stands_in_the_sql(cast: Cast, api: Client, library: list[Entry]) -> None:
    query = """query($where: EntryWhere, $id: ID!, $first: Int) {
      entries(where: $where, first: $first) { nodes { title } totalCount pageInfo { endCursor } }
      node(id: $id) { id }
      entry(slug: "zxliteral") { title }
      viewer { id }
      user(username: "qqliteral") { role }
    }"""
    where = {"text": "zxsearch", "author": "zxauthor", "tagsAny": ["zxtag"], "minScore": 87654, "kind": ["TOOL"]}
    api.run(query, {"where": where, "id": "RW50cnk6OTg3NjU0", "first": 77}, as_=cast.author)
    (plan,) = plans(query)
    for word in ("zx", "qqliteral", "87654", "987654", "77", "TOOL"):
        assert word not in plan.statement.sql
    constants = {slot for slot in plan.statement.slots if not callable(slot)}
    assert not {cast.author.pk, "author", "zxsearch", 77} & constants


def test_only_so_many_plans_are_kept_and_the_others_still_answer(
    api: Client, library: list[Entry], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planner, "_plans", Shelves(10_000, 10_000))
    query = "query($where: EntryWhere) { entries(where: $where) { totalCount } }"
    other = "{ tags { totalCount } }"
    for _ in range(2):
        assert api.run(other).data == {"tags": {"totalCount": 2}}
    for number in range(60):
        where = {"AND": [{"minScore": 5}] * (number + 1)}
        assert api.run(query, {"where": where}).data == {"entries": {"totalCount": 1}}
    assert 0 < sum(len(plan.statement.sql) for plan in plans(query)) < 10_000
    assert len(plans(other)) == 1


def test_what_strangers_send_pushes_out_no_plan_that_is_in_use(
    api: Client, library: list[Entry], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even one of a document that has more of them, or longer ones, than each of theirs."""
    monkeypatch.setattr(planner, "_plans", Shelves(20_000, 5_000))
    known = "{ entries { totalCount nodes { title slug author { username } tags { name } } } }"

    def ask(query: str, address: str) -> None:
        for _ in range(2):
            assert HttpClient(REMOTE_ADDR=address).post("/graphql", {"query": query}, JSON).status_code == 200

    documents.forget()
    ask(known, "192.0.2.1")
    (plan,) = plans(known)
    for number in range(60):
        # Of one network, though each time of another address.
        ask(f"{{ tags(first: {number}) {{ totalCount }} }}", f"2001:db8::{number + 1:x}")
    assert plans(known) == [plan]


def test_the_shortest_plan_weighs_something(api: Client, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planner, "_plans", Shelves(3_000, 3_000))
    for number in range(20):
        assert api.run(f"{{ a{number}: __typename }}").data == {f"a{number}": "Query"}
    assert len(planner._plans.named(lambda _: True)) == 8  # noqa: SLF001 - what it holds on to


def test_long_documents_and_those_with_secrets_are_not_kept(api: Client, db: None) -> None:
    for query in ("{ tags { totalCount } }" + "#" * 20_000, '{ tags { totalCount } } # password: "secret"'):
        assert api.run(query).data == {"tags": {"totalCount": 0}}
        assert documents.read_document(query) is not documents.read_document(query)
    short = "{ tags { totalCount } }"
    assert documents.read_document(short) is documents.read_document(short)
