"""What may be kept of an answer, and by whom."""

import pytest
from pytest_django import Settings

from tests.cast import Cast
from tests.client import GRAPHQL, JSON, Client, Result, result_of
from tests.schema.rows import entry

pytestmark = pytest.mark.django_db
ASKED = "{ entries { nodes { title } } }"
MUTATION = 'mutation { verifyToken(token: "a") { payload } }'


def got(api: Client, query: str = ASKED, accept: str = GRAPHQL, **headers: str) -> Result:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return result_of(api.http.get("/graphql", {"query": query}, headers={"accept": accept, **named}))


def test_what_is_still_the_same_is_not_sent_again(api: Client) -> None:
    entry("Make")
    first = got(api)
    assert (first.status, first.headers["Cache-Control"]) == (200, "no-cache")
    assert first.headers["Vary"] == "Accept, Authorization"
    etag = first.headers["ETag"]
    again = got(api, if_none_match=etag)
    assert (again.status, again.content) == (304, b"")
    assert {name: again.headers[name] for name in ("ETag", "Cache-Control", "Vary")} == {
        "ETag": etag,
        "Cache-Control": "no-cache",
        "Vary": "Accept, Authorization",
    }
    assert got(api, if_none_match=f'"other", {etag}').status == 304
    assert got(api, if_none_match="*").status == 304
    entry("Docker")
    changed = got(api, if_none_match=etag)
    assert (changed.status, changed.headers["ETag"] != etag) == (200, True)


def test_an_etag_is_of_bytes_and_their_type(api: Client) -> None:
    entry("Make")
    assert got(api).headers["ETag"] == got(api).headers["ETag"]
    assert got(api, accept=JSON).headers["ETag"] != got(api).headers["ETag"]
    assert got(api, "{ entries { nodes { slug } } }").headers["ETag"] != got(api).headers["ETag"]


def test_anybody_may_keep_what_is_anybodys_for_as_long_as_is_set(cast: Cast, api: Client, settings: Settings) -> None:
    settings.HTTP_CACHE_SECONDS = 60
    anonymous = got(api)
    assert anonymous.headers["Cache-Control"] == "public, max-age=60"
    # Somebody else may get this copy, and has points of their own.
    assert not {"RateLimit", "RateLimit-Policy", "GraphQL-Cost"} & set(anonymous.headers)
    personal = got(api, authorization=api.authorization(cast.peer))
    assert personal.headers["Cache-Control"] == "private, no-cache"
    assert "RateLimit" in personal.headers


@pytest.mark.parametrize(
    "query", ["{ rateLimit { remaining } }", "{ a: rateLimit { cost } tags { totalCount } }", "{", "{ a }", MUTATION]
)
def test_what_is_of_the_moment_or_an_error_is_kept_by_nobody(api: Client, settings: Settings, query: str) -> None:
    settings.HTTP_CACHE_SECONDS = 60
    answer = got(api, query)
    assert (answer.headers["Cache-Control"], "ETag" in answer.headers) == ("no-store", False)


def test_a_part_that_failed_spoils_all(api: Client, settings: Settings) -> None:
    settings.HTTP_CACHE_SECONDS = 60
    answer = got(api, "{ tags { totalCount } users { totalCount } }")
    assert (answer.codes, answer.headers["Cache-Control"]) == (["UNAUTHENTICATED"], "no-store")


@pytest.mark.parametrize("query", [ASKED, MUTATION])
def test_what_is_posted_is_kept_by_nobody(api: Client, settings: Settings, query: str) -> None:
    settings.HTTP_CACHE_SECONDS = 60
    answer = api.run(query)
    assert (answer.headers["Cache-Control"], "ETag" in answer.headers) == ("no-store", False)


def test_every_answer_tells_its_price_and_what_is_left(api: Client, settings: Settings) -> None:
    headers = api.run("{ entries(first: 100) { nodes { title author { username } } } }").headers
    assert headers["GraphQL-Cost"] == "2"
    assert headers["RateLimit-Policy"] == '"points";q=5000;w=60'
    assert headers["RateLimit"].startswith('"points";r=5000;t=')
    settings.RATE_LIMIT_POINTS = 7
    assert api.run(ASKED).headers["RateLimit-Policy"] == '"points";q=7;w=60'
