"""Personal access tokens: what scripts are let in with, and what for."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from knowledge.errors import TokenExpired, TokenInvalid
from knowledge.models import AuditEvent, Entry, PersonalAccessToken, Role, User
from knowledge.services.script_tokens import viewer_of_script
from tests.cast import PASSWORD, Cast
from tests.client import Client, Result
from tests.schema.rows import id_of, said

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
MAKE = """mutation($input: PersonalAccessTokenCreateInput!) { personalAccessTokenCreate(input: $input) {
  token personalAccessToken { id name scope hint createdAt expiresAt lastUsedAt } errors { path code }
} }"""
REVOKE = """mutation($id: ID!) { personalAccessTokenRevoke(input: {id: $id}) { revokedId errors { path code } } }"""
LIST = "{ viewer { personalAccessTokens { id name scope hint createdAt expiresAt lastUsedAt } } }"
CREATE = 'mutation { entryCreate(input: {kind: TOOL, title: "Make", body: "Builds."}) { entry { title } } }'
WHO = "{ viewer { user { username } } }"


def made(api: Client, user: User, name: str = "CI", scope: str = "WRITE", **given: Any) -> dict[str, Any]:
    payload = api.run(MAKE, {"input": {"name": name, "scope": scope, **given}}, as_=user).data
    created: dict[str, Any] = payload["personalAccessTokenCreate"]
    return created


def token_of(api: Client, user: User, **given: Any) -> str:
    token: str = made(api, user, **given)["token"]
    return token


def by_script(api: Client, token: str, query: str, scheme: str = "JWT", **variables: Any) -> Result:
    body = orjson.dumps({"query": query, "variables": variables})
    return api.post(body, headers={"authorization": f"{scheme} {token}"})


class TestMaking:
    def test_shows_it_whole_once(self, cast: Cast, api: Client) -> None:
        given = made(api, cast.author, name=" My  CI ", scope="READ", expiresAt="2999-01-01T00:00:00Z")
        token = given["token"]
        assert token.startswith("nxp_")
        assert len(token) == 47
        row = PersonalAccessToken.objects.get()
        shown = {
            "id": id_of(row),
            "name": "My CI",
            "scope": "READ",
            "hint": token[-4:],
            "createdAt": said(row.created_at),
            "expiresAt": "2999-01-01T00:00:00.000000Z",
            "lastUsedAt": None,
        }
        assert (given["personalAccessToken"], given["errors"]) == (shown, [])
        assert bytes(row.token_hash) == hashlib.sha256(token.encode()).digest()
        answer = api.run(LIST, as_=cast.author)
        assert answer.data["viewer"]["personalAccessTokens"] == [shown]
        assert token not in answer.text
        assert api.run(LIST, as_=cast.peer).data["viewer"]["personalAccessTokens"] == []
        event = AuditEvent.objects.get()
        assert (event.action, event.actor, event.detail) == (
            "user.token_created",
            cast.author,
            {"name": "My CI", "scope": "READ"},
        )

    @pytest.mark.parametrize(
        ("given", "errors"),
        [
            ({"name": " "}, [("name", "REQUIRED")]),
            ({"name": "a" * 101}, [("name", "TOO_LONG")]),
            ({"name": "CI"}, [("name", "DUPLICATE")]),
            ({"name": "", "expiresAt": "2020-01-01T00:00:00Z"}, [("name", "REQUIRED"), ("expiresAt", "INVALID")]),
        ],
    )
    def test_tells_mistakes(
        self, cast: Cast, api: Client, given: dict[str, str], errors: list[tuple[str, str]]
    ) -> None:
        made(api, cast.author)
        refused = made(api, cast.author, **given)
        assert (refused["token"], refused["personalAccessToken"]) == (None, None)
        assert [(error["path"], error["code"]) for error in refused["errors"]] == [
            (["input", field], code) for field, code in errors
        ]
        assert PersonalAccessToken.objects.count() == AuditEvent.objects.count() == 1

    def test_a_name_is_free_again_once_its_token_is_revoked_and_for_others(self, cast: Cast, api: Client) -> None:
        first = made(api, cast.author)["personalAccessToken"]
        assert made(api, cast.peer)["errors"] == []
        api.run(REVOKE, {"id": first["id"]}, as_=cast.author)
        assert made(api, cast.author)["errors"] == []

    def test_fifty_are_enough(self, cast: Cast, api: Client) -> None:
        PersonalAccessToken.objects.bulk_create(
            PersonalAccessToken(
                user=cast.author, name=str(number), scope="READ", token_hash=bytes([number] * 32), hint="....", **extra
            )
            for number in range(51)
            for extra in ([{"revoked_at": NOW}] if number == 50 else [{}])
        )
        assert made(api, cast.author)["errors"] == [{"path": ["input", "name"], "code": "TOO_MANY"}]
        PersonalAccessToken.objects.filter(name="0").update(revoked_at=NOW)
        assert made(api, cast.author)["errors"] == []


class TestUsing:
    @pytest.mark.parametrize("scheme", ["JWT", "Bearer", "bearer"])
    def test_speaks_for_its_owner_in_one_statement(self, cast: Cast, api: Client, scheme: str) -> None:
        token = token_of(api, cast.author, scope="READ")
        answer = by_script(api, token, WHO, scheme)
        assert answer.data == {"viewer": {"user": {"username": "author"}}}
        assert answer.statements == 2

    def test_with_the_role_of_this_moment(self, cast: Cast, api: Client) -> None:
        token = token_of(api, cast.author)
        assert by_script(api, token, "{ users { totalCount } }").codes == ["FORBIDDEN"]
        User.objects.filter(pk=cast.author.pk).update(role=Role.STAFF)
        assert by_script(api, token, "{ users { totalCount } }").data == {"users": {"totalCount": 4}}

    def test_reading_does_not_write(self, cast: Cast, api: Client) -> None:
        reads, writes = (token_of(api, cast.author, name=scope, scope=scope) for scope in ("READ", "WRITE"))
        refused = by_script(api, reads, CREATE)
        assert (refused.status, refused.codes, refused.errors[0]["path"]) == (200, ["FORBIDDEN"], ["entryCreate"])
        assert not Entry.objects.exists()
        assert by_script(api, writes, CREATE).data == {"entryCreate": {"entry": {"title": "Make"}}}

    def test_what_guards_the_account_is_not_for_scripts(self, cast: Cast, api: Client) -> None:
        given = made(api, cast.author)
        guarded = {
            MAKE: {"input": {"name": "Another", "scope": "WRITE"}},
            REVOKE: {"id": given["personalAccessToken"]["id"]},
            "mutation { sessionRevokeAll(input: {}) { revoked } }": {},
            "mutation($o: String!) { passwordChange(input: {oldPassword: $o, newPassword: $o}) { token } }": {
                "o": PASSWORD
            },
        }
        for mutation, variables in guarded.items():
            assert by_script(api, given["token"], mutation, **variables).codes == ["FORBIDDEN"]
        assert PersonalAccessToken.objects.get().revoked_at is None

    def test_no_session_is_the_current_one(self, cast: Cast, api: Client) -> None:
        token = token_of(api, cast.author)
        answer = by_script(api, token, "{ viewer { sessions { isCurrent } } }")
        assert answer.data == {"viewer": {"sessions": [{"isCurrent": False}]}}

    def test_ends_when_it_is_revoked(self, cast: Cast, api: Client) -> None:
        given = made(api, cast.author)
        the_id = given["personalAccessToken"]["id"]
        for _ in range(2):
            payload = api.run(REVOKE, {"id": the_id}, as_=cast.author).data["personalAccessTokenRevoke"]
            assert payload == {"revokedId": the_id, "errors": []}
        refused = by_script(api, given["token"], WHO)
        assert (refused.status, refused.codes) == (401, ["TOKEN_INVALID"])
        assert api.run(LIST, as_=cast.author).data["viewer"]["personalAccessTokens"] == []
        assert [event.action for event in AuditEvent.objects.order_by("pk")] == [
            "user.token_created",
            "user.token_revoked",
        ]

    @pytest.mark.parametrize("name", ["peer", "staff"])
    def test_others_do_not_revoke_it(self, cast: Cast, api: Client, name: str) -> None:
        given = made(api, cast.author)
        answer = api.run(REVOKE, {"id": given["personalAccessToken"]["id"]}, as_=getattr(cast, name))
        assert answer.data["personalAccessTokenRevoke"] == {
            "revokedId": None,
            "errors": [{"path": ["input", "id"], "code": "NOT_FOUND"}],
        }
        assert by_script(api, given["token"], WHO).status == 200

    def test_rests_while_its_owner_is_deactivated(self, cast: Cast, api: Client) -> None:
        token = token_of(api, cast.author)
        User.objects.filter(pk=cast.author.pk).update(is_active=False)
        assert by_script(api, token, WHO).codes == ["TOKEN_INVALID"]
        User.objects.filter(pk=cast.author.pk).update(is_active=True)
        assert by_script(api, token, WHO).status == 200

    @pytest.mark.parametrize("token", ["nxp_", "nxp_" + "a" * 43, "nxp_ü", "NXP_x"])
    def test_what_is_none_is_refused(self, cast: Cast, api: Client, token: str) -> None:
        assert by_script(api, token, WHO).codes == ["TOKEN_INVALID"]

    def test_ends_in_its_time(self, cast: Cast, api: Client) -> None:
        token = token_of(api, cast.author, expiresAt="2999-01-01T00:00:00Z")
        end = datetime(2999, 1, 1, tzinfo=UTC)
        assert viewer_of_script(token, now=end - MINUTE).id == cast.author.pk
        noted = PersonalAccessToken.objects.get().last_used_at
        with pytest.raises(TokenExpired):
            viewer_of_script(token, now=end)
        assert PersonalAccessToken.objects.get().last_used_at == noted == end - MINUTE
        with pytest.raises(TokenInvalid):
            viewer_of_script(token[:-1], now=NOW)

    def test_its_use_is_noted_once_a_minute(self, cast: Cast, api: Client) -> None:
        token = token_of(api, cast.author)
        other = token_of(api, cast.author, name="Other")
        noted = []
        for after in (timedelta(0), MINUTE - timedelta(microseconds=1), MINUTE):
            viewer_of_script(token, now=NOW + after)
            noted.append(PersonalAccessToken.objects.get(name="CI").last_used_at)
        assert noted == [NOW, NOW, NOW + MINUTE]
        assert PersonalAccessToken.objects.get(name="Other").last_used_at is None
        assert other != token
