"""Fixtures of the tests about who somebody is."""

from uuid import uuid4

import pytest
from pytest_django import Settings

from tests.cast import PASSWORD, Cast, make_cast


@pytest.fixture
def no_failures_yet(settings: Settings) -> None:
    """Failed sign-ins are counted in the cache: each test has its own."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": uuid4().hex}}


@pytest.fixture
def people(db: None) -> Cast:
    """The cast, with their password."""
    return make_cast(PASSWORD)
