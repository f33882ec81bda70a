"""GraphQL over HTTP: what is understood, what is refused and how, and which status says so."""

import gzip
from typing import Any

import orjson
import pytest

from knowledge.models import EntryStatus
from schema.sdl import SDL_FILE
from tests.cast import Cast
from tests.client import GRAPHQL, JSON, Client, Result, result_of
from tests.schema.rows import entry, id_of, tag

pytestmark = pytest.mark.django_db

TAGS = "{ tags { totalCount } }"
ASKED = orjson.dumps({"query": TAGS})
COUNTED = {"data": {"tags": {"totalCount": 0}}}
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def refusal(answer: Result) -> tuple[int, list[str]]:
    """Status and codes of an answer that holds nothing but errors of the right form."""
    assert set(answer.body) == {"errors"}
    assert all(
        {"message", "extensions"} <= set(error) <= {"message", "extensions", "locations"} for error in answer.errors
    )
    return answer.status, answer.codes


# ── methods, media types, bodies ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "TRACE"])
def test_methods(api: Client, method: str) -> None:
    answer = result_of(api.http.generic(method, "/graphql", ASKED, JSON))
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, POST")
    assert method == "HEAD" or answer.codes == ["BAD_REQUEST"]


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        (GRAPHQL, GRAPHQL),
        (JSON, JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        ("", JSON),
        (f"{GRAPHQL}, {JSON};q=0.9", GRAPHQL),
        (f"{JSON};q=0.5, {GRAPHQL};q=0.6", GRAPHQL),
        (f"{JSON}, {GRAPHQL};q=0.6", JSON),
        (f"{GRAPHQL}; charset=utf-8", GRAPHQL),
        ("Application/JSON;charset=UTF-8", JSON),
        (f"text/html, {JSON}", JSON),
        ("text/plain, */*;q=0.1", JSON),
    ],
)
def test_what_is_accepted(api: Client, accept: str, media: str) -> None:
    answer = api.post(ASKED, accept=accept)
    assert (answer.status, answer.body) == (200, COUNTED)
    assert answer.headers["Content-Type"] == f"{media}; charset=utf-8"
    assert (answer.headers["Cache-Control"], answer.headers["Vary"]) == ("no-store", "Accept, Authorization")


def test_without_an_accept_header_it_is_json(api: Client) -> None:
    answer = result_of(api.http.post("/graphql", ASKED, JSON))
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json; charset=utf-8")


@pytest.mark.parametrize("accept", ["text/html", "text/plain", "image/*", f"{JSON}; charset=latin-1", f"{JSON};q=0"])
def test_what_is_not_acceptable(api: Client, accept: str) -> None:
    answer = api.post(ASKED, accept=accept)
    assert refusal(answer) == (406, ["BAD_REQUEST"])
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json; charset=utf-8",
        'application/json; charset="UTF-8"',
        "Application/Json",
        "application/json;a=b",
    ],
)
def test_content_types(api: Client, content_type: str) -> None:
    assert result_of(api.http.generic("POST", "/graphql", ASKED, content_type)).body == COUNTED


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "application/graphql",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=a",
        "application/json; charset=utf-16",
        "application/json; charset=latin-1",
        "application/graphql-response+json",
    ],
)
def test_content_types_that_are_not_taken(api: Client, content_type: str) -> None:
    answer = result_of(api.http.generic("POST", "/graphql", ASKED, content_type, headers={"accept": GRAPHQL}))
    assert refusal(answer) == (415, ["BAD_REQUEST"])


def test_compressed_bodies_are_not_taken(api: Client) -> None:
    answer = api.post(gzip.compress(ASKED), headers={"content-encoding": "gzip"})
    assert refusal(answer) == (415, ["BAD_REQUEST"])


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b" ", "not JSON"),
        (b"{", "not JSON"),
        (b'{"query": "{ tags { totalCount } }",}', "not JSON"),
        (b"\xff", "not JSON"),
        (b'{"query": NaN}', "not JSON"),
        (b"[" * 200_000, "not JSON"),
        (b'{"a":' * 2000 + b"1" + b"}" * 2000, "not JSON"),
        (b"[" + ASKED + b"]", "no batches"),
        (b"[1]", "no batches"),
        (b"null", "no batches"),
        (b"1", "no batches"),
        (b'"{ tags { totalCount } }"', "no batches"),
        (b"{}", "no `query`"),
        (b'{"query": null}', "no `query`"),
        (b'{"query": 1}', "no `query`"),
        (b'{"query": ""}', "no `query`"),
        (b'{"query": " \\n"}', "no `query`"),
        (b'{"query": "{ a }", "variables": []}', "`variables`"),
        (b'{"query": "{ a }", "variables": "{}"}', "`variables`"),
        (b'{"query": "{ a }", "operationName": 1}', "`operationName`"),
        (b'{"query": "{ a }", "extensions": 1}', "`extensions`"),
    ],
)
@pytest.mark.parametrize("accept", [GRAPHQL, JSON])
def test_bodies_that_are_no_request(api: Client, body: bytes, says: str, accept: str) -> None:
    answer = api.post(body, accept=accept)
    assert refusal(answer) == (400, ["BAD_REQUEST"])
    assert says in answer.errors[0]["message"]


def test_nulls_and_other_members_are_as_if_left_out(api: Client) -> None:
    given = {"query": TAGS, "variables": None, "operationName": None, "extensions": None, "other": 1}
    assert api.post(orjson.dumps(given)).body == COUNTED
    assert api.post(orjson.dumps({"query": TAGS, "operationName": ""})).body == COUNTED


def test_a_body_of_a_megabyte_fits_and_no_more(api: Client) -> None:
    room = 1_048_576 - len(ASKED)
    assert api.post(ASKED + b" " * room).body == COUNTED
    assert refusal(api.post(ASKED + b" " * (room + 1))) == (413, ["BAD_REQUEST"])


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"CONTENT_LENGTH": str(2**40)}, 413),
        ({"CONTENT_LENGTH": "1e3"}, 400),
        ({"CONTENT_LENGTH": "-1"}, 400),
        ({"CONTENT_LENGTH": "²"}, 400),
        ({"CONTENT_LENGTH": "10"}, 400),
        ({"CONTENT_LENGTH": ""}, 400),
        ({"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}, 411),
    ],
)
def test_lengths_that_are_declared_wrong_or_not_at_all(api: Client, headers: dict[str, Any], status: int) -> None:
    answer = result_of(api.http.generic("POST", "/graphql", ASKED, JSON, **headers))
    assert refusal(answer) == (status, ["BAD_REQUEST"])


# ── by address ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_queries_by_address(api: Client) -> None:
    tag("Python")
    asked = "query A($slug: String) { tag(slug: $slug) { name } } query B { tags { totalCount } }"
    assert api.get(query=asked, operationName="B").body == {"data": {"tags": {"totalCount": 1}}}
    answer = api.get(query=asked, operationName="A", variables='{"slug": "python"}', extensions="{}")
    assert answer.body == {"data": {"tag": {"name": "Python"}}}


@pytest.mark.parametrize("accept", [GRAPHQL, JSON])
def test_bad_addresses(api: Client, accept: str) -> None:
    for parameters in ({}, {"query": ""}, {"query": TAGS, "variables": "{"}, {"query": TAGS, "variables": "[]"}):
        assert refusal(api.get(accept=accept, **parameters)) == (400, ["BAD_REQUEST"])


@pytest.mark.parametrize("accept", [GRAPHQL, JSON])
def test_a_mutation_is_not_sent_by_address(api: Client, accept: str) -> None:
    sign_in = 'mutation M { tokenAuth(username: "a", password: "b") { token } } query Q { tags { totalCount } }'
    answer = api.get(accept=accept, query=sign_in, operationName="M")
    assert refusal(answer) == (405, ["BAD_REQUEST"])
    assert (answer.headers["Allow"], answer.statements) == ("POST", 0)
    assert api.get(accept=accept, query=sign_in, operationName="Q").body == COUNTED


def test_a_browser_gets_graphiql_where_it_asks_for_a_page(api: Client) -> None:
    page = result_of(api.http.get("/graphql", headers={"accept": BROWSER}))
    assert (page.status, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    # With a query in the address it wants the answer.
    answer = api.get(accept=BROWSER, query=TAGS)
    assert (answer.headers["Content-Type"], answer.body) == ("application/json; charset=utf-8", COUNTED)
    assert refusal(api.get(accept=GRAPHQL)) == (400, ["BAD_REQUEST"])


def test_the_schema_is_served_as_it_is_committed(api: Client) -> None:
    answer = result_of(api.http.get("/schema.graphql"))
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/plain; charset=utf-8")
    assert answer.text == SDL_FILE.read_text(encoding="utf-8")


# ── statuses ────────────────────────────────────────────────────────────────────────────────────────────────────────

SUBMIT = "mutation($id: ID!) { entrySubmit(input: {id: $id}) { entry { id } errors { code } } }"


@pytest.mark.parametrize(
    ("query", "variables", "code", "status"),
    [
        ("{", None, "GRAPHQL_PARSE_FAILED", 400),
        ("", None, "BAD_REQUEST", 400),
        ("{ nothing }", None, "GRAPHQL_VALIDATION_FAILED", 400),
        ("query($a: Int) { tags { totalCount } }", None, "GRAPHQL_VALIDATION_FAILED", 400),
        ("fragment A on Tag { id }", None, "GRAPHQL_VALIDATION_FAILED", 400),
        ("type A { id: ID }", None, "GRAPHQL_VALIDATION_FAILED", 400),
        ("{ tags(first: 0) { totalCount nodes { id } } }", None, "BAD_USER_INPUT", 400),
        ("query($id: ID!) { node(id: $id) { id } }", None, "BAD_USER_INPUT", 400),
        ("query($id: ID!) { node(id: $id) { id } }", {"id": None}, "BAD_USER_INPUT", 400),
        ("query($id: ID!) { node(id: $id) { id } }", {"id": ["a"]}, "BAD_USER_INPUT", 400),
        ('query($id: ID = "x") { node(id: $id) { id } }', {"id": None}, "BAD_USER_INPUT", 400),
        ("query($on: Boolean = true) { tags @skip(if: $on) { totalCount } }", {"on": None}, "BAD_USER_INPUT", 400),
        (
            "query($on: Boolean = true) { tags { nodes { id @include(if: $on) } } }",
            {"on": None},
            "BAD_USER_INPUT",
            400,
        ),
        ("query($n: Int) { tags(first: $n) { totalCount } }", {"n": 2**31}, "BAD_USER_INPUT", 400),
        ("query($n: Int) { tags(first: $n) { totalCount } }", {"n": "1"}, "BAD_USER_INPUT", 400),
        (
            "{ entries(first: 100) { nodes { tags { entries(first: 100) { nodes { id } } } } } }",
            None,
            "COST_EXCEEDED",
            400,
        ),
        (SUBMIT, {"id": "x"}, "BAD_USER_INPUT", 400),
    ],
)
def test_what_is_not_run(api: Client, query: str, variables: dict[str, Any] | None, code: str, status: int) -> None:
    answer = api.run(query, variables)
    assert (answer.status, answer.codes, answer.statements) == (status, [code], 0)
    assert "data" not in answer.body
    as_json = api.run(query, variables, accept=JSON)
    assert (as_json.status, as_json.body) == (400 if code == "BAD_REQUEST" else 200, answer.body)


@pytest.mark.parametrize("accept", [GRAPHQL, JSON])
def test_an_operation_that_is_not_in_the_document(api: Client, accept: str) -> None:
    asked = "query A { tags { totalCount } } query B { tags { totalCount } }"
    for name in (None, "C"):
        assert refusal(api.run(asked, name=name, accept=accept)) == (400, ["BAD_REQUEST"])
    assert refusal(api.get(query=asked, operationName="C", accept=accept)) == (400, ["BAD_REQUEST"])


def test_nobody_where_somebody_is_needed(api: Client) -> None:
    anonymous = {"id": id_of(entry("Published"))}
    answer = api.run(SUBMIT, anonymous)
    assert (answer.status, answer.codes, answer.body["data"]) == (401, ["UNAUTHENTICATED"], None)
    assert api.run(SUBMIT, anonymous, accept=JSON).status == 200


@pytest.mark.parametrize(
    "authorization", ["JWT nonsense", "Bearer a.b.c", "JWT", "Basic YTpi", "nonsense", " ", "JWT é"]
)
def test_a_bad_token_is_never_taken_for_nobody(api: Client, authorization: str) -> None:
    answer = api.post(ASKED, headers={"authorization": authorization})
    assert (refusal(answer), answer.statements) == ((401, ["TOKEN_INVALID"]), 0)
    assert api.post(ASKED, accept=JSON, headers={"authorization": authorization}).status == 200


def test_a_token_speaks_for_its_user_until_they_are_deactivated(cast: Cast, api: Client) -> None:
    asked = "{ viewer { user { username } } }"
    header = api.authorization(cast.peer)
    for scheme in ("JWT", "jwt", "Bearer", "bearer"):
        answer = api.post(orjson.dumps({"query": asked}), headers={"authorization": f"{scheme} {header.split()[1]}"})
        assert answer.data == {"viewer": {"user": {"username": "peer"}}}
    cast.peer.is_active = False
    cast.peer.save()
    assert refusal(api.run(asked, as_=cast.peer)) == (401, ["TOKEN_INVALID"])


def test_a_role_holds_from_the_next_request_on(cast: Cast, api: Client) -> None:
    asked = "{ viewer { role } }"
    assert api.run(asked, as_=cast.peer).data == {"viewer": {"role": "CONTRIBUTOR"}}
    cast.peer.role = "STAFF"
    cast.peer.save()
    assert api.run(asked, as_=cast.peer).data == {"viewer": {"role": "STAFF"}}


def test_what_is_forbidden_is_answered(cast: Cast, api: Client) -> None:
    made = entry("Own", author=cast.reviewer, status=EntryStatus.IN_REVIEW)
    review = "mutation($id: ID!) { entryReview(input: {id: $id, verdict: APPROVE}) { entry { id } } }"
    for accept in (GRAPHQL, JSON):
        answer = api.run(review, {"id": id_of(made)}, as_=cast.reviewer, accept=accept)
        assert (answer.status, answer.codes, answer.body["data"]) == (200, ["FORBIDDEN"], None)
        assert answer.errors[0]["path"] == ["entryReview"]
        assert answer.errors[0]["locations"] == [{"line": 1, "column": 22}]


def test_validation_tells_where(api: Client) -> None:
    answer = api.run("{\n  tags { nodes { nothing } }\n}")
    assert answer.errors == [
        {
            "message": "Cannot query field 'nothing' on type 'Tag'.",
            "locations": [{"line": 2, "column": 18}],
            "extensions": {"code": "GRAPHQL_VALIDATION_FAILED"},
        }
    ]


def test_at_most_twenty_errors_are_told(api: Client) -> None:
    answer = api.run("{" + " ".join(f"nothing{number}" for number in range(50)) + "}")
    assert answer.status == 400
    assert len(answer.errors) == 20
