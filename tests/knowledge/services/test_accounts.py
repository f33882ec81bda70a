"""Registering an account, and telling whether somebody is who they say."""

import threading
from datetime import UTC, datetime

import pytest
from django.contrib.auth import hashers
from django.db import connection

from knowledge.errors import Mistake, MistakeCode, Rejected
from knowledge.models import MailedLink, OutboxEvent, Role, User
from knowledge.services import accounts
from tests.cast import PASSWORD
from tests.effort import effort

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
GOOD = {"username": "ada.l-1_x", "email": "ada@example.org", "password": PASSWORD, "display_name": "Ada L."}


def refused(**changes: str) -> list[tuple[tuple[str, ...], str]]:
    """Where and why registering with these changes is refused."""
    with pytest.raises(Rejected) as caught:
        accounts.register(**{**GOOD, **changes}, now=NOW)
    return [(mistake.path, mistake.code.value) for mistake in caught.value.mistakes]


@pytest.mark.django_db
def test_registers_a_contributor_and_records_it() -> None:
    user = accounts.register(**GOOD, now=NOW)

    saved = User.objects.get()
    assert saved == user
    assert (saved.username, saved.display_name, saved.email) == ("ada.l-1_x", "Ada L.", "ada@example.org")
    assert (saved.role, saved.is_active, saved.email_confirmed_at) == (Role.CONTRIBUTOR, True, None)
    assert (saved.joined_at, saved.token_version) == (NOW, 1)
    assert saved.password.startswith("argon2$")
    link = MailedLink.objects.get(user=user)
    assert (link.purpose, link.email, link.settled_at) == ("CONFIRM_EMAIL", "ada@example.org", None)
    assert list(OutboxEvent.objects.order_by("pk").values_list("type", "subject_type", "subject_id", "payload")) == [
        ("user.registered", "User", user.pk, {}),
        ("link.asked", "MailedLink", link.pk, {}),
    ]


@pytest.mark.django_db
def test_trims_what_stands_around_and_lowers_the_domain() -> None:
    user = accounts.register(
        username=" ada ", email=" Ada@EXAMPLE.org ", password=PASSWORD, display_name=" Ada ", now=NOW
    )
    assert (user.username, user.email, user.display_name) == ("ada", "Ada@example.org", "Ada")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "where_and_why"),
    [
        ({"username": ""}, [(("username",), "REQUIRED")]),
        ({"username": "  "}, [(("username",), "REQUIRED")]),
        ({"username": "ab"}, [(("username",), "TOO_SHORT")]),
        ({"username": "a" * 31}, [(("username",), "TOO_LONG")]),
        ({"username": "1ada"}, [(("username",), "INVALID")]),
        ({"username": "ada lovelace"}, [(("username",), "INVALID")]),
        ({"username": "аda"}, [(("username",), "INVALID")]),  # noqa: RUF001 - Cyrillic on purpose
        ({"username": "ada\x00"}, [(("username",), "INVALID")]),
        ({"username": "?"}, [(("username",), "TOO_SHORT"), (("username",), "INVALID")]),
        ({"email": ""}, [(("email",), "REQUIRED")]),
        ({"email": "ada"}, [(("email",), "INVALID")]),
        ({"email": "ada@example.org\nbcc: eve@example.org"}, [(("email",), "INVALID")]),
        ({"email": "ada@\ud800.org"}, [(("email",), "INVALID")]),
        ({"email": "a" * 250 + "@example.org"}, [(("email",), "TOO_LONG")]),
        ({"display_name": "a" * 101}, [(("display_name",), "TOO_LONG")]),
        ({"display_name": "Ada\x00"}, [(("display_name",), "INVALID")]),
        ({"display_name": "Ada\udfff"}, [(("display_name",), "INVALID")]),
        ({"password": ""}, [(("password",), "REQUIRED")]),
        ({"password": "a" * 129}, [(("password",), "TOO_LONG")]),
        ({"password": "correct horse\ud800 battery"}, [(("password",), "INVALID")]),
        ({"password": "xq7-vkw"}, [(("password",), "WEAK_PASSWORD")]),
        ({"password": "password123"}, [(("password",), "WEAK_PASSWORD")]),
        ({"password": "73950173650184"}, [(("password",), "WEAK_PASSWORD")]),
        ({"password": "lovelace-ada", "display_name": "Lovelace Ada"}, [(("password",), "WEAK_PASSWORD")]),
        ({"password": "12345"}, [(("password",), "WEAK_PASSWORD")] * 3),
    ],
)
def test_refuses_and_stores_nothing(changes: dict[str, str], where_and_why: list[tuple[tuple[str, ...], str]]) -> None:
    assert refused(**changes) == where_and_why
    assert not User.objects.exists()
    assert not OutboxEvent.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "changes",
    [
        {"username": "ada"},
        {"username": "a" * 30},
        {"password": "xq7-vkw-2mz"[:10]},
        {"password": "é" * 64 + "x" * 64},
        {"display_name": ""},
        {"display_name": "山田 太郎"},
    ],
)
def test_takes_what_is_just_right(changes: dict[str, str]) -> None:
    accounts.register(**{**GOOD, **changes}, now=NOW)
    assert User.objects.count() == 1


@pytest.mark.django_db
def test_tells_every_mistake_at_once() -> None:
    assert refused(username="", email="no", password="", display_name="\x07") == [
        (("display_name",), "INVALID"),
        (("username",), "REQUIRED"),
        (("email",), "INVALID"),
        (("password",), "REQUIRED"),
    ]


@pytest.mark.django_db
def test_names_of_a_million_characters_are_refused_at_once() -> None:
    long = "ab " * 320_000
    with effort() as spent:
        mistakes = refused(username=long, email=long, display_name=long, password="abcdx-qvw")
    assert mistakes == [
        (("display_name",), "TOO_LONG"),
        (("username",), "TOO_LONG"),
        (("username",), "INVALID"),
        (("email",), "TOO_LONG"),
        (("password",), "WEAK_PASSWORD"),
    ]
    assert spent.calls < 20_000


@pytest.mark.django_db
def test_a_username_is_taken_in_whatever_case_it_is_written() -> None:
    accounts.register(**GOOD, now=NOW)
    with pytest.raises(Rejected) as caught:
        accounts.register(**{**GOOD, "username": "ADA.L-1_X", "email": "other@example.org"}, now=NOW)
    assert caught.value.mistakes == (Mistake(MistakeCode.DUPLICATE, "This username is taken.", ("username",)),)


@pytest.mark.django_db
def test_a_known_address_registers_like_any_other() -> None:
    User.objects.create(username="ada", email="ada@example.org", email_confirmed_at=NOW)
    user = accounts.register(**{**GOOD, "username": "eve"}, now=NOW)
    assert (user.email, user.email_confirmed_at) == ("ada@example.org", None)


@pytest.mark.django_db(transaction=True)
def test_of_eight_at_once_one_gets_the_name() -> None:
    barrier = threading.Barrier(8)
    outcomes: list[str] = []

    def register() -> None:
        try:
            barrier.wait()
            accounts.register(**GOOD, now=NOW)
            outcomes.append("registered")
        except Rejected as refusal:
            outcomes.extend(mistake.code.value for mistake in refusal.mistakes)
        finally:
            connection.close()

    threads = [threading.Thread(target=register) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["DUPLICATE"] * 7 + ["registered"]
    assert (User.objects.count(), OutboxEvent.objects.filter(type="user.registered").count()) == (1, 1)


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["ada.l-1_x", "ADA.L-1_X"])
def test_authenticates_by_name_in_any_case(name: str) -> None:
    user = accounts.register(**GOOD, now=NOW)
    assert accounts.check_credentials(username=name, password=PASSWORD) == (user, True)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("username", "password"),
    [
        (GOOD["username"], "wrong"),
        (GOOD["username"], ""),
        (GOOD["username"], PASSWORD + "\x00"),
        (GOOD["username"], PASSWORD + "\ud800"),
        (GOOD["username"], "x" * 100_000),
        ("nobody", PASSWORD),
        ("", PASSWORD),
        ("ada\x00", PASSWORD),
        ("ada\ud800", PASSWORD),
        ("%", PASSWORD),
    ],
)
def test_refuses_wrong_names_and_passwords_alike(username: str, password: str) -> None:
    accounts.register(**GOOD, now=NOW)
    assert accounts.check_credentials(username=username, password=password)[1] is False


@pytest.mark.django_db
def test_refuses_a_deactivated_account_with_the_right_password() -> None:
    accounts.register(**GOOD, now=NOW)
    User.objects.update(is_active=False)
    assert accounts.check_credentials(username=GOOD["username"], password=PASSWORD)[1] is False


@pytest.mark.django_db
def test_a_text_that_reads_like_the_password_is_not_the_password() -> None:
    accounts.register(**{**GOOD, "password": "does it match?"}, now=NOW)
    assert accounts.check_credentials(username=GOOD["username"], password="does it match\ud800")[1] is False


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("username", "password"),
    [
        (GOOD["username"], PASSWORD),
        (GOOD["username"], "wrong"),
        ("nobody", PASSWORD),
        ("ada\x00", PASSWORD),
        ("passwordless", PASSWORD),
        ("gone", PASSWORD),
    ],
)
def test_every_attempt_costs_one_hash(username: str, password: str, monkeypatch: pytest.MonkeyPatch) -> None:
    accounts.register(**GOOD, now=NOW)
    User.objects.create_user("passwordless")
    User.objects.create_user("gone", PASSWORD, is_active=False)
    hasher = type(hashers.get_hasher())
    spent: list[str] = []
    for work in ("encode", "verify"):
        original = getattr(hasher, work)

        def counted(self: object, *given: str, work: str = work, original: object = original) -> object:
            spent.append(work)
            return original(self, *given)  # type: ignore[operator]

        monkeypatch.setattr(hasher, work, counted)

    accounts.check_credentials(username=username, password=password)
    assert len(spent) == 1


@pytest.mark.django_db
def test_a_hash_of_older_parameters_is_renewed_and_ends_no_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    user = accounts.register(**GOOD, now=NOW)
    monkeypatch.setattr(type(hashers.get_hasher()), "time_cost", 2)

    found, right = accounts.check_credentials(username=GOOD["username"], password=PASSWORD)
    assert found is not None
    assert right

    saved = User.objects.get()
    assert saved.password != user.password
    assert saved.password.startswith("argon2$argon2id$v=19$m=8,t=2,p=1$")
    assert (saved.token_version, found.token_version) == (1, 1)


@pytest.mark.django_db
def test_a_new_password_counts_the_token_version_up() -> None:
    user = accounts.register(**GOOD, now=NOW)
    user.set_password("another horse, another battery")
    user.save()
    assert User.objects.get().token_version == 2
