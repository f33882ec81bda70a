"""Registering, and which documents heed the Authorization header."""

from datetime import UTC, datetime

import pytest
from pytest_django import DjangoAssertNumQueries

from knowledge.models import OutboxEvent, User
from tests.cast import PASSWORD, Cast
from tests.schema.identity.asking import NEWCOMER, REFRESH, REGISTER, REVOKE, SIGN_IN, VERIFY, answer, signed_in
from tests.schema.identity.forge import forged, token_of

pytestmark = pytest.mark.usefixtures("no_failures_yet")


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
