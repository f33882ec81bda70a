"""Staff's side: people, their roles, and the audit trail; and how everybody else is refused."""

from datetime import UTC, datetime
from typing import Any

import pytest

from knowledge import audit
from knowledge.events import AuditAction
from knowledge.models import AuditEvent, Role, Session, User
from knowledge.policy import COMMAND_LINE
from tests.cast import Cast, viewer_of
from tests.client import JSON, Client
from tests.schema.rows import at, id_of, said

USERS = """query($where: UserWhere, $first: Int) {
  users(where: $where, first: $first) { nodes { username } totalCount pageInfo { hasNextPage } }
}"""
TRAIL = """query($where: AuditWhere) { auditEvents(where: $where) {
  nodes { id at action actor { username } subjectId address detail } totalCount
} }"""
SET_ROLE = """mutation($id: ID!, $role: Role!) { userSetRole(input: {id: $id, role: $role, clientMutationId: "7"}) {
  user { username role } role errors { path code } clientMutationId
} }"""
DEACTIVATE = """mutation($id: ID!) { userDeactivate(input: {id: $id}) {
  user { username isActive } errors { path code }
} }"""
REACTIVATE = DEACTIVATE.replace("userDeactivate", "userReactivate")
VERBS: dict[str, tuple[str, dict[str, str]]] = {
    "userSetRole": (SET_ROLE, {"role": "REVIEWER"}),
    "userDeactivate": (DEACTIVATE, {}),
    "userReactivate": (REACTIVATE, {}),
}
REFUSED = [("anonymous", "UNAUTHENTICATED"), ("author", "FORBIDDEN"), ("peer", "FORBIDDEN"), ("reviewer", "FORBIDDEN")]


def user_of(cast: Cast, name: str) -> User | None:
    return None if name == "anonymous" else getattr(cast, name)


def listed(api: Client, cast: Cast, **where: Any) -> list[str]:
    return [user["username"] for user in api.run(USERS, {"where": where}, as_=cast.staff).data["users"]["nodes"]]


class TestUsers:
    @pytest.fixture(autouse=True)
    def people(self, cast: Cast) -> None:
        for days, name in enumerate(("author", "peer", "reviewer", "staff")):
            User.objects.filter(username=name).update(joined_at=at(days))
        User.objects.filter(username="peer").update(is_active=False, display_name="Amina_100%")

    def test_come_last_come_first_and_with_one_statement(self, cast: Cast, api: Client) -> None:
        api.authorization(cast.staff)
        answer = api.run(USERS, {"first": 3}, as_=cast.staff)
        assert answer.data["users"] == {
            "nodes": [{"username": "staff"}, {"username": "reviewer"}, {"username": "peer"}],
            "totalCount": 4,
            "pageInfo": {"hasNextPage": True},
        }
        assert answer.statements == 2

    @pytest.mark.parametrize(
        ("where", "found"),
        [
            ({"role": ["REVIEWER", "STAFF"]}, ["staff", "reviewer"]),
            ({"role": []}, []),
            ({"isActive": False}, ["peer"]),
            ({"isActive": True}, ["staff", "reviewer", "author"]),
            ({"prefix": "AU"}, ["author"]),
            ({"prefix": "amina_1"}, ["peer"]),
            ({"prefix": "amina%"}, []),
            ({"prefix": "uthor"}, []),
            ({"prefix": "s", "role": ["CONTRIBUTOR"]}, []),
        ],
    )
    def test_as_asked(self, cast: Cast, api: Client, where: dict[str, Any], found: list[str]) -> None:
        assert listed(api, cast, **where) == found


class TestWhoMayAsk:
    @pytest.mark.parametrize("root", ["users", "auditEvents"])
    @pytest.mark.parametrize(("name", "code"), REFUSED)
    def test_others_are_refused_where_they_asked(
        self, cast: Cast, api: Client, root: str, name: str, code: str
    ) -> None:
        asked = f"{{ tags {{ totalCount }} mine: {root} {{ totalCount }} }}"
        user = user_of(cast, name)
        if user:
            api.authorization(user)
        answer = api.run(asked, as_=user, accept=JSON)
        (error,) = answer.errors
        assert answer.body["data"] is None
        assert (error["path"], error["extensions"], error["locations"]) == (
            ["mine"],
            {"code": code},
            [{"line": 1, "column": asked.index("mine") + 1}],
        )
        assert answer.status == 200
        # Nothing was read but who asks.
        assert answer.statements == (1 if user else 0)

    def test_who_is_nobody_is_told_so_by_the_status_too(self, cast: Cast, api: Client) -> None:
        assert api.run("{ users { totalCount } }").status == 401
        assert api.run("{ users { totalCount } }", as_=cast.author).status == 200

    def test_what_is_left_out_is_not_refused(self, cast: Cast, api: Client) -> None:
        asked = "query($all: Boolean!) { users @include(if: $all) { totalCount } tags { totalCount } }"
        assert api.run(asked, {"all": False}, as_=cast.author).data == {"tags": {"totalCount": 0}}
        assert api.run(asked, {"all": True}, as_=cast.author).codes == ["FORBIDDEN"]

    def test_the_first_refusal_is_told_where_nothing_else_can_be(self, cast: Cast, api: Client) -> None:
        answer = api.run("{ a: users { totalCount } auditEvents { totalCount } __schema { description } }")
        assert [(error["path"], error["extensions"]["code"]) for error in answer.errors] == [
            (["a"], "UNAUTHENTICATED"),
        ]

    @pytest.mark.parametrize("verb", VERBS)
    @pytest.mark.parametrize(("name", "code"), REFUSED)
    def test_others_change_nobody(self, cast: Cast, api: Client, verb: str, name: str, code: str) -> None:
        document, given = VERBS[verb]
        other = User.objects.create(username="other", is_active=verb != "userReactivate")
        answer = api.run(document, {"id": id_of(other), **given}, as_=user_of(cast, name))
        assert answer.codes == [code]
        before = (other.role, other.is_active)
        other.refresh_from_db()
        assert (other.role, other.is_active) == before
        assert not AuditEvent.objects.exists()


class TestRoles:
    def test_a_role_holds_from_the_next_request(self, cast: Cast, api: Client) -> None:
        assert api.run("{ users { totalCount } }", as_=cast.peer).codes == ["FORBIDDEN"]
        given = api.run(SET_ROLE, {"id": id_of(cast.peer), "role": "STAFF"}, as_=cast.staff).data["userSetRole"]
        assert given == {
            "user": {"username": "peer", "role": "STAFF"},
            "role": "STAFF",
            "errors": [],
            "clientMutationId": "7",
        }
        assert api.run("{ users { totalCount } }", as_=cast.peer).codes == ["TOKEN_INVALID"]
        session = Session.objects.select_related("user").get(pk=api.sessions[cast.peer.pk])
        api.resume(session)
        assert api.run("{ users { totalCount } }", as_=cast.peer).data == {"users": {"totalCount": 4}}
        api.run(SET_ROLE, {"id": id_of(cast.peer), "role": "CONTRIBUTOR"}, as_=cast.staff)
        assert api.run("{ users { totalCount } }", as_=cast.peer).codes == ["TOKEN_INVALID"]
        session.user.refresh_from_db()
        api.resume(session)
        assert api.run("{ users { totalCount } }", as_=cast.peer).codes == ["FORBIDDEN"]

    def test_who_is_deactivated_is_out_with_the_next_request(self, cast: Cast, api: Client) -> None:
        assert api.run("{ viewer { role } }", as_=cast.peer).data == {"viewer": {"role": "CONTRIBUTOR"}}
        given = api.run(DEACTIVATE, {"id": id_of(cast.peer)}, as_=cast.staff).data["userDeactivate"]
        assert given == {"user": {"username": "peer", "isActive": False}, "errors": []}
        assert api.run("{ viewer { role } }", as_=cast.peer).codes == ["TOKEN_INVALID"]
        given = api.run(REACTIVATE, {"id": id_of(cast.peer)}, as_=cast.staff).data["userReactivate"]
        assert given == {"user": {"username": "peer", "isActive": True}, "errors": []}

    @pytest.mark.parametrize("verb", VERBS)
    def test_oneself_is_forbidden(self, cast: Cast, api: Client, verb: str) -> None:
        document, given = VERBS[verb]
        answer = api.run(document, {"id": id_of(cast.staff), **given}, as_=cast.staff)
        assert answer.codes == ["FORBIDDEN"]
        assert User.objects.get(pk=cast.staff.pk).role == Role.STAFF

    @pytest.mark.parametrize("verb", VERBS)
    def test_who_is_not_there(self, cast: Cast, api: Client, verb: str) -> None:
        document, given = VERBS[verb]
        answer = api.run(document, {"id": id_of(User(pk=cast.staff.pk + 1_000)), **given}, as_=cast.staff)
        assert answer.data[verb]["user"] is None
        assert answer.data[verb]["errors"] == [{"path": ["input", "id"], "code": "NOT_FOUND"}]


class TestTrail:
    @pytest.fixture(autouse=True)
    def deeds(self, cast: Cast) -> None:
        staff, reviewer = viewer_of(cast.staff), viewer_of(cast.reviewer)
        audit.record(
            AuditAction.USER_ROLE_SET, viewer=staff, subject=cast.peer, at=at(1), address="203.0.113.7", after="STAFF"
        )
        audit.record(AuditAction.USER_DEACTIVATED, viewer=reviewer, subject=cast.peer, at=at(2))
        audit.record(AuditAction.TAG_MERGED, viewer=COMMAND_LINE, at=at(3))

    def test_tells_all_the_latest_first(self, cast: Cast, api: Client) -> None:
        api.authorization(cast.staff)
        answer = api.run(TRAIL, as_=cast.staff)
        last, middle, first = answer.data["auditEvents"]["nodes"]
        assert first == {
            "id": id_of(AuditEvent.objects.get(action="user.role_set")),
            "at": said(at(1)),
            "action": "user.role_set",
            "actor": {"username": "staff"},
            "subjectId": id_of(cast.peer),
            "address": "203.0.113.7",
            "detail": {"after": "STAFF"},
        }
        assert (middle["action"], middle["actor"]) == ("user.deactivated", {"username": "reviewer"})
        assert (last["action"], last["actor"], last["subjectId"], last["detail"]) == ("tag.merged", None, None, {})
        assert answer.statements == 2

    @pytest.mark.parametrize(
        ("where", "found"),
        [
            ({"action": ["user.role_set", "tag.merged"]}, ["tag.merged", "user.role_set"]),
            ({"action": []}, []),
            ({"actor": "REVIEWER"}, ["user.deactivated"]),
            ({"at": {"from": said(at(2))}}, ["tag.merged", "user.deactivated"]),
            ({"at": {"to": said(at(2))}}, ["user.role_set"]),
            ({"at": {"from": said(at(2)), "to": said(at(3))}, "actor": "staff"}, []),
        ],
    )
    def test_as_asked(self, cast: Cast, api: Client, where: dict[str, Any], found: list[str]) -> None:
        answer = api.run(TRAIL, {"where": where}, as_=cast.staff).data["auditEvents"]
        assert [event["action"] for event in answer["nodes"]] == found
        assert answer["totalCount"] == len(found)

    @pytest.mark.parametrize("name", ["anonymous", "author", "reviewer", "staff"])
    def test_an_event_is_a_node_for_staff_alone(self, cast: Cast, api: Client, name: str) -> None:
        asked = "query($id: ID!) { node(id: $id) { ... on AuditEvent { action } } }"
        event = AuditEvent.objects.get(action="tag.merged")
        node = api.run(asked, {"id": id_of(event)}, as_=user_of(cast, name)).data["node"]
        assert node == ({"action": "tag.merged"} if name == "staff" else None)

    def test_what_the_api_does_tells_from_where(self, cast: Cast, api: Client) -> None:
        before = datetime.now(UTC)
        api.run(SET_ROLE, {"id": id_of(cast.author), "role": "REVIEWER"}, as_=cast.staff)
        event = AuditEvent.objects.order_by("-at")[0]
        assert (event.action, event.actor, event.address) == ("user.role_set", cast.staff, "127.0.0.1")
        assert before <= event.at <= datetime.now(UTC)
