"""What is sent to the web process byte by byte, beyond what any client would send."""

import json

import pytest

from tests.http.server import Reply, asked, exchanged, posted
from tests.workers.programs import Programs

ASKED = b'{"query": "{ __typename }"}'
# What no answer may tell: where the code lies, what it is made of, how it failed.
INTERNALS = (b"Traceback", b"/site-packages/", b"django", b"granian", b"psycopg", b".py")
BROKEN = [
    (b"[" * 200_000, "not JSON"),
    (b'{"query": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "not JSON"),
    (b'{"variables": {"a": ' + b'{"a":' * 900 + b"1" + b"}" * 900 + b"}}", "`query`"),
    (b'{"query": "{ __typename }", "variables": {"n": NaN}}', "not JSON"),
    (b'{"query": "{ __typename }", "variables": {"n": Infinity}}', "not JSON"),
    (b'{"query": "{ __typename }", "variables": {"n": -Infinity}}', "not JSON"),
    (b'{"query": "{ __typename }", "variables": {"n": ' + b"9" * 5_000 + b"}}", "JSON"),
    (b'{"query": "{ __typename }", "variables": {"n": 1e5000}}', "not JSON"),
    (b'{"query": "\\ud800"}', "not JSON"),
    (b'{"query": "{ __typename }", "variables": {"\\udfff": 1}}', "not JSON"),
    (b'{"query": "\xed\xa0\x80"}', "not JSON"),
    (b'{"query": "{ __typename }", "query": "{ viewer { id } }"}', "twice"),
    (b'{"query": "{ __typename }", "variables": {"a": {"b": 1, "b": 1}}}', "twice"),
    (b'{"query": "{ __typename }", "\\u0071uery": "{ viewer { id } }"}', "twice"),
    (b"[" + ASKED + b"," + ASKED + b"]", "no batches"),
    (b"\xef\xbb\xbf" + ASKED, "not JSON"),
    (ASKED.decode().encode("utf-16"), "not JSON"),
    (b'{"query": "{ __typename }"\x00}', "not JSON"),
]


def refused(reply: Reply) -> int:
    """The status of an answer that says no by code, and nothing of our insides."""
    assert reply.codes == ["BAD_REQUEST"]
    assert not any(word in reply.body for word in INTERNALS)
    return reply.status


@pytest.mark.parametrize(("body", "says"), BROKEN)
def test_bodies_that_are_broken_are_refused_by_code(port: int, body: bytes, says: str) -> None:
    reply = exchanged(port, posted(body))
    assert refused(reply) == 400
    assert says in reply.json["errors"][0]["message"]


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (posted(ASKED, "Content-Encoding: gzip"), 415),
        (posted(ASKED, "Content-Encoding: br"), 415),
        (posted(ASKED).replace(b"application/json", b"application/json; charset=utf-7"), 415),
        (posted(ASKED).replace(b"application/json", b"application/json; charset=\xff"), 415),
        (posted(ASKED).replace(b"application/json", b"text/plain"), 415),
        (posted(ASKED).replace(b"Content-Length: 27", b"Transfer-Encoding: chunked"), 411),
        (posted(b"", length=2_000_000_000), 413),
        (posted(b""), 400),
        (posted(ASKED, "Accept: text/html"), 406),
        (asked("/graphql?query={__typename}&query={__typename}"), 400),
        (asked("/graphql?" + "&".join(["a=1"] * 2_000)), 400),
        (asked("/graphql", method="PUT"), 405),
        (asked("/graphql", method="INVENTED"), 405),
        (asked("/graphql?query={__typename}").replace(b"Host: 127.0.0.1", b"Host: evil.example"), 400),
        (asked("/graphql?query={__typename}").replace(b"Host: 127.0.0.1\r\n", b""), 400),
        (asked("/graphql?query={__typename}").replace(b"Host: 127.0.0.1", b"Host: \xff"), 400),
    ],
)
def test_requests_that_are_none_for_graphql_are_refused_by_code(port: int, request_: bytes, status: int) -> None:
    assert refused(exchanged(port, request_)) == status


def test_a_body_that_ends_before_its_end_is_not_taken_for_whole(port: int) -> None:
    reply = exchanged(port, posted(ASKED, length=len(ASKED) + 10), half_closed=True)
    assert refused(reply) == 400
    assert "ended" in reply.json["errors"][0]["message"]


@pytest.mark.parametrize(
    ("request_", "statuses"),
    [
        (asked("/graphql?query=" + "a" * 100_000), {414, 431}),
        (asked("/graphql?query={__typename}", f"X-Long: {'a' * 200_000}"), {431}),
        (asked("/graphql?query={__typename}", *[f"X-{n}: a" for n in range(200)]), {431}),
        (posted(ASKED, "Content-Length: 28"), {400}),
        (posted(ASKED).replace(b"Content-Length: 27", b"Content-Length: -1"), {400}),
        (posted(ASKED).replace(b"Content-Length: 27", b"Content-Length: +27"), {400}),
        (posted(ASKED).replace(b"Content-Length: 27", b"Content-Length: 99999999999999999999"), {400}),
        (asked("/graphql?query={__typename}", "X-Nul: a\0b"), {400}),
        (asked("/graphql?query=\xff"), {400}),
    ],
)
def test_what_the_server_itself_refuses(port: int, request_: bytes, statuses: set[int]) -> None:
    reply = exchanged(port, request_)
    assert reply.status in statuses
    assert not any(word in reply.body for word in INTERNALS)


@pytest.mark.parametrize(("target", "status"), [("/nothing-here", 404), ("/graphql%ff%00", 404), ("*", 404)])
def test_what_is_not_there_is_said_in_json(port: int, target: str, status: int) -> None:
    reply = exchanged(port, asked(target))
    assert (reply.status, reply.codes) == (status, ["NOT_FOUND"])


@pytest.mark.parametrize(
    "target", ["/graphql?query={__typename}", "/graphql?query=%7B", "/livez", "/schema.graphql", "/nothing-here"]
)
def test_every_answer_tells_browsers_what_they_may_do(port: int, target: str) -> None:
    headers = exchanged(port, asked(target)).headers
    told = {name: headers.get(name) for name in ("x-content-type-options", "referrer-policy", "x-frame-options")}
    assert told == {"x-content-type-options": "nosniff", "referrer-policy": "same-origin", "x-frame-options": "DENY"}
    assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert "strict-transport-security" not in headers
    assert headers["x-request-id"]
    by_https = exchanged(port, asked(target, "X-Forwarded-Proto: https")).headers
    assert by_https["strict-transport-security"] == "max-age=3600; includeSubDomains"


def test_graphiql_keeps_its_own_policy(port: int) -> None:
    policy = exchanged(port, asked("/graphql", "Accept: text/html")).headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy


def test_the_log_is_a_line_of_json_a_request_whatever_callers_send(web_process: tuple[int, Programs]) -> None:
    port, programs = web_process
    evil = 'x"}\\n{"level": "CRITICAL"} \\u001b[31m'
    exchanged(
        port,
        asked(
            "/graphql?query=%0d%0a%1b[31m",
            "X-Request-ID: a1b2c3d4-log",
            f"User-Agent: {evil}",
            "X-Forwarded-For: 192.0.2.9",
        ),
    )
    lines = [line for line in programs.said().splitlines() if "a1b2c3d4-log" in line]
    assert [(json.loads(line)["address"], json.loads(line)["status"]) for line in lines] == [("192.0.2.9", 200)]
    assert all(line.isprintable() for line in programs.said().splitlines())
