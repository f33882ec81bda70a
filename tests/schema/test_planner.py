"""What a selection can look like: aliases, fragments, conditions, type names, unions, lists, ids."""

from typing import Any

import pytest
from django.db import connection
from django.db.models.sql import Query

from knowledge.models import Entry, EntryStatus
from schema.planner.sql import JsonObject, Literal
from tests.cast import Cast
from tests.client import Client
from tests.schema.rows import at, challenge, digest, entry, id_of, section, solution, source, tag


@pytest.fixture
def shelf(cast: Cast) -> Entry:
    """Two entries under a tag, the later one with a challenge and its solution."""
    python = tag("Python", "py")
    entry("Decorators", python, author=cast.peer, published_at=at(1))
    why = challenge("Why", python)
    solution(why, "Because", author=cast.author, is_accepted=True)
    made = entry("Generators", python, author=cast.author, published_at=at(2), challenges=(why,))
    source("Notes", made, why)
    return made


def asked(api: Client, query: str, **variables: Any) -> Any:
    """The data, by one statement."""
    answer = api.run(query, variables)
    assert answer.statements == 1
    return answer.data


def test_aliases_keep_their_order_and_their_own_arguments(api: Client, shelf: Entry) -> None:
    data = asked(
        api,
        """{
          z: tag(slug: "python") {
            b: name a: slug one: entries(first: 1) { nodes { t: title title } } all: entries { n: totalCount }
          }
          y: entries(last: 1) { nodes { title } }
        }""",
    )
    assert list(data) == ["z", "y"]
    assert list(data["z"]) == ["b", "a", "one", "all"]
    assert data == {
        "z": {
            "b": "Python",
            "a": "python",
            "one": {"nodes": [{"t": "Generators", "title": "Generators"}]},
            "all": {"n": 2},
        },
        "y": {"nodes": [{"title": "Decorators"}]},
    }


def test_fragments_named_and_inline_are_merged_with_what_stands_beside_them(api: Client, shelf: Entry) -> None:
    data = asked(
        api,
        """query($id: ID!) {
          entry(id: $id) { title ...Who ... on Entry { kind } ... { status } ... on Node { id } author { id } }
        }
        fragment Who on Entry { title author { ...Named displayName } }
        fragment Named on User { username }""",
        id=id_of(shelf),
    )
    assert shelf.author is not None
    assert data["entry"] == {
        "title": "Generators",
        "author": {"username": "author", "displayName": "Author", "id": id_of(shelf.author)},
        "kind": "CONCEPT",
        "status": "PUBLISHED",
        "id": id_of(shelf),
    }


def test_duplicates_are_merged(api: Client, shelf: Entry) -> None:
    data = asked(
        api,
        """{
          entries(first: 1) { nodes { title } nodes { kind tags { name } } pageInfo { hasNextPage } }
          entries(first: 1) { nodes { tags { slug } title } pageInfo { hasPreviousPage } totalCount }
        }""",
    )
    assert data == {
        "entries": {
            "nodes": [{"title": "Generators", "kind": "CONCEPT", "tags": [{"name": "Python", "slug": "python"}]}],
            "pageInfo": {"hasNextPage": True, "hasPreviousPage": False},
            "totalCount": 2,
        }
    }


@pytest.mark.parametrize("skip", [True, False])
@pytest.mark.parametrize("include", [True, False])
def test_conditions_by_variables(api: Client, shelf: Entry, skip: bool, include: bool) -> None:
    data = asked(
        api,
        """query($skip: Boolean!, $include: Boolean = true) {
          entries(first: 1) {
            nodes {
              title @skip(if: $skip) slug @include(if: $include) ...Kind @include(if: $include) kind @skip(if: true)
            }
            totalCount @skip(if: $skip) @include(if: $include)
          }
          tags @skip(if: $skip) { totalCount }
        }
        fragment Kind on Entry { score }""",
        skip=skip,
        include=include,
    )
    node: dict[str, Any] = {} if skip else {"title": "Generators"}
    node |= {"slug": "generators", "score": 0} if include else {}
    expected: dict[str, Any] = {"entries": {"nodes": [node]}}
    if include and not skip:
        expected["entries"]["totalCount"] = 2
    assert data == expected | ({} if skip else {"tags": {"totalCount": 1}})


def test_what_is_asked_for_may_be_nothing(api: Client, shelf: Entry) -> None:
    data = asked(
        api,
        """{
          tags {
            nodes { name @skip(if: true) } edges { cursor @skip(if: true) } pageInfo { endCursor @skip(if: true) }
          }
          entry(slug: "generators") { title @skip(if: true) author { id @skip(if: true) } }
        }""",
    )
    assert data == {"tags": {"nodes": [{}], "edges": [{}], "pageInfo": {}}, "entry": {"author": {}}}


def test_type_names_everywhere(api: Client, shelf: Entry) -> None:
    data = asked(
        api,
        """query($id: ID!) {
          __typename
          node(id: $id) { __typename }
          entry(slug: "generators") {
            __typename author { __typename } tags { __typename } resources { __typename }
            challenges {
              __typename pageInfo { __typename } edges { __typename node { __typename } } nodes { t: __typename }
            }
          }
        }""",
        id=id_of(shelf),
    )
    assert data == {
        "__typename": "Query",
        "node": {"__typename": "Entry"},
        "entry": {
            "__typename": "Entry",
            "author": {"__typename": "User"},
            "tags": [{"__typename": "Tag"}],
            "resources": [],
            "challenges": {
                "__typename": "ChallengeConnection",
                "pageInfo": {"__typename": "PageInfo"},
                "edges": [{"__typename": "ChallengeEdge", "node": {"__typename": "Challenge"}}],
                "nodes": [{"t": "Challenge"}],
            },
        },
    }
    assert api.run("{ __typename }").data == {"__typename": "Query"}


def test_nodes_beside_edges_with_other_selections(api: Client, shelf: Entry) -> None:
    data = asked(
        api,
        """{ entries {
          nodes { title }
          edges { node { slug author { username } } }
          more: edges { node { kind } }
          again: nodes { sources { nodes { title } } }
        } }""",
    )
    assert data["entries"] == {
        "nodes": [{"title": "Generators"}, {"title": "Decorators"}],
        "edges": [
            {"node": {"slug": "generators", "author": {"username": "author"}}},
            {"node": {"slug": "decorators", "author": {"username": "peer"}}},
        ],
        "more": [{"node": {"kind": "CONCEPT"}}] * 2,
        "again": [{"sources": {"nodes": [{"title": "Notes"}]}}, {"sources": {"nodes": []}}],
    }


@pytest.mark.parametrize("part", ["hasNextPage", "hasPreviousPage", "__typename"])
def test_page_info_alone_is_one_object(api: Client, db: None, part: str) -> None:
    empty, several = f"{{ tags {{ pageInfo {{ {part} }} }} }}", f"{{ entries {{ pageInfo {{ {part} }} }} }}"
    for number in range(3):
        entry(f"Entry {number}")
    expected = {"pageInfo": {part: "PageInfo" if part == "__typename" else False}}
    assert asked(api, empty) == {"tags": expected}
    assert asked(api, several) == {"entries": expected}


def test_cursors_of_an_empty_page_are_null(api: Client, db: None) -> None:
    nothing = {"edges": [], "pageInfo": {"startCursor": None, "endCursor": None}}
    assert asked(api, "{ tags { edges { cursor } pageInfo { startCursor endCursor } } }") == {"tags": nothing}


def test_variables_with_defaults(api: Client, shelf: Entry) -> None:
    query = """query($first: Int = 1, $slug: String = "generators") {
      entries(first: $first) { nodes { title } } entry(slug: $slug) { title }
    }"""
    assert asked(api, query) == {"entries": {"nodes": [{"title": "Generators"}]}, "entry": {"title": "Generators"}}
    assert asked(api, query, first=2, slug="decorators") == {
        "entries": {"nodes": [{"title": "Generators"}, {"title": "Decorators"}]},
        "entry": {"title": "Decorators"},
    }
    # Null is a value: it is not the default, and first: null is as if it were left out.
    assert len(asked(api, query, first=None)["entries"]["nodes"]) == 2


def test_nodes_answers_in_the_order_asked(cast: Cast, api: Client, shelf: Entry) -> None:
    draft = entry("Draft", author=cast.peer, status=EntryStatus.DRAFT)
    why = shelf.challenges.get()
    made = digest("Unready")
    ids = [id_of(row) for row in (why, draft, shelf, made, cast.author, shelf, why.solutions.get(), shelf.tags.get())]
    unknown = ["RW50cnk6OTk5OTk5", "RGlnZXN0U2VjdGlvbjox", "Vmlld2VyOjE="]
    query = """query($ids: [ID!]!) { nodes(ids: $ids) {
      __typename id ... on Entry { title author { username } } ... on Challenge { title } ... on User { username }
      ... on Solution { challenge { slug } }
    } }"""
    expected = [
        {"__typename": "Challenge", "id": ids[0], "title": "Why"},
        None,
        {"__typename": "Entry", "id": ids[2], "title": "Generators", "author": {"username": "author"}},
        None,
        {"__typename": "User", "id": ids[4], "username": "author"},
        {"__typename": "Entry", "id": ids[2], "title": "Generators", "author": {"username": "author"}},
        {"__typename": "Solution", "id": ids[6], "challenge": {"slug": "why"}},
        {"__typename": "Tag", "id": ids[7]},
        None,
        None,
        None,
    ]
    assert asked(api, query, ids=[*ids, *unknown]) == {"nodes": expected}
    to_the_author = api.run(query, {"ids": ids}, as_=cast.peer).data["nodes"]
    assert to_the_author[1] == {"__typename": "Entry", "id": ids[1], "title": "Draft", "author": {"username": "peer"}}
    assert asked(api, query, ids=[]) == {"nodes": []}
    # A single value stands for a list of one.
    assert asked(api, f'{{ nodes(ids: "{ids[2]}") {{ id }} }}') == {"nodes": [{"id": ids[2]}]}
    assert len(asked(api, query, ids=ids[:1] * 100)["nodes"]) == 100
    too_many = api.run("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": ids[:1] * 101})
    assert (too_many.codes, too_many.statements) == (["BAD_USER_INPUT"], 0)


@pytest.mark.parametrize("name", ["Entry", "Challenge", "Solution", "Tag", "Source", "Digest", "User", "EntryRevision"])
def test_node_finds_every_type(cast: Cast, api: Client, shelf: Entry, name: str) -> None:
    made = digest("Ready", status="READY")
    why = shelf.challenges.get()
    rows = [shelf, why, why.solutions.get(), shelf.tags.get(), shelf.sources.get(), made, cast.author]
    (row,) = [row for row in [*rows, shelf.revisions.get()] if type(row).__name__ == name]
    data = asked(api, "query($id: ID!) { node(id: $id) { __typename id } }", id=id_of(row))
    assert data == {"node": {"__typename": name, "id": id_of(row)}}


def test_one_root_may_be_asked_several_times(api: Client, shelf: Entry) -> None:
    query = (
        "query($a: ID!, $b: ID!) { a: node(id: $a) { ...T } b: node(id: $b) { ...T } } fragment T on Entry { title }"
    )
    other = Entry.objects.get(slug="decorators")
    assert asked(api, query, a=id_of(shelf), b=id_of(other)) == {
        "a": {"title": "Generators"},
        "b": {"title": "Decorators"},
    }


@pytest.mark.parametrize("root", ["entry", "challenge", "tag"])
def test_exactly_one_of_id_and_slug(api: Client, db: None, root: str) -> None:
    for arguments in ("", '(id: "VGFnOjE=", slug: "a")', "(id: null, slug: null)"):
        answer = api.run(f"{{ {root}{arguments} {{ id }} }}")
        assert (answer.status, answer.codes, answer.statements) == (400, ["BAD_USER_INPUT"], 0)


def test_old_slugs_and_aliases_lead_on(api: Client, shelf: Entry) -> None:
    why = shelf.challenges.get()
    python = shelf.tags.get()
    for row in (shelf, why, python):
        type(row).objects.filter(pk=row.pk).update(slug=f"new-{row.slug}")
    data = asked(
        api,
        """{
          entry(slug: "generators") { slug } challenge(slug: "why") { slug } former: tag(slug: "python") { slug }
          alias: tag(slug: "py") { slug } now: tag(slug: "new-python") { slug } nothing: tag(slug: "pythons") { slug }
        }""",
    )
    assert data == {
        "entry": {"slug": "new-generators"},
        "challenge": {"slug": "new-why"},
        "former": {"slug": "new-python"},
        "alias": {"slug": "new-python"},
        "now": {"slug": "new-python"},
        "nothing": None,
    }


def test_a_slug_of_ones_own_counts_before_an_old_one(api: Client, db: None) -> None:
    first, second = entry("First"), entry("Second")
    Entry.objects.filter(pk=first.pk).update(slug="moved")
    Entry.objects.filter(pk=second.pk).update(slug="first")
    assert asked(api, '{ entry(slug: "first") { title } }') == {"entry": {"title": "Second"}}


def test_unions_where_nothing_is_asked_of_a_type(api: Client, shelf: Entry) -> None:
    made = digest("Ready", status="READY")
    section(made, "NEW_ENTRIES", {"entry": shelf}, {"tag": shelf.tags.get()}, {})
    data = asked(api, "{ digests { nodes { sections { items { subject { ... on Tag { slug } } } } } } }")
    items = data["digests"]["nodes"][0]["sections"][0]["items"]
    assert items == [{"subject": {}}, {"subject": {"slug": "python"}}, {"subject": None}]


@pytest.mark.usefixtures("any_size")
def test_the_deepest_allowed_query_takes_one_statement(api: Client, shelf: Entry) -> None:
    inner = "title"
    for _ in range(3):
        inner = f"tags {{ entries(first: 2) {{ nodes {{ {inner} }} }} }}"
    query = f"{{ entries(first: 2) {{ edges {{ node {{ {inner} }} }} }} }}"
    data = asked(api, query)
    reached = data["entries"]["edges"][1]["node"]
    for _ in range(3):
        reached = reached["tags"][0]["entries"]["nodes"][1]
    assert reached == {"title": "Decorators"}


@pytest.mark.parametrize("number", [0, 1, 49, 50, 51, 100, 101])
def test_an_object_has_as_many_fields_as_are_asked(db: None, number: int) -> None:
    # PostgreSQL's functions take a hundred arguments: fifty pairs.
    pairs = {f"key{place}": Literal(f'a "quoted" }}{{ text\n{place}') for place in range(number)}
    query = Query(None)
    sql, params = query.get_compiler(connection=connection).compile(JsonObject(pairs).resolve_expression(query))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {sql}", params)
        ((found,),) = cursor.fetchall()
    assert found == {f"key{place}": f'a "quoted" }}{{ text\n{place}' for place in range(number)}
    assert list(found) == list(pairs)


def test_text_passes_through_unharmed(api: Client, db: None) -> None:
    title = 'Ünïcödé "quoted" \\ back </script> \u2028 😀 %s %(a)s {} \'; DROP --'
    entry(title, slug="x", summary="\t")
    assert asked(api, "{ entries { nodes { title summary } } }") == {
        "entries": {"nodes": [{"title": title, "summary": "\t"}]}
    }
