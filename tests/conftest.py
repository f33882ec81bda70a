"""Fixtures that every test may use."""

import pytest

from tests.cast import Cast, make_cast


@pytest.fixture
def cast(db: None) -> Cast:
    """Author, peer, reviewer and staff, saved."""
    return make_cast()
