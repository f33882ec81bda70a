"""How much one document may ask for, and that finding out is next to no work."""

from typing import Any

import orjson
import pytest
from graphql import get_introspection_query
from pytest_django import Settings

from schema.documents import read_document
from tests.client import Client
from tests.effort import effort
from tests.schema.rows import entry, id_of, tag

pytestmark = pytest.mark.django_db

# Calls of functions: more than any of it makes, and far fewer than an attack would.
MOST_CALLS = 600_000


def refusal(api: Client, query: str, variables: dict[str, Any] | None = None) -> tuple[list[str], str]:
    """The codes and the first message of a document that is refused with little work, before any SQL."""
    with effort() as spent:
        answer = api.post(orjson.dumps({"query": query, "variables": variables}))
    assert spent.calls < MOST_CALLS
    assert (answer.status, answer.statements) == (400, 0)
    assert "data" not in answer.body
    return answer.codes, answer.errors[0]["message"]


# ── depth ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def chain(*fields: str) -> str:
    """The fields, each within the one before."""
    return " { ".join(fields) + " }" * (len(fields) - 1)


def deep(depth: int) -> str:
    """A document whose fields nest `depth` deep: entries and revisions in turn."""
    return "{ " + chain('entry(slug: "a")', *(("viewerDraft", "entry") * depth)[: depth - 2], "id") + " }"


def test_depth(api: Client) -> None:
    assert api.run(deep(15)).data == {"entry": None}
    assert refusal(api, deep(16)) == (["COST_EXCEEDED"], "The operation nests 16 deep; 15 is the most.")
    assert set(refusal(api, deep(150))[0]) == {"COST_EXCEEDED"}


def test_depth_through_fragments(api: Client) -> None:
    def spread(depth: int) -> str:
        rest = chain(*(("entry", "viewerDraft") * depth)[: depth - 3], "id")
        return (
            '{ entry(slug: "a") { ...A } } fragment A on Entry { viewerDraft { ... on EntryRevision { ...B } } } '
            f"fragment B on EntryRevision {{ {rest} }}"
        )

    assert api.run(spread(15)).data == {"entry": None}
    assert refusal(api, spread(16)) == (["COST_EXCEEDED"], "The operation nests 16 deep; 15 is the most.")


def test_nesting_beyond_what_can_be_parsed(api: Client) -> None:
    assert refusal(api, deep(400))[0] == ["COST_EXCEEDED"]
    lists = "query($a: " + "[" * 900 + "ID" + "]" * 900 + ") { tags { totalCount } }"
    assert refusal(api, lists)[0] == ["COST_EXCEEDED"]


# ── numbers ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_aliases(api: Client) -> None:
    def aliased(number: int) -> str:
        return "{" + " ".join(f"a{place}: tags {{ totalCount }}" for place in range(number)) + "}"

    assert len(api.run(aliased(30)).data) == 30
    assert refusal(api, aliased(31)) == (["COST_EXCEEDED"], "The document has 31 aliases; 30 is the most.")
    elsewhere = " ".join(f"b{place}: name" for place in range(31))
    in_a_fragment = f"{{ tags {{ nodes {{ ...A }} }} }} fragment A on Tag {{ {elsewhere} }}"
    assert refusal(api, in_a_fragment)[0] == ["COST_EXCEEDED"]


def test_directives(api: Client) -> None:
    def conditional(number: int) -> str:
        return "{ tags { totalCount nodes { " + "id @skip(if: true) " * number + "} } }"

    assert api.run(conditional(50)).data == {"tags": {"totalCount": 0, "nodes": []}}
    assert refusal(api, conditional(51)) == (["COST_EXCEEDED"], "The document has 51 directives; 50 is the most.")


def test_tokens(api: Client) -> None:
    def long(tokens: int) -> str:
        return "{ nodes(ids: [" + ' "a"' * (tokens - 12) + "]) { id } }"

    # It is read, and only then found to ask for too much.
    assert refusal(api, long(2_000)) == (["BAD_USER_INPUT"], "At most 100 ids can be asked for at once.")
    codes, message = refusal(api, long(2_001))
    assert codes == ["COST_EXCEEDED"]
    assert "2000 tokens" in message
    assert refusal(api, "{ tags { totalCount } } tokens")[0] == ["GRAPHQL_PARSE_FAILED"]


def test_mutations(api: Client) -> None:
    def several(number: int, around: str = "{}") -> str:
        verify = " ".join(f'v{place}: verifyToken(token: "a") {{ payload }}' for place in range(number))
        return "mutation " + around.replace("{}", f"{{ {verify} }}")

    assert api.run(several(4)).codes == ["TOKEN_INVALID"] * 4
    assert refusal(api, several(5)) == (["COST_EXCEEDED"], "The document has 5 mutations; 4 is the most.")
    assert refusal(api, several(5, "{ ... on Mutation {} }"))[0] == ["COST_EXCEEDED"]
    assert refusal(api, several(5, "{ ...M ...M } fragment M on Mutation {}"))[0] == ["COST_EXCEEDED"]
    two_documents = several(3).replace("mutation", "mutation A") + several(3).replace("mutation", "mutation B")
    assert refusal(api, two_documents)[0] == ["COST_EXCEEDED"]
    # The same fragment twice is the same fields, which are run once.
    assert api.run(several(3, "{ ...M ...M } fragment M on Mutation {}")).codes == ["TOKEN_INVALID"] * 3


def test_one_password_a_document(api: Client) -> None:
    sign_in = 'tokenAuth(username: "a", password: "b") { token }'
    register = 'accountRegister(input: {username: "a", email: "b", password: "c"}) { errors { code } }'
    for query in (
        f"mutation {{ a: {sign_in} b: {sign_in} }}",
        f"mutation {{ {sign_in} {register} }}",
        f"mutation {{ {sign_in} ...M }} fragment M on Mutation {{ {register} }}",
        f"mutation A {{ {sign_in} }} mutation B {{ {sign_in} }}",
    ):
        assert refusal(api, query) == (["COST_EXCEEDED"], "The document has 2 password checks; 1 is the most.")


def test_introspection(api: Client) -> None:
    whole = get_introspection_query(input_value_deprecation=True, specified_by_url=True)
    assert api.run(whole).data["__schema"]["queryType"] == {"name": "Query", "kind": "OBJECT"}
    assert api.run('{ __type(name: "Tag") { name } }').data == {"__type": {"name": "Tag"}}
    expected = (["COST_EXCEEDED"], "The document has 2 introspections in one operation; 1 is the most.")
    assert refusal(api, "{ a: __schema { description } b: __schema { description } }") == expected
    assert refusal(api, '{ a: __schema { description } ... { __type(name: "Tag") { name } } }') == expected
    growing = "{ __schema { types {" + " fields { type {" * 6 + " name" + " } }" * 6 + " } } }"
    assert refusal(api, growing)[0] == ["GRAPHQL_VALIDATION_FAILED"]


def test_introspection_beside_data(api: Client) -> None:
    tag("Python")
    asked = '{ a: tags { totalCount } __type(name: "Tag") { kind } b: tag(slug: "python") { name } __typename }'
    data = api.run(asked).data
    assert list(data) == ["a", "__type", "b", "__typename"]
    assert data == {
        "a": {"totalCount": 1},
        "__type": {"kind": "OBJECT"},
        "b": {"name": "Python"},
        "__typename": "Query",
    }


# ── bombs ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_fragments_within_themselves(api: Client) -> None:
    for query in (
        "{ ...A } fragment A on Query { ...A }",
        "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A tags { totalCount } }",
        "{ tags { nodes { ...A } } } fragment A on Tag { entries { nodes { tags { ...A } } } }",
        "mutation { ...A } fragment A on Mutation { ...B ...B } fragment B on Mutation { ...A ...A }",
    ):
        assert "GRAPHQL_VALIDATION_FAILED" in refusal(api, query)[0]


def doubling(root: str, end: str, number: int = 150) -> str:
    """A chain of fragments, each of which spreads the next one twice."""
    chain = " ".join(f"fragment F{place} on {root} {{ ...F{place + 1} ...F{place + 1} }}" for place in range(number))
    return f"{root.lower()} {{ ...F0 ...F0 }} {chain} fragment F{number} on {root} {{ {end} }}"


def test_doubling_fragments(api: Client) -> None:
    query = doubling("Query", "tags { totalCount }", 90)
    mutation = doubling("Mutation", 'verifyToken(token: "a") { payload }', 90)
    with effort() as spent:
        answers = [api.post(orjson.dumps({"query": text})) for text in (query, mutation)]
    assert spent.calls < MOST_CALLS
    assert answers[0].data == {"tags": {"totalCount": 0}}
    assert answers[1].codes == ["TOKEN_INVALID"]
    assert refusal(api, doubling("Mutation", "...Unknown", 90))[0] == ["GRAPHQL_VALIDATION_FAILED"]
    assert refusal(api, doubling("Mutation", "...F0", 90))[0] == ["GRAPHQL_VALIDATION_FAILED"]


def test_fields_that_must_be_compared_pair_by_pair(api: Client) -> None:
    for query in (
        "{" + "viewer { id } " * 480 + "}",
        "{" + ("viewer {" + " id" * 40 + " }") * 45 + "}",
        "{"
        + " ".join(f"...F{n}" for n in range(60))
        + "}"
        + " ".join(f"fragment F{n} on Query {{ tags {{ {'totalCount ' * 20} }} }}" for n in range(60)),
    ):
        assert refusal(api, query)[0] == ["COST_EXCEEDED"]


def test_a_number_of_many_digits(api: Client) -> None:
    assert refusal(api, "{ tags(first: " + "9" * 5000 + ") { totalCount } }")[0] == ["GRAPHQL_VALIDATION_FAILED"]


# ── settings ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("setting", "most", "query"),
    [
        ("LIMIT_DEPTH", 2, "{ tags { nodes { id } } }"),
        ("LIMIT_NESTING", 2, "{ ... { ... { __typename } } }"),
        ("LIMIT_ALIASES", 0, "{ a: __typename }"),
        ("LIMIT_DIRECTIVES", 1, "{ __typename @skip(if: false) @include(if: true) }"),
        (
            "LIMIT_MUTATIONS",
            1,
            'mutation { ...A a: verifyToken(token: "a") { payload } } fragment A on Mutation { x: __typename }',
        ),
        ("LIMIT_INTROSPECTIONS", 0, "{ __schema { queryType { name } } }"),
        ("LIMIT_OPERATIONS", 1, "query A { __typename } query B { __typename }"),
        ("LIMIT_FRAGMENTS", 0, "{ ...A } fragment A on Query { __typename }"),
        ("LIMIT_VARIABLES", 0, "query($a: Boolean!) { __typename @skip(if: $a) }"),
        ("LIMIT_TOKENS", 3, "{ a b }"),
        ("LIMIT_DOCUMENT", 10, "{ __typename }"),
        ("LIMIT_NODES", 5, "{ tags(first: 6) { nodes { id } } }"),
        ("LIMIT_RELATIONS", 1, "{ tags(first: 1) { nodes { entries(first: 1) { nodes { id } } } } }"),
    ],
)
def test_each_limit_is_a_setting(api: Client, settings: Settings, setting: str, most: int, query: str) -> None:
    setattr(settings, setting, most)
    assert refusal(api, f"{query} # {setting}")[0] == ["COST_EXCEEDED"]


def test_a_password_more_is_a_setting_too(api: Client, settings: Settings) -> None:
    settings.LIMIT_PASSWORDS = 0
    assert refusal(api, 'mutation { tokenAuth(username: "a", password: "b") { token } }')[0] == ["COST_EXCEEDED"]


def test_pages_are_as_large_as_is_set(api: Client, settings: Settings) -> None:
    for number in range(4):
        tag(f"t{number}")
    settings.PAGE_SIZE, settings.PAGE_SIZE_MOST = 2, 3
    asked = "query($n: Int) { tags(first: $n) { nodes { id } } } # sizes"
    assert len(api.run(asked).data["tags"]["nodes"]) == 2
    assert len(api.run(asked, {"n": 3}).data["tags"]["nodes"]) == 3
    assert refusal(api, asked, {"n": 4}) == (["BAD_USER_INPUT"], "first is between 1 and 3.")


def test_errors_and_bytes_are_as_many_as_is_set(api: Client, settings: Settings) -> None:
    settings.LIMIT_ERRORS = 3
    assert len(refusal(api, "{ a b c d e f }")[0]) == 3
    settings.LIMIT_BODY_BYTES = 20
    assert api.post(b'{"query": "{ __typename }"}').status == 413


# ── nodes ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def count(query: str, **variables: Any) -> int:
    document = read_document(query)
    return document.operation(None).price.rows.number(variables, {})


@pytest.mark.parametrize(
    ("query", "variables", "nodes"),
    [
        ("{ __typename }", {}, 0),
        ("{ __schema { types { name } } }", {}, 0),
        ("{ viewer { id } }", {}, 1),
        ("{ viewer { user { id } } }", {}, 2),
        ("{ tags { totalCount } }", {}, 0),
        ("{ tags { nodes { id } } }", {}, 20),
        ("{ tags(first: 3) { nodes { id } } }", {}, 3),
        ("{ tags(last: 3) { edges { cursor node { id } } } }", {}, 3),
        ("{ tags(first: 3) { edges { cursor } pageInfo { endCursor } } }", {}, 0),
        ("{ tags(first: 3) { nodes { id } edges { node { id } } } }", {}, 6),
        ("query($n: Int) { tags(first: $n) { nodes { id } } }", {"n": 7}, 7),
        ("query($n: Int) { tags(first: $n) { nodes { id } } }", {}, 20),
        ("query($n: Int) { tags(first: $n) { nodes { id } } }", {"n": None}, 20),
        ("query($n: Int) { tags(first: $n) { nodes { id } } }", {"n": 2_000_000_000}, 100),
        ("query($n: Int) { tags(first: $n) { nodes { id } } }", {"n": -5}, 0),
        ("{ tags(first: null, last: 4) { nodes { id } } }", {}, 4),
        ("{ tags(first: 10) { nodes { entries(first: 5) { nodes { author { id } } } } } }", {}, 10 * (1 + 5 * 2)),
        ("{ tags(first: 10) { nodes { ...A } } } fragment A on Tag { entries(first: 2) { nodes { id } } }", {}, 30),
        (
            "{ tags(first: 10) { nodes { ...A ...A } } } fragment A on Tag { entries(first: 2) { nodes { id } } }",
            {},
            30,
        ),
        ("{ a: tags(first: 1) { nodes { id } } ... { b: tags(first: 2) { nodes { id } } } }", {}, 3),
        ('{ node(id: "a") { id ... on Tag { entries(first: 4) { nodes { id } } } } }', {}, 5),
        ('{ nodes(ids: ["a", "b", "c"]) { id ... on Tag { entries(first: 4) { nodes { id } } } } }', {}, 15),
        ('{ nodes(ids: "a") { id } }', {}, 1),
        ("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": ["a"] * 9}, 9),
        (
            "{ digests(first: 2) { nodes { sections { items { subject { ... on Tag { id } } } } } } }",
            {},
            2 * (1 + 5 * (1 + 20 * 2)),
        ),
        ("{ entries(first: 2) { nodes { tags { name } resources { url } } } }", {}, 2 * (1 + 10 + 20)),
        ("{ tags(first: 2) { nodes { aliases } } }", {}, 2),
        ('{ search(query: "a", first: 5) { nodes { __typename } } }', {}, 5 + 1_000),
        ('{ search(query: "a") { totalCount } }', {}, 1_000),
        ('mutation { entryCreate(input: {kind: TOOL, title: "a", body: "b"}) { entry { author { id } } } }', {}, 2),
    ],
)
def test_nodes_are_the_product_of_sizes_down_each_path_summed(
    query: str, variables: dict[str, Any], nodes: int
) -> None:
    assert count(query, **variables) == nodes


def test_ten_thousand_nodes_and_no_more(api: Client) -> None:
    asked = "query($n: Int) { tags(first: 100) { nodes { entries(first: $n) { nodes { id } } } } }"
    assert api.run(asked, {"n": 99}).data == {"tags": {"nodes": []}}
    expected = (["COST_EXCEEDED"], "The operation could answer with 10100 objects; 10000 is the most.")
    assert refusal(api, asked, {"n": 100}) == expected


def test_many_ids_with_much_below_each(api: Client) -> None:
    ids = [id_of(entry("Entry"))] * 100
    asked = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Entry { sources(first: 100) { nodes { id } } } } }"
    assert refusal(api, asked, {"ids": ids})[0] == ["COST_EXCEEDED"]
    assert len(api.run(asked, {"ids": ids[:50]}).data["nodes"]) == 50


def test_dear_operations_are_refused_before_the_cheap_one_of_their_document_is(api: Client) -> None:
    dear = "tags(first: 100) { nodes { entries(first: 100) { nodes { id } } } }"
    both = f"query Dear {{ {dear} }} query Cheap {{ tags {{ totalCount }} }}"
    assert api.run(both, name="Cheap").data == {"tags": {"totalCount": 0}}
    assert api.run(both, name="Dear").codes == ["COST_EXCEEDED"]
