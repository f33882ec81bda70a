"""How often somebody may fail to sign in."""

import os
import threading
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from pytest_django import Settings

from knowledge.errors import InvalidCredentials
from schema.errors import CodedError
from schema.identity.sign_in_limit import sign_in_attempt

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture(autouse=True, params=["process", pytest.param("redis", marks=pytest.mark.redis)])
def own_cache(request: pytest.FixtureRequest, settings: Settings) -> None:
    """An empty cache, in the process and in Redis."""
    backend = (
        {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
        if request.param == "process"
        else {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": os.environ["NEXUS_TEST_REDIS_URL"],
        }
    )
    settings.CACHES = {"default": {**backend, "KEY_PREFIX": uuid4().hex}}


def attempt(username: str = "ada", address: str | None = None, *, right: bool = False, now: datetime = NOW) -> str:
    """`in`, `failed`, or the seconds to wait."""
    try:
        _sign_in(username, address, right=right, now=now)
    except InvalidCredentials:
        return "failed"
    except CodedError as refusal:
        return str((refusal.extensions or {})["retryAfter"])
    return "in"


def _sign_in(username: str, address: str | None, *, right: bool, now: datetime) -> None:
    with sign_in_attempt(username=username, address=address, now=now):
        if not right:
            raise InvalidCredentials


def test_the_refusal_has_its_code_and_says_how_long_to_wait(settings: Settings) -> None:
    settings.SIGN_IN_LIMIT_ACCOUNT = 1
    attempt()
    with pytest.raises(CodedError, match=r"^Too many failures\. Wait 900 seconds\.$") as caught:
        _sign_in("ada", None, right=True, now=NOW)
    assert caught.value.extensions == {"code": "RATE_LIMITED", "retryAfter": 900}


def test_an_account_fails_ten_times_and_waits() -> None:
    assert [attempt() for _ in range(12)] == ["failed"] * 10 + ["900", "900"]
    assert attempt(right=True) == "900"
    assert attempt("ADA", right=True) == "900"
    assert attempt("eve", right=True) == "in"


def test_the_wait_ends_a_quarter_of_an_hour_after_the_first_failure() -> None:
    attempt()
    for _ in range(10):
        attempt(now=NOW + timedelta(minutes=10))
    assert attempt(now=NOW + timedelta(minutes=14, seconds=58, milliseconds=500)) == "2"
    assert attempt(right=True, now=NOW + timedelta(minutes=15)) == "in"
    assert attempt(now=NOW + timedelta(minutes=15)) == "failed"


def test_success_is_not_counted_and_forgives_nothing() -> None:
    for _ in range(9):
        attempt()
    assert [attempt(right=True) for _ in range(30)] == ["in"] * 30
    assert [attempt(), attempt()] == ["failed", "900"]


def test_an_address_fails_fifty_times_over_all_names() -> None:
    outcomes = [attempt(f"name{number}", "192.0.2.1") for number in range(51)]
    assert outcomes == ["failed"] * 50 + ["900"]
    assert attempt("another", "192.0.2.1", right=True) == "900"
    assert attempt("another", "192.0.2.2", right=True) == "in"
    assert attempt("another", right=True) == "in"


def test_an_address_that_has_to_wait_uses_up_no_account() -> None:
    for number in range(50):
        attempt(f"name{number}", "192.0.2.1")
    for _ in range(20):
        attempt("victim", "192.0.2.1")
    assert attempt("victim", "192.0.2.2", right=True) == "in"


def test_all_of_an_ipv6_network_is_one_address(settings: Settings) -> None:
    settings.SIGN_IN_LIMIT_ADDRESS = 1
    assert attempt("one", "2001:db8:0:1::1") == "failed"
    assert attempt("two", "2001:db8:0:1:ffff::2") == "900"
    assert attempt("three", "2001:db8:0:2::1") == "failed"


def test_another_error_inside_is_not_a_failure() -> None:
    for _ in range(60):
        with pytest.raises(ZeroDivisionError), sign_in_attempt(username="ada", address="192.0.2.1", now=NOW):
            raise ZeroDivisionError
    assert attempt(address="192.0.2.1", right=True) == "in"


@pytest.mark.parametrize("username", ["", "x" * 100_000, "\x00", "\ud800", "with space", "名"])
def test_any_name_can_be_counted(username: str, settings: Settings) -> None:
    settings.SIGN_IN_LIMIT_ACCOUNT = 1
    assert [attempt(username), attempt(username)] == ["failed", "900"]


def test_of_many_at_once_no_more_than_ten_get_to_the_password() -> None:
    barrier = threading.Barrier(30)
    outcomes: list[str] = []

    def fail() -> None:
        barrier.wait()
        outcomes.append(attempt())

    threads = [threading.Thread(target=fail) for _ in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["900"] * 20 + ["failed"] * 10
