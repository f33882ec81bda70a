"""How often accounts are made, and links asked for, from one place and for one mailbox."""

from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import Settings

from knowledge.errors import Rejected, TooManyAttempts
from knowledge.models import MailedLink, User
from knowledge.policy import Viewer
from knowledge.services import accounts, passwords, profiles
from tests.caches import own_cache
from tests.cast import PASSWORD, Cast, make_cast, viewer_of

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
HERE, THERE = "192.0.2.1", "192.0.2.2"


@pytest.fixture(autouse=True)
def counted(settings: Settings, db: None) -> None:
    """Limits are on, and nothing is counted yet."""
    settings.CACHES = own_cache()
    settings.RATE_LIMIT = True
    settings.REGISTRATION_LIMIT, settings.MAIL_LIMIT_ADDRESS, settings.MAIL_LIMIT_RECIPIENT = 2, 4, 3


def registered(name: str, *, email: str = "", address: str = HERE, now: datetime = NOW) -> int | None:
    """The seconds to wait, if any."""
    try:
        accounts.register(
            username=name, email=email or f"{name}@example.org", password=PASSWORD, address=address, now=now
        )
    except TooManyAttempts as refused:
        return refused.retry_after
    return None


def asked(email: str, *, address: str = HERE, now: datetime = NOW) -> int | None:
    try:
        passwords.request_reset(email=email, address=address, now=now)
    except TooManyAttempts as refused:
        return refused.retry_after
    return None


def test_so_many_register_from_one_address_in_an_hour() -> None:
    assert [registered(name) for name in ("one", "two", "three")] == [None, None, 3600]
    assert registered("four", address=THERE) is None
    assert registered("five", now=NOW + HOUR) is None
    assert sorted(User.objects.values_list("username", flat=True)) == ["five", "four", "one", "two"]


def test_input_that_is_refused_is_not_counted() -> None:
    for _ in range(5):
        with pytest.raises(Rejected):
            accounts.register(username="1", email="a@example.org", password=PASSWORD, address=HERE, now=NOW)
    assert registered("one") is None


def test_of_one_mailbox_not_many_accounts_are_made() -> None:
    said = [registered(f"one{n}", email="Same@example.org", address=f"192.0.2.{n}") for n in range(4)]
    assert said == [None, None, None, 3600]
    for number, same in enumerate(("same@\uff45xample.org", "SAME@exam\ufe0fple.org", "same+1@example.org")):
        assert registered("two", email=same, address=f"198.51.100.{number}") == 3600
    assert registered("two", email="other@example.org", address=THERE) is None


def test_links_are_asked_for_so_often_from_one_address() -> None:
    assert [asked(f"{n}@example.org") for n in range(5)] == [None] * 4 + [3600]
    assert asked("x@example.org", address=THERE) is None
    assert MailedLink.objects.count() == 5


@pytest.mark.parametrize("email", ["known@example.org", "nobody@example.org"])
def test_links_are_asked_for_so_often_for_one_mailbox_whoever_has_it(email: str) -> None:
    User.objects.create(username="known", email="known@example.org", email_confirmed_at=NOW)
    assert [asked(email, address=f"192.0.2.{n}") for n in range(4)] == [None, None, None, 3600]
    assert asked(email.upper(), address=THERE) == 3600
    assert asked(email, address=THERE, now=NOW + HOUR) is None


def test_another_address_for_an_account_is_counted_likewise() -> None:
    cast: Cast = make_cast(PASSWORD)
    viewer = Viewer(id=cast.author.pk, role=viewer_of(cast.author).role, session_id=1, address=HERE)
    for number in range(4):
        profiles.update_account(viewer, email=f"{number}@example.org", current_password=PASSWORD, now=NOW)
    with pytest.raises(TooManyAttempts):
        profiles.update_account(viewer, email="5@example.org", current_password=PASSWORD, bio="Lost", now=NOW)
    cast.author.refresh_from_db()
    assert (cast.author.email, cast.author.bio) == ("3@example.org", "")
    # What asks for no mail goes on.
    assert profiles.update_account(viewer, bio="Kept", now=NOW).bio == "Kept"


def test_nothing_is_counted_where_charging_is_off(settings: Settings) -> None:
    settings.RATE_LIMIT = False
    assert {registered(f"name{number}") for number in range(4)} == {None}
    assert {asked("a@example.org") for _ in range(6)} == {None}
