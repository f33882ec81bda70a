"""One web process for the tests of this folder: a real one, on the test's database."""

from collections.abc import Iterator

import pytest

from tests.http.server import start_web
from tests.workers.programs import Programs

# The time limit of a statement there.
STATEMENT_MS = 1_000


@pytest.fixture(scope="package")
def web_process(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Programs]]:
    """Its port, and the program. Of the machine's own addresses, forwarded ones are believed."""
    programs = Programs(tmp_path_factory.mktemp("web"))
    try:
        yield (
            start_web(
                programs,
                TRUSTED_PROXIES="127.0.0.1",
                HSTS_SECONDS="3600",
                CORS_ORIGINS="https://app.example",
                STATEMENT_TIMEOUT_MS=str(STATEMENT_MS),
            ),
            programs,
        )
    finally:
        programs.end()


@pytest.fixture
def port(web_process: tuple[int, Programs]) -> int:
    """Where the web process listens."""
    return web_process[0]
