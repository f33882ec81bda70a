"""Tokens renewed and revoked."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from knowledge.models import RefreshToken, Role, Session, User
from knowledge.services.members import set_role
from schema.identity.authentication import authenticate_request
from tests.cast import Cast
from tests.schema.identity.asking import REFRESH, REVOKE, VERIFY, answer, refusal, signed_in

pytestmark = pytest.mark.usefixtures("no_failures_yet")


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


def test_after_another_role_the_session_goes_on_with_what_is_refreshed(people: Cast) -> None:
    first, others = signed_in(), signed_in("peer")
    set_role(people.viewer("staff"), user_id=people.author.pk, role=Role.REVIEWER, now=datetime.now(UTC))

    assert refusal(answer(VERIFY, token=first["token"])) == ({"verifyToken": None}, ["TOKEN_INVALID"])
    second = answer(REFRESH, it=first["refreshToken"])["data"]["refreshToken"]

    viewer = authenticate_request(f"JWT {second['token']}")
    assert (viewer.id, viewer.role) == (people.author.pk, Role.REVIEWER)
    assert second["payload"]["sid"] == first["payload"]["sid"]
    assert authenticate_request(f"JWT {others['token']}").role is Role.CONTRIBUTOR
    assert not Session.objects.exclude(ended_at=None).exists()


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
