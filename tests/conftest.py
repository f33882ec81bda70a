"""Fixtures that every test may use."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import override_settings

from tests import codes
from tests.cast import Cast, make_cast
from tests.client import Client


@pytest.fixture
def cast(db: None) -> Cast:
    """Author, peer, reviewer and staff, saved."""
    return make_cast()


@pytest.fixture
def api() -> Client:
    """A client of the API."""
    return Client()


@pytest.fixture(scope="session", autouse=True)
def codes_are_gathered() -> Iterator[None]:
    """The codes of all answers to Django's test client are noted."""
    with override_settings(MIDDLEWARE=[*settings.MIDDLEWARE, codes.MIDDLEWARE]):
        yield


@pytest.fixture(autouse=True)
def only_known_codes() -> Iterator[None]:
    """No test sees a code that is not in the catalogue."""
    yield
    assert codes.unknown() == set()
