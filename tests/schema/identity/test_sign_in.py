"""Signing in, and the tokens that come of it."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from pytest_django import Settings

from knowledge.models import RefreshToken, Role, Session, User
from knowledge.services import sessions
from schema.identity.authentication import authenticate_request
from tests.cast import PASSWORD, Cast
from tests.schema.identity.asking import (
    REFRESH,
    REVOKE,
    SIGN_IN,
    VERIFY,
    answer,
    refusal,
    signed_in,
)
from tests.schema.identity.forge import forged

pytestmark = pytest.mark.usefixtures("no_failures_yet")


def test_signs_in(people: Cast) -> None:
    now = datetime.now(UTC).replace(microsecond=0)

    body = answer(SIGN_IN, now=now, password=PASSWORD)

    assert "errors" not in body
    given = body["data"]["tokenAuth"]
    session = Session.objects.get()
    assert (session.user, session.user_agent, session.address) == (people.author, "Firefox", "192.0.2.1")
    assert (given["user"]["username"], given["user"]["role"], given["user"]["isActive"]) == (
        "author",
        "CONTRIBUTOR",
        True,
    )
    assert given["refreshExpiresIn"] == int((now + timedelta(days=30)).timestamp())
    assert given["payload"]["exp"] == int((now + timedelta(minutes=5)).timestamp())
    assert (given["payload"]["sub"], given["payload"]["sid"]) == (str(people.author.pk), str(session.pk))
    viewer = authenticate_request(f"JWT {given['token']}")
    assert (viewer.id, viewer.role, viewer.session_id) == (people.author.pk, Role.CONTRIBUTOR, session.pk)


@pytest.mark.parametrize("name", ["author", "peer", "reviewer", "staff"])
def test_signs_everyone_in_as_themselves(people: Cast, name: str) -> None:
    user: User = getattr(people, name)
    given = signed_in(name)
    assert (given["user"]["username"], given["user"]["role"]) == (name, user.role)
    assert authenticate_request(f"Bearer {given['token']}").role is Role(user.role)


@pytest.mark.parametrize(
    ("username", "password"), [("author", "wrong"), ("author", ""), ("nobody", PASSWORD), ("", ""), ("gone", PASSWORD)]
)
def test_answers_one_error_to_every_failure_and_stores_nothing(people: Cast, username: str, password: str) -> None:
    User.objects.create_user("gone", PASSWORD, is_active=False)
    body = answer(SIGN_IN, username=username, password=password)
    assert body["data"] == {"tokenAuth": None}
    assert [(error["message"], error["path"], error["extensions"]) for error in body["errors"]] == [
        ("The username or the password is wrong.", ["tokenAuth"], {"code": "INVALID_CREDENTIALS"})
    ]
    assert not Session.objects.exists()
    assert not RefreshToken.objects.exists()


def test_slows_down_who_guesses(people: Cast) -> None:
    now = datetime.now(UTC)
    for _ in range(10):
        assert refusal(answer(SIGN_IN, now=now, password="wrong")) == ({"tokenAuth": None}, ["INVALID_CREDENTIALS"])

    body = answer(SIGN_IN, now=now, password=PASSWORD)

    assert body["data"] == {"tokenAuth": None}
    assert [error["extensions"] for error in body["errors"]] == [{"code": "RATE_LIMITED", "retryAfter": 900}]
    assert not Session.objects.exists()
    assert signed_in("peer")["user"]["username"] == "peer"


def test_asking_for_a_token_under_many_names_makes_one(people: Cast) -> None:
    body = answer(
        """mutation($password: String!) { tokenAuth(username: "author", password: $password) {
          a: refreshToken b: refreshToken c: refreshToken x: token y: token p: payload q: payload } }""",
        password=PASSWORD,
    )
    given = body["data"]["tokenAuth"]
    assert given["a"] == given["b"] == given["c"]
    assert (given["x"], given["p"]) == (given["y"], given["q"])
    assert (Session.objects.count(), RefreshToken.objects.count()) == (1, 1)


def test_makes_the_token_even_when_nobody_reads_it(people: Cast) -> None:
    answer('mutation($p: String!) { tokenAuth(username: "author", password: $p) { refreshExpiresIn } }', p=PASSWORD)
    assert (Session.objects.count(), RefreshToken.objects.count()) == (1, 1)


def test_the_database_holds_no_token(people: Cast) -> None:
    given = signed_in()
    assert bytes(RefreshToken.objects.get().token_hash) == hashlib.sha256(given["refreshToken"].encode()).digest()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(query_to_xml('SELECT * FROM ' || tablename, true, false, '')::text, '')"
            " FROM pg_tables WHERE schemaname = 'public'"
        )
        everything = cursor.fetchone()[0]
    assert "author" in everything
    assert given["refreshToken"] not in everything
    assert given["token"] not in everything
    assert PASSWORD not in everything


def test_verifies_a_good_token(people: Cast) -> None:
    given = signed_in()
    assert answer(VERIFY, token=given["token"]) == {"data": {"verifyToken": {"payload": given["payload"]}}}


def test_verifies_no_other(people: Cast) -> None:
    given = signed_in()
    refused = {
        forged(people.author, exp=1): "TOKEN_EXPIRED",
        forged(people.author, without="exp"): "TOKEN_INVALID",
        forged(people.author, aud="another"): "TOKEN_INVALID",
        given["refreshToken"]: "TOKEN_INVALID",
        "": "TOKEN_INVALID",
        "x" * 100_000: "TOKEN_INVALID",
    }
    codes = {token: refusal(answer(VERIFY, token=token)) for token in refused}
    assert codes == {token: ({"verifyToken": None}, [code]) for token, code in refused.items()}


def test_a_token_of_an_ended_session_is_verified_no_more(people: Cast) -> None:
    given = signed_in()
    sessions.end_session(given["refreshToken"], now=datetime.now(UTC))
    assert refusal(answer(VERIFY, token=given["token"])) == ({"verifyToken": None}, ["TOKEN_INVALID"])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "root"), [(VERIFY, "verifyToken"), (REFRESH, "refreshToken"), (REVOKE, "revokeToken")]
)
@pytest.mark.parametrize("variables", [{}, {"token": None, "it": None}])
def test_a_token_must_be_given(text: str, root: str, variables: dict[str, Any]) -> None:
    assert refusal(answer(text, **variables)) == ({root: None}, ["BAD_USER_INPUT"])


def test_lifetimes_come_from_the_settings(people: Cast, settings: Settings) -> None:
    settings.REFRESH_TOKEN_LIFETIME = timedelta(days=1)
    now = datetime.now(UTC)
    given = answer(SIGN_IN, now=now, password=PASSWORD)["data"]["tokenAuth"]
    assert given["refreshExpiresIn"] == int((now + timedelta(days=1)).timestamp())
    assert RefreshToken.objects.get().expires_at == now + timedelta(days=1)
