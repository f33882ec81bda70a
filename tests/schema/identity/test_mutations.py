"""Signing in and out, and registering, through GraphQL."""

import hashlib
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import orjson
import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries, Settings

from knowledge.models import OutboxEvent, RefreshToken, Role, Session, User
from knowledge.services import sessions
from schema.documents import read_document
from schema.execution import Caller, run
from schema.identity.authentication import authenticate_request
from tests.cast import PASSWORD, Cast, make_cast
from tests.schema.identity.forge import forged, token_of

SIGN_IN = """mutation($username: String! = "author", $password: String!) {
  tokenAuth(username: $username, password: $password) {
    token payload refreshToken refreshExpiresIn user { id username role isActive }
  }
}"""
VERIFY = "mutation($token: String) { verifyToken(token: $token) { payload } }"
REFRESH = "mutation($it: String) { refreshToken(refreshToken: $it) { token payload refreshToken refreshExpiresIn } }"
REVOKE = "mutation($it: String) { revokeToken(refreshToken: $it) { revoked } }"
REGISTER = """mutation($input: AccountRegisterInput!) {
  accountRegister(input: $input) {
    user { username displayName role } errors { path code message } clientMutationId
  }
}"""
NEWCOMER = {"username": "newcomer", "email": "new@example.org", "password": "a wonderful winter day"}


@pytest.fixture(autouse=True)
def no_failures_yet(settings: Settings) -> None:
    """Failed sign-ins are counted in the cache: each test has its own."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": uuid4().hex}}


@pytest.fixture
def people(db: None) -> Cast:
    """The cast, with their password."""
    return make_cast(PASSWORD)


def answer(
    text: str, *, header: str | None = None, now: datetime | None = None, address: str = "192.0.2.1", **variables: Any
) -> dict[str, Any]:
    """What the document answers with."""
    caller = Caller(
        identify=partial(authenticate_request, header),
        now=now or datetime.now(UTC),
        user_agent="Firefox",
        address=address,
    )
    body: dict[str, Any] = orjson.loads(run(read_document(text), None, variables, caller).text())
    return body


def refusal(body: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The data, and the codes of the errors."""
    return body["data"], [error["extensions"]["code"] for error in body["errors"]]


def signed_in(name: str = "author") -> dict[str, Any]:
    given: dict[str, Any] = answer(SIGN_IN, username=name, password=PASSWORD)["data"]["tokenAuth"]
    return given


# ── tokenAuth ───────────────────────────────────────────────────────────────────────────────────────────────────────


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


# ── verifyToken ─────────────────────────────────────────────────────────────────────────────────────────────────────


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


# ── refreshToken ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_refreshes(people: Cast) -> None:
    first = signed_in()
    now = (datetime.now(UTC) + timedelta(seconds=2)).replace(microsecond=0)

    second = answer(REFRESH, now=now, it=first["refreshToken"])["data"]["refreshToken"]

    assert second["refreshToken"] != first["refreshToken"]
    assert second["payload"]["jti"] != first["payload"]["jti"]
    same = ("sub", "sid", "iss", "aud", "typ", "tv", "origIat")
    assert [second["payload"][claim] for claim in same] == [first["payload"][claim] for claim in same]
    assert second["payload"]["exp"] == int((now + timedelta(minutes=5)).timestamp())
    assert second["refreshExpiresIn"] == int((now + timedelta(days=30)).timestamp())
    assert authenticate_request(f"JWT {second['token']}").id == people.author.pk
    assert Session.objects.count() == 1


def test_a_refresh_token_used_twice_ends_the_session(people: Cast) -> None:
    first, others = signed_in(), signed_in("peer")
    second = answer(REFRESH, it=first["refreshToken"])["data"]["refreshToken"]

    assert refusal(answer(REFRESH, it=first["refreshToken"])) == ({"refreshToken": None}, ["TOKEN_INVALID"])

    for token in (first["token"], second["token"]):
        assert refusal(answer(VERIFY, token=token)) == ({"verifyToken": None}, ["TOKEN_INVALID"])
    assert refusal(answer(REFRESH, it=second["refreshToken"])) == ({"refreshToken": None}, ["TOKEN_INVALID"])
    assert Session.objects.get(user=people.author).end_reason == "TOKEN_REUSED"
    assert "errors" not in answer(REFRESH, it=others["refreshToken"])


def test_twice_in_one_document_is_twice(people: Cast) -> None:
    first = signed_in()
    body = answer(
        """mutation($it: String!) {
          a: refreshToken(refreshToken: $it) { refreshToken } b: refreshToken(refreshToken: $it) { refreshToken } }""",
        it=first["refreshToken"],
    )
    assert body["data"]["a"]["refreshToken"]
    assert body["data"]["b"] is None
    assert [(error["path"], error["extensions"]["code"]) for error in body["errors"]] == [(["b"], "TOKEN_INVALID")]
    assert Session.objects.get().end_reason == "TOKEN_REUSED"


def test_refreshing_under_many_names_makes_one_token(people: Cast) -> None:
    first = signed_in()
    body = answer(
        """mutation($it: String!) { refreshToken(refreshToken: $it) {
          a: refreshToken b: refreshToken x: token y: token } }""",
        it=first["refreshToken"],
    )
    given = body["data"]["refreshToken"]
    assert (given["a"], given["x"]) == (given["b"], given["y"])
    assert RefreshToken.objects.count() == 2
    assert "errors" not in answer(REFRESH, it=given["a"])


@pytest.mark.parametrize("token", ["", "x", "\x00", "y" * 100_000])
def test_an_unknown_refresh_token_is_refused(people: Cast, token: str) -> None:
    signed_in()
    assert refusal(answer(REFRESH, it=token)) == ({"refreshToken": None}, ["TOKEN_INVALID"])
    assert Session.objects.get().ended_at is None


def test_an_access_token_refreshes_nothing(people: Cast) -> None:
    assert refusal(answer(REFRESH, it=signed_in()["token"])) == ({"refreshToken": None}, ["TOKEN_INVALID"])


def test_a_refresh_token_expires(people: Cast) -> None:
    given = signed_in()
    later = datetime.now(UTC) + timedelta(days=30)
    assert refusal(answer(REFRESH, now=later, it=given["refreshToken"])) == ({"refreshToken": None}, ["TOKEN_EXPIRED"])


@pytest.mark.parametrize("change", [{"is_active": False}, {"token_version": 9}])
def test_who_was_deactivated_or_has_a_new_password_refreshes_nothing(people: Cast, change: dict[str, Any]) -> None:
    given = signed_in()
    User.objects.filter(pk=people.author.pk).update(**change)
    assert refusal(answer(REFRESH, it=given["refreshToken"])) == ({"refreshToken": None}, ["TOKEN_INVALID"])


# ── revokeToken ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_signs_out(people: Cast) -> None:
    given, others = signed_in(), signed_in("peer")
    now = datetime.now(UTC)

    assert answer(REVOKE, now=now, it=given["refreshToken"]) == {
        "data": {"revokeToken": {"revoked": int(now.timestamp())}}
    }

    assert refusal(answer(VERIFY, token=given["token"])) == ({"verifyToken": None}, ["TOKEN_INVALID"])
    assert refusal(answer(REFRESH, it=given["refreshToken"])) == ({"refreshToken": None}, ["TOKEN_INVALID"])
    assert Session.objects.get(user=people.author).end_reason == "SIGNED_OUT"
    assert "errors" not in answer(VERIFY, token=others["token"])


def test_signing_out_again_says_when_it_was(people: Cast) -> None:
    given = signed_in()
    then = datetime.now(UTC)
    answer(REVOKE, now=then, it=given["refreshToken"])
    later = then + timedelta(hours=1)
    assert answer(REVOKE, now=later, it=given["refreshToken"]) == {
        "data": {"revokeToken": {"revoked": int(then.timestamp())}}
    }


def test_revokes_no_unknown_token(people: Cast) -> None:
    given = signed_in()
    for token in ("x", given["token"]):
        assert refusal(answer(REVOKE, it=token)) == ({"revokeToken": None}, ["TOKEN_INVALID"])
    assert Session.objects.get().ended_at is None


# ── the Authorization header ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("header", ["JWT x", "Basic YTpi", "expired"])
def test_documents_about_identity_alone_ignore_the_header(people: Cast, header: str) -> None:
    given = signed_in()
    sent = f"JWT {forged(people.author, exp=1)}" if header == "expired" else header
    bodies = [
        answer(SIGN_IN, header=sent, password=PASSWORD),
        answer(VERIFY, header=sent, token=given["token"]),
        answer(REFRESH, header=sent, it=given["refreshToken"]),
        answer(REVOKE, header=sent, it=given["refreshToken"]),
        answer(REGISTER, header=sent, input=NEWCOMER),
    ]
    assert [body.get("errors") for body in bodies] == [None] * 5


@pytest.mark.parametrize(
    ("header", "code"), [("JWT x", "TOKEN_INVALID"), ("Basic YTpi", "TOKEN_INVALID"), ("expired", "TOKEN_EXPIRED")]
)
@pytest.mark.parametrize(
    "text",
    [
        "{ tags { nodes { name } } }",
        "{ viewer { id } }",
        'mutation { entryCreate(input: {title: "T", summary: "S", body: "B", kind: CONCEPT}) { errors { code } } }',
        'mutation { verifyToken(token: "x") { payload } entrySubmit(input: {id: "RW50cnk6MQ=="}) { errors { code } } }',
    ],
)
def test_every_other_document_is_refused_for_a_bad_one(people: Cast, header: str, code: str, text: str) -> None:
    sent = f"JWT {forged(people.author, exp=1)}" if header == "expired" else header
    body = answer(text, header=sent)
    assert "data" not in body
    assert [error["extensions"]["code"] for error in body["errors"]] == [code]


def test_a_query_takes_one_statement_for_identity_and_one_to_read(
    people: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    header = f"JWT {token_of(people.author)}"
    with django_assert_num_queries(2):
        body = answer("{ a: viewer { user { username } } b: viewer { role } tags { nodes { name } } }", header=header)
    assert body["data"]["a"] == {"user": {"username": "author"}}
    assert body["data"]["b"] == {"role": "CONTRIBUTOR"}


# ── accountRegister ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
def test_registers_who_can_sign_in_at_once() -> None:
    body = answer(REGISTER, input={**NEWCOMER, "displayName": "New", "clientMutationId": "one"})
    assert body == {
        "data": {
            "accountRegister": {
                "user": {"username": "newcomer", "displayName": "New", "role": "CONTRIBUTOR"},
                "errors": [],
                "clientMutationId": "one",
            }
        }
    }
    assert [event.type for event in OutboxEvent.objects.order_by("pk")] == ["user.registered", "link.asked"]
    given = answer(SIGN_IN, username="newcomer", password=NEWCOMER["password"])["data"]["tokenAuth"]
    assert given["user"]["username"] == "newcomer"


@pytest.mark.django_db
def test_tells_every_mistake_by_its_place_in_the_input() -> None:
    body = answer(
        REGISTER,
        input={"username": "", "email": "no", "password": "12345", "displayName": "\x00", "clientMutationId": "m"},
    )
    payload = body["data"]["accountRegister"]
    assert "errors" not in body
    assert (payload["user"], payload["clientMutationId"]) == (None, "m")
    assert [(error["path"], error["code"]) for error in payload["errors"]] == [
        (["input", "displayName"], "INVALID"),
        (["input", "username"], "REQUIRED"),
        (["input", "email"], "INVALID"),
        (["input", "password"], "WEAK_PASSWORD"),
        (["input", "password"], "WEAK_PASSWORD"),
        (["input", "password"], "WEAK_PASSWORD"),
    ]
    assert not User.objects.exists()


def test_a_taken_name_is_a_duplicate(people: Cast) -> None:
    payload = answer(REGISTER, input={**NEWCOMER, "username": "Author"})["data"]["accountRegister"]
    assert payload["user"] is None
    assert [(error["path"], error["code"]) for error in payload["errors"]] == [(["input", "username"], "DUPLICATE")]


def test_a_known_address_is_answered_like_an_unknown_one(people: Cast) -> None:
    User.objects.filter(pk=people.author.pk).update(email=NEWCOMER["email"], email_confirmed_at=datetime.now(UTC))
    known = answer(REGISTER, input=NEWCOMER)["data"]["accountRegister"]
    unknown = answer(REGISTER, input={**NEWCOMER, "username": "other", "email": "o@example.org"})
    assert known["errors"] == unknown["data"]["accountRegister"]["errors"] == []
    assert known["user"]["username"] == "newcomer"


def test_lifetimes_come_from_the_settings(people: Cast, settings: Settings) -> None:
    settings.REFRESH_TOKEN_LIFETIME = timedelta(days=1)
    now = datetime.now(UTC)
    given = answer(SIGN_IN, now=now, password=PASSWORD)["data"]["tokenAuth"]
    assert given["refreshExpiresIn"] == int((now + timedelta(days=1)).timestamp())
    assert RefreshToken.objects.get().expires_at == now + timedelta(days=1)
