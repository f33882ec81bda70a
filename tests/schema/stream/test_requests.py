"""What is asked of /graphql/stream and how it is refused: as events, or as JSON to those who accept that."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from schema.planner.ids import encode_id
from tests.cast import Cast
from tests.schema.identity.forge import forged
from tests.schema.stream.reading import EVENTS, HEARTBEAT, Event, Reply, Stream, ask, start_stream
from tests.workers.programs import Programs

JSON = "application/json"
GRAPHQL = "application/graphql-response+json"
KIND = "{ kind }"
REFUSED = [
    ("subscription {", {}, "GRAPHQL_PARSE_FAILED", 400),
    ("subscription { nothing }", {}, "GRAPHQL_VALIDATION_FAILED", 400),
    (f"subscription {{ a: knowledgeChanged {KIND} b: knowledgeChanged {KIND} }}", {}, "GRAPHQL_VALIDATION_FAILED", 400),
    ("subscription { __typename }", {}, "GRAPHQL_VALIDATION_FAILED", 400),
    (
        f"subscription ($yes: Boolean!) {{ knowledgeChanged @include(if: $yes) {KIND} }}",
        {"yes": True},
        "GRAPHQL_VALIDATION_FAILED",
        400,
    ),
    ("subscription ($id: ID!) { digestProgress(id: $id) { id } }", {}, "BAD_USER_INPUT", 400),
    ("subscription ($id: ID!) { digestProgress(id: $id) { id } }", {"id": "x"}, "BAD_USER_INPUT", 400),
    (
        "subscription ($id: ID!) { digestProgress(id: $id) { id } }",
        {"id": encode_id("Digest", 9)},
        "NOT_FOUND",
        400,
    ),
    (
        """subscription { knowledgeChanged { subject { ... on Entry { challenges(first: 100) { nodes {
            entries(first: 100) { nodes { sources(first: 100) { nodes { id } } } } } } } } } }""",
        {},
        "COST_EXCEEDED",
        400,
    ),
    ("{ viewer { id } }", {}, "BAD_REQUEST", 400),
    ('mutation { entrySubmit(input: {id: "x"}) { errors { code } } }', {}, "BAD_REQUEST", 400),
]


def post(port: int, query: str, variables: object = None, **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return ask(port, "POST", body=json.dumps({"query": query, "variables": variables}), headers=EVENTS | named)


def code_of(reply: Reply) -> Any:
    return reply.json["errors"][0]["extensions"]["code"]


@pytest.mark.parametrize(("query", "variables", "code", "status"), REFUSED)
def test_what_is_not_in_order_is_refused_in_what_the_client_accepts(
    port: int, query: str, variables: dict[str, Any], code: str, status: int
) -> None:
    reply = post(port, query, variables, Accept=f"text/event-stream, {GRAPHQL}")
    assert (reply.status, code_of(reply)) == (status, code)
    assert reply.headers["content-type"] == f"{GRAPHQL}; charset=utf-8"

    reply = post(port, query, variables)
    assert (reply.status, reply.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
    beginning, data, *end = reply.body.decode().splitlines()
    assert (beginning, end) == ("event: next", ["", "event: complete", "data:", ""])
    assert json.loads(data.removeprefix("data: "))["errors"][0]["extensions"]["code"] == code


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("change", "code"), [({"exp": 1}, "TOKEN_EXPIRED"), ({"key": "x" * 40}, "TOKEN_INVALID")])
def test_a_token_that_is_not_good_is_refused(port: int, cast: Cast, change: dict[str, Any], code: str) -> None:
    token = forged(cast.author, **change)
    reply = post(
        port,
        f"subscription {{ knowledgeChanged {KIND} }}",
        Authorization=f"JWT {token}",
        Accept=f"{GRAPHQL}, text/event-stream",
    )
    assert (reply.status, code_of(reply)) == (401, code)


@pytest.mark.django_db(transaction=True)
def test_where_no_change_would_be_heard_of_nothing_is_begun(port: int, tmp_path: Path) -> None:
    """Everything else of the database is there: only what listens cannot reach it."""
    watching = f"subscription {{ knowledgeChanged {KIND} }}"
    with Stream(port, watching) as stream:
        assert stream.event(heartbeats=True) == Event(HEARTBEAT)
    programs = Programs(tmp_path)
    try:
        deaf = start_stream(programs, DATABASE_DIRECT_URL="postgresql://nexus@127.0.0.1:1/nexus")
        reply = post(deaf, watching, Accept=f"{GRAPHQL}, text/event-stream")
    finally:
        programs.end()
    assert (reply.status, code_of(reply)) == (503, "UNAVAILABLE")


@pytest.mark.parametrize(
    ("method", "body", "headers", "status"),
    [
        ("POST", b"{}", {}, 400),
        ("POST", b"[]", {}, 400),
        ("POST", b"{", {}, 400),
        ("POST", b"{}", {"Content-Type": "text/plain"}, 415),
        ("POST", b" " * 65_537, {}, 413),
        ("POST", b" " * 1_048_577, {}, 413),
        ("POST", b"{}", {"Accept": JSON}, 406),
        ("PUT", b"{}", {}, 405),
        ("GET", None, {}, 400),
    ],
)
def test_what_is_no_request_for_graphql_is_refused_in_json(
    port: int, method: str, body: bytes | None, headers: dict[str, str], status: int
) -> None:
    reply = ask(port, method, body=body, headers=EVENTS | headers)
    assert (reply.status, code_of(reply)) == (status, "BAD_REQUEST")
    assert reply.headers["content-type"] == "application/json; charset=utf-8"


def test_a_body_that_no_request_may_have_is_none_of_a_subscription_either(db: None, tmp_path: Path) -> None:
    programs = Programs(tmp_path)
    try:
        port = start_stream(programs, LIMIT_BODY_BYTES="2000")
        replies = [ask(port, "POST", body=b" " * length, headers=EVENTS) for length in (2_000, 2_001, 60_000)]
        assert [reply.status for reply in replies] == [400, 413, 413]
    finally:
        programs.end()


def test_a_browsers_event_source_can_ask_by_get(port: int) -> None:
    reply = ask(
        port,
        "GET",
        f"/graphql/stream?query={quote('subscription { nothing }')}",
        headers={"Accept": "text/event-stream"},
    )
    assert b"GRAPHQL_VALIDATION_FAILED" in reply.body
    broken = ask(port, "GET", "/graphql/stream?query=%ff", headers={"Accept": "*/*"})
    assert code_of(broken) == "GRAPHQL_PARSE_FAILED"


def test_a_name_chooses_among_operations(port: int) -> None:
    query = f"subscription A {{ knowledgeChanged {KIND} }} subscription B {{ nothing: knowledgeChanged {KIND} }}"
    body = json.dumps({"query": query, "operationName": "C"})
    assert code_of(ask(port, "POST", body=body, headers=EVENTS | {"Accept": "*/*"})) == "BAD_REQUEST"


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("http://127.0.0.1:8000", True),
        ("http://pages.example", True),
        ("https://pages.example", False),
        ("http://pages.example:81", False),
        ("null", False),
    ],
)
def test_pages_of_known_origins_may_read(port: int, origin: str, allowed: bool) -> None:
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    preflight = ask(port, "OPTIONS", headers=asked)
    answer = post(port, "subscription { nothing }", Origin=origin)
    assert preflight.status == 204
    for reply in (preflight, answer):
        assert reply.headers.get("access-control-allow-origin") == (origin if allowed else None)
        assert "access-control-allow-credentials" not in reply.headers
        assert "Origin" in reply.headers["vary"]
    if allowed:
        assert preflight.headers["access-control-allow-methods"] == "GET, POST"
        assert "Authorization" in preflight.headers["access-control-allow-headers"]


def test_a_stream_says_that_it_is_one_at_once(port: int) -> None:
    with Stream(port, f"subscription {{ knowledgeChanged {KIND} }}") as stream:
        headers = stream.response.headers
        assert (headers["Cache-Control"], headers["X-Accel-Buffering"]) == ("no-store", "no")
        assert stream.event(heartbeats=True) == Event(HEARTBEAT)


def test_the_request_id_comes_back(port: int) -> None:
    reply = post(port, "subscription { nothing }", X_Request_ID="a-request-of-mine")
    assert reply.headers["x-request-id"] == "a-request-of-mine"


def test_the_process_tells_how_it_is(port: int) -> None:
    assert ask(port, "GET", "/livez").json == {"process": "ok"}
    ready = ask(port, "GET", "/readyz")
    assert (ready.status, ready.json) == (200, {"database": "ok", "migrations": "ok", "notifications": "ok"})
    assert ask(port, "GET", "/graphql").status == 404


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_other_endpoint_says_where_subscriptions_go(client: Client, method: str) -> None:
    given = {"query": f"subscription {{ knowledgeChanged {KIND} }}"}
    headers = {"Accept": GRAPHQL}
    if method == "get":
        answer = client.get("/graphql", given, headers=headers)
    else:
        answer = client.post("/graphql", given, content_type=JSON, headers=headers)
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "BAD_REQUEST"
    assert error["message"] == "Send subscriptions to /graphql/stream, and accept text/event-stream."
