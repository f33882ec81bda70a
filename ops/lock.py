"""One `make run` in a checkout at a time."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from ops.errors import CannotRun

PAUSE_SECONDS = 0.1


@contextmanager
def only_one(path: Path, what: str, *, patience: float) -> Iterator[int]:
    """Hold the lock file `path`, with our process id in it; gives its descriptor, for the guard to hold on to.

    Raises CannotRun at once where a living process holds it. Where its holder was killed, its guard is still
    tidying up: that is waited for, at most `patience` seconds.
    """
    with path.open("a+") as file:
        deadline = time.monotonic() + patience
        while not _locked(file.fileno()):
            holder = _holder(path)
            if holder is not None or time.monotonic() > deadline:
                raise CannotRun(f"{what} is already running here{f' (process {holder})' if holder else ''}.")
            time.sleep(PAUSE_SECONDS)
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield file.fileno()


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(path: Path) -> int | None:
    """The process that wrote itself into the lock file, if it lives."""
    text = path.read_text().strip()
    return int(text) if text.isdigit() and psutil.pid_exists(int(text)) else None
