"""The servers that are measured: each one granian process on one core, and what it costs."""

import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.cores import on_the_servers_core
from ops.checkout import ROOT
from ops.errors import CannotRun

RIVALS_PYTHON: Final = ROOT / ".venv-bench" / "bin" / "python"
START_SECONDS: Final = 60.0
# What is several times off needs fewer rounds than what is compared by the hundredth.
SELDOM: Final = 5
# What would have a server do otherwise than it is measured for.
NOT_GIVEN: Final = frozenset({"ANSWER_CACHE_SECONDS", "CACHE_URL", "DATABASE_POOLER", "RABBITMQ_URL"})
# Nexus is started as it always is. The others have as many threads as serve them best.
WEB: Final = ("ops/web", "--workers", "1", "--log-level", "error")
GRANIAN: Final = ("-m", "granian", "--interface", "wsgi", "--workers", "1", "--blocking-threads", "4", "--no-ws")
# A rival may take half a minute for what waits in 32 connections, and must not hang up meanwhile.
PATIENT: Final = ("--log-level", "error", "--http1-header-read-timeout", "60000")
TICKS: Final = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True, eq=False)
class Contestant:
    """A server: what it is called, the application, its variables, and the Python that has what it needs.

    `every` is 1 where it is measured in each round, 5 in every fifth: how far off it is may be plain at once.
    """

    name: str
    application: str = "bench.contestants.wsgi:application"
    environment: Mapping[str, str] | None = None
    python: Path = Path(sys.executable)
    every: int = 1

    @property
    def is_nexus(self) -> bool:
        """Whether it is started as Nexus is, whatever its variables."""
        return self.application == NEXUS.application

    @property
    def can_run(self) -> bool:
        """Whether its Python is there."""
        return self.python.exists()


def rival(name: str, module: str, *, apps: str = "", python: Path = Path(sys.executable), every: int = 1) -> Contestant:
    """A contestant of bench.contestants."""
    variables = {"BENCH_CONTESTANT": f"bench.contestants.{module}", "BENCH_APPS": apps}
    return Contestant(name, environment=variables, python=python, every=every)


NEXUS: Final = Contestant("Nexus", "nexus_gql.wsgi:application")
LIMIT: Final = rival("the SQL by hand", "limit.urls")
STRAWBERRY: Final = rival(
    "strawberry-django", "strawberry_optimized", apps="strawberry_django", python=RIVALS_PYTHON, every=SELDOM
)
GRAPHENE: Final = rival("graphene-django", "graphene_plain", apps="graphene_django", every=SELDOM)


@dataclass(frozen=True, slots=True)
class Server:
    """A contestant that listens."""

    contestant: Contestant
    address: tuple[str, int]
    pid: int

    def cpu_seconds(self) -> float:
        """What it and its children have used."""
        return sum(_cpu_ticks(pid) for pid in _family(self.pid)) / TICKS


@contextmanager
def serving(contestant: Contestant, database_url: str, secret: str, stdout: int | None = None) -> Iterator[Server]:
    """The contestant over a database, until the end of the block. Raises CannotRun where it does not start.

    What it prints goes to `stdout`, as subprocess has it.
    """
    address = ("127.0.0.1", _free_port())
    environment = {
        **{name: value for name, value in os.environ.items() if name not in NOT_GIVEN},
        "NEXUS_ENV": "production",
        "SECRET_KEY": secret,
        "DATABASE_URL": database_url,
        "RATE_LIMIT": "off",
        "LOG_LEVEL": "ERROR",
        "ACCESS_TOKEN_SECONDS": "86400",
        "PYTHON": str(contestant.python),
        "PYTHONPATH": str(ROOT),
        **(contestant.environment or {}),
    }
    listening = ("--host", address[0], "--port", str(address[1]))
    process = subprocess.Popen(
        [*_program(contestant), *listening, *([] if contestant.is_nexus else [contestant.application])],
        cwd=ROOT,
        env=environment,
        stdout=stdout,
        preexec_fn=on_the_servers_core(),  # noqa: PLW1509 - one thread here
    )
    try:
        _await(address, process, contestant.name)
        yield Server(contestant, address, process.pid)
    finally:
        process.terminate()
        process.wait()


def _program(contestant: Contestant) -> list[str]:
    return [*WEB] if contestant.is_nexus else [str(contestant.python), *GRANIAN, *PATIENT]


def new_secret() -> str:
    """A key to sign tokens with."""
    return secrets.token_urlsafe(48)


def _await(address: tuple[str, int], process: subprocess.Popen[bytes], name: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            socket.create_connection(address, timeout=1).close()
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise CannotRun(f"{name} did not start.") from None
            time.sleep(0.05)
        else:
            return


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _family(pid: int) -> list[int]:
    """The process and its descendants."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            found += _family(int(child))
    return found


def _cpu_ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])
