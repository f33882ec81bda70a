"""Fixtures of the tests of what the API answers."""

import pytest
from pytest_django import Settings


@pytest.fixture
def any_size(settings: Settings) -> None:
    """Operations may answer with as much as they like: for tests that ask for everything there is."""
    for limit in ("ALIASES", "DOCUMENT", "NODES", "RELATIONS", "TOKENS"):
        setattr(settings, f"LIMIT_{limit}", 10**9)
