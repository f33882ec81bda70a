"""Which services a test run finds, and what it says of those that it was told of in vain."""

import os
from pathlib import Path

import pytest

from ops.errors import CannotRun
from ops.services import answers_postgres, find_services, usual_databases, without_password

NOWHERE = "127.0.0.1:1"


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("DATABASE_URL", f"postgresql://someone:secret@{NOWHERE}/nexus"),
        ("RABBITMQ_URL", f"amqp://someone:secret@{NOWHERE}/"),
        ("CACHE_URL", f"redis://someone:secret@{NOWHERE}/0"),
    ],
)
def test_a_service_that_was_named_must_answer(name: str, url: str) -> None:
    with pytest.raises(CannotRun) as refused:
        find_services({name: url}, Path("/somewhere"))
    assert str(refused.value) == (
        f"{name} is set, but nothing that can be used answers at {url.replace('secret', '***')}."
    )


def test_a_database_that_was_named_is_used() -> None:
    url = os.environ["DATABASE_URL"]
    assert find_services({"DATABASE_URL": url}, Path("/somewhere")).database_url == url


def test_where_nothing_listens_there_is_no_server() -> None:
    assert not answers_postgres(f"postgresql://nobody-we-know:wrong@{NOWHERE}/nexus")


@pytest.mark.rabbitmq
def test_a_broker_that_was_named_is_used() -> None:
    url = os.environ["NEXUS_TEST_RABBITMQ_URL"]
    assert find_services({"RABBITMQ_URL": url}, Path("/somewhere")).rabbitmq_url == url


@pytest.mark.redis
def test_a_cache_that_was_named_is_used() -> None:
    url = os.environ["NEXUS_TEST_REDIS_URL"]
    assert find_services({"CACHE_URL": url}, Path("/somewhere")).redis_url == url


def test_two_checkouts_use_two_databases() -> None:
    here, there = usual_databases(Path("/here")), usual_databases(Path("/there"))
    assert here == usual_databases(Path("/here"))
    assert not set(here) & set(there)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://me:secret@host:1/name", "postgresql://me:***@host:1/name"),
        ("redis://:secret@host/0", "redis://:***@host/0"),
        ("postgresql://me@host/name", "postgresql://me@host/name"),
    ],
)
def test_passwords_are_not_shown(url: str, shown: str) -> None:
    assert without_password(url) == shown
