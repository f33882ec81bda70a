"""Who has which of the machine's cores: the server that is measured has the first one."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Final

import psycopg2

from ops.processes import dying_with_parent

CORES: Final = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
SERVER_CORES: Final = set(CORES[:1])
# We take what is left.
OTHER_CORES: Final = set(CORES[1:])
# Runs only while nothing else wants to.
SPINNING: Final = "import os\nos.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))\nwhile True: pass"


def leave_the_servers_core() -> None:
    """Keeps this process off the core that the servers have, where there is more than one."""
    if OTHER_CORES:
        os.sched_setaffinity(0, OTHER_CORES)


def on_the_servers_core() -> Callable[[], None]:
    """What a child of ours does before it becomes a server: it ends with us, and stays on its core."""
    ends_with_us = dying_with_parent(signal.SIGTERM)

    def prepare() -> None:
        ends_with_us()
        if SERVER_CORES:
            os.sched_setaffinity(0, SERVER_CORES)

    return prepare


@contextmanager
def database_elsewhere(url: str) -> Iterator[None]:
    """Keeps PostgreSQL, and what it starts, off the servers' core inside; says so where that cannot be done."""
    server, before = 0, set(CORES)
    try:
        if OTHER_CORES:
            try:
                found = _postgres(url)
                before = os.sched_getaffinity(found)
                server = found
                _move(server, OTHER_CORES)
            except OSError as error:
                print(f"PostgreSQL stays on whatever core it likes: {error}", flush=True)
        yield
    finally:
        if server:
            with suppress(OSError):
                _move(server, before)


def _postgres(url: str) -> int:
    """The process that starts the others of the server. Raises OSError where it is none of this machine."""
    with closing(psycopg2.connect(url)) as connection:
        session, _, fields = Path(f"/proc/{connection.info.backend_pid}/stat").read_text().rpartition(")")
    parent = int(fields.split()[1])
    if not all("postgres" in command for command in (session, Path(f"/proc/{parent}/stat").read_text())):
        raise FileNotFoundError("it is not on this machine")
    return parent


def _move(server: int, cores: set[int]) -> None:
    """What it starts from now on, and what it has started."""
    os.sched_setaffinity(server, cores)
    for task in Path(f"/proc/{server}/task").glob("*/children"):
        for child in task.read_text().split():
            # It may have ended just now.
            with suppress(ProcessLookupError):
                os.sched_setaffinity(int(child), cores)


@contextmanager
def awake() -> Iterator[None]:
    """Keeps the servers' core from going to sleep inside.

    A guest's core that sleeps is given to others, and comes back with caches that hold nothing of its own.
    """
    if not hasattr(os, "SCHED_IDLE"):
        yield
        return
    spinner = subprocess.Popen([sys.executable, "-I", "-S", "-c", SPINNING], preexec_fn=on_the_servers_core())  # noqa: PLW1509 - one thread here
    try:
        yield
    finally:
        spinner.kill()
        spinner.wait()
