"""Whose pages may read answers."""

from typing import Any

import pytest
from pytest_django import Settings

from tests.client import JSON, Client, Result, result_of

pytestmark = pytest.mark.django_db

OURS = "https://app.example"
ASKED = b'{"query": "{ __typename }"}'


def preflight(api: Client, origin: str, **headers: str) -> Result:
    asked = {"origin": origin, "access-control-request-method": "POST", **headers}
    return result_of(api.http.options("/graphql", headers=asked))


def posted(api: Client, origin: str | None, body: bytes = ASKED) -> Result:
    return api.post(body, headers={"origin": origin} if origin else {})


def cors(answer: Result) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name.startswith("Access-Control")}


def test_nobodys_pages_may_where_none_are_listed(api: Client) -> None:
    assert cors(posted(api, OURS)) == {}
    assert (preflight(api, OURS).status, cors(preflight(api, OURS))) == (405, {})
    assert posted(api, OURS).headers["Vary"] == "Accept, Authorization"


@pytest.mark.parametrize("body", [ASKED, b'{"query": "{"}', b"["])
def test_pages_of_listed_origins_may_read_every_answer(api: Client, settings: Settings, body: bytes) -> None:
    settings.CORS_ORIGINS = (OURS,)
    answer = posted(api, OURS, body)
    assert cors(answer) == {
        "Access-Control-Allow-Origin": OURS,
        "Access-Control-Expose-Headers": "ETag, GraphQL-Cost, RateLimit, RateLimit-Policy, Retry-After, X-Request-ID",
    }
    assert answer.headers["Vary"] == "Accept, Authorization, Origin"


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://app.example", "https://app.example.evil.example", "null", "", None]
)
def test_other_pages_may_not(api: Client, settings: Settings, origin: str | None) -> None:
    settings.CORS_ORIGINS = (OURS,)
    settings.CORS_CREDENTIALS = True
    answer = posted(api, origin)
    assert (answer.status, cors(answer)) == (200, {})
    # That it depends on the origin is said to all, or a proxy would hand one's answer to another.
    assert answer.headers["Vary"] == "Accept, Authorization, Origin"
    if origin:
        assert (preflight(api, origin).status, cors(preflight(api, origin))) == (405, {})


def test_browsers_ask_first(api: Client, settings: Settings) -> None:
    settings.CORS_ORIGINS = (OURS,)
    answer = preflight(api, OURS, **{"access-control-request-headers": "authorization"})
    assert (answer.status, answer.content, answer.headers["Vary"]) == (204, b"", "Origin")
    told: dict[str, Any] = cors(answer)
    assert told["Access-Control-Allow-Origin"] == OURS
    assert told["Access-Control-Allow-Methods"] == "GET, POST"
    assert told["Access-Control-Allow-Headers"] == "Authorization, Content-Type, If-None-Match, X-Request-ID"
    # Asking without saying for what is no preflight.
    assert result_of(api.http.options("/graphql", headers={"origin": OURS})).status == 405


def test_cookies_come_from_pages_of_listed_origins_alone(api: Client, settings: Settings) -> None:
    settings.CORS_ORIGINS = (OURS,)
    settings.CORS_CREDENTIALS = True
    assert cors(posted(api, OURS))["Access-Control-Allow-Credentials"] == "true"
    assert cors(preflight(api, OURS))["Access-Control-Allow-Credentials"] == "true"
    assert cors(posted(api, "https://evil.example")) == {}


def test_any_page_may_read_where_all_may_but_without_cookies(api: Client, settings: Settings) -> None:
    settings.CORS_ORIGINS = ("*",)
    settings.CORS_CREDENTIALS = True  # the settings refuse this; so does the code
    answer = posted(api, "https://anything.example")
    assert cors(answer)["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert answer.headers["Vary"] == "Accept, Authorization"


def test_graphiql_is_not_for_other_pages(api: Client, settings: Settings) -> None:
    settings.CORS_ORIGINS = (OURS,)
    page = result_of(api.http.get("/graphql", headers={"accept": "text/html", "origin": "https://evil.example"}))
    assert cors(page) == {}
    assert JSON not in page.headers["Content-Type"]
