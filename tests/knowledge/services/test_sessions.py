"""Sessions and their refresh tokens."""

import hashlib
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from knowledge.errors import TokenExpired, TokenInvalid
from knowledge.models import RefreshToken, Role, Session, User
from knowledge.services import sessions
from tests.cast import Cast

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)


def opened(user: User) -> tuple[Session, str]:
    return sessions.open_session(user, user_agent="Firefox", address="192.0.2.1", now=NOW)


def role(session: Session, user: User, token_version: int = 1) -> Role | None:
    return sessions.role_in_session(session.pk, user_id=user.pk, token_version=token_version)


def ends() -> list[tuple[datetime | None, str]]:
    return list(Session.objects.order_by("pk").values_list("ended_at", "end_reason"))


# ── opening ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_opens_with_what_is_known_of_the_device(cast: Cast) -> None:
    session, _ = opened(cast.author)

    saved = Session.objects.get()
    assert (saved.pk, saved.user, saved.token_version) == (session.pk, cast.author, 1)
    assert (saved.created_at, saved.last_used_at) == (NOW, NOW)
    assert (saved.user_agent, saved.address) == ("Firefox", "192.0.2.1")
    assert (saved.ended_at, saved.end_reason) == (None, "")


def test_cuts_a_user_agent_and_takes_no_address_for_none(cast: Cast) -> None:
    session, _ = sessions.open_session(cast.author, user_agent="x\x00\n\ud800" + "y" * 400, address=None, now=NOW)
    session.refresh_from_db()
    assert (session.user_agent, session.address) == ("x" + "y" * 299, None)


def test_the_database_holds_the_hash_alone(cast: Cast) -> None:
    _, text = opened(cast.author)

    token = RefreshToken.objects.get()
    assert bytes(token.token_hash) == hashlib.sha256(text.encode()).digest()
    assert token.expires_at == NOW + settings.REFRESH_TOKEN_LIFETIME == NOW + timedelta(days=30)
    with connection.cursor() as cursor:
        cursor.execute("SELECT t::text || s::text FROM knowledge_refreshtoken t JOIN knowledge_session s ON true")
        assert text not in cursor.fetchone()[0]


def test_no_two_tokens_are_alike_and_each_holds_256_bits(cast: Cast) -> None:
    texts = {opened(cast.author)[1] for _ in range(20)}
    assert {len(text) for text in texts} == {43}
    assert len(texts) == 20


# ── rotating ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_exchanges_a_token_for_its_successor(cast: Cast) -> None:
    session, first = opened(cast.author)

    rotated, second = sessions.rotate(first, now=LATER)

    assert (rotated.pk, rotated.user) == (session.pk, cast.author)
    assert second != first
    assert list(RefreshToken.objects.order_by("pk").values_list("used_at", "expires_at")) == [
        (LATER, NOW + timedelta(days=30)),
        (None, LATER + timedelta(days=30)),
    ]
    assert Session.objects.get().last_used_at == LATER
    assert sessions.rotate(second, now=LATER)[0].pk == session.pk


def test_a_token_used_twice_ends_the_session_and_no_other(cast: Cast) -> None:
    session, first = opened(cast.author)
    other, other_token = opened(cast.author)
    _, second = sessions.rotate(first, now=NOW)

    with pytest.raises(TokenInvalid):
        sessions.rotate(first, now=LATER)

    assert ends() == [(LATER, "TOKEN_REUSED"), (None, "")]
    assert role(session, cast.author) is None
    assert role(other, cast.author) is Role.CONTRIBUTOR
    with pytest.raises(TokenInvalid):
        sessions.rotate(second, now=LATER)
    sessions.rotate(other_token, now=LATER)


def test_a_used_token_ends_the_session_even_when_it_is_too_old(cast: Cast) -> None:
    _, first = opened(cast.author)
    sessions.rotate(first, now=NOW + timedelta(days=29))
    with pytest.raises(TokenInvalid):
        sessions.rotate(first, now=NOW + timedelta(days=31))
    assert ends() == [(NOW + timedelta(days=31), "TOKEN_REUSED")]


@pytest.mark.parametrize(
    ("age", "error"),
    [(timedelta(days=30), TokenExpired), (timedelta(days=31), TokenExpired), (timedelta(days=30, seconds=-1), None)],
)
def test_a_token_is_good_for_thirty_days(cast: Cast, age: timedelta, error: type[Exception] | None) -> None:
    _, text = opened(cast.author)
    if error is None:
        sessions.rotate(text, now=NOW + age)
        return
    with pytest.raises(error):
        sessions.rotate(text, now=NOW + age)
    assert RefreshToken.objects.get().used_at is None
    assert ends() == [(None, "")]


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["", "x", "\x00", "\ud800", "'; --", "y" * 1_000_000])
def test_what_is_no_token_is_refused_as_one(text: str) -> None:
    with pytest.raises(TokenInvalid):
        sessions.rotate(text, now=NOW)
    with pytest.raises(TokenInvalid):
        sessions.end_session(text, now=NOW)


def test_the_stored_hash_is_no_token(cast: Cast) -> None:
    opened(cast.author)
    stored = bytes(RefreshToken.objects.get().token_hash)
    for text in (stored.hex(), stored.decode("latin-1")):
        with pytest.raises(TokenInvalid):
            sessions.rotate(text, now=NOW)


@pytest.mark.parametrize("change", [{"is_active": False}, {"token_version": 2}])
def test_a_deactivated_or_renewed_account_refreshes_nothing(cast: Cast, change: dict[str, int | bool]) -> None:
    _, text = opened(cast.author)
    _, peers = opened(cast.peer)
    User.objects.filter(pk=cast.author.pk).update(**change)

    with pytest.raises(TokenInvalid):
        sessions.rotate(text, now=LATER)

    assert RefreshToken.objects.filter(used_at=None).count() == 2
    sessions.rotate(peers, now=LATER)


@pytest.mark.django_db(transaction=True)
def test_of_twenty_at_once_one_wins_at_most_and_the_session_ends() -> None:
    user = User.objects.create_user("author")
    session, text = opened(user)
    barrier = threading.Barrier(20)
    outcomes: list[str] = []

    def rotate() -> None:
        try:
            barrier.wait()
            outcomes.append(sessions.rotate(text, now=LATER)[1])
        except TokenInvalid:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=rotate) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert outcomes.count("refused") == 19
    assert ends() == [(LATER, "TOKEN_REUSED")]
    assert RefreshToken.objects.count() == 2
    assert role(session, user) is None
    winner = next(outcome for outcome in outcomes if outcome != "refused")
    with pytest.raises(TokenInvalid):
        sessions.rotate(winner, now=LATER)


# ── ending ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_ends_its_own_session_alone(cast: Cast) -> None:
    session, text = opened(cast.author)
    other, _ = opened(cast.author)

    assert sessions.end_session(text, now=LATER) == LATER

    assert ends() == [(LATER, "SIGNED_OUT"), (None, "")]
    assert role(session, cast.author) is None
    assert role(other, cast.author) is Role.CONTRIBUTOR
    with pytest.raises(TokenInvalid):
        sessions.rotate(text, now=LATER)


def test_ending_twice_changes_nothing_the_second_time(cast: Cast) -> None:
    _, text = opened(cast.author)
    sessions.end_session(text, now=NOW)
    assert sessions.end_session(text, now=LATER) == NOW
    assert ends() == [(NOW, "SIGNED_OUT")]


def test_a_token_that_was_used_or_is_too_old_still_ends_its_session(cast: Cast) -> None:
    _, used = opened(cast.author)
    sessions.rotate(used, now=NOW)
    _, old = opened(cast.peer)
    much_later = NOW + timedelta(days=60)

    sessions.end_session(used, now=much_later)
    sessions.end_session(old, now=much_later)

    assert ends() == [(much_later, "SIGNED_OUT"), (much_later, "SIGNED_OUT")]


# ── asking ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "expected"),
    [("author", Role.CONTRIBUTOR), ("peer", Role.CONTRIBUTOR), ("reviewer", Role.REVIEWER), ("staff", Role.STAFF)],
)
def test_tells_the_role_as_it_is_now_in_one_statement(
    cast: Cast, name: str, expected: Role, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    user = getattr(cast, name)
    session, _ = opened(user)
    with django_assert_num_queries(1):
        assert role(session, user) is expected
    User.objects.filter(pk=user.pk).update(role=Role.STAFF)
    assert role(session, user) is Role.STAFF


def test_tells_nothing_of_anothers_session_or_one_that_is_not_there(cast: Cast) -> None:
    session, _ = opened(cast.author)
    assert role(session, cast.peer) is None
    assert sessions.role_in_session(session.pk + 1, user_id=cast.author.pk, token_version=1) is None


def test_tells_nothing_after_deactivation(cast: Cast) -> None:
    session, _ = opened(cast.author)
    User.objects.filter(pk=cast.author.pk).update(is_active=False)
    assert role(session, cast.author) is None


def test_a_new_password_closes_every_session(cast: Cast) -> None:
    session, _ = opened(cast.author)
    peers, _ = opened(cast.peer)
    cast.author.set_password("another horse, another battery")
    cast.author.save()
    assert role(session, cast.author) is None
    assert role(session, cast.author, token_version=2) is None
    assert role(peers, cast.peer) is Role.CONTRIBUTOR


def test_an_access_token_from_before_stays_dead_where_the_session_goes_on(cast: Cast) -> None:
    session, _ = opened(cast.author)
    User.objects.filter(pk=cast.author.pk).update(token_version=2)
    Session.objects.filter(pk=session.pk).update(token_version=2)
    assert role(session, cast.author, token_version=1) is None
    assert role(session, cast.author, token_version=2) is Role.CONTRIBUTOR
