"""Roles and activation: by staff alone, never of oneself, and somebody who is staff always remains."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from knowledge.errors import Forbidden, KnowledgeError, MistakeCode, Rejected, Unauthenticated
from knowledge.models import AuditEvent, Role, Session, User
from knowledge.policy import Viewer
from knowledge.services.members import deactivate, reactivate, set_role
from knowledge.services.sessions import open_session, role_in_session
from tests.cast import Cast, make_cast, viewer_of
from tests.snapshot import every_row
from tests.together import at_once

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LATER = datetime(2026, 11, 24, 12, tzinfo=UTC)

Verb = Callable[[Viewer, User], User]
VERBS: dict[str, Verb] = {
    "set_role": lambda viewer, user: set_role(viewer, user_id=user.pk, role=Role.REVIEWER, now=LATER),
    "deactivate": lambda viewer, user: deactivate(viewer, user_id=user.pk, now=LATER),
    "reactivate": lambda viewer, user: reactivate(viewer, user_id=user.pk, now=LATER),
}


def opened(user: User) -> Session:
    return open_session(user, user_agent="", address=None, now=NOW)[0]


def role_now(session: Session) -> Role | None:
    return role_in_session(session.pk, user_id=session.user_id, token_version=session.token_version)


def trail() -> list[tuple[str, str, int | None, dict[str, str]]]:
    events = AuditEvent.objects.order_by("pk").select_related("actor")
    return [(e.action, e.actor.username if e.actor else "", e.subject_id, e.detail) for e in events]


def test_a_role_holds_at_once_and_is_written_down(cast: Cast) -> None:
    session, others = opened(cast.peer), opened(cast.author)
    viewer = replace(cast.viewer("staff"), address="203.0.113.7")
    set_role(viewer, user_id=cast.peer.pk, role=Role.REVIEWER, now=LATER)
    # Tokens from before hold no more; the session goes on with those that come.
    assert (role_now(session), role_now(others)) == (None, Role.CONTRIBUTOR)
    session.refresh_from_db()
    assert (role_now(session), session.ended_at) == (Role.REVIEWER, None)
    assert User.objects.get(pk=cast.peer.pk).role == Role.REVIEWER
    assert trail() == [("user.role_set", "staff", cast.peer.pk, {"before": "CONTRIBUTOR", "after": "REVIEWER"})]
    event = AuditEvent.objects.get()
    assert (event.at, event.address, event.subject_type) == (LATER, "203.0.113.7", "User")


def test_who_is_deactivated_is_out_at_once_and_for_good(cast: Cast) -> None:
    session, others = opened(cast.peer), opened(cast.author)
    assert not deactivate(cast.viewer("staff"), user_id=cast.peer.pk, now=LATER).is_active
    assert (role_now(session), role_now(others)) == (None, Role.CONTRIBUTOR)
    session.refresh_from_db()
    assert (session.ended_at, session.end_reason) == (LATER, "DEACTIVATED")
    assert reactivate(cast.viewer("staff"), user_id=cast.peer.pk, now=LATER).is_active
    assert role_now(session) is None
    assert role_now(opened(cast.peer)) == Role.CONTRIBUTOR
    assert [(action, subject) for action, _, subject, _ in trail()] == [
        ("user.deactivated", cast.peer.pk),
        ("user.reactivated", cast.peer.pk),
    ]


def test_what_is_so_already_changes_nothing(cast: Cast) -> None:
    deactivate(cast.viewer("staff"), user_id=cast.author.pk, now=NOW)
    before = every_row()
    set_role(cast.viewer("staff"), user_id=cast.reviewer.pk, role=Role.REVIEWER, now=LATER)
    deactivate(cast.viewer("staff"), user_id=cast.author.pk, now=LATER)
    reactivate(cast.viewer("staff"), user_id=cast.peer.pk, now=LATER)
    assert every_row() == before


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(
    ("name", "error"),
    [("anonymous", Unauthenticated), ("author", Forbidden), ("peer", Forbidden), ("reviewer", Forbidden)],
)
def test_others_may_not(cast: Cast, verb: str, name: str, error: type[KnowledgeError]) -> None:
    before = every_row()
    with pytest.raises(error):
        VERBS[verb](cast.viewer(name), cast.peer)
    assert every_row() == before


@pytest.mark.parametrize("verb", VERBS)
def test_nobody_does_it_to_themselves(cast: Cast, verb: str) -> None:
    before = every_row()
    with pytest.raises(Forbidden):
        VERBS[verb](cast.viewer("staff"), cast.staff)
    assert every_row() == before


@pytest.mark.parametrize("verb", VERBS)
def test_who_is_not_there_is_not_found(cast: Cast, verb: str) -> None:
    with pytest.raises(Rejected) as error:
        VERBS[verb](cast.viewer("staff"), User(pk=cast.staff.pk + 1_000))
    assert [(m.path, m.code) for m in error.value.mistakes] == [(("id",), MistakeCode.NOT_FOUND)]


@pytest.mark.parametrize("verb", ["set_role", "deactivate"])
def test_the_last_active_staff_stays(cast: Cast, verb: str) -> None:
    # Who acts was staff when their request began, and is not any more.
    second = User.objects.create(username="second", role=Role.STAFF, is_active=False)
    before = every_row()
    with pytest.raises(Rejected) as error:
        VERBS[verb](viewer_of(second), cast.staff)
    assert [(m.path, m.code) for m in error.value.mistakes] == [(("id",), MistakeCode.INVALID_STATE)]
    assert every_row() == before
    User.objects.filter(pk=second.pk).update(is_active=True)
    VERBS[verb](viewer_of(second), cast.staff)
    assert not User.objects.filter(pk=cast.staff.pk, role=Role.STAFF, is_active=True).exists()


@pytest.mark.django_db(transaction=True)
def test_of_staff_who_remove_each_other_at_once_one_stays() -> None:
    cast = make_cast()
    leading = [cast.staff, *(User.objects.create(username=f"staff-{n}", role=Role.STAFF) for n in range(3))]
    pairs = zip(leading, [*leading[1:], leading[0]], strict=True)
    calls = [lambda by=by, user=user: deactivate(viewer_of(by), user_id=user.pk, now=LATER) for by, user in pairs]
    outcomes = at_once(calls)
    refused = [each for each in outcomes if isinstance(each, Exception)]
    assert [type(each) for each in refused] == [Rejected]
    assert User.objects.filter(role=Role.STAFF, is_active=True).count() == 1
