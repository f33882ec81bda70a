"""That nothing takes longer, or less long, because somebody is known. Slow: with real hashes, interleaved, medians."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from statistics import median
from time import perf_counter
from uuid import uuid4

import pytest
from django.contrib.auth.hashers import make_password
from pytest_django import Settings

from knowledge.models import User
from tests.caches import own_cache
from tests.client import Client

PASSWORD = "a wonderful winter day"
WRONG = "a terrible winter day"
MEASUREMENTS = 4
# Medians of what should be alike may differ by so much, by the noise of a machine that does other things too.
ALIKE = 0.25
SIGN_IN = """mutation($name: String!, $password: String!) {
  tokenAuth(username: $name, password: $password) { refreshExpiresIn } }"""
ASK = "mutation($email: String!) { passwordResetRequest(input: {email: $email}) { errors { code } } }"
REGISTER = "mutation($input: AccountRegisterInput!) { accountRegister(input: $input) { errors { code } } }"

Attempt = Callable[[], None]

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def as_in_production(settings: Settings, db: None) -> None:
    """Hashes that cost what they do there, transactions that commit, and no limit that ends the measurement."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    settings.CACHES = own_cache()
    settings.SIGN_IN_LIMIT_ACCOUNT = settings.SIGN_IN_LIMIT_ADDRESS = settings.SIGN_IN_LIMIT_ANYWHERE = 10_000
    hashed = make_password(PASSWORD)
    confirmed = {"email": "known@example.org", "email_confirmed_at": datetime.now(UTC)}
    User.objects.create(username="known", password=hashed, **confirmed)
    User.objects.create(username="gone", password=hashed, is_active=False)
    User.objects.create(username="passwordless", password=make_password(None))


def fresh(prefix: str) -> Iterator[str]:
    while True:
        yield f"{prefix}-{uuid4().hex[:12]}"


def medians(attempts: dict[str, Attempt], rounds: int) -> dict[str, float]:
    """In turns, each first as often as last; milliseconds."""
    took: dict[str, list[float]] = {name: [] for name in attempts}
    for number in range(-2, rounds):
        for name in list(attempts) if number % 2 else list(attempts)[::-1]:
            began = perf_counter()
            attempts[name]()
            if number >= 0:
                took[name].append((perf_counter() - began) * 1000)
    found = {name: round(median(times), 2) for name, times in took.items()}
    print(found)  # noqa: T201 - what was measured
    return found


def assert_alike(attempts: dict[str, Attempt], *, rounds: int) -> None:
    """A difference is there each time it is measured; what a busy machine does to a measurement is not."""
    measured: list[dict[str, float]] = []
    for _ in range(MEASUREMENTS):
        found = medians(attempts, rounds)
        if max(found.values()) <= min(found.values()) * (1 + ALIKE):
            return
        measured.append(found)
    pytest.fail(f"not alike: {measured}")


def test_no_failure_to_sign_in_tells_who_is_known(api: Client) -> None:
    unknown = fresh("unknown")

    def fail(name: str, password: str) -> None:
        assert api.run(SIGN_IN, {"name": name, "password": password}).codes == ["INVALID_CREDENTIALS"]

    assert_alike(
        {
            "known": lambda: fail("known", WRONG),
            "unknown": lambda: fail(next(unknown), WRONG),
            "deactivated, right password": lambda: fail("gone", PASSWORD),
            "without a password": lambda: fail("passwordless", WRONG),
        },
        rounds=11,
    )


def test_asking_for_a_link_does_not_tell_who_has_an_address(api: Client) -> None:
    unknown = fresh("unknown")

    def ask(email: str) -> None:
        assert api.run(ASK, {"email": email}).data == {"passwordResetRequest": {"errors": []}}

    assert_alike(
        {"known": lambda: ask("known@example.org"), "unknown": lambda: ask(f"{next(unknown)}@example.org")}, rounds=60
    )


def test_registering_does_not_tell_who_has_an_address(api: Client) -> None:
    names = fresh("a")

    def register(email: str) -> None:
        given = {"username": next(names), "email": email, "password": PASSWORD}
        assert api.run(REGISTER, {"input": given}).data == {"accountRegister": {"errors": []}}

    assert_alike(
        {"known": lambda: register("known@example.org"), "unknown": lambda: register(f"{next(names)}@x.org")},
        rounds=11,
    )
