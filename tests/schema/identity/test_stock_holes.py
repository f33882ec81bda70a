"""Every known hole of django-graphql-jwt: it is there in the library as it comes (stock.py), and is not there in ours.

So a hole that a later version closes fails its test here, and so does one that opens in ours.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connection
from pytest_django import Settings

from knowledge.models import RefreshToken, User
from tests.caches import own_cache
from tests.cast import PASSWORD, Cast, make_cast
from tests.client import Client, Result
from tests.schema.identity.forge import forged

STOCK = Path(__file__).with_name("stock.py")
WHO = "{ viewer { user { username } } }"
PUBLIC = "{ tags { totalCount } }"
SIGN_IN = """mutation($name: String! = "author", $password: String!) {
  tokenAuth(username: $name, password: $password) { token refreshToken } }"""
REFRESH = "mutation($it: String!) { refreshToken(refreshToken: $it) { token refreshToken } }"


@pytest.fixture(scope="module")
def stock() -> dict[str, Any]:
    """What each attack came to in the library as it comes."""
    tried = subprocess.run([sys.executable, "-W", "ignore", str(STOCK)], capture_output=True, check=True, text=True)
    outcomes: dict[str, Any] = json.loads(tried.stdout)
    return outcomes


@pytest.fixture
def people(db: None, settings: Settings) -> Cast:
    settings.CACHES = own_cache()
    return make_cast(PASSWORD)


def asked(api: Client, query: str, *, token: str | None = None, **headers: str) -> Result:
    signed = {"authorization": f"JWT {token}"} if token else {}
    return api.post(json.dumps({"query": query}).encode(), headers={**signed, **headers})


def signed_in(api: Client, name: str = "author") -> dict[str, str]:
    given: dict[str, str] = api.run(SIGN_IN, {"name": name, "password": PASSWORD}).data["tokenAuth"]
    return given


def refreshed(api: Client, token: str) -> Result:
    return api.run(REFRESH, {"it": token})


def test_an_expired_token_lets_in(people: Cast, api: Client, stock: dict[str, Any]) -> None:
    assert stock["expired_token"] == "ada"
    answer = asked(api, WHO, token=forged(people.author, exp=1))
    assert (answer.status, answer.codes, "data" in answer.body) == (401, ["TOKEN_EXPIRED"], False)


def test_a_token_that_never_expires_lets_in(people: Cast, api: Client, stock: dict[str, Any]) -> None:
    assert stock["token_without_expiry"] == "ada"
    answer = asked(api, WHO, token=forged(people.author, without="exp"))
    assert (answer.status, answer.codes) == (401, ["TOKEN_INVALID"])


def test_a_token_for_another_service_lets_in(people: Cast, api: Client, stock: dict[str, Any]) -> None:
    assert stock["foreign_audience"] == "ada"
    answer = asked(api, WHO, token=forged(people.author, aud="another service"))
    assert (answer.status, answer.codes) == (401, ["TOKEN_INVALID"])


def test_who_takes_over_a_name_takes_over_its_tokens(people: Cast, api: Client, stock: dict[str, Any]) -> None:
    assert stock["taken_over_name"] is True
    token = signed_in(api)["token"]
    User.objects.filter(username="author").update(username="renamed")
    User.objects.create(username="author", password=make_password(None))
    assert asked(api, WHO, token=token).data["viewer"]["user"]["username"] == "renamed"


def test_a_new_password_ends_nothing(people: Cast, api: Client, stock: dict[str, Any]) -> None:
    assert stock["changed_password"] == ["ada", True]
    given = signed_in(api)
    user = User.objects.get(username="author")
    user.set_password("another horse, another battery")
    user.save()
    assert asked(api, WHO, token=given["token"]).codes == ["TOKEN_INVALID"]
    assert refreshed(api, given["refreshToken"]).codes == ["TOKEN_INVALID"]


def test_who_was_deactivated_still_refreshes(people: Cast, api: Client, stock: dict[str, Any]) -> None:
    assert stock["deactivated_user_refreshes"] is True
    given = signed_in(api)
    User.objects.filter(username="author").update(is_active=False)
    assert refreshed(api, given["refreshToken"]).codes == ["TOKEN_INVALID"]
    assert asked(api, WHO, token=given["token"]).codes == ["TOKEN_INVALID"]


def test_the_database_holds_refresh_tokens_that_can_be_read(people: Cast, api: Client, stock: dict[str, Any]) -> None:
    assert stock["readable_refresh_token"] == "ada"
    token = signed_in(api)["refreshToken"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(t::text, ' ') FROM knowledge_refreshtoken t")
        (stored,) = cursor.fetchone()
    assert stored
    assert token not in stored
    assert token.encode().hex() not in stored


def test_a_refresh_token_is_good_again_and_again(people: Cast, api: Client, stock: dict[str, Any]) -> None:
    assert stock["refresh_token_used_twice"] == [True, True, "ada"]
    first = signed_in(api)
    second = refreshed(api, first["refreshToken"]).data["refreshToken"]
    assert refreshed(api, first["refreshToken"]).codes == ["TOKEN_INVALID"]
    # Somebody else has it, so nobody goes on.
    assert refreshed(api, second["refreshToken"]).codes == ["TOKEN_INVALID"]
    assert asked(api, WHO, token=second["token"]).codes == ["TOKEN_INVALID"]


def test_one_sign_in_mints_a_token_under_each_alias(people: Cast, api: Client, stock: dict[str, Any]) -> None:
    assert stock["aliases_mint_tokens"] == 3
    many = """mutation($password: String!) { tokenAuth(username: "author", password: $password) {
      a: refreshToken b: refreshToken c: refreshToken } }"""
    given = api.run(many, {"password": PASSWORD}).data["tokenAuth"]
    assert len(set(given.values())) == RefreshToken.objects.count() == 1


@pytest.mark.parametrize("rows", [1, 3])
def test_a_token_of_nobody_costs_a_statement_a_field(
    people: Cast, api: Client, stock: dict[str, Any], rows: int
) -> None:
    assert stock["statement_per_field"] == 21
    token = signed_in(api)["token"]
    User.objects.filter(username="author").update(is_active=False)
    fields = " ".join(f"f{number}: tags(first: {rows}) {{ nodes {{ name slug }} }}" for number in range(10))
    answer = asked(api, f"{{ {fields} }}", token=token)
    assert (answer.codes, answer.statements) == (["TOKEN_INVALID"], 1)


def test_a_bad_token_fails_without_a_code(people: Cast, api: Client, stock: dict[str, Any]) -> None:
    assert stock["bad_token_has_no_code"] == [None]
    for query in (PUBLIC, WHO):
        answer = asked(api, query, token="x.y.z")
        assert (answer.status, answer.codes, answer.statements) == (401, ["TOKEN_INVALID"], 0)
    # What is about who somebody is ignores it, or nobody could come back.
    given = json.dumps({"query": SIGN_IN, "variables": {"password": PASSWORD}}).encode()
    assert api.post(given, headers={"authorization": "JWT x.y.z"}).status == 200


def test_one_document_holds_twenty_guesses(
    people: Cast, api: Client, stock: dict[str, Any], settings: Settings
) -> None:
    assert stock["guesses_in_one_document"] is True
    guesses = " ".join(
        f'g{number}: tokenAuth(username: "author", password: "guess {number}") {{ token }}' for number in range(2)
    )
    refused = asked(api, f"mutation {{ {guesses} }}")
    assert (refused.status, refused.codes, "data" in refused.body) == (400, ["COST_EXCEEDED"], False)
    # Nor do documents one after the other.
    wrong = [api.run(SIGN_IN, {"password": "wrong"}) for _ in range(settings.SIGN_IN_LIMIT_ACCOUNT)]
    assert {tuple(answer.codes) for answer in wrong} == {("INVALID_CREDENTIALS",)}
    stopped = api.run(SIGN_IN, {"password": PASSWORD})
    assert (stopped.status, stopped.codes, stopped.body["data"]) == (429, ["RATE_LIMITED"], {"tokenAuth": None})
    assert 0 < int(stopped.headers["Retry-After"]) <= 900


@pytest.mark.parametrize("name", ["JWT", "__Host-JWT"])
def test_a_cookie_lets_in_though_nobody_switched_cookies_on(
    people: Cast, api: Client, stock: dict[str, Any], name: str
) -> None:
    assert stock["cookie_without_cookie_mode"] == "ada"
    api.http.cookies[name] = signed_in(api)["token"]
    assert asked(api, WHO).data == {"viewer": None}
    assert asked(api, WHO, origin="http://127.0.0.1:8000").data == {"viewer": None}


def test_settings_freeze_so_a_stolen_key_stays_good(
    people: Cast, api: Client, stock: dict[str, Any], settings: Settings
) -> None:
    assert stock["settings_freeze"] == "ada"
    token = signed_in(api)["token"]
    settings.SECRET_KEY = "another key, because the first one was stolen"
    assert asked(api, WHO, token=token).codes == ["TOKEN_INVALID"]
    assert asked(api, WHO, token=signed_in(api)["token"]).status == 200
