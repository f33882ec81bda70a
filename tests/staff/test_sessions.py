"""A session of the admin ends at the next request once its owner is not who they were."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from knowledge.models import Role, Session, User
from knowledge.policy import Viewer
from knowledge.services import members, passwords, sessions
from tests.cast import PASSWORD, Cast, viewer_of
from tests.client import Client as Api
from tests.staff.visitor import Visitor, forged

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
NEW = "another correct horse battery staple"
WELCOME, LEAVE = 200, 302


def _change_password(user: User, by: User) -> None:
    session, _ = sessions.open_session(user, user_agent="", address=None, now=NOW)
    viewer = replace(viewer_of(user), session_id=session.pk)
    passwords.change_password(viewer, old_password=PASSWORD, new_password=NEW, now=NOW)


def _set_another_hash(user: User, by: User) -> None:
    user.refresh_from_db()
    user.set_password(NEW)
    user.save(update_fields=["password"])


ENDS: dict[str, Callable[[User, User], object]] = {
    "deactivated": lambda user, by: members.deactivate(viewer_of(by), user_id=user.pk, now=NOW),
    "not staff any more": lambda user, by: members.set_role(
        viewer_of(by), user_id=user.pk, role=Role.REVIEWER, now=NOW
    ),
    "password changed": _change_password,
    "hash changed by hand": _set_another_hash,
    "version raised by hand": lambda user, by: User.objects.filter(pk=user.pk).update(token_version=99),
    "session revoked": lambda user, by: sessions.revoke_other_sessions(
        Viewer(id=user.pk, role=Role.STAFF, session_id=0), now=NOW
    ),
    "all sessions ended": lambda user, by: sessions.end_all(user, sessions.EndReason.REVOKED, now=NOW),
    "deleted": lambda user, by: Session.objects.filter(user=user).delete(),
}


@pytest.mark.parametrize("end", ENDS)
def test_it_ends_at_the_next_request(staff: Visitor, cast: Cast, second: User, end: str) -> None:
    other = Visitor().signed_in("second")
    assert staff.get("/admin/knowledge/tag/").status_code == WELCOME
    ENDS[end](cast.staff, second)
    assert staff.get("/admin/knowledge/tag/").status_code == LEAVE
    assert not staff.cookie
    assert other.get("/admin/knowledge/tag/").status_code == WELCOME


def test_a_role_given_back_needs_a_new_sign_in(staff: Visitor, cast: Cast, second: User) -> None:
    members.set_role(viewer_of(second), user_id=cast.staff.pk, role=Role.REVIEWER, now=NOW)
    kept = staff.cookie
    assert staff.get("/admin/").status_code == LEAVE
    members.set_role(viewer_of(second), user_id=cast.staff.pk, role=Role.STAFF, now=NOW)
    assert kept is not None
    staff.http.cookies["nexus-admin"] = kept
    assert staff.get("/admin/").status_code == LEAVE


def test_owners_see_it_among_their_sessions_and_end_it(staff: Visitor, cast: Cast, api: Api) -> None:
    query = "{ viewer { sessions { id isCurrent } } }"
    nodes = api.run(query, as_=cast.staff).data["viewer"]["sessions"]
    (admins,) = [node["id"] for node in nodes if not node["isCurrent"]]
    ended = api.run(
        "mutation($id: ID!) { sessionRevoke(input: {id: $id}) { errors { code } } }", {"id": admins}, as_=cast.staff
    )
    assert ended.data["sessionRevoke"]["errors"] == []
    assert staff.get("/admin/").status_code == LEAVE


@pytest.mark.parametrize("name", ["author", "peer", "reviewer"])
def test_a_signed_cookie_lets_nobody_in_who_is_not_staff(cast: Cast, name: str) -> None:
    user = getattr(cast, name)
    now = datetime.now(UTC)
    session, _ = sessions.open_session(user, user_agent="", address=None, now=now)
    assert forged(user, session).get("/admin/").status_code == LEAVE


def test_a_cookie_proves_whose_it_is(cast: Cast, second: User) -> None:
    session, _ = sessions.open_session(cast.staff, user_agent="", address=None, now=datetime.now(UTC))
    assert forged(cast.staff, session).get("/admin/").status_code == WELCOME
    assert forged(second, session).get("/admin/").status_code == LEAVE
    assert forged(cast.staff, session, proof=None).get("/admin/").status_code == LEAVE
    assert forged(cast.staff, session, session="1").get("/admin/").status_code == LEAVE


def test_tokens_of_the_api_are_no_cookies_and_cookies_no_tokens(staff: Visitor, cast: Cast, api: Api) -> None:
    token = api.authorization(cast.staff).removeprefix("JWT ")
    stranger = Visitor()
    for name in ("nexus-admin", "sessionid", "JWT", "Authorization"):
        stranger.http.cookies[name] = token
    assert stranger.http.get("/admin/", headers={"authorization": f"JWT {token}"}).status_code == LEAVE
    answer = api.post(
        b'{"query": "{ __typename viewer { user { username } } }"}', headers={"authorization": f"JWT {staff.cookie}"}
    )
    assert answer.codes == ["TOKEN_INVALID"]
