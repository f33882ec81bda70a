"""Attacks on a server that trusts few documents, and carries tokens in cookies."""

from collections.abc import Iterator

import pytest

from tests.attacks.attack import Attack, check
from tests.attacks.guarded import ATTACKS, settings
from tests.attacks.stage import Stage, stage


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The server, with the scene on a database of its own."""
    folder = tmp_path_factory.mktemp("guarded")
    with stage(folder, **settings(folder), ALLOWED_HOSTS="127.0.0.1,nexus.example") as held:
        yield held


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_it_gets_nothing(guarded: Stage, attack: Attack) -> None:
    check(guarded, attack)
