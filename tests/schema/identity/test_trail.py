"""What staff read of sign-ins in the audit trail, as it comes from the API."""

from typing import Any

import pytest
from django.test import override_settings
from pytest_django import Settings

from tests.caches import AWAY, own_cache
from tests.cast import PASSWORD, Cast, make_cast
from tests.client import Client
from tests.schema.rows import id_of

TRAIL = "{ auditEvents { nodes { action actor { username } subjectId address detail } } }"
SIGN_IN = """mutation($name: String!, $password: String!) {
  tokenAuth(username: $name, password: $password) { refreshExpiresIn } }"""


@pytest.fixture(autouse=True)
def people(settings: Settings, db: None) -> Cast:
    settings.CACHES = own_cache()
    settings.SIGN_IN_LIMIT_ACCOUNT = 2
    return make_cast(PASSWORD)


def test_staff_see_who_signed_in_who_failed_and_who_was_stopped(people: Cast, api: Client) -> None:
    for name, password in (("author", PASSWORD), *[("author", "wrong")] * 2, ("author", PASSWORD), ("hunter2!", "x")):
        api.run(SIGN_IN, {"name": name, "password": password})
    told = api.run(TRAIL, as_=people.staff)
    author = id_of(people.author)
    assert [(e["action"], e["actor"], e["subjectId"], e["address"]) for e in told.data["auditEvents"]["nodes"]] == [
        ("user.sign_in_failed", None, None, "127.0.0.1"),
        ("user.sign_in_blocked", None, author, "127.0.0.1"),
        ("user.sign_in_failed", None, author, "127.0.0.1"),
        ("user.sign_in_failed", None, author, "127.0.0.1"),
        ("user.signed_in", {"username": "author"}, author, "127.0.0.1"),
    ]
    for secret in ("hunter2", PASSWORD, "wrong"):
        assert secret not in told.text


@pytest.mark.parametrize("name", ["author", "peer", "reviewer"])
def test_nobody_else_sees_it(people: Cast, api: Client, name: str) -> None:
    assert api.run(TRAIL, as_=getattr(people, name)).codes == ["FORBIDDEN"]
    assert api.run(TRAIL).codes == ["UNAUTHENTICATED"]


def test_a_forged_address_is_not_believed(people: Cast, api: Client) -> None:
    body = b'{"query": "mutation { tokenAuth(username: \\"author\\", password: \\"x\\") { refreshExpiresIn } }"}'
    claims = [{"x-forwarded-for": f"203.0.113.{number}", "forwarded": "for=203.0.113.9"} for number in range(3)]
    answers = [api.post(body, headers=claim) for claim in claims]
    assert [answer.codes for answer in answers] == [["INVALID_CREDENTIALS"], ["INVALID_CREDENTIALS"], ["RATE_LIMITED"]]
    assert "203.0.113" not in api.run(TRAIL, as_=people.staff).text


@pytest.mark.parametrize("away", AWAY)
def test_nobody_signs_in_uncounted_where_the_cache_is_away(people: Cast, api: Client, away: dict[str, Any]) -> None:
    with override_settings(CACHES={"default": away}):
        for password in (PASSWORD, "wrong"):
            answer = api.run(SIGN_IN, {"name": "author", "password": password})
            assert (answer.status, answer.codes) == (200, ["UNAVAILABLE"])
