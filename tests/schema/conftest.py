"""Fixtures of the tests of what the API answers."""

import pytest
from pytest_django import Settings


@pytest.fixture
def any_size(settings: Settings) -> None:
    """Operations may answer with as much as they like: for tests that ask for everything there is."""
    settings.LIMIT_NODES = 10**9
    settings.LIMIT_RELATIONS = 10**9
