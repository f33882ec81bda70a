"""People who subscribe to what a week held."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from tests.sink import Sink, mail_server


@pytest.fixture
def sink(settings: Settings) -> Iterator[Sink]:
    """A mail server that the settings lead to."""
    with mail_server() as server:
        for name, value in server.settings.items():
            setattr(settings, name, value)
        settings.PUBLIC_URL = "https://nexus.example.org"
        yield server
