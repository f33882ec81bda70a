"""Links by mail: to whom they go, once, and that nothing tells whether anybody has an address."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from knowledge.errors import Rejected
from knowledge.models import LinkPurpose, MailedLink, OutboxEvent, User
from knowledge.services import mailed_links
from tests.mailbox import mailed, post, said_in
from tests.together import at_once

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
RESET = LinkPurpose.RESET_PASSWORD


class FullMailbox(EmailBackend):
    """Takes no mail for addresses of example.net."""

    def send_messages(self, messages: list[mail.EmailMessage]) -> int:  # type: ignore[override]  # as it is called
        if any("@example.net" in address for message in messages for address in message.to):
            raise ConnectionRefusedError
        return super().send_messages(messages)


@pytest.fixture
def ada(db: None) -> User:
    return User.objects.create(username="ada", email="Ada@example.org", email_confirmed_at=NOW)


def asked(email: str = "ada@example.org", now: datetime = NOW) -> MailedLink:
    mailed_links.ask_to_reset(email, now=now)
    return MailedLink.objects.latest("pk")


def is_good(token: str, now: datetime = NOW, purpose: LinkPurpose = RESET) -> bool:
    try:
        mailed_links.find(purpose, token, now=now)
    except Rejected as rejected:
        return [(m.path, m.code) for m in rejected.mistakes] != [(("token",), "INVALID")]
    return True


def test_a_link_goes_to_who_confirmed_the_address(ada: User, settings: Settings) -> None:
    settings.ACCOUNT_URL = "https://nexus.example.org/account"
    link = asked("ADA@EXAMPLE.ORG")
    given = mailed(NOW)
    (message,) = mail.outbox
    assert (message.to, message.subject) == (["Ada@example.org"], "Set a new password")
    assert message.extra_headers == {"Auto-Submitted": "auto-generated"}
    assert "for ada at" in str(message.body)
    assert f"{settings.ACCOUNT_URL}#passwordReset?uid={ada.pk}&token={given['token']}" in str(message.body)
    assert given["uid"] == str(ada.pk)
    link.refresh_from_db()
    assert (link.user, link.settled_at) == (ada, NOW)
    assert given["token"].encode() not in bytes(link.token_hash or b"")
    assert mailed_links.find(RESET, given["token"], now=NOW) == (link, ada)


@pytest.mark.parametrize(
    "changes", [{"email": "other@example.org"}, {"email_confirmed_at": None}, {"is_active": False}]
)
def test_to_nobody_else_and_asking_is_the_same(ada: User, changes: dict[str, object]) -> None:
    with CaptureQueriesContext(connection) as known:
        asked()
    post(NOW)
    assert len(mail.outbox) == 1
    User.objects.update(**changes)
    with CaptureQueriesContext(connection) as unknown:
        link = asked()
    assert len(known) == len(unknown)
    assert OutboxEvent.objects.filter(type="link.asked").count() == 2
    post(NOW)
    assert len(mail.outbox) == 1
    link.refresh_from_db()
    assert (link.user, link.token_hash, link.settled_at) == (None, None, NOW)


def test_sending_twice_sends_once(ada: User) -> None:
    link = asked()
    mailed_links.send_link(link.pk, now=NOW)
    mailed_links.send_link(link.pk, now=NOW)
    mailed_links.send_link(link.pk + 1_000, now=NOW)
    assert len(mail.outbox) == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_who_send_at_once_one_does() -> None:
    User.objects.create(username="ada", email="ada@example.org", email_confirmed_at=NOW)
    link = asked()
    assert at_once([lambda: mailed_links.send_link(link.pk, now=NOW)] * 8) == [None] * 8
    assert len(mail.outbox) == 1
    assert is_good(said_in(mail.outbox[0])["token"])


def test_a_link_is_good_for_an_hour_and_once(ada: User) -> None:
    asked()
    token = mailed(NOW)["token"]
    almost = NOW + timedelta(minutes=59, seconds=59)
    assert is_good(token, almost)
    assert not is_good(token, NOW + timedelta(hours=1))
    assert not is_good(token, purpose=LinkPurpose.CONFIRM_EMAIL)
    assert not is_good("")
    assert not is_good("\ud800\x00")
    link, _ = mailed_links.find(RESET, token, now=NOW)
    mailed_links.spend(link, now=NOW)
    assert not is_good(token)
    with pytest.raises(Rejected):
        mailed_links.spend(link, now=NOW)


def test_who_is_deactivated_has_no_good_link(ada: User) -> None:
    asked()
    token = mailed(NOW)["token"]
    User.objects.update(is_active=False)
    assert not is_good(token)


def test_no_mailbox_is_filled(ada: User) -> None:
    for _ in range(5):
        asked()
    post(NOW)
    assert len(mail.outbox) == 3
    hour_later = NOW + timedelta(hours=1, seconds=1)
    asked(now=hour_later)
    post(hour_later)
    assert len(mail.outbox) == 4


def test_a_new_link_to_confirm_makes_the_one_before_void(ada: User) -> None:
    User.objects.update(email_confirmed_at=None)
    tokens = []
    for _ in range(2):
        with transaction.atomic():
            mailed_links.ask_to_confirm(ada, now=NOW)
        tokens.append(mailed(NOW)["token"])
    assert [is_good(token, purpose=LinkPurpose.CONFIRM_EMAIL) for token in tokens] == [False, True]
    assert is_good(tokens[1], NOW + timedelta(days=2, hours=23), LinkPurpose.CONFIRM_EMAIL)
    assert not is_good(tokens[1], NOW + timedelta(days=3), LinkPurpose.CONFIRM_EMAIL)


def test_what_was_refused_or_lost_is_sent_later(ada: User, settings: Settings) -> None:
    User.objects.create(username="bob", email="bob@example.net", email_confirmed_at=NOW)
    settings.EMAIL_BACKEND = f"{__name__}.FullMailbox"
    refused, lost = asked("bob@example.net"), asked()
    with pytest.raises(ConnectionRefusedError):
        mailed_links.send_link(refused.pk, now=NOW)
    refused.refresh_from_db()
    assert (refused.settled_at, refused.token_hash) == (None, None)
    mailed_links.send_waiting(NOW + timedelta(seconds=29))
    assert not mail.outbox
    mailed_links.send_waiting(NOW + timedelta(seconds=31))
    assert [message.to for message in mail.outbox] == [["Ada@example.org"]]
    lost.refresh_from_db()
    assert lost.settled_at is not None
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    mailed_links.send_waiting(NOW + timedelta(seconds=91))
    assert [message.to for message in mail.outbox] == [["Ada@example.org"], ["bob@example.net"]]


def test_what_is_too_old_is_not_sent_and_is_forgotten(ada: User) -> None:
    link = asked()
    late = NOW + timedelta(hours=1, seconds=1)
    mailed_links.send_link(link.pk, now=late)
    mailed_links.send_waiting(late)
    assert not mail.outbox
    kept = asked(now=late)
    mailed_links.prune(late)
    assert list(MailedLink.objects.all()) == [kept]
