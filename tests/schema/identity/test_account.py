"""One's own account: profile, address, password, and what is mailed about it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from pytest_django import Settings

from knowledge.models import AuditEvent, MailedLink, Session, User
from knowledge.services import sessions
from schema.identity.authentication import authenticate_request
from tests.cast import PASSWORD, Cast, make_cast
from tests.client import Client
from tests.mailbox import mailed, post
from tests.snapshot import every_row

NEW = "a wonderful winter day"
UPDATE = """mutation($input: AccountUpdateInput!) { accountUpdate(input: $input) {
  viewer { email emailVerified timeZone user { displayName bio } } errors { path code }
} }"""
CONFIRM = """mutation($token: String!) { emailConfirm(input: {token: $token}) {
  viewer { email emailVerified } errors { path code }
} }"""
CHANGE = """mutation($old: String!, $new: String!) {
  passwordChange(input: {oldPassword: $old, newPassword: $new}) { token refreshToken errors { path code } }
}"""
ASK = "mutation($email: String!) { passwordResetRequest(input: {email: $email}) { errors { path code } } }"
RESET = """mutation($uid: String!, $token: String!, $new: String!) {
  passwordReset(input: {uid: $uid, token: $token, newPassword: $new}) { errors { path code } }
}"""
SIGN_IN = """mutation($name: String!, $password: String!) {
  tokenAuth(username: $name, password: $password) { user { username } }
}"""


@pytest.fixture(autouse=True)
def no_failures_yet(settings: Settings) -> None:
    """Failed sign-ins are counted in the cache: each test has its own."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": uuid4().hex}}


@pytest.fixture
def people(db: None) -> Cast:
    """The cast, with their password; the author has confirmed an address."""
    cast = make_cast(PASSWORD)
    User.objects.filter(pk=cast.author.pk).update(email="author@example.org", email_confirmed_at=datetime.now(UTC))
    return cast


def updated(api: Client, user: User, **changes: Any) -> tuple[Any, list[tuple[list[str], str]]]:
    payload = api.run(UPDATE, {"input": changes}, as_=user).data["accountUpdate"]
    return payload["viewer"], [(error["path"], error["code"]) for error in payload["errors"]]


def signs_in(api: Client, password: str, name: str = "author") -> bool:
    return "errors" not in api.run(SIGN_IN, {"name": name, "password": password}).body


def errors_of(api: Client, mutation: str, /, **given: str) -> list[tuple[list[str], str]]:
    return errors_as(None, api, mutation, **given)


def errors_as(user: User | None, api: Client, mutation: str, /, **given: str) -> list[tuple[list[str], str]]:
    (payload,) = api.run(mutation, given, as_=user).data.values()
    return [(error["path"], error["code"]) for error in payload["errors"]]


def every_row_but_the_trail() -> dict[str, list[tuple[Any, ...]]]:
    """A wrong password leaves its trace there, and nowhere else."""
    return {table: rows for table, rows in every_row().items() if table != "knowledge_auditevent"}


def trail() -> list[str]:
    return list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))


class TestProfile:
    def test_says_what_people_say_of_themselves(self, people: Cast, api: Client) -> None:
        viewer, errors = updated(
            api, people.author, displayName=" Ada  L. ", bio="Learns.\r\nTeaches.", timeZone="Africa/Nairobi"
        )
        assert errors == []
        assert viewer == {
            "email": "author@example.org",
            "emailVerified": True,
            "timeZone": "Africa/Nairobi",
            "user": {"displayName": "Ada L.", "bio": "Learns.\nTeaches."},
        }
        assert User.objects.get(username="peer").time_zone == "UTC"

    def test_what_is_left_out_stays_and_null_empties(self, people: Cast, api: Client) -> None:
        updated(api, people.author, displayName="Ada", bio="Learns.")
        assert updated(api, people.author, bio=None)[0]["user"] == {"displayName": "Ada", "bio": ""}
        assert updated(api, people.author, displayName=None)[0]["user"] == {"displayName": "", "bio": ""}

    @pytest.mark.parametrize(
        ("changes", "errors"),
        [
            ({"displayName": "a" * 101}, [("displayName", "TOO_LONG")]),
            ({"displayName": "\x00"}, [("displayName", "INVALID")]),
            ({"bio": "a" * 2_001}, [("bio", "TOO_LONG")]),
            ({"timeZone": "Mars/Olympus"}, [("timeZone", "INVALID")]),
            ({"timeZone": "../../etc/passwd"}, [("timeZone", "INVALID")]),
            ({"timeZone": None}, [("timeZone", "REQUIRED")]),
            ({"email": None}, [("email", "REQUIRED")]),
            ({"email": "", "currentPassword": PASSWORD}, [("email", "REQUIRED")]),
            (
                {"email": "no", "bio": "a" * 2_001},
                [("bio", "TOO_LONG"), ("email", "INVALID"), ("currentPassword", "REQUIRED")],
            ),
            ({"email": "new@example.org"}, [("currentPassword", "REQUIRED")]),
            ({"email": "new@example.org", "currentPassword": "wrong", "bio": "Lost"}, [("currentPassword", "INVALID")]),
        ],
    )
    def test_mistakes_are_told_and_nothing_changes(
        self, people: Cast, api: Client, changes: dict[str, Any], errors: list[tuple[str, str]]
    ) -> None:
        api.authorization(people.author)
        before = every_row_but_the_trail()
        assert updated(api, people.author, **changes) == (None, [(["input", field], code) for field, code in errors])
        assert every_row_but_the_trail() == before

    def test_only_who_is_signed_in(self, people: Cast, api: Client) -> None:
        assert api.run(UPDATE, {"input": {"bio": "Mine"}}).codes == ["UNAUTHENTICATED"]

    def test_the_longest_that_fits(self, people: Cast, api: Client) -> None:
        assert updated(api, people.author, displayName="a" * 100, bio="𝄞" * 2_000)[1] == []


class TestAddress:
    def test_another_one_counts_once_it_is_confirmed(self, people: Cast, api: Client) -> None:
        viewer, errors = updated(api, people.author, email="New@EXAMPLE.org", currentPassword=PASSWORD)
        assert (viewer["email"], viewer["emailVerified"], errors) == ("New@example.org", False, [])
        token = mailed()["token"]
        assert mail.outbox[0].to == ["New@example.org"]
        assert api.run(CONFIRM, {"token": token}).data["emailConfirm"] == {"viewer": None, "errors": []}
        assert api.run("{ viewer { email emailVerified } }", as_=people.author).data["viewer"] == {
            "email": "New@example.org",
            "emailVerified": True,
        }
        assert errors_of(api, CONFIRM, token=token) == [(["input", "token"], "INVALID")]

    def test_who_is_signed_in_sees_themselves_and_nobody_else(self, people: Cast, api: Client) -> None:
        for who, seen in ((people.author, {"email": "a@example.org", "emailVerified": True}), (people.peer, None)):
            updated(api, people.author, email="a@example.org", currentPassword=PASSWORD)
            User.objects.filter(pk=people.author.pk).update(email_confirmed_at=None)
            updated(api, people.author, email="a@example.org")
            token = post()[-1]["token"]
            assert api.run(CONFIRM, {"token": token}, as_=who).data["emailConfirm"] == {"viewer": seen, "errors": []}

    def test_a_wrong_password_is_counted_as_a_failed_sign_in(
        self, people: Cast, api: Client, settings: Settings
    ) -> None:
        settings.SIGN_IN_LIMIT_ACCOUNT = 2
        given = {"input": {"email": "b@example.org", "currentPassword": "wrong"}}
        answers = [api.run(UPDATE, given, as_=people.author) for _ in range(3)]
        assert [answer.codes for answer in answers] == [[], [], ["RATE_LIMITED"]]

    def test_one_that_is_not_confirmed_is_mailed_again(self, people: Cast, api: Client) -> None:
        updated(api, people.author, email="new@example.org", currentPassword=PASSWORD)
        updated(api, people.author, email="new@example.org")
        assert [link.used_at is None for link in MailedLink.objects.order_by("pk")] == [False, True]
        api.run(CONFIRM, {"token": post()[-1]["token"]})
        assert updated(api, people.author, email="new@example.org")[0]["emailVerified"]
        assert MailedLink.objects.count() == 2

    def test_of_two_with_one_address_the_first_to_confirm_has_it(self, people: Cast, api: Client) -> None:
        for user in (people.peer, people.reviewer):
            assert updated(api, user, email="Both@example.org", currentPassword=PASSWORD)[1] == []
        first, second = (given["token"] for given in post())
        assert errors_of(api, CONFIRM, token=first) == []
        assert errors_of(api, CONFIRM, token=second) == [(["input", "token"], "DUPLICATE")]
        assert User.objects.filter(email_confirmed_at__isnull=False, email="Both@example.org").count() == 1

    def test_links_to_the_one_before_are_void(self, people: Cast, api: Client) -> None:
        api.run(ASK, {"email": "author@example.org"})
        given = mailed()
        updated(api, people.author, email="new@example.org", currentPassword=PASSWORD)
        assert errors_of(api, RESET, **given, new=NEW) == [(["input", "token"], "INVALID")]


class TestPasswordChange:
    def test_ends_every_other_session_and_goes_on_in_this_one(self, people: Cast, api: Client) -> None:
        other, refresh_token = sessions.open_session(people.author, user_agent="", address=None, now=datetime.now(UTC))
        before = api.authorization(people.author)
        given = api.run(CHANGE, {"old": PASSWORD, "new": NEW}, as_=people.author).data["passwordChange"]
        assert given["errors"] == []
        assert api.run("{ viewer { role } }", as_=people.author).codes == ["TOKEN_INVALID"]
        viewer = authenticate_request(f"JWT {given['token']}")
        (kept,) = Session.objects.filter(ended_at=None)
        assert (viewer.id, viewer.session_id) == (people.author.pk, kept.pk)
        api.headers[people.author.pk] = f"JWT {given['token']}"
        assert before != api.headers[people.author.pk]
        asked = "mutation($it: String!) { refreshToken(refreshToken: $it) { refreshToken } }"
        assert api.run(asked, {"it": given["refreshToken"]}).data["refreshToken"]["refreshToken"]
        assert api.run(asked, {"it": refresh_token}).codes == ["TOKEN_INVALID"]
        other.refresh_from_db()
        assert other.end_reason == "PASSWORD_CHANGED"
        assert (signs_in(api, PASSWORD), signs_in(api, NEW)) == (False, True)
        assert trail() == ["user.password_changed", "user.sign_in_failed", "user.signed_in"]

    @pytest.mark.parametrize(
        ("old", "new", "errors"),
        [
            ("wrong", NEW, [("oldPassword", "INVALID")]),
            (PASSWORD, "", [("newPassword", "REQUIRED")]),
            (PASSWORD, "1234567890", [("newPassword", "WEAK_PASSWORD")] * 2),
            (PASSWORD, "a" * 129, [("newPassword", "TOO_LONG")]),
        ],
    )
    def test_is_refused(self, people: Cast, api: Client, old: str, new: str, errors: list[tuple[str, str]]) -> None:
        api.authorization(people.author)
        before = every_row_but_the_trail()
        assert errors_as(people.author, api, CHANGE, old=old, new=new) == [
            (["input", field], code) for field, code in errors
        ]
        assert every_row_but_the_trail() == before

    def test_guessing_the_old_one_is_throttled(self, people: Cast, api: Client, settings: Settings) -> None:
        settings.SIGN_IN_LIMIT_ACCOUNT = 2
        answers = [api.run(CHANGE, {"old": "wrong", "new": NEW}, as_=people.author) for _ in range(3)]
        assert [answer.codes for answer in answers] == [[], [], ["RATE_LIMITED"]]
        # Who is at it has used up their own attempts, and not those to sign in.
        assert signs_in(api, PASSWORD)

    def test_only_who_is_signed_in(self, people: Cast, api: Client) -> None:
        assert api.run(CHANGE, {"old": PASSWORD, "new": NEW}).codes == ["UNAUTHENTICATED"]


class TestPasswordReset:
    def test_by_mail_ends_every_session(self, people: Cast, api: Client) -> None:
        api.authorization(people.author)
        assert errors_of(api, ASK, email="AUTHOR@example.org") == []
        given = mailed()
        assert errors_of(api, RESET, **given, new=NEW) == []
        assert api.run("{ viewer { role } }", as_=people.author).codes == ["TOKEN_INVALID"]
        assert not Session.objects.filter(ended_at=None).exists()
        assert (signs_in(api, PASSWORD), signs_in(api, NEW)) == (False, True)
        assert errors_of(api, RESET, **given, new="another wonderful day") == [(["input", "token"], "INVALID")]
        event = AuditEvent.objects.earliest("pk")
        assert (event.action, event.actor, event.subject_id, event.address) == (
            "user.password_reset",
            None,
            people.author.pk,
            "127.0.0.1",
        )

    @pytest.mark.parametrize("email", ["author@example.org", "nobody@example.org", "", "no", "a\x00b", "a" * 300])
    def test_asking_answers_the_same_whoever_has_the_address(self, people: Cast, api: Client, email: str) -> None:
        answer = api.run(ASK, {"email": email})
        assert (answer.status, answer.data) == (200, {"passwordResetRequest": {"errors": []}})

    def test_every_other_link_is_void_once_one_was_used(self, people: Cast, api: Client) -> None:
        for _ in range(2):
            api.run(ASK, {"email": "author@example.org"})
        uid = str(people.author.pk)
        first, second = (given["token"] for given in post())
        assert errors_of(api, RESET, uid=uid, token=second, new=NEW) == []
        assert errors_of(api, RESET, uid=uid, token=first, new=NEW) == [(["input", "token"], "INVALID")]

    def test_a_weak_password_leaves_the_link_good(self, people: Cast, api: Client) -> None:
        api.run(ASK, {"email": "author@example.org"})
        given = mailed()
        assert errors_of(api, RESET, **given, new="password") == [
            (["input", "newPassword"], "WEAK_PASSWORD"),
            (["input", "newPassword"], "WEAK_PASSWORD"),
        ]
        assert errors_of(api, RESET, **given, new=NEW) == []

    def test_a_link_is_one_persons_and_ends(self, people: Cast, api: Client) -> None:
        api.run(ASK, {"email": "author@example.org"})
        given = mailed()
        spent = [(["input", "token"], "INVALID")]
        assert errors_of(api, RESET, **{**given, "uid": str(people.peer.pk)}, new=NEW) == spent
        assert errors_of(api, RESET, **{**given, "token": "x"}, new=NEW) == spent
        MailedLink.objects.update(expires_at=datetime.now(UTC) - timedelta(seconds=1))
        assert errors_of(api, RESET, **given, new=NEW) == spent
        assert signs_in(api, PASSWORD)
