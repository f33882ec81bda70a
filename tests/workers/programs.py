"""Nexus's own programs, run by tests as they are run in earnest."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from django.db import connection

ROOT = Path(__file__).resolve().parents[2]
RELAY = ("manage.py", "relay")
WORKER = ("-m", "celery", "--quiet", "-A", "nexus_gql.celery", "worker", "--loglevel", "INFO", "--concurrency", "1")
BEAT = ("-m", "celery", "--quiet", "-A", "nexus_gql.celery", "beat", "--loglevel", "INFO", "--pidfile=")


class Programs:
    """Starts programs on the test's database, and ends them all. What they say is in `folder`."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        self.environment = {
            **{
                name: value for name, value in os.environ.items() if name not in {"RABBITMQ_URL", "DATABASE_DIRECT_URL"}
            },
            "DATABASE_URL": database_url(),
            "NEXUS_DATA_DIR": str(folder / "data"),
            **environment,
        }
        self.running: list[subprocess.Popen[bytes]] = []

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
        """Starts Python with these arguments, as leader of a process group of its own."""
        return self.run([sys.executable, *arguments], **environment)

    def run(self, command: Sequence[str], **environment: str) -> subprocess.Popen[bytes]:
        """Starts a command, as leader of a process group of its own."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "output").open("ab") as output:
            program = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**self.environment, **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.running.append(program)
        return program

    def said(self) -> str:
        """What all of them have said."""
        return (self.folder / "output").read_text()

    def kill(self, program: subprocess.Popen[bytes]) -> None:
        """Kills it and its children, as a machine that fails would."""
        os.killpg(program.pid, signal.SIGKILL)
        program.wait()
        self.running.remove(program)

    def end(self) -> None:
        """Ends those that run: politely, then not."""
        for program in self.running:
            program.terminate()
        for program in self.running:
            try:
                program.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(program.pid, signal.SIGKILL)
                program.wait()


def database_url() -> str:
    """The address of the database that the tests run on."""
    place = connection.settings_dict
    credentials = ":".join(part for part in (place["USER"], place["PASSWORD"]) if part)
    return f"postgresql://{credentials}@{place['HOST']}:{place['PORT']}/{place['NAME']}"


def eventually(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether the condition comes to hold within so many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def in_the_end(condition: Callable[[], bool], state: Callable[[], object], patience: float) -> bool:
    """Whether the condition comes to hold before `state` has stayed the same for so many seconds.

    For what takes as long as the machine needs: it is given up when nothing goes on any more, and not by a clock.
    """
    last, deadline = state(), time.monotonic() + patience
    while not condition():
        if (now := state()) != last:
            last, deadline = now, time.monotonic() + patience
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True
