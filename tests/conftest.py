"""Fixtures that every test may use."""

import pytest

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
