"""The server that is attacked: one for all attacks."""

from collections.abc import Iterator

import pytest

from tests.attacks.stage import Stage, stage


@pytest.fixture(scope="package")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The server, with the scene on a database of its own."""
    with stage(tmp_path_factory.mktemp("attacked")) as held:
        yield held
