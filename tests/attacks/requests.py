"""HTTP: bytes that two servers could read in two ways, slow senders, floods, false hosts, callers and origins."""

import gzip
import json
import re
import socket
from collections.abc import Iterable
from contextlib import ExitStack
from urllib.parse import quote

from tests.attacks.attack import Attack, Send, body, raw
from tests.attacks.stage import PROBE, PROBED, Stage
from tests.http.server import Reply, asked, posted, reply_from

ASKED = b'{"query": "{ __typename }"}'
MUTATION = 'mutation { tagCreate(input: {name: "Smuggled"}) { tag { id } } }'
NAMED = json.dumps({"query": PROBE}).encode()
SMUGGLED = asked("/smuggled")
CSRF = "OWASP CSRF"
SMUGGLING = "CWE-444"
DOS = "ASVS 5.0 V15.2"
CACHES = "CWE-525"


def typed(kind: str, text: bytes = ASKED) -> bytes:
    """A POST of a body that is said to be of a kind."""
    return posted(text).replace(b"application/json", kind.encode())


def alone(*pieces: bytes) -> Send:
    """Every answer that comes on one connection to these bytes, until the server has no more to say."""

    def send(stage: Stage) -> Iterable[Reply]:
        with stage.connected() as connection:
            for piece in pieces:
                connection.sendall(piece)
            connection.settimeout(1)
            replies = [reply_from(connection)]
            try:
                more = connection.recv(65_536)
            except TimeoutError:
                more = b""
            assert b"HTTP/1.1" not in more, more
        return replies

    return send


def smuggled(name: str, head: str, text: bytes, status: int | tuple[int, ...], code: str | None) -> Attack:
    """One request that others could read as two: one answer, and none to what is hidden in its body."""
    request = f"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n{head}\r\n\r\n"
    return Attack(name, SMUGGLING, alone(request.encode() + text), status, code)


def held(name: str, number: int, beginning: bytes) -> Attack:
    """Connections that begin a request and never end it, while somebody else asks."""

    def send(stage: Stage) -> Reply:
        with ExitStack() as connections:
            for _ in range(number):
                connections.enter_context(stage.connected()).sendall(beginning)
            return stage.ask(PROBE)

    return Attack(name, "CWE-400", send, data=PROBED)


def probe(name: str, source: str, *lines: str, target: str = "/graphql", lacks: tuple[str, ...] = ()) -> Attack:
    """A plain question with header lines that must change nothing: neither its answer, nor these headers into it."""

    def send(stage: Stage) -> Reply:
        reply = stage.exchange(posted(NAMED, *lines).replace(b"/graphql", target.encode(), 1))
        assert not set(lacks) & set(reply.headers), reply.headers
        return reply

    return Attack(name, source, send, data=PROBED)


def page(name: str, source: str, target: str, *lines: str, status: int = 404, code: str | None = "NOT_FOUND") -> Attack:
    """An address at which there is nothing for anybody."""
    return raw(name, source, asked(target, *lines), status=status, code=code)


FORGERY = [
    raw("a mutation by GET", CSRF, asked(f"/graphql?query={quote(MUTATION)}"), status=405),
    raw("a mutation by GET beside a query", CSRF, asked("/graphql?operationName=B&query=query%20A{__typename}"
        "mutation%20B{tagCreate(input:{name:%22Smuggled%22}){tag{id}}}"), status=405),
    raw("a GET that says that it is a POST", CSRF, asked(f"/graphql?query={quote(MUTATION)}",
        "X-HTTP-Method-Override: POST", "X-Method-Override: POST"), status=405),
    *(
        raw(f"a body as {kind}", CSRF, typed(kind), status=415)
        for kind in ("text/plain", "application/x-www-form-urlencoded", "application/graphql", "application/xml",
                     "multipart/form-data; boundary=a", "application/json-patch+json", "*/*", "application/json; charset=utf-7")
    ),
    raw("a body of no kind", CSRF, posted(ASKED).replace(b"Content-Type: application/json\r\n", b""), status=415),
    raw("a form with a query", CSRF, typed("application/x-www-form-urlencoded", b"query={__typename}"), status=415),
    raw("an upload", CSRF, typed("multipart/form-data; boundary=a",
        b'--a\r\nContent-Disposition: form-data; name="operations"\r\n\r\n{"query": "{ __typename }"}\r\n--a--'), status=415),
]  # fmt: skip
BODIES = [
    body("a batch", "OWASP GraphQL: batching", b"[" + ASKED + b"," + ASKED + b"]"),
    body("a batch of one", "OWASP GraphQL: batching", b"[" + ASKED + b"]"),
    body("a key twice", "CWE-436", b'{"query": "{ __typename }", "query": "{ viewer { id } }"}'),
    body("JSON nested 200,000 deep", DOS, b"[" * 200_000),
    body("JSON nested deep in variables", DOS, b'{"query": "{ __typename }", "variables": ' + b'{"a":' * 5_000 + b"1" + b"}" * 5_001),
    body("a number of 5,000 digits", DOS, b'{"query": "{ __typename }", "variables": {"a": ' + b"9" * 5_000 + b"}}"),
    body("a number that is none", "RFC 8259 §6", b'{"query": "{ __typename }", "variables": {"a": NaN}}'),
    body("half of a surrogate pair", "RFC 8259 §8.2", b'{"query": "{ tag(slug: \\"\\ud800\\") { id } }"}'),
    body("bytes that are no UTF-8", "RFC 8259 §8.1", b'{"query": "\xff\xfe"}'),
    body("an overlong slash", "RFC 3629 §10", b'{"query": "\xc0\xaf"}'),
    body("a byte order mark", "RFC 8259 §8.1", b"\xef\xbb\xbf" + ASKED),
    body("two bodies in one", "CWE-436", ASKED + ASKED),
    body("a query that is a list", "GraphQL over HTTP", b'{"query": ["{ __typename }"]}'),
    body("a query that is an object", "GraphQL over HTTP", b'{"query": {"__typename": 1}}'),
    body("variables that are a list", "GraphQL over HTTP", b'{"query": "{ __typename }", "variables": [1]}'),
    body("variables that are JSON in a text", "GraphQL over HTTP", b'{"query": "{ __typename }", "variables": "{}"}'),
    body("an operation's name that is an object", "GraphQL over HTTP", b'{"query": "{ __typename }", "operationName": {}}'),
    body("a name out of JavaScript", "CWE-1321", b'{"__proto__": {"query": "{ __typename }"}, "constructor": 1}'),
    body("300,000 objects", DOS, b'{"query": "{ __typename }", "variables": {"a": [' + b"{}," * 300_000 + b"1]}}"),
    body("300,000 objects under a key that comes twice", DOS, b'{"query": "{ __typename }", "variables": {"a": [' + b"{}," * 300_000 + b'1], "a": 1}}'),
    body("a gzip bomb", DOS, gzip.compress(b" " * 50_000_000), "Content-Encoding: gzip", status=415),
    body("a body of 2 MB", DOS, b" " * 2_000_000, status=413),
    raw("a body that is said to have 2 GB", DOS, posted(b"", length=2_000_000_000), status=413),
]  # fmt: skip
SHAPES = [
    smuggled("a length and chunks", "Content-Length: 4\r\nTransfer-Encoding: chunked", b"0\r\n\r\n" + SMUGGLED, (400, 411), "BAD_REQUEST"),
    smuggled("chunks and a length", "Transfer-Encoding: chunked\r\nContent-Length: 0", b"5\r\nGET /\r\n0\r\n\r\n", (400, 411), "BAD_REQUEST"),
    smuggled("a coding that nobody knows", "Transfer-Encoding: xchunked\r\nContent-Length: 4", b"aaaa", (400, 411, 501), None),
    smuggled("two lengths", "Content-Length: 4\r\nContent-Length: 99", b"aaaa" + SMUGGLED, 400, None),
    smuggled("a list of lengths", "Content-Length: 4, 99", b"aaaa" + SMUGGLED, 400, None),
    smuggled("a negative length", "Content-Length: -1", SMUGGLED, 400, None),
    smuggled("a length with a sign", "Content-Length: +4", b"aaaa" + SMUGGLED, 400, None),
    smuggled("a length in base 16", "Content-Length: 0x4", b"aaaa" + SMUGGLED, 400, None),
    smuggled("a space before the colon", "Content-Length : 4", b"aaaa" + SMUGGLED, 400, None),
    smuggled("a folded header", "X-A: b\r\n Content-Length: 4", b"", 400, None),
    smuggled("a lone line feed between headers", "X-A: b\nTransfer-Encoding: chunked", b"0\r\n\r\n", (400, 411), "BAD_REQUEST"),
    smuggled("a chunk whose size is no number", "Transfer-Encoding: chunked", b"zz\r\naaaa\r\n0\r\n\r\n", (400, 411), "BAD_REQUEST"),
    smuggled("a chunk whose size overflows", "Transfer-Encoding: chunked", b"fffffffffffffffff\r\na\r\n0\r\n\r\n", (400, 411), "BAD_REQUEST"),
    smuggled("chunks with a trailer", "Transfer-Encoding: chunked", b"4\r\naaaa\r\n0\r\nContent-Length: 99\r\n\r\n", (400, 411), "BAD_REQUEST"),
    smuggled("chunks named twice", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", b"0\r\n\r\n" + SMUGGLED, (400, 411, 501), None),
    smuggled("chunks after a tab", "Transfer-Encoding:\tchunked\r\nContent-Length: 4", b"0\r\n\r\n" + SMUGGLED, (400, 411), "BAD_REQUEST"),
    smuggled("chunks behind a vertical tab", "Transfer-Encoding: \x0bchunked\r\nContent-Length: 4", b"aaaa" + SMUGGLED, 400, None),
    smuggled("a length and no body, for somebody who waits", "Content-Length: 2000000000\r\nExpect: 100-continue", b"", 413, "BAD_REQUEST"),
    raw("a null in a header", SMUGGLING, asked("/graphql?query={__typename}", "X-A: a\0b"), code=None),
    raw("a carriage return in a header", SMUGGLING, asked("/graphql?query={__typename}", "X-A: a\rHost: evil.example"), code=None),
    raw("a request of another century", "RFC 9112 §2.3", b"GET /graphql?query={__typename}\r\n\r\n", code=None),
    raw("a version that does not exist", "RFC 9112 §2.3", b"GET / HTTP/9.9\r\nHost: 127.0.0.1\r\n\r\n", code=None),
    raw("an address of 100 kB", DOS, asked("/graphql?query=" + "a" * 100_000), status=(414, 431), code=None),
    raw("a header of 200 kB", DOS, asked("/graphql?query={__typename}", "X-A: " + "a" * 200_000), status=431, code=None),
    raw("4,000 media types to choose from", DOS, posted(ASKED, "Accept: " + ",".join(f"a/b{n};q=0.1" for n in range(4_000))), status=431),
    raw("a media type of 10,000 parameters", DOS, typed("application/json" + ";a=b" * 10_000), status=431),
    raw("15,000 tags to compare an answer with", DOS, asked("/graphql?query={__typename}", "If-None-Match: " + '"a",' * 15_000), status=431),
    raw("500 headers", DOS, asked("/graphql?query={__typename}", *[f"X-{n}: a" for n in range(500)]), status=431, code=None),
    raw("2,000 parameters", DOS, asked("/graphql?query={__typename}&" + "&".join(f"a{n}=1" for n in range(2_000)))),
    raw("a parameter twice", "CWE-235", asked("/graphql?query={__typename}&query={viewer{id}}")),
    raw("a trace", "OWASP WSTG-CONF-06", asked("/graphql", "X-Secret: a", method="TRACE"), status=405),
    raw("a tunnel", "OWASP WSTG-CONF-06", b"CONNECT 127.0.0.1:5432 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", status=405, code=None),
    raw("a method that nobody knows", "OWASP WSTG-CONF-06", asked("/graphql", method="DEBUG"), status=405),
    held("600 connections that say nothing", 600, b""),
    held("600 heads that do not end", 600, b"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: "),
    held("200 bodies that do not end", 200, posted(b'{"query"', length=500)),
    held("200 large bodies that do not end", 200, posted(b'{"query"' + b" " * 100_000, length=1_000_000)),
    held("100 answers that are not read", 100, asked("/schema.graphql") * 20),
    probe("a request that asks for HTTP/2", SMUGGLING, "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk"),
    probe("a request that asks for a web socket", SMUGGLING, "Connection: Upgrade", "Upgrade: websocket"),
]  # fmt: skip


def _flood(stage: Stage) -> Iterable[Reply]:
    """Reads as dear as may be from one address that claims to be another each time, until it is refused."""
    query = (
        "{ "
        + " ".join(
            f"a{n}: entries(first: 100) {{ nodes {{ sources(first: 9) {{ nodes {{ id }} }} }} }}" for n in range(9)
        )
        + " }"
    )
    sender = stage.sender()
    for number in range(200):
        line = f"X-Forwarded-For: 198.51.100.{number}"
        reply = stage.ask(
            query, {}, line, f"Forwarded: for=198.51.100.{number}", f"X-Real-IP: 198.51.100.{number}", sender=sender
        )
        if reply.status != 200:
            assert reply.headers["retry-after"].isdecimal()
            return [reply]
    return []


def _evil_ids(stage: Stage) -> Iterable[Reply]:
    """Ids for the log that would break its lines, steer a terminal or come back as a header."""
    for said in ("a" * 5_000, "<script>alert(1)</script>", "x: y", "../../a", "\t\x9b31m", "%0d%0aSet-Cookie:%20a=b"):
        reply = stage.exchange(posted(NAMED, f"X-Request-ID: {said}", f"User-Agent: {said}"))
        assert said not in repr(reply.headers)
        yield reply
    assert all(line.isprintable() for line in stage.programs.said().splitlines())
    told = [line for line in stage.programs.said().splitlines() if '"nexus.requests"' in line]
    assert [json.loads(line)["message"] for line in told[-5:]] == ["graphql"] * 5


def _two_answers(stage: Stage) -> Iterable[Reply]:
    """A page of ours for one caller, then for another by the same address: nothing of the first may be kept."""
    target = "/graphql?query={viewer{user{username}}}"
    mine = stage.exchange(asked(target, *stage.bearer("author")))
    assert mine.headers["cache-control"] == "private, no-cache"
    assert {"Authorization", "Accept", "Origin"} <= set(mine.headers["vary"].split(", "))
    yield stage.exchange(asked(target, f"If-None-Match: {mine.headers['etag']}"))


def _pipelined(stage: Stage) -> Iterable[Reply]:
    """Many requests at once on one connection, signed in by turns: each answer is its own request's."""
    with stage.connected() as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(
            b"".join(asked("/graphql?query={viewer{id}}", *lines) for lines in (stage.bearer("staff"), []))
        )
        first = _one(connection)
        assert first.json["data"]["viewer"]["id"]
        yield _one(connection)


def _one(connection: socket.socket) -> Reply:
    """The next answer, and not a byte of the one after it."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(1)
    length = int(received.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
    text = b""
    while len(text) < length:
        text += connection.recv(length - len(text))
    lines = received.decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
    return Reply(int(lines[0].split()[1]), headers, text)


def _made_up_names(stage: Stage) -> Iterable[Reply]:
    """Names of operations, each another one: none of them becomes a label of what is measured."""
    for number in range(40):
        named = json.dumps({"query": f"query Xq{number} {PROBE}", "operationName": f"Xq{number}"}).encode()
        yield stage.exchange(posted(named, "Accept: application/graphql-response+json"))
    token = stage.programs.environment["METRICS_TOKEN"]
    told = stage.exchange(asked("/metrics", f"Authorization: Bearer {token}"))
    assert told.status == 200
    labels = set(re.findall(rb'operation="([^"]*)"', told.body))
    assert labels == {b"other"}, labels


def _answered_whole(stage: Stage) -> Reply:
    """A part of an answer asked for: it comes whole, or not at all."""
    target = f"/graphql?query={quote(PROBE)}"
    whole = stage.exchange(asked(target))
    for wanted in ("bytes=0-3", "bytes=0-,0-,0-,0-,0-", "bytes=-99999999999999999999", "lines=1-2"):
        part = stage.exchange(asked(target, f"Range: {wanted}"))
        assert (part.status, part.body) == (200, whole.body)
        assert "content-range" not in part.headers
    return whole


CALLERS = [
    Attack("names of operations without end", "ASVS 5.0 V16.2", _made_up_names, data=PROBED),
    Attack("parts of an answer", "CWE-400", _answered_whole, data=PROBED),
    probe("a POST that says that it is a DELETE", "OWASP WSTG-CONF-06", "X-HTTP-Method-Override: DELETE", "X-HTTP-Method: PUT",
          target="/graphql?_method=DELETE"),
    probe("a request id with a header in it", "CWE-113", "X-Request-ID: abcdefgh\nSet-Cookie: xq=1", lacks=("set-cookie",)),
    probe("a request id of control characters", "CWE-117", "X-Request-ID: abcdefgh\x1b[31m\x7f".replace("\x7f", "").replace("\x1b", "\x9b")),
    probe("an origin with a header in it", "CWE-113", "Origin: https://app.example%0d%0aSet-Cookie:xq=1", lacks=("set-cookie", "access-control-allow-origin")),
    raw("a host of another port's name", "CWE-350", asked("/graphql?query={__typename}").replace(b"127.0.0.1", b"127.0.0.1:80:80")),
    raw("a host that is empty", "CWE-350", asked("/graphql?query={__typename}").replace(b"Host: 127.0.0.1", b"Host:")),
    raw("a host that is not ours", "CWE-350", asked("/graphql?query={__typename}").replace(b"127.0.0.1", b"evil.example")),
    raw("a host with a path", "CWE-350", asked("/graphql?query={__typename}").replace(b"127.0.0.1", b"127.0.0.1/evil")),
    raw("a host with credentials", "CWE-350", asked("/graphql?query={__typename}").replace(b"127.0.0.1", b"127.0.0.1@evil.example")),
    raw("no host", "CWE-350", asked("/graphql?query={__typename}").replace(b"Host: 127.0.0.1\r\n", b"")),
    raw("two hosts", "CWE-350", asked("/graphql?query={__typename}", "Host: evil.example"), code="BAD_REQUEST"),
    probe("a forwarded host", "CWE-350", "X-Forwarded-Host: evil.example", "X-Forwarded-Proto: https", lacks=("location", "strict-transport-security")),
    probe("headers that move the address", CACHES, "X-Original-URL: /admin/", "X-Rewrite-URL: /admin/", lacks=("location",)),
    probe("an origin that is not listed", "OWASP CORS", "Origin: https://evil.example", lacks=("access-control-allow-origin",)),
    probe("an origin that begins like a listed one", "OWASP CORS", "Origin: https://app.example.evil.example", lacks=("access-control-allow-origin",)),
    probe("an origin of no page", "OWASP CORS", "Origin: null", lacks=("access-control-allow-origin", "access-control-allow-credentials")),
    probe("a listed origin over plain HTTP", "OWASP CORS", "Origin: http://app.example", lacks=("access-control-allow-origin",)),
    raw("a preflight of a page that is not listed", "OWASP CORS", asked("/graphql", "Origin: https://evil.example",
        "Access-Control-Request-Method: POST", method="OPTIONS"), status=405),
    Attack("a flood from forged addresses", "ASVS 5.0 V2.4", _flood, 429, "RATE_LIMITED"),
    Attack("ids that break the log", "CWE-117", _evil_ids, data=PROBED),
    Attack("another's answer out of a cache", CACHES, _two_answers, data={"viewer": None}),
    Attack("another's answer on a shared connection", CACHES, _pipelined, data={"viewer": None}),
]  # fmt: skip
PAGES = [
    *(
        page(f"what may lie at {target}", "OWASP WSTG-CONF-04", target)
        for target in ("/.git/config", "/.env", "/nexus_gql/settings.py", "/graphql.bak", "/server-status", "/debug/", "/api/")
    ),
    *(
        page(f"a way out by {target}", "CWE-22", target)
        for target in ("/graphql/assets/../../settings.py", "/graphql/assets/%2e%2e/%2e%2e/page.py", "/graphql/..%2f..%2fetc/passwd",
                       "/static/../nexus_gql/settings.py", "/static/%2e%2e/manage.py", "/static/..%252f..%252fmanage.py",
                       "/graphql/assets/..\\..\\page.py", "//etc/passwd", "/graphql%00", "/graphql/")
    ),
    page("the list of static files", "CWE-548", "/static/"),
    page("the list of GraphiQL's files", "CWE-548", "/graphql/assets/"),
    raw("a whole address of another host", "RFC 9112 §3.2.2", asked("http://evil.example/graphql?query={__typename}").replace(b"127.0.0.1", b"evil.example")),
    page("what is measured, without a token", "ASVS 5.0 V13.4", "/metrics", status=401, code=None),
    page("what is measured, with another token", "ASVS 5.0 V13.4", "/metrics", "Authorization: Bearer é", status=401, code=None),
]  # fmt: skip
ATTACKS = [*FORGERY, *BODIES, *SHAPES, *CALLERS, *PAGES]
