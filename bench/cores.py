"""Who has which of the machine's cores: the server that is measured has the first one for itself."""

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
# We take what is left, and so does PostgreSQL.
OTHER_CORES: Final = set(CORES[1:])
# Runs where nothing else wants to.
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
    before: dict[int, set[int]] = {}
    try:
        for pid in _postgres(url) if OTHER_CORES else ():
            # A session may have ended just now.
            with suppress(ProcessLookupError):
                before[pid] = os.sched_getaffinity(pid)
                os.sched_setaffinity(pid, OTHER_CORES)
    except OSError as error:
        print(f"PostgreSQL stays on whatever core it likes: {error}", flush=True)
    try:
        yield
    finally:
        for pid, cores in before.items():
            with suppress(OSError):
                os.sched_setaffinity(pid, cores)


def _postgres(url: str) -> list[int]:
    """The server's processes, what starts the others first. Raises OSError where it is none of this machine."""
    with closing(psycopg2.connect(url)) as connection:
        pid = connection.info.backend_pid
        command, _, fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")
        if "postgres" not in command:
            raise FileNotFoundError("it is not on this machine")
        parent = int(fields.split()[1])
    tasks = Path(f"/proc/{parent}/task").glob("*/children")
    children = [int(child) for task in tasks for child in task.read_text().split()]
    return [parent, *children]


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
