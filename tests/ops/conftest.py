"""What the tests of the supervisor share."""

import io
import time
from collections.abc import Callable, Iterator

import psutil
import pytest

from ops.console import Console
from ops.processes import Guard
from ops.supervisor import Supervisor

WAIT_SECONDS = 10.0


class Screen(io.StringIO):
    """A terminal's stand-in that can be asked what was written."""

    def lines(self, name: str) -> list[str]:
        """What the program `name` said."""
        written = [line.split(" | ", 1) for line in self.getvalue().splitlines()]
        return [line[1] for line in written if len(line) == 2 and line[0].strip() == name]

    def has(self, name: str, text: str) -> Callable[[], bool]:
        """A condition: the program has said exactly `text`."""
        return lambda: text in self.lines(name)


@pytest.fixture
def screen() -> Screen:
    return Screen()


@pytest.fixture
def supervisor(screen: Screen) -> Iterator[Supervisor]:
    with Guard(limit=1.0) as guard, Supervisor(Console(screen, {}), guard, limit=2.0) as supervisor:
        yield supervisor


def gone(pids: list[int]) -> bool:
    """Whether every one of the processes ends within a few seconds."""
    deadline = time.monotonic() + WAIT_SECONDS
    while any(_runs(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not any(_runs(pid) for pid in pids)


def _runs(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
