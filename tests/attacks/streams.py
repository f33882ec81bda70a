"""The stream: without a token, with a bad or a foreign one, for what it is not there for, and too many of them."""

import json
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from typing import Any
from uuid import uuid4

from tests.attacks.attack import Attack, first_code, named
from tests.attacks.stage import PROBE, PROBED, Stage
from tests.http.server import Reply, asked
from tests.schema.stream.reading import HEARTBEAT, PATH, Event, Stream, ask

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


REGISTER = """mutation($name: String!, $mail: String!, $password: String!) {
    accountRegister(input: {username: $name, email: $mail, password: $password}) { user { id } errors { code } } }"""
SIGN_IN = """mutation($name: String!, $password: String!) {
    tokenAuth(username: $name, password: $password) { token refreshToken } }"""
PASSED = "a horse of 12 batteries"


def ended(name: str, ends: Callable[[Stage, str, str, str], Reply]) -> Attack:
    """A stream that is open when who listens loses the right to: it tells nothing more, and ends."""

    def send(stage: Stage) -> Reply:
        username = f"listener-{uuid4().hex[:8]}"
        given = {"name": username, "mail": f"{username}@example.org", "password": PASSED}
        person = stage.ask(REGISTER, given).json["data"]["accountRegister"]["user"]["id"]
        signed = stage.ask(SIGN_IN, {"name": username, "password": PASSED}).json["data"]["tokenAuth"]
        with Stream(stage.stream_port, CHANGES, token=signed["token"]) as stream:
            assert stream.response.status == 200
            assert first_code(ends(stage, person, signed["token"], signed["refreshToken"])) is None
            told = [event.data for event in iter(stream.event, None) if event.kind == "next"]
        assert all("errors" in each for each in told), told
        return stage.ask("{ viewer { id } }", {}, f"Authorization: JWT {signed['token']}")

    return Attack(name, "ASVS 5.0 V7.4", send, 401, "TOKEN_INVALID", writes=("*",))


def _demoted(stage: Stage) -> Reply:
    """A reviewer's script listens, until they are none: from then on it is told no more than a contributor sees."""
    role = "mutation($id: ID!, $role: Role!) { userSetRole(input: {id: $id, role: $role}) { errors { code } } }"
    create = """mutation { entryCreate(input: {kind: TOOL, title: "xqproposed anew", body: "xqproposed", submit: true}) {
        errors { code } } }"""
    username = f"reviewer-{uuid4().hex[:8]}"
    given = {"name": username, "mail": f"{username}@example.org", "password": PASSED}
    person = stage.ask(REGISTER, given).json["data"]["accountRegister"]["user"]["id"]
    assert first_code(stage.ask(role, {"id": person, "role": "REVIEWER"}, as_="staff")) is None
    session = stage.ask(SIGN_IN, {"name": username, "password": PASSED}).json["data"]["tokenAuth"]["token"]
    made = stage.ask(SCRIPT, {}, f"Authorization: JWT {session}").json["data"]["personalAccessTokenCreate"]
    with Stream(stage.stream_port, CHANGES, token=made["token"]) as stream:
        assert stream.event(heartbeats=True) == Event(HEARTBEAT)
        assert first_code(stage.ask(role, {"id": person, "role": "CONTRIBUTOR"}, as_="staff")) is None
        assert first_code(stage.ask(create, as_="peer")) is None
        assert [stream.event(heartbeats=True) for _ in range(3)] == [Event(HEARTBEAT)] * 3
    return stage.ask(WATCHED, {"id": stage.id("reviewers_digest")}, f"Authorization: JWT {made['token']}")


SCRIPT = """mutation { personalAccessTokenCreate(input: {name: "listens", scope: READ}) {
    token errors { code } } }"""
WATCHED = "query($id: ID!) { digest(id: $id) { title } }"
ATTACKS = [
    ended("a stream whose session is signed out", lambda stage, _person, _token, refresh: stage.ask(
        "mutation($it: String!) { revokeToken(refreshToken: $it) { revoked } }", {"it": refresh})),
    ended("a stream whose password is reset elsewhere", lambda stage, _person, token, _refresh: stage.ask(
        "mutation($old: String!, $new: String!) { passwordChange(input: {oldPassword: $old, newPassword: $new}) { errors { code } } }",
        {"old": PASSED, "new": PASSED + " more"}, f"Authorization: JWT {token}")),
    ended("a stream of somebody who is locked out", lambda stage, person, _token, _refresh: stage.ask(
        "mutation($it: ID!) { userDeactivate(input: {id: $it}) { errors { code } } }", {"it": person}, as_="staff")),
    ended("a stream of somebody who gets another role", lambda stage, person, _token, _refresh: stage.ask(
        "mutation($it: ID!) { userSetRole(input: {id: $it, role: REVIEWER}) { errors { code } } }", {"it": person}, as_="staff")),
    Attack("a stream of a reviewer who is none any more", "ASVS 5.0 V8.2.2", _demoted, data={"digest": None}, writes=("*",)),
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
