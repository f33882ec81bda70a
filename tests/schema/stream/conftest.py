"""One stream process for all tests of this folder: a real one, on the test's database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cast import Cast
from tests.schema.identity.forge import token_of
from tests.schema.stream.reading import start_stream
from tests.workers.programs import Programs


@pytest.fixture(scope="package")
def stream_process(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Programs]]:
    """Its port, and the program."""
    programs = Programs(tmp_path_factory.mktemp("stream"), STREAM_ORIGINS="http://pages.example")
    try:
        yield start_stream(programs), programs
    finally:
        programs.end()


@pytest.fixture
def port(stream_process: tuple[int, Programs]) -> int:
    """Where the stream process listens."""
    return stream_process[0]


@pytest.fixture
def tokens(cast: Cast) -> dict[str, str | None]:
    """An access token for each of the cast; None for the anonymous one."""
    names = ("author", "peer", "reviewer", "staff")
    return {"anonymous": None, **{name: token_of(getattr(cast, name)) for name in names}}


@pytest.fixture
def programs_of_its_own(db: None, tmp_path: Path) -> Iterator[tuple[int, Programs]]:
    """A stream process that a test may harm: its port, and the program."""
    programs = Programs(tmp_path)
    try:
        yield start_stream(programs), programs
    finally:
        programs.end()
