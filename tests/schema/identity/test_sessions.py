"""Where people are signed in, and how they end it."""

from datetime import UTC, datetime, timedelta

import pytest

from knowledge.models import RefreshToken, Session, User
from knowledge.services.sessions import EndReason, end_all, open_session, rotate
from tests.cast import Cast
from tests.client import Client
from tests.schema.rows import id_of, said

ASKED = "{ viewer { sessions { id createdAt lastUsedAt userAgent isCurrent } } }"
REVOKE = "mutation($id: ID!) { sessionRevoke(input: {id: $id}) { revoked errors { path code } } }"
REVOKE_ALL = "mutation { sessionRevokeAll(input: {}) { revoked errors { path code } } }"


def opened(user: User, hours: int = 1) -> tuple[Session, str]:
    return open_session(user, user_agent="Phone", address=None, now=datetime.now(UTC) - timedelta(hours=hours))


def current(user: User) -> Session:
    return Session.objects.get(user=user, user_agent="tests")


class TestList:
    def test_has_every_open_one_the_latest_used_first(self, cast: Cast, api: Client) -> None:
        api.authorization(cast.author)
        older, newer = opened(cast.author, 5)[0], opened(cast.author, 2)[0]
        opened(cast.peer)
        answer = api.run(ASKED, as_=cast.author)
        assert answer.statements == 2
        first, *others = answer.data["viewer"]["sessions"]
        assert (first["id"], first["isCurrent"], first["userAgent"]) == (id_of(current(cast.author)), True, "tests")
        assert others == [
            {
                "id": id_of(session),
                "createdAt": said(session.created_at),
                "lastUsedAt": said(session.last_used_at),
                "userAgent": "Phone",
                "isCurrent": False,
            }
            for session in (newer, older)
        ]

    def test_leaves_out_what_can_do_nothing_any_more(self, cast: Cast, api: Client) -> None:
        api.authorization(cast.author)
        ended, stale, before = (opened(cast.author)[0] for _ in range(3))
        Session.objects.filter(pk=ended.pk).update(ended_at=datetime.now(UTC), end_reason="REVOKED")
        RefreshToken.objects.filter(session=stale).update(created_at=ended.created_at - timedelta(days=60))
        RefreshToken.objects.filter(session=stale).update(expires_at=datetime.now(UTC) - timedelta(seconds=1))
        Session.objects.filter(pk=before.pk).update(token_version=99)
        (only,) = api.run(ASKED, as_=cast.author).data["viewer"]["sessions"]
        assert only["id"] == id_of(current(cast.author))

    def test_an_exchange_counts_as_use(self, cast: Cast, api: Client) -> None:
        session, token = opened(cast.author, 2)
        api.authorization(cast.author)
        now = datetime.now(UTC) + timedelta(seconds=5)
        rotate(token, now=now)
        first = api.run(ASKED, as_=cast.author).data["viewer"]["sessions"][0]
        assert (first["id"], first["lastUsedAt"]) == (id_of(session), said(now))


class TestRevoke:
    def test_one_ends_it_for_the_next_request(self, cast: Cast, api: Client) -> None:
        session, token = opened(cast.author)
        given = {"id": id_of(session)}
        assert api.run(REVOKE, given, as_=cast.author).data["sessionRevoke"] == {"revoked": 1, "errors": []}
        session.refresh_from_db()
        assert session.end_reason == "REVOKED"
        refresh = "mutation($it: String!) { refreshToken(refreshToken: $it) { token } }"
        assert api.run(refresh, {"it": token}).codes == ["TOKEN_INVALID"]
        assert api.run(REVOKE, given, as_=cast.author).data["sessionRevoke"] == {"revoked": 0, "errors": []}

    def test_the_one_that_asks(self, cast: Cast, api: Client) -> None:
        api.authorization(cast.author)
        assert (
            api.run(REVOKE, {"id": id_of(current(cast.author))}, as_=cast.author).data["sessionRevoke"]["revoked"] == 1
        )
        assert api.run(ASKED, as_=cast.author).codes == ["TOKEN_INVALID"]

    @pytest.mark.parametrize("name", ["peer", "reviewer", "staff"])
    def test_not_another_persons(self, cast: Cast, api: Client, name: str) -> None:
        session, _ = opened(cast.author)
        payload = api.run(REVOKE, {"id": id_of(session)}, as_=getattr(cast, name)).data["sessionRevoke"]
        assert payload == {"revoked": None, "errors": [{"path": ["input", "id"], "code": "NOT_FOUND"}]}
        session.refresh_from_db()
        assert session.ended_at is None

    def test_all_but_this_one(self, cast: Cast, api: Client) -> None:
        api.authorization(cast.author)
        mine, others = [opened(cast.author)[0] for _ in range(3)], opened(cast.peer)[0]
        Session.objects.filter(pk=mine[0].pk).update(ended_at=datetime.now(UTC), end_reason="SIGNED_OUT")
        assert api.run(REVOKE_ALL, as_=cast.author).data["sessionRevokeAll"] == {"revoked": 2, "errors": []}
        assert set(Session.objects.filter(ended_at=None)) == {current(cast.author), others}
        assert api.run(ASKED, as_=cast.author).status == 200
        assert Session.objects.get(pk=mine[0].pk).end_reason == "SIGNED_OUT"

    @pytest.mark.parametrize("mutation", [REVOKE_ALL, REVOKE])
    def test_only_who_is_signed_in(self, cast: Cast, api: Client, mutation: str) -> None:
        session, _ = opened(cast.author)
        given = {"id": id_of(session)} if mutation == REVOKE else {}
        assert api.run(mutation, given).codes == ["UNAUTHENTICATED"]
        assert Session.objects.filter(ended_at=None).count() == 1


def test_each_session_ends_once(cast: Cast) -> None:
    session, _ = opened(cast.author)
    now = datetime.now(UTC)
    assert end_all(cast.author, EndReason.DEACTIVATED, now=now) == 1
    assert end_all(cast.author, EndReason.REVOKED, now=now + timedelta(seconds=1)) == 0
    session.refresh_from_db()
    assert (session.ended_at, session.end_reason) == (now, "DEACTIVATED")
