"""That nobody is known by what is done for them: the same work, of which `make bench-timing` measures the time."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.contrib.auth.hashers import make_password
from pytest_django import Settings

from knowledge.models import User
from tests.client import Client
from tests.schema.identity.counting import CACHE, HASHER, Work, done_by

PASSWORD = "a wonderful winter day"
WRONG = "a terrible winter day"
SIGN_IN = """mutation($name: String!, $password: String!) {
  tokenAuth(username: $name, password: $password) { refreshExpiresIn } }"""
ASK = "mutation($email: String!) { passwordResetRequest(input: {email: $email}) { errors { code } } }"
REGISTER = "mutation($input: AccountRegisterInput!) { accountRegister(input: $input) { errors { code } } }"
FAILING = [("known", WRONG), ("unknown", WRONG), ("gone", PASSWORD), ("gone", WRONG), ("passwordless", WRONG)]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def people(settings: Settings, db: None) -> None:
    """Known, deactivated and without a password; what is done is counted."""
    settings.PASSWORD_HASHERS = [HASHER]
    settings.RATE_LIMIT = True
    hashed = make_password(PASSWORD)
    confirmed = {"email": "known@example.org", "email_confirmed_at": datetime.now(UTC)}
    User.objects.create(username="known", password=hashed, **confirmed)
    User.objects.create(username="gone", password=hashed, is_active=False, email="gone@example.org")
    User.objects.create(username="passwordless", password=make_password(None))


@pytest.fixture
def anew(settings: Settings) -> Callable[[], None]:
    """Makes all counts begin at nothing: else the second attempt would find what the first left."""

    def make() -> None:
        settings.CACHES = {"default": {"BACKEND": CACHE, "LOCATION": uuid4().hex}}

    make()
    return make


def of_a_sign_in(api: Client, name: str, password: str) -> Work:
    return done_by(lambda: api.run(SIGN_IN, {"name": name, "password": password}).content)


def test_a_failure_to_sign_in_is_the_same_work_for_everybody(api: Client, anew: Callable[[], None]) -> None:
    of_a_sign_in(api, "warm", WRONG)
    done = []
    for name, password in FAILING:
        anew()
        done.append(of_a_sign_in(api, name, password))
    assert all(work == done[0] for work in done[1:])
    assert b"INVALID_CREDENTIALS" in done[0].answer
    # One password is checked, whoever there is; and a failure is written down.
    assert done[0].hashes == ["m=8,t=1,p=1"]
    assert done[0].written == {"AuditEvent": 1, "MailedLink": 0, "OutboxEvent": 0}
    assert "incr throttle:sign-in:address:127.0.0.1" in done[0].cached
    assert done[0].statements


def test_so_is_one_that_has_to_wait(api: Client, settings: Settings, anew: Callable[[], None]) -> None:
    settings.SIGN_IN_LIMIT_ACCOUNT = 1
    done = []
    for name, password in FAILING:
        anew()
        of_a_sign_in(api, name, password)
        done.append([of_a_sign_in(api, name, password) for _ in range(2)])
    # How many seconds are left is told; that may be one less.
    for works in done:
        for work in works:
            assert b"RATE_LIMITED" in work.answer
            work.answer = b""
    assert all(works == done[0] for works in done[1:])
    assert [work.hashes for work in done[0]] == [[], []]


@pytest.mark.parametrize("address", ["unknown@example.org", "gone@example.org", "KNOWN@example.org"])
def test_asking_for_a_link_is_the_same_work_whoever_has_the_address(
    api: Client, anew: Callable[[], None], address: str
) -> None:
    def ask(email: str) -> Work:
        anew()
        return done_by(lambda: api.run(ASK, {"email": email}).content)

    ask("warm@example.org")
    known = ask("known@example.org")
    assert ask(address) == known
    # The mail is a worker's to send, and its secret a worker's to make.
    assert known.written == {"AuditEvent": 0, "MailedLink": 1, "OutboxEvent": 1}
    assert (known.mailed, known.hashes) == (0, [])
    assert known.answer == b'{"data":{"passwordResetRequest":{"errors":[]}}}'


def test_registering_is_the_same_work_whoever_has_the_address(api: Client, anew: Callable[[], None]) -> None:
    def register(username: str, email: str) -> Work:
        anew()
        given = {"username": username, "email": email, "password": PASSWORD}
        return done_by(lambda: api.run(REGISTER, {"input": given}).content)

    register("warm", "warm@example.org")
    known, unknown = register("first", "known@example.org"), register("second", "unknown@example.org")
    assert known == unknown
    assert known.answer == b'{"data":{"accountRegister":{"errors":[]}}}'
    assert (known.hashes, known.mailed) == (["m=8,t=1,p=1"], 0)
    assert known.written == {"AuditEvent": 0, "MailedLink": 1, "OutboxEvent": 2}


def test_work_that_differs_is_seen(api: Client, anew: Callable[[], None]) -> None:
    of_a_sign_in(api, "warm", WRONG)
    anew()
    failed = of_a_sign_in(api, "known", WRONG)
    anew()
    right = of_a_sign_in(api, "known", PASSWORD)
    for part in ("statements", "cached", "answer"):
        assert getattr(failed, part) != getattr(right, part), part
