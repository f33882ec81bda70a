"""The first account of staff, made at the command line."""

import io
import sys

import pytest
from django.core.management import CommandError, call_command

from knowledge.errors import Forbidden, MistakeCode, Rejected
from knowledge.models import AuditEvent, Role, User
from knowledge.policy import COMMAND_LINE
from knowledge.services.members import appoint_staff
from knowledge.services.sessions import open_session, role_in_session
from knowledge.services.staff_sessions import sign_in_staff, staff_in_session
from tests.cast import PASSWORD, Cast
from tests.snapshot import every_row
from tests.staff.rows import NOW


def create(monkeypatch: pytest.MonkeyPatch, *arguments: str, typed: str = f"{PASSWORD}\n") -> str:
    monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
    out = io.StringIO()
    call_command("create_staff", *arguments, stdout=out)
    return out.getvalue()


def trail() -> list[tuple[str, object, object]]:
    return list(AuditEvent.objects.order_by("pk").values_list("action", "actor", "detail"))


def test_who_is_new_is_registered_and_gets_in(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert create(monkeypatch, "ada", "--email", "ada@example.org") == "ada is staff.\n"
    user = User.objects.get()
    assert (user.username, user.email, user.role, user.is_active) == ("ada", "ada@example.org", Role.STAFF, True)
    session = sign_in_staff(username="ada", password=PASSWORD, user_agent="", address="", now=NOW)
    assert staff_in_session(session.pk, now=NOW) == user
    assert trail()[0] == ("staff.appointed", None, {"before": {"role": "CONTRIBUTOR", "is_active": True}})


def test_tokens_from_before_hold_no_more_and_sessions_go_on(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    session, _ = open_session(cast.peer, user_agent="", address=None, now=NOW)
    create(monkeypatch, "peer", typed="")
    roles = [role_in_session(session.pk, user_id=cast.peer.pk, token_version=version) for version in (1, 2)]
    assert roles == [None, Role.STAFF]


def test_who_has_an_account_keeps_it(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    User.objects.filter(pk=cast.peer.pk).update(is_active=False)
    assert create(monkeypatch, "PEER", typed="") == "peer is staff.\n"
    peer = User.objects.get(pk=cast.peer.pk)
    assert (peer.role, peer.is_active, peer.password) == (Role.STAFF, True, cast.peer.password)
    once = every_row()
    assert create(monkeypatch, "peer", typed="") == "peer is staff.\n"
    assert every_row() == once


@pytest.mark.parametrize(
    ("arguments", "typed", "said"),
    [
        (("ada",), f"{PASSWORD}\n", "An e-mail address is needed."),
        (("ada", "--email", "ada@example.org"), "12345\n", "too short"),
        (("ada", "--email", "ada@example.org"), "", "A password is needed."),
        (("1a", "--email", "ada@example.org"), f"{PASSWORD}\n", "A username"),
        (("\x00", "--email", "ada@example.org"), f"{PASSWORD}\n", "A username"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_left(
    db: None, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], typed: str, said: str
) -> None:
    before = every_row()
    with pytest.raises(CommandError, match=said):
        create(monkeypatch, *arguments, typed=typed)
    assert every_row() == before


@pytest.mark.parametrize("name", ["anonymous", "author", "peer", "reviewer", "staff"])
def test_nobody_else_appoints(cast: Cast, name: str) -> None:
    before = every_row()
    with pytest.raises(Forbidden):
        appoint_staff(cast.viewer(name), username="peer", now=NOW)
    assert every_row() == before


def test_who_is_not_there_is_not_found(db: None) -> None:
    with pytest.raises(Rejected) as error:
        appoint_staff(COMMAND_LINE, username="nobody", now=NOW)
    assert [(m.path, m.code) for m in error.value.mistakes] == [(("username",), MistakeCode.NOT_FOUND)]
