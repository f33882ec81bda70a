"""The stream: without a token, with a bad or a foreign one, for what it is not there for, and too many of them."""

import json
from collections.abc import Iterable
from contextlib import ExitStack
from typing import Any

from tests.attacks.attack import Attack, named
from tests.attacks.stage import PROBE, PROBED, Stage
from tests.http.server import Reply, asked
from tests.schema.stream.reading import PATH, ask

WATCH = "subscription($id: ID!) { digestProgress(id: $id) { id title } }"
CHANGES = "subscription { knowledgeChanged { kind subject { ... on Entry { title } } } }"
EVENTS = "Accept: text/event-stream, application/graphql-response+json"
ROLES = "ASVS 5.0 V8.2.2"
TOKENS = "ASVS 5.0 V4.4"


def streaming(
    name: str, source: str, query: str, *, status: int, code: str, token: str | None = None, **variables: Any
) -> Attack:
    """A stream that is not opened; it is answered as a query would be."""

    def send(stage: Stage) -> Reply:
        held = stage.person(token)["token"] if token and token in stage.scene["people"] else token
        headers = {
            "Content-Type": "application/json",
            "Accept": "text/event-stream, application/graphql-response+json",
            **({"Authorization": f"JWT {held}"} if held else {}),
        }
        text = json.dumps({"query": query, "variables": named(stage, variables)})
        reply = ask(stage.stream_port, "POST", body=text, headers=headers)
        return Reply(reply.status, dict(reply.headers), reply.body)

    return Attack(name, source, send, status, code, as_="mallory" if token == "mallory" else None)


def request(
    name: str, source: str, head: bytes, status: int | tuple[int, ...], code: str | None = "BAD_REQUEST"
) -> Attack:
    """A request that opens no stream."""
    return Attack(name, source, lambda stage: stage.exchange(head, port=stage.stream_port), status, code)


def _many(stage: Stage) -> Iterable[Reply]:
    """60 open streams, and as many that never end their head."""
    open_ = asked(f"{PATH}?query=subscription{{knowledgeChanged{{kind}}}}", "Accept: text/event-stream")
    with ExitStack() as connections:
        for number in range(120):
            connection = connections.enter_context(stage.connected(port=stage.stream_port))
            connection.sendall(open_ if number % 2 else open_[:-2])
        yield stage.exchange(asked("/livez"), port=stage.stream_port)


ATTACKS = [
    *(
        streaming(f"watching {name}, as {token or 'nobody'}", ROLES, WATCH, status=400, code="NOT_FOUND", token=token, id=f"@{name}")
        for name in ("private_digest", "reviewers_digest", "failed_digest")
        for token in (None, "mallory")
    ),
    streaming("a stream with a token that is none", TOKENS, CHANGES, status=401, code="TOKEN_INVALID", token="a.b.c"),
    streaming("a stream with a password", TOKENS, CHANGES, status=401, code="TOKEN_INVALID", token=" "),
    streaming("a query to the stream", "GraphQL over SSE", PROBE, status=400, code="BAD_REQUEST"),
    streaming("a mutation to the stream", "GraphQL over SSE", 'mutation { tagCreate(input: {name: "A"}) { tag { id } } }', status=400,
              code="BAD_REQUEST", token="mallory"),
    streaming("two streams in one", "OWASP GraphQL: batching", "subscription { a: knowledgeChanged { kind } b: knowledgeChanged { kind } }",
              status=400, code="GRAPHQL_VALIDATION_FAILED"),
    streaming("a stream of pages of pages", "OWASP GraphQL: DoS", "subscription { knowledgeChanged { subject { ... on Entry { challenges(first: 100) {"
              " nodes { entries(first: 100) { nodes { sources(first: 100) { nodes { id } } } } } } } } } }", status=400, code="COST_EXCEEDED"),
    streaming("a stream about an id that is SQL", "ASVS 5.0 V1.2.4", WATCH, status=400, code="BAD_USER_INPUT", id="' OR 1=1 --"),
    streaming("a stream about another type", "ASVS 5.0 V1.2.4", WATCH, status=400, code="BAD_USER_INPUT", id="@draft"),
    request("a stream by PUT", "OWASP WSTG-CONF-06", asked(PATH, EVENTS, method="PUT"), 405),
    request("another address at the stream", "CWE-22", asked("/graphql/../admin/", EVENTS), 404, None),
    request("what is measured, at the stream", "ASVS 5.0 V13.4", asked("/metrics"), 401, None),
    Attack("a flood of streams", "ASVS 5.0 V15.2", _many, (200, 429, 503)),
    Attack("a stream asked of the web", "GraphQL over SSE", lambda stage: stage.ask(CHANGES), 400, "BAD_REQUEST"),
    Attack("a question beside open streams", "ASVS 5.0 V15.2", lambda stage: stage.ask(PROBE), data=PROBED),
]  # fmt: skip
