"""What Nexus is made of at run time: each program with its arguments, in the order in which they are started."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ops.checkout import ROOT
from ops.processes import Program

HOST = "127.0.0.1"
PYTHON = sys.executable
WORKER_PROCESSES = 2
# Open streams never end by themselves: a stop closes them after this many seconds.
STREAM_STOP_SECONDS = 2
# Workers need not know of each other; asking around would cost a second at each start.
ALONE = ("--without-gossip", "--without-mingle")


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the web and the stream listen, on loopback."""

    web: int
    stream: int

    @property
    def web_url(self) -> str:
        """The address of the web."""
        return f"http://{HOST}:{self.web}"

    @property
    def stream_url(self) -> str:
        """The address of the stream's endpoint, for STREAM_URL."""
        return f"http://{HOST}:{self.stream}/graphql/stream"


def first_steps(environment: Mapping[str, str], documents: Path | None) -> list[Program]:
    """What runs to its end before anything is served: migrations, static files, demo accounts and documents."""
    seed = ("seed_demo",) if documents is None else ("seed_demo", "--documents", str(documents))
    return [
        _manage("migrate", environment, "migrate", "--verbosity", "1"),
        _manage("static", environment, "collectstatic", "--noinput", "--verbosity", "0"),
        _manage("seed", environment, *seed),
    ]


def lasting(environment: Mapping[str, str], ports: Ports) -> list[Program]:
    """What runs until it is stopped; what takes requests comes last, so that it is stopped first."""
    return [
        _celery("worker", environment, "worker", *ALONE, "--loglevel", "INFO", "--concurrency", str(WORKER_PROCESSES)),
        _manage("relay", environment, "relay"),
        _celery("beat", environment, "beat", "--loglevel", "INFO", "--pidfile="),
        _stream(environment, ports.stream),
        _web(environment, ports.web),
    ]


def _manage(name: str, environment: Mapping[str, str], *arguments: str) -> Program:
    return Program(name, (PYTHON, "manage.py", *arguments), environment, ROOT)


def _celery(name: str, environment: Mapping[str, str], *arguments: str) -> Program:
    return Program(name, (PYTHON, "-m", "celery", "--quiet", "-A", "nexus_gql.celery", *arguments), environment, ROOT)


def _web(environment: Mapping[str, str], port: int) -> Program:
    place = ("--host", HOST, "--port", str(port), "--workers", "1")
    return Program("web", (str(ROOT / "ops/web"), *place), {**environment, "PYTHON": PYTHON}, ROOT)


def _stream(environment: Mapping[str, str], port: int) -> Program:
    options = (
        "--lifespan",
        "off",
        "--no-access-log",
        "--no-proxy-headers",
        "--timeout-graceful-shutdown",
        str(STREAM_STOP_SECONDS),
    )
    place = ("--host", HOST, "--port", str(port))
    return Program(
        "stream", (PYTHON, "-m", "uvicorn", *options, *place, "nexus_gql.asgi:application"), environment, ROOT
    )
