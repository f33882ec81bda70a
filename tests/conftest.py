"""Fixtures that every test may use."""

from collections.abc import Generator, Iterator

import pytest
from django.conf import settings
from django.db import connection
from django.test import override_settings
from psycopg2.extensions import TRANSACTION_STATUS_INERROR

from tests import codes, contract, messages
from tests.cast import Cast, make_cast
from tests.client import Client


def pytest_addoption(parser: pytest.Parser) -> None:
    """A part of the tests can be held against a part of the contract."""
    contract.add_option(parser)


def pytest_configure(config: pytest.Config) -> None:
    """What the tests use of the contract is gathered."""
    config.pluginmanager.register(contract.Watch(config))


@pytest.fixture
def cast(db: None) -> Cast:
    """Author, peer, reviewer and staff, saved."""
    return make_cast()


@pytest.fixture
def api() -> Client:
    """A client of the API."""
    return Client()


@pytest.fixture(scope="session", autouse=True)
def answers_are_noted() -> Iterator[None]:
    """The codes of all answers to Django's test client are noted."""
    with override_settings(MIDDLEWARE=[*settings.MIDDLEWARE, codes.MIDDLEWARE]):
        yield


@pytest.fixture(autouse=True)
def only_known_codes() -> Iterator[None]:
    """No test sees a code that is not in the catalogue."""
    yield
    assert codes.unknown() == set()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """A test that may use the database leaves no event behind that is not as documented."""
    yield
    fixtures = getattr(item, "fixturenames", ())
    if (item.get_closest_marker("django_db") or "db" in fixtures) and not _broken_off():
        assert messages.breaches() == []


def _broken_off() -> bool:
    """Whether nothing more can be asked in the test's transaction, since something failed in it."""
    opened = connection.connection
    return connection.needs_rollback or (
        opened is not None and opened.info.transaction_status == TRANSACTION_STATUS_INERROR
    )
