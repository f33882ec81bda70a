"""Signing in: who is let in, how often somebody may fail, and what is written down of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connection
from pytest_django import Settings

from knowledge.errors import InvalidCredentials, TooManyAttempts
from knowledge.models import AuditEvent, Session, User
from knowledge.policy import Viewer
from knowledge.services import sessions, signing_in
from tests.caches import KINDS, own_cache
from tests.cast import PASSWORD, Cast, make_cast, viewer_of
from tests.snapshot import every_row

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOME, ELSEWHERE = "192.0.2.1", "198.51.100.7"


@pytest.fixture(autouse=True, params=KINDS)
def empty_cache(request: pytest.FixtureRequest, settings: Settings) -> None:
    """What is counted, in the process, and in each cache that processes share."""
    settings.CACHES = own_cache(request.param)


@pytest.fixture
def people(db: None) -> Cast:
    return make_cast(PASSWORD)


def attempt(
    username: str = "author", address: str | None = HOME, *, right: bool = False, now: datetime = NOW
) -> str | int:
    """`in`, `failed`, or the seconds to wait."""
    password = PASSWORD if right else "wrong"
    try:
        user = signing_in.identify(username=username, password=password, address=address, door="admin", now=now)
    except InvalidCredentials:
        return "failed"
    except TooManyAttempts as refused:
        return refused.retry_after
    assert user.username == username.lower()
    return "in"


def trail() -> list[tuple[str, User | None, tuple[str, int | None], str, dict[str, Any]]]:
    return [
        (event.action, event.actor, (event.subject_type, event.subject_id), event.address, event.detail)
        for event in AuditEvent.objects.select_related("actor").order_by("pk")
    ]


# ── who is let in ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_opens_a_session(people: Cast) -> None:
    session, token = signing_in.sign_in(
        username="Author", password=PASSWORD, user_agent="Firefox", address=HOME, now=NOW
    )
    assert (session.user, session.user_agent, session.address) == (people.author, "Firefox", HOME)
    assert sessions.rotate(token, now=NOW)[0] == session
    author = ("User", people.author.pk)
    assert trail() == [("user.signed_in", people.author, author, HOME, {"session": session.pk, "number": 1})]


def test_another_door_gets_the_user_and_no_session(people: Cast) -> None:
    assert signing_in.identify(username="staff", password=PASSWORD, address=None, door="admin", now=NOW) == people.staff
    assert not Session.objects.exists()
    staff = ("User", people.staff.pk)
    assert trail() == [("user.signed_in", people.staff, staff, "", {"door": "admin", "number": 1})]


def test_a_wrong_password_changes_nothing_but_the_trail(people: Cast) -> None:
    User.objects.create_user("gone", PASSWORD, is_active=False)
    before = every_row()
    assert [attempt(), attempt("nobody"), attempt("gone", right=True), attempt("", right=True)] == ["failed"] * 4
    after = every_row()
    assert {table for table in after if after[table] != before.get(table)} == {"knowledge_auditevent"}


# ── what is written down ────────────────────────────────────────────────────────────────────────────────────────────


def test_failures_are_written_down_without_what_was_typed(people: Cast) -> None:
    attempt()
    attempt("my secret passphrase", right=True)
    assert trail() == [
        ("user.sign_in_failed", None, ("User", people.author.pk), HOME, {"number": 1}),
        ("user.sign_in_failed", None, ("", None), HOME, {"number": 2}),
    ]
    assert "passphrase" not in str(list(AuditEvent.objects.values()))


def test_who_is_stopped_is_written_down_once(people: Cast) -> None:
    for _ in range(20):
        attempt()
    author = ("User", people.author.pk)
    assert trail()[10:] == [("user.sign_in_blocked", None, author, HOME, {"seconds": 900, "number": 11})]


def test_nobody_fills_the_trail(people: Cast, settings: Settings) -> None:
    settings.SIGN_IN_LIMIT_ACCOUNT = settings.SIGN_IN_LIMIT_ADDRESS = settings.SIGN_IN_LIMIT_ANYWHERE = 10_000
    for number in range(300):
        attempt(f"name{number}", f"192.0.2.{number % 200}")
    assert [event["number"] for *_, event in trail()] == [*range(1, 201), 256]


def test_nor_does_who_signs_in_again_and_again(people: Cast) -> None:
    assert {attempt(right=True) for _ in range(70)} == {"in"}
    assert [event["number"] for *_, event in trail()] == [*range(1, 31), 32, 64]


# ── how often somebody may fail ─────────────────────────────────────────────────────────────────────────────────────


def test_a_name_fails_ten_times_from_one_address_and_waits(people: Cast) -> None:
    assert [attempt() for _ in range(12)] == ["failed"] * 10 + [900, 900]
    assert attempt(right=True) == 900
    assert attempt("AUTHOR", right=True) == 900
    assert attempt("peer", right=True) == "in"


def test_nor_by_a_letter_that_the_database_takes_for_another(people: Cast) -> None:
    user = User.objects.create(username="minister", password=make_password(PASSWORD))
    names = ["minister", "m\u0130nister", "M\u0130N\u0130STER", "MINISTER"]
    # All of them are that user's, where LOWER makes an “i” of it.
    assert {User.objects.get_by_natural_key(name) for name in names if lowered_to_i() or name.isascii()} == {user}
    assert [attempt(names[number % 4]) for number in range(12)] == ["failed"] * 10 + [900, 900]
    assert [attempt(name, right=True) for name in names] == [900] * 4


def lowered_to_i() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT lower(%s) = 'i'", ["\u0130"])
        (same,) = cursor.fetchone()
    return bool(same)


def test_its_owner_gets_in_from_elsewhere_meanwhile(people: Cast) -> None:
    for _ in range(12):
        attempt(address=ELSEWHERE)
    assert attempt(right=True) == "in"


def test_the_wait_ends_a_quarter_of_an_hour_after_the_first_failure(people: Cast) -> None:
    attempt()
    for _ in range(10):
        attempt(now=NOW + timedelta(minutes=10))
    assert attempt(now=NOW + timedelta(minutes=14, seconds=58, milliseconds=500)) == 2
    assert attempt(right=True, now=NOW + timedelta(minutes=15)) == "in"
    assert attempt(now=NOW + timedelta(minutes=15)) == "failed"


def test_success_is_not_counted_and_forgives_nothing(people: Cast) -> None:
    for _ in range(9):
        attempt()
    assert [attempt(right=True) for _ in range(30)] == ["in"] * 30
    assert [attempt(), attempt()] == ["failed", 900]


def test_an_address_fails_fifty_times_over_all_names(people: Cast) -> None:
    assert [attempt(f"name{number}") for number in range(51)] == ["failed"] * 50 + [900]
    assert attempt(right=True) == 900
    assert attempt(address=ELSEWHERE, right=True) == "in"
    assert attempt(address=None, right=True) == "in"


def test_all_of_an_ipv6_network_is_one_address(people: Cast, settings: Settings) -> None:
    settings.SIGN_IN_LIMIT_ADDRESS = 1
    assert attempt("one", "2001:db8:0:1::1") == "failed"
    assert attempt("two", "2001:db8:0:1:ffff::2") == 900
    assert attempt("three", "2001:db8:0:2::1") == "failed"


class TestManyAddresses:
    """A name that is guessed at from everywhere."""

    @pytest.fixture(autouse=True)
    def under_attack(self, people: Cast, settings: Settings) -> None:
        settings.SIGN_IN_LIMIT_ANYWHERE = 20
        assert [attempt(address=f"203.0.113.{number}") for number in range(21)] == ["failed"] * 20 + [900]
        assert [attempt("nobody", f"203.0.113.{number}") for number in range(21)] == ["failed"] * 20 + [900]

    def test_has_to_wait_everywhere_whether_or_not_somebody_has_it(self, people: Cast) -> None:
        assert [attempt(address=ELSEWHERE, right=True), attempt("nobody", ELSEWHERE)] == [900, 900]

    def test_but_not_where_its_owner_was_signed_in(self, people: Cast) -> None:
        then = NOW - timedelta(days=89)
        sessions.open_session(people.author, address=HOME, user_agent="", now=then)
        sessions.open_session(people.peer, address=ELSEWHERE, user_agent="", now=then)
        assert [attempt(right=True), attempt(address=ELSEWHERE, right=True)] == ["in", 900]
        # There too it fails ten times, and no more.
        assert [attempt() for _ in range(11)] == ["failed"] * 10 + [900]

    def test_nor_in_the_network_where_they_were(self, people: Cast) -> None:
        sessions.open_session(people.author, address="2001:db8:0:1::1", user_agent="", now=NOW)
        assert attempt(address="2001:db8:0:1:ffff::2", right=True) == "in"
        assert attempt(address="2001:db8:0:2::1", right=True) == 900

    def test_which_is_forgotten_in_time(self, people: Cast) -> None:
        sessions.open_session(people.author, address=HOME, user_agent="", now=NOW - timedelta(days=91))
        assert attempt(right=True) == 900

    def test_others_sign_in_as_ever(self, people: Cast) -> None:
        assert attempt("peer", ELSEWHERE, right=True) == "in"


# ── within a session ────────────────────────────────────────────────────────────────────────────────────────────────


def own(user: User, password: str, address: str = HOME) -> str | int:
    viewer = Viewer(id=user.pk, role=viewer_of(user).role, session_id=1, address=address)
    try:
        signing_in.require_own_password(viewer, user, password, now=NOW)
    except InvalidCredentials:
        return "failed"
    except TooManyAttempts as refused:
        return refused.retry_after
    return "right"


def test_who_guesses_within_a_session_uses_up_no_attempt_to_sign_in(people: Cast) -> None:
    assert [own(people.author, "wrong") for _ in range(11)] == ["failed"] * 10 + [900]
    assert own(people.author, PASSWORD, ELSEWHERE) == 900
    assert own(people.peer, PASSWORD) == "right"
    assert attempt(right=True) == "in"


def test_such_guesses_are_written_down(people: Cast) -> None:
    own(people.author, "wrong")
    author = ("User", people.author.pk)
    assert trail() == [("user.sign_in_failed", None, author, HOME, {"within": "session", "number": 1})]


def test_who_has_no_password_has_none_to_show(people: Cast) -> None:
    User.objects.filter(pk=people.peer.pk).update(password=make_password(None))
    people.peer.refresh_from_db()
    assert own(people.peer, "") == "failed"
