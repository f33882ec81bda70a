"""How many sessions somebody has, what is written down of their ends, and what is forgotten of them."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from pytest_django import Settings

from knowledge.errors import TokenInvalid
from knowledge.models import AuditEvent, RefreshToken, Session, User
from knowledge.policy import Viewer
from knowledge.services import sessions
from tests.cast import Cast, viewer_of

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def opened(user: User, now: datetime = NOW) -> tuple[Session, str]:
    return sessions.open_session(user, user_agent="", address="192.0.2.1", now=now)


def open_ones(user: User) -> list[int]:
    return list(Session.objects.filter(user=user, ended_at=None).order_by("pk").values_list("pk", flat=True))


def in_session(session: Session) -> Viewer:
    return Viewer(id=session.user_id, role=viewer_of(session.user).role, session_id=session.pk, address="192.0.2.9")


def trail() -> list[tuple[str, int | None, str, int | None, str, dict[str, object]]]:
    return list(
        AuditEvent.objects.order_by("pk").values_list(
            "action", "actor_id", "subject_type", "subject_id", "address", "detail"
        )
    )


# ── how many ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_one_more_ends_the_one_that_was_used_least_lately(cast: Cast, settings: Settings) -> None:
    settings.SESSIONS_MOST = 3
    (first, token), (second, _), (third, _) = (opened(cast.author, NOW + number * DAY) for number in range(3))
    peers, _ = opened(cast.peer)
    sessions.rotate(token, now=NOW + 3 * DAY)

    fourth, _ = opened(cast.author, NOW + 4 * DAY)

    assert open_ones(cast.author) == [first.pk, third.pk, fourth.pk]
    assert open_ones(cast.peer) == [peers.pk]
    second.refresh_from_db()
    assert (second.ended_at, second.end_reason) == (NOW + 4 * DAY, "TOO_MANY")


def test_the_new_one_is_never_the_one_that_ends(cast: Cast, settings: Settings) -> None:
    settings.SESSIONS_MOST = 1
    opened(cast.author, NOW + DAY)
    newest, token = opened(cast.author, NOW)
    assert open_ones(cast.author) == [newest.pk]
    assert sessions.rotate(token, now=NOW)[0] == newest


@pytest.mark.django_db(transaction=True)
def test_of_many_who_sign_in_at_once_no_more_stay(settings: Settings) -> None:
    settings.SESSIONS_MOST = 3
    user = User.objects.create_user("author")
    barrier = threading.Barrier(10)

    def sign_in() -> None:
        try:
            barrier.wait()
            opened(user)
        finally:
            connection.close()

    threads = [threading.Thread(target=sign_in) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(open_ones(user)), Session.objects.count()) == (3, 10)


# ── what is written down ────────────────────────────────────────────────────────────────────────────────────────────


def test_ending_ones_own_is_written_down_once(cast: Cast) -> None:
    (current, _), (other, _) = opened(cast.author), opened(cast.author)
    for _ in range(2):
        sessions.revoke_session(in_session(current), session_id=other.pk, now=NOW)
    told = {"user": cast.author.pk, "reason": "REVOKED"}
    assert trail() == [("user.session_ended", cast.author.pk, "Session", other.pk, "192.0.2.9", told)]


def test_ending_all_others_is_one_deed(cast: Cast) -> None:
    current = [opened(cast.author)[0] for _ in range(3)][-1]
    for _ in range(2):
        sessions.revoke_other_sessions(in_session(current), now=NOW)
    assert trail() == [
        ("user.sessions_ended", cast.author.pk, "User", cast.author.pk, "192.0.2.9", {"sessions": 2}),
    ]


def test_a_token_that_came_twice_is_written_down_with_its_place(cast: Cast) -> None:
    session, token = opened(cast.author)
    sessions.rotate(token, now=NOW)
    for _ in range(2):
        with pytest.raises(TokenInvalid):
            sessions.rotate(token, now=NOW, address="203.0.113.7")
    told = {"user": cast.author.pk, "reason": "TOKEN_REUSED"}
    assert trail() == [("user.session_ended", None, "Session", session.pk, "203.0.113.7", told)]


# ── what is forgotten ───────────────────────────────────────────────────────────────────────────────────────────────


def test_expired_tokens_go_after_a_week(cast: Cast) -> None:
    _, used = opened(cast.author)
    _, live = sessions.rotate(used, now=NOW + 20 * DAY)
    expired = NOW + 30 * DAY

    assert sessions.prune(expired + timedelta(days=7)) == 0
    with pytest.raises(TokenInvalid):
        sessions.rotate(used, now=expired + timedelta(days=7))
    assert Session.objects.get().end_reason == "TOKEN_REUSED"
    assert sessions.prune(expired + timedelta(days=7, seconds=1)) == 1
    assert RefreshToken.objects.count() == 1
    with pytest.raises(TokenInvalid):
        sessions.rotate(live, now=NOW + 37 * DAY)


def test_sessions_go_when_nobody_can_come_back_to_them(cast: Cast) -> None:
    old, _ = opened(cast.author)
    kept, token = opened(cast.author)
    for days in (29, 58, 87):
        _, token = sessions.rotate(token, now=NOW + days * DAY)
    sessions.prune(NOW + 91 * DAY)
    assert list(Session.objects.all()) == [kept]
    assert sessions.rotate(token, now=NOW + 91 * DAY)[0].pk == kept.pk
    assert sessions.prune(NOW + 91 * DAY) == 0
    assert not Session.objects.filter(pk=old.pk).exists()


def test_a_token_that_still_holds_keeps_its_session_whatever_its_lifetime(cast: Cast, settings: Settings) -> None:
    settings.REFRESH_TOKEN_LIFETIME = timedelta(days=365)
    _, token = opened(cast.author)
    assert sessions.prune(NOW + 200 * DAY) == 0
    sessions.rotate(token, now=NOW + 200 * DAY)


def test_a_turn_takes_some_and_the_next_one_the_rest(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "PRUNED_AT_ONCE", 2)
    for _ in range(3):
        opened(cast.author)
    later = NOW + 200 * DAY
    # Two tokens with their sessions, then the last one's.
    assert [sessions.prune(later), sessions.prune(later), sessions.prune(later)] == [4, 2, 0]
