"""Fixtures of the admin's tests."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.contrib.auth.hashers import make_password
from django.core.management import call_command
from django.test import override_settings
from pytest_django import Settings

from knowledge.models import User
from tests.cast import PASSWORD, Cast, make_cast
from tests.staff.visitor import Visitor


@pytest.fixture(scope="session", autouse=True)
def static_files_are_collected(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What the pages load is where production has it, under the names that it has there."""
    with override_settings(STATIC_ROOT=tmp_path_factory.mktemp("static")):
        call_command("collectstatic", interactive=False, verbosity=0)
        yield


@pytest.fixture(autouse=True)
def own_cache(settings: Settings) -> None:
    """Failed sign-ins are counted from 0."""
    memory = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    settings.CACHES = {"default": {**memory, "LOCATION": uuid4().hex}, "shared": memory}


@pytest.fixture
def cast(db: None) -> Cast:
    """The cast, who can sign in."""
    return make_cast(PASSWORD)


@pytest.fixture
def visitor() -> Visitor:
    """A browser of somebody who is not signed in."""
    return Visitor()


@pytest.fixture
def staff(cast: Cast) -> Visitor:
    """The browser of staff who signed in."""
    return Visitor().signed_in("staff")


@pytest.fixture
def second(cast: Cast) -> User:
    """One more who is staff."""
    return User.objects.create(username="second", role="STAFF", password=make_password(PASSWORD))
