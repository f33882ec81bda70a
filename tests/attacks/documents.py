"""Documents that would cost much, and variables; tests/schema/hostile has many more documents, with their CPU time."""

import json
from typing import Any

from tests.attacks.attack import Attack, asking, named
from tests.attacks.stage import Stage
from tests.http.server import Reply, asked, posted

DOS = "OWASP GraphQL: DoS"
BATCH = "OWASP GraphQL: batching"
COST = "COST_EXCEEDED"
INVALID = "GRAPHQL_VALIDATION_FAILED"
GUESS = 'a{n}: tokenAuth(username: "staff", password: "{n}") {{ token }}'


def refused(name: str, source: str, query: str, code: str = COST, **variables: Any) -> Attack:
    """A document that is answered by a code alone."""
    return asking(name, source, query, as_="mallory", status=400, code=code, **variables)


def many(piece: str, number: int) -> str:
    """The piece so many times, numbered."""
    return " ".join(piece.format(n=place) for place in range(number))


def doubling(number: int) -> str:
    """Fragments, each of which spreads the next twice: 2 to the power of `number` fields."""
    chain = many("fragment F{n} on Query {{ ...F{n}x ...F{n}x }}", number)
    for place in range(number):
        chain = chain.replace(f"...F{place}x", f"...F{place + 1}")
    return f"{{ ...F0 }} {chain} fragment F{number} on Query {{ tags {{ totalCount }} }}"


TYPES = "fields { type { " * 6 + "name" + " } }" * 6
SHAPES = [
    refused("a field under 40 names", BATCH, "{ " + many("a{n}: tags {{ totalCount }}", 40) + " }"),
    refused("names hidden in fragments", BATCH, "{ ...A ...B } fragment A on Query { " + many("a{n}: __typename", 20)
            + " } fragment B on Query { " + many("b{n}: __typename", 20) + " }"),
    refused("one field 1,900 times", DOS, "{ " + "__typename " * 1_900 + "}"),
    refused("one field with 200 directives", DOS, "{ __typename " + "@skip(if: false) " * 200 + "}"),
    refused("30,000 tokens", DOS, "{ " + "a " * 30_000 + "}"),
    refused("a document of 200,000 letters", DOS, "{ __typename #" + "a" * 200_000 + "\n}"),
    refused("a document nested 20 deep", DOS, "{ tags { nodes { " + "entries(first: 1) { nodes { tags { " * 6 + "id" + " } } }" * 6 + " } } }"),
    refused("braces that only open", DOS, "{" * 1_900, "GRAPHQL_PARSE_FAILED"),
    asking("fragments that double 90 times", DOS, doubling(90), data={"tags": {"totalCount": 2}}),
    refused("a fragment of itself", DOS, "{ ...F } fragment F on Query { tags { totalCount } ...F }", INVALID),
    refused("a circle of fragments", DOS, "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }", INVALID),
    refused("a circle of fragments below a field", DOS, "{ tags { nodes { ...T } } } fragment T on Tag { entries { nodes { tags { ...T } } } }", INVALID),
    refused("fragments that nobody uses", DOS, "{ __typename } " + many("fragment F{n} on Query {{ __typename }}", 99), INVALID),
    refused("30 operations", DOS, many("query Q{n} {{ __typename }}", 30), COST),
    refused("half a document", DOS, "{ tags { nodes { id ", "GRAPHQL_PARSE_FAILED"),
    refused("a field that is guessed", "OWASP GraphQL: introspection", "{ users { nodes { passwordHash } } }", INVALID),
    refused("a mutation that is guessed", "OWASP GraphQL: introspection", "mutation { userDelete(id: 1) }", INVALID),
    refused("a type put in place of another", "OWASP GraphQL: input", "{ tags { nodes { ... on User { email } } } }", INVALID),
    refused("a directive of no schema", DOS, "{ __typename @defer @stream(initialCount: 0) @live }", INVALID),
    refused("a condition upon a variable of no type", DOS, "query($a: Nothing) { __typename @skip(if: $a) }", INVALID),
    refused("several mutations in one", BATCH, "mutation { " + many('a{n}: tagCreate(input: {{name: "T{n}"}}) {{ tag {{ id }} }}', 5) + " }"),
    refused("passwords guessed under many names", BATCH, "mutation { " + many(GUESS, 4) + " }"),
    refused("passwords guessed in fragments", BATCH, "mutation { ...A ...B } fragment A on Mutation { " + GUESS.format(n=1)
            + " } fragment B on Mutation { " + GUESS.format(n=2) + " }"),
    refused("the schema under many names", "OWASP GraphQL: introspection", "{ " + many("a{n}: __schema {{ types {{ name }} }}", 9) + " }"),
    refused("the schema nested in itself", "OWASP GraphQL: introspection", "{ __schema { types { " + TYPES + " } } }", INVALID),
    refused("the types by their names", "OWASP GraphQL: introspection", "{ " + many('a{n}: __type(name: "User") {{ name }}', 9) + " }"),
    asking("no name and several operations", "GraphQL §6.1", "query A { __typename } query B { __typename }", status=400, code="BAD_REQUEST"),
]  # fmt: skip
COSTS = [
    refused("a page beyond the limit", DOS, "{ entries(first: 100000) { nodes { id } } }", "BAD_USER_INPUT"),
    refused("a page beyond all numbers", DOS, "{ entries(first: 99999999999) { nodes { id } } }", INVALID),
    refused("a page of less than nothing", DOS, "{ entries(first: -1) { nodes { id } } }", "BAD_USER_INPUT"),
    refused("pages of pages of pages", DOS, "{ tags(first: 100) { nodes { entries(first: 100) { nodes { challenges(first: 100) { nodes { id } } } } } } }"),
    refused("pages by variables", DOS, "query($n: Int) { tags(first: $n) { nodes { entries(first: $n) { nodes { challenges(first: $n) { nodes { id } } } } } } }", n=100),
    refused("pages in fragments", DOS, "{ tags(first: 100) { nodes { ...T } } } fragment T on Tag { entries(first: 100) { nodes { ...E } } }"
            " fragment E on Entry { challenges(first: 100) { nodes { id } } }"),
    refused("pages behind an interface", DOS, "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Tag { entries(first: 100) { nodes { sources(first: 100) { nodes { id } } } } } } }",
            ids=["@tag"] * 50),
    refused("pages on the other side of a condition", DOS, "query($no: Boolean!) { tags(first: 100) { nodes { entries(first: 100) { nodes {"
            " challenges(first: 100) @skip(if: $no) { nodes { id } } } } } } }", no=False),
    refused("lists that have no pages", DOS, "{ entries(first: 100) { nodes { related(first: 50) { related(first: 50) { id } } } } }"),
    refused("a first and a last at once", DOS, "{ entries(first: 1, last: 1) { nodes { id } } }", "BAD_USER_INPUT"),
    refused("5,000 ids", DOS, "query($ids: [ID!]!) { nodes(ids: $ids) { id } }", "BAD_USER_INPUT", ids=["@tag"] * 5_001),
    refused("a bomb of variables", DOS, "query($w: EntryWhere) { entries(where: $w) { totalCount } }", "BAD_USER_INPUT",
            w={"AND": [{"OR": [{"kind": ["TOOL"] * 20}] * 20}] * 20}),
    refused("a filter that nests", DOS, "query($w: EntryWhere) { entries(where: $w) { totalCount } }", "BAD_USER_INPUT",
            w=json.loads('{"NOT":' * 60 + "{}" + "}" * 60)),
    refused("a filter of 3,000 texts", DOS, "query($w: EntryWhere) { entries(where: $w) { totalCount } }", "BAD_USER_INPUT",
            w={"OR": [{"text": "common"}] * 1_500}),
]  # fmt: skip


def _extended(
    name: str, source: str, extensions: object, *, status: int, code: str | None, as_: str | None = None
) -> Attack:
    def send(stage: Stage) -> Reply:
        text = json.dumps({"query": "{ viewer { email } }", "extensions": named(stage, extensions)}).encode()
        return stage.exchange(posted(text, "Accept: application/graphql-response+json", *stage.bearer(as_)))

    return Attack(name, source, send, status, code, as_=as_)


OTHER = [
    Attack("a query by GET that is a subscription", "CSRF", lambda stage: stage.exchange(
        asked("/graphql?query=subscription{knowledgeChanged{kind}}")), 400, "BAD_REQUEST"),
    Attack("extensions that are a list", "GraphQL over HTTP", lambda stage: stage.exchange(
        posted(b'{"query": "{ __typename }", "extensions": []}')), 400, "BAD_REQUEST"),
    _extended("an explanation, as nobody", "ASVS 5.0 V13.4", {"explain": True}, status=401, code="UNAUTHENTICATED"),
    _extended("an explanation, as a contributor", "ASVS 5.0 V13.4", {"explain": True}, status=400, code="FORBIDDEN", as_="mallory"),
    _extended("an explanation, as a reviewer", "ASVS 5.0 V13.4", {"explain": True}, status=400, code="FORBIDDEN", as_="reviewer"),
    _extended("extensions that nobody knows", "GraphQL over HTTP", {"role": "STAFF", "debug": True}, status=200, code=None),
]  # fmt: skip
ATTACKS = [*SHAPES, *COSTS, *OTHER]
