"""Tokens in cookies: for pages of ours alone, and only where they are switched on."""

import json
from datetime import UTC, datetime
from http.cookies import Morsel
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client as HttpClient
from pytest_django import Settings

from knowledge.models import Session, User
from knowledge.services import sessions
from tests.caches import own_cache
from tests.cast import PASSWORD, Cast, make_cast
from tests.client import Client, result_of
from tests.schema.identity.forge import forged, token_of

OURS = "https://nexus.example"
SPA = "https://app.nexus.example"
FOREIGN = "https://evil.example"
ACCESS, REFRESH = "__Host-JWT", "__Secure-JWT-refresh-token"
SIGN_IN = f'mutation {{ tokenAuth(username: "author", password: "{PASSWORD}") {{ token refreshToken payload }} }}'
RENEW = "mutation { refreshToken { token refreshToken payload } }"
VERIFY = "mutation { verifyToken { payload } }"
SIGN_OUT = "mutation { revokeToken { revoked } }"
WHO = "{ viewer { user { username } } }"
CREATE = 'mutation { entryCreate(input: {kind: TOOL, title: "Make", body: "Builds."}) { entry { title } } }'
CHANGE = f"""mutation {{ passwordChange(input: {{oldPassword: "{PASSWORD}", newPassword: "a wonderful winter day"}}) {{
  token refreshToken errors {{ code }} }} }}"""
ME = {"viewer": {"user": {"username": "author"}}}


@pytest.fixture(autouse=True)
def switched_on(settings: Settings, db: None) -> Cast:
    settings.CACHES = own_cache()
    settings.TOKEN_COOKIES = True
    settings.PUBLIC_URL = OURS
    settings.CORS_ORIGINS, settings.CORS_CREDENTIALS = (SPA,), True
    return make_cast(PASSWORD)


@pytest.fixture
def browser() -> HttpClient:
    """It keeps cookies; to which addresses it sends them is not its business, so paths are asserted."""
    return HttpClient()


def send(browser: HttpClient, query: str, origin: str | None = OURS, **headers: str) -> Any:
    """The response to a page of that origin."""
    sent = {"accept": "application/graphql-response+json", **({"origin": origin} if origin else {}), **headers}
    return browser.post("/graphql", json.dumps({"query": query}), "application/json", headers=sent)


def ask(browser: HttpClient, query: str, origin: str | None = OURS, **headers: str) -> Any:
    """The data that a page of that origin gets."""
    return result_of(send(browser, query, origin, **headers)).data


def codes(response: HttpResponse) -> tuple[int, list[str]]:
    answer = result_of(response)
    return answer.status, answer.codes


def attributes(cookie: "Morsel[str]") -> dict[str, Any]:
    named = {name: cookie[name] for name in ("path", "httponly", "secure", "samesite", "domain", "max-age")}
    return {name: value for name, value in named.items() if value != ""}


class TestSession:
    def test_signing_in_puts_the_tokens_where_no_script_reads_them(self, browser: HttpClient) -> None:
        response = send(browser, SIGN_IN)
        given = result_of(response).data["tokenAuth"]
        assert (given["token"], given["refreshToken"]) == (None, None)
        kept = {"httponly": True, "secure": True, "samesite": "Strict", "max-age": 30 * 86_400}
        assert {name: attributes(cookie) for name, cookie in response.cookies.items()} == {
            ACCESS: {"path": "/", **kept},
            REFRESH: {"path": "/graphql", **kept},
        }
        for cookie in response.cookies.values():
            assert cookie.value not in response.content.decode()
        assert ask(browser, WHO) == ME

    def test_over_plain_http_they_have_other_names(self, browser: HttpClient, settings: Settings) -> None:
        settings.PUBLIC_URL = "http://127.0.0.1:8000"
        cookies = send(browser, SIGN_IN, "http://127.0.0.1:8000").cookies
        assert {name: cookie["secure"] for name, cookie in cookies.items()} == {"JWT": "", "JWT-refresh-token": ""}
        assert ask(browser, WHO, "http://127.0.0.1:8000") == ME

    def test_a_page_at_a_listed_origin_has_them_too(self, browser: HttpClient) -> None:
        response = send(browser, SIGN_IN, SPA)
        assert response.headers["Access-Control-Allow-Credentials"] == "true"
        assert ask(browser, WHO, SPA) == ME

    def test_refreshing_rotates_them(self, browser: HttpClient) -> None:
        first = {name: cookie.value for name, cookie in send(browser, SIGN_IN).cookies.items()}
        renewed = send(browser, RENEW)
        assert result_of(renewed).data["refreshToken"]["token"] is None
        assert all(cookie.value != first[name] for name, cookie in renewed.cookies.items())
        assert ask(browser, WHO) == ME
        browser.cookies[REFRESH] = first[REFRESH]
        assert codes(send(browser, RENEW)) == (200, ["TOKEN_INVALID"])
        assert Session.objects.get().end_reason == "TOKEN_REUSED"

    def test_an_access_token_that_is_too_old_is_told_as_such_and_refreshed(
        self, browser: HttpClient, switched_on: Cast
    ) -> None:
        send(browser, SIGN_IN)
        browser.cookies[ACCESS] = forged(switched_on.author, exp=1)
        assert codes(send(browser, WHO)) == (401, ["TOKEN_EXPIRED"])
        send(browser, RENEW)
        assert ask(browser, WHO) == ME

    def test_a_new_password_brings_new_ones(self, browser: HttpClient) -> None:
        send(browser, SIGN_IN)
        changed = send(browser, CHANGE)
        assert result_of(changed).data["passwordChange"] == {"token": None, "refreshToken": None, "errors": []}
        assert set(changed.cookies) == {ACCESS, REFRESH}
        assert ask(browser, WHO) == ME

    def test_verifying_looks_at_the_cookie(self, browser: HttpClient) -> None:
        send(browser, SIGN_IN)
        assert ask(browser, VERIFY)["verifyToken"]["payload"]["typ"] == "access"

    @pytest.mark.parametrize("session", ["open", "ended", "unknown"])
    def test_signing_out_takes_them_away_whatever_they_were_good_for(self, browser: HttpClient, session: str) -> None:
        send(browser, SIGN_IN)
        if session == "ended":
            sessions.end_session(browser.cookies[REFRESH].value, now=datetime.now(UTC))
        if session == "unknown":
            browser.cookies[REFRESH] = "x"
        cookies = send(browser, SIGN_OUT).cookies
        assert {name: (cookie.value, cookie["max-age"], cookie["path"]) for name, cookie in cookies.items()} == {
            ACCESS: ("", 0, "/"),
            REFRESH: ("", 0, "/graphql"),
        }

    def test_a_wrong_password_changes_no_cookie(self, browser: HttpClient) -> None:
        response = send(browser, SIGN_IN.replace(PASSWORD, "wrong"))
        assert codes(response) == (200, ["INVALID_CREDENTIALS"])
        assert not response.cookies


class TestForeignPages:
    @pytest.fixture(autouse=True)
    def signed_in(self, browser: HttpClient) -> None:
        send(browser, SIGN_IN)

    @pytest.mark.parametrize(
        "origin",
        [
            None,
            "null",
            FOREIGN,
            "http://nexus.example",
            "https://nexus.example:444",
            "https://nexus.example.evil.example",
            "https://sub.nexus.example",
            f"{OURS}/",
            f"{OURS}, {FOREIGN}",
        ],
    )
    @pytest.mark.parametrize("query", [CREATE, WHO, RENEW, SIGN_OUT, CHANGE])
    def test_get_nothing_done_with_a_browsers_cookies(
        self, browser: HttpClient, origin: str | None, query: str
    ) -> None:
        response = send(browser, query, origin)
        assert (codes(response), "data" in result_of(response).body) == ((403, ["BAD_REQUEST"]), False)
        assert not response.cookies
        assert ask(browser, WHO) == ME

    @pytest.mark.parametrize("only", [ACCESS, REFRESH])
    def test_nor_with_one_of_them(self, browser: HttpClient, only: str) -> None:
        lone = HttpClient()
        lone.cookies[only] = browser.cookies[only].value
        assert codes(send(lone, RENEW, FOREIGN)) == (403, ["BAD_REQUEST"])

    def test_nor_from_listed_origins_without_credentials(self, browser: HttpClient, settings: Settings) -> None:
        settings.CORS_CREDENTIALS = False
        assert codes(send(browser, WHO, SPA)) == (403, ["BAD_REQUEST"])

    @pytest.mark.parametrize(
        "media",
        [
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "text/plain",
            "text/plain;application/json",
        ],
    )
    @pytest.mark.parametrize("origin", [None, FOREIGN, OURS])
    def test_nor_by_what_a_form_can_send(self, browser: HttpClient, media: str, origin: str | None) -> None:
        sent = {"origin": origin} if origin else {}
        response = browser.generic("POST", "/graphql", json.dumps({"query": CREATE}), media, headers=sent)
        assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (415, "BAD_REQUEST")

    def test_nor_by_a_link(self, browser: HttpClient) -> None:
        assert browser.get("/graphql", {"query": CREATE}).status_code == 405
        answer = browser.get("/graphql", {"query": WHO}, headers={"accept": "application/json", "origin": FOREIGN})
        assert answer.json() == {"data": {"viewer": None}}

    def test_a_preflight_of_theirs_is_not_allowed(self, browser: HttpClient) -> None:
        asking = {"origin": FOREIGN, "access-control-request-method": "POST"}
        answer = browser.options("/graphql", headers=asking)
        assert "Access-Control-Allow-Origin" not in answer.headers

    def test_what_they_send_without_cookies_is_answered_as_ever(self) -> None:
        given = ask(HttpClient(), SIGN_IN, FOREIGN)["tokenAuth"]
        assert given["token"]
        assert given["refreshToken"]


class TestScripts:
    def test_get_their_tokens_in_the_answer(self, browser: HttpClient) -> None:
        response = send(browser, SIGN_IN, origin=None)
        given = result_of(response).data["tokenAuth"]
        assert not response.cookies
        assert ask(HttpClient(), WHO, None, authorization=f"JWT {given['token']}") == ME

    def test_a_header_comes_before_cookies(self, browser: HttpClient, switched_on: Cast) -> None:
        send(browser, SIGN_IN)
        peer = {"viewer": {"user": {"username": "peer"}}}
        assert ask(browser, WHO, authorization=f"JWT {token_of(switched_on.peer)}") == peer
        assert codes(send(browser, WHO, authorization="JWT x.y.z")) == (401, ["TOKEN_INVALID"])


class TestSwitchedOff:
    @pytest.fixture(autouse=True)
    def switched_off(self, settings: Settings) -> None:
        settings.TOKEN_COOKIES = False

    @pytest.mark.parametrize("name", ["JWT", ACCESS])
    @pytest.mark.parametrize("origin", [None, OURS, FOREIGN])
    def test_no_cookie_says_who_somebody_is(
        self, browser: HttpClient, switched_on: Cast, name: str, origin: str | None
    ) -> None:
        browser.cookies[name] = token_of(switched_on.author)
        assert ask(browser, WHO, origin) == {"viewer": None}

    def test_no_cookie_refreshes_or_signs_out(self, browser: HttpClient, switched_on: Cast) -> None:
        given = ask(browser, SIGN_IN)["tokenAuth"]
        for name in ("JWT-refresh-token", REFRESH):
            browser.cookies[name] = given["refreshToken"]
        for query in (RENEW, SIGN_OUT):
            assert codes(send(browser, query)) == (200, ["BAD_USER_INPUT"])
        assert Session.objects.get(user=switched_on.author).ended_at is None

    def test_no_cookie_is_set(self, browser: HttpClient) -> None:
        assert not send(browser, SIGN_IN).cookies


def test_a_deactivated_user_is_out_at_the_next_request(browser: HttpClient, api: Client) -> None:
    send(browser, SIGN_IN)
    User.objects.filter(username="author").update(is_active=False)
    assert codes(send(browser, WHO)) == (401, ["TOKEN_INVALID"])
