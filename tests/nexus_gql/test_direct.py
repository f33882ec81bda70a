"""/graphql past Django's routing: what is answered is what Django would have answered."""

import io
import re
from collections.abc import Iterable, Mapping
from typing import Any

import orjson
import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpRequest, HttpResponse

from nexus_gql.direct import Direct, Request, Wsgi
from schema.http.answers import Response
from schema.http.view import graphql

QUERY = orjson.dumps({"query": "{ tags { totalCount } }"})
NOTHING: Mapping[str, str] = {}


def asked(
    application: Wsgi, method: str, path: str, body: bytes = b"", query: str = "", headers: Mapping[str, str] = NOTHING
) -> tuple[str, dict[str, str], bytes]:
    """Status, headers by their names and body."""
    told: list[Any] = []
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "CONTENT_LENGTH": str(len(body)),
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "127.0.0.1:8000",
        "HTTP_X_REQUEST_ID": "the-same-one",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.url_scheme": "http",
        **({"CONTENT_TYPE": "application/json"} if body else {}),
        **headers,
    }

    def start_response(status: str, headers: Iterable[tuple[str, str]], *_: Any) -> None:
        told.extend((status, dict(headers)))

    body = b"".join(application(environ, start_response))
    return told[0], told[1], body


# Method, body, query, headers, and the status that answers it.
REQUESTS: list[tuple[str, bytes, str, Mapping[str, str], str]] = [
    ("POST", QUERY, "", {}, "200 OK"),
    ("POST", QUERY, "", {"HTTP_ACCEPT": "application/graphql-response+json"}, "200 OK"),
    ("GET", b"", "query={__typename}", {}, "200 OK"),
    ("GET", b"", "query=mutation{tokenAuth(input:{username:1}){token}}", {}, "200 OK"),
    ("GET", b"", "", {"HTTP_ACCEPT": "text/html"}, "200 OK"),
    ("GET", b"", "", {}, "400 Bad Request"),
    ("POST", b"[", "", {}, "400 Bad Request"),
    ("POST", QUERY, "", {"CONTENT_TYPE": "text/plain"}, "415 Unsupported Media Type"),
    ("POST", QUERY, "", {"HTTP_ACCEPT": "image/png"}, "406 Not Acceptable"),
    ("POST", QUERY, "", {"HTTP_HOST": "elsewhere.example"}, "400 Bad Request"),
    ("POST", QUERY, "", {"HTTP_AUTHORIZATION": "JWT none"}, "200 OK"),
    ("OPTIONS", b"", "", {"HTTP_ORIGIN": "https://page.example"}, "405 Method Not Allowed"),
    ("HEAD", b"", "", {}, "405 Method Not Allowed"),
    ("PUT", QUERY, "", {}, "405 Method Not Allowed"),
]


# Django closes connections that are in a transaction which it did not begin, as those of other tests are.
@pytest.mark.django_db(transaction=True)
def test_answers_as_django_would() -> None:
    direct, django = Direct("/graphql", graphql, nothing), get_wsgi_application()
    for method, body, query, headers, status in REQUESTS:
        ours, djangos = (asked(each, method, "/graphql", body, query, headers) for each in (direct, django))
        assert _but_for_the_moment(ours) == _but_for_the_moment(djangos)
        assert ours[0] == status


@pytest.mark.parametrize("script", ["", "/behind", "/behind/"])
@pytest.mark.parametrize("method", ["GET", "post"])
@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "application/json",
        "application/json; charset=utf-8",
        "text/plain; charset=latin-1",
        "a; charset=none",
        "; x",
    ],
)
@pytest.mark.parametrize("length", ["", "5", "0", "-1", "many"])
def test_the_request_is_as_django_makes_it(script: str, method: str, content_type: str, length: str) -> None:
    def told(request: Any) -> list[Any]:
        known = ["path", "path_info", "method", "content_type", "content_params", "encoding", "GET", "COOKIES"]
        return [*(getattr(request, name) for name in known), request.build_absolute_uri(), request.read(100)]

    def environ() -> dict[str, Any]:
        return {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": script,
            "PATH_INFO": "/graphql",
            "QUERY_STRING": "query=%7Ba%7D&%FF",
            "CONTENT_TYPE": content_type,
            "CONTENT_LENGTH": length,
            "HTTP_COOKIE": "one=1",
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "8000",
            # As it comes from a connection, on which more may follow.
            "wsgi.input": io.BufferedReader(io.BytesIO(b"body of the next")),
            "wsgi.url_scheme": "http",
        }

    assert told(Request(environ())) == told(WSGIRequest(environ()))


@pytest.mark.parametrize("status", [200, 204, 401, 503, 599])
def test_an_answer_is_as_django_makes_it(status: int) -> None:
    body, content_type = b"{}", "application/json; charset=utf-8"
    ours = Response(body, content_type, status)
    djangos = HttpResponse(body, headers={"Content-Type": content_type, "Content-Length": "2"}, status=status)

    def told(response: HttpResponse) -> dict[str, Any]:
        return vars(response) | {"headers": vars(response.headers)}

    # The mark that keeps Django from logging it once more.
    assert told(ours) == told(djangos) | {"_has_been_logged": True}
    assert ours.serialize() == djangos.serialize()
    assert (ours.reason_phrase, ours.charset) == (djangos.reason_phrase, djangos.charset)


def _but_for_the_moment(answer: tuple[str, dict[str, str], bytes]) -> tuple[str, dict[str, str], bytes]:
    """The two are asked one after the other: points were spent meanwhile, and GraphiQL's examples count from now."""
    status, headers, body = answer
    kept = {name: value for name, value in headers.items() if name != "RateLimit"}
    return status, kept, re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", b"<moment>", body)


def nothing(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """What stands behind; it is told apart by its status."""
    start_response("418 I'm a teapot", [])
    return [environ["PATH_INFO"].encode()]


@pytest.mark.parametrize("path", ["/", "/graphql/", "/graphql/stream", "/Graphql", "/livez", ""])
def test_all_other_paths_are_djangos(path: str) -> None:
    status, _, body = asked(Direct("/graphql", graphql, nothing), "GET", path)
    assert (status, body.decode()) == ("418 I'm a teapot", path)


@pytest.mark.django_db(transaction=True)
def test_what_goes_wrong_is_masked_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    def wrong(request: HttpRequest) -> HttpResponse:
        raise RuntimeError("secret")

    status, headers, body = asked(Direct("/graphql", wrong, nothing), "POST", "/graphql", QUERY)
    assert (status, headers["X-Request-ID"]) == ("500 Internal Server Error", "the-same-one")
    assert orjson.loads(body)["errors"][0]["extensions"] == {"code": "INTERNAL"}
    assert b"secret" not in body
    assert "secret" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_cookies_are_set() -> None:
    def baked(request: HttpRequest) -> HttpResponse:
        response = HttpResponse(status=204)
        response.set_cookie("one", "1", httponly=True)
        return response

    _, headers, _ = asked(Direct("/graphql", baked, nothing), "POST", "/graphql", QUERY)
    assert headers["Set-Cookie"] == "one=1; HttpOnly; Path=/"


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_failed_is_replaced_for_the_next_request() -> None:
    direct = Direct("/graphql", graphql, nothing)
    assert asked(direct, "POST", "/graphql", QUERY)[2] == b'{"data":{"tags" : {"totalCount" : 0}}}'
    before = connection.connection
    before.close()
    unavailable = asked(direct, "POST", "/graphql", QUERY)
    assert (unavailable[0], b"UNAVAILABLE" in unavailable[2]) == ("503 Service Unavailable", True)
    assert asked(direct, "POST", "/graphql", QUERY)[0] == "200 OK"
    assert connection.connection is not before
