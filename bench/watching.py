"""What watching costs: the same requests to a web that is not watched, and to ones that are, in turns.

    python -m bench.watching [--rounds 40] [--requests 300]

Needs DATABASE_URL, migrated, and Linux. Prints requests a second and CPU a request (medians over the rounds) beside
those of the web that is not watched. Tracing is measured where its packages are installed.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from http.client import HTTPConnection
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Final

from bench.cores import leave_the_servers_core
from bench.servers import NEXUS, Server, new_secret, serving
from ops.errors import CannotRun

# The exporter that comes with the packages; what it prints is thrown away.
SPANS: Final = {"OTEL_TRACES_EXPORTER": "console"}
KINDS: Final[dict[str, dict[str, str]]] = {
    "not watched": {},
    "metrics": {"METRICS": "on"},
    "tracing": {"TRACING": "on", **SPANS},
    "tracing, 1 in 20": {
        "TRACING": "on",
        **SPANS,
        "OTEL_TRACES_SAMPLER": "traceidratio",
        "OTEL_TRACES_SAMPLER_ARG": "0.05",
    },
}
BODY: Final = json.dumps({"query": "{ tags(first: 10) { nodes { name entryCount } } }"}).encode()
HEADERS: Final = {"Content-Type": "application/json"}
WARMING_REQUESTS: Final = 300


@dataclass
class Web:
    """A server, and what was measured of it."""

    pid: int
    connection: HTTPConnection
    rates: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    @classmethod
    def of(cls, server: Server) -> "Web":
        """One that was warmed up, of which nothing is measured yet."""
        web = cls(server.pid, HTTPConnection(*server.address, timeout=10))
        web.ask(WARMING_REQUESTS)
        web.rates.clear()
        web.cpu.clear()
        return web

    def ask(self, requests: int) -> None:
        """Sends so many requests, one after the other, and measures them."""
        # A connection on which nothing is asked for a while is closed by the server.
        self.connection.close()
        began, spent = time.perf_counter(), self._cpu_seconds()
        for _ in range(requests):
            self.connection.request("POST", "/graphql", BODY, HEADERS)
            answer = self.connection.getresponse()
            if answer.status != 200 or b"errors" in answer.read():  # noqa: PLR2004 - HTTP's
                raise RuntimeError(f"answered {answer.status}")
        self.rates.append(requests / (time.perf_counter() - began))
        self.cpu.append((self._cpu_seconds() - spent) / requests)

    def _cpu_seconds(self) -> float:
        """Of the server and its workers, as the kernel counts them: thread by thread, in nanoseconds."""
        spent = 0
        for process in Path("/proc").glob("[0-9]*"):
            try:
                parent = int((process / "stat").read_text().rpartition(")")[2].split()[1])
                if self.pid in {int(process.name), parent}:
                    spent += sum(int(task.read_text().split()[0]) for task in process.glob("task/*/schedstat"))
            except OSError:
                continue
        return spent / 1e9


def main() -> int:
    """Asks each in turns; answers 1 where that could not be done."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--requests", type=int, default=300)
    given = parser.parse_args()
    leave_the_servers_core()
    try:
        _measure(_database_url(), given.rounds, given.requests)
    except CannotRun as reason:
        print(f"nexus: {reason}", file=sys.stderr)
        return 1
    return 0


def _database_url() -> str:
    if "DATABASE_URL" not in os.environ:
        raise CannotRun("DATABASE_URL says which database to ask; it is not set.")
    return os.environ["DATABASE_URL"]


def _measure(database_url: str, rounds: int, requests: int) -> None:
    kinds = [kind for kind in KINDS if "tracing" not in kind or find_spec("opentelemetry")]
    secret = new_secret()
    with ExitStack() as stack:
        webs = {}
        for kind in kinds:
            contestant = replace(NEXUS, name=kind, environment=KINDS[kind])
            webs[kind] = Web.of(stack.enter_context(serving(contestant, database_url, secret, subprocess.DEVNULL)))
        for number in range(rounds):
            # Each is first as often as it is last.
            for kind in kinds if number % 2 else reversed(kinds):
                webs[kind].ask(requests)
    plain = webs[kinds[0]]
    for kind, measured in webs.items():
        rate, cpu = median(measured.rates), median(measured.cpu)
        ratios = (rate / median(plain.rates), cpu / median(plain.cpu))
        print(f"{kind:18} {rate:7.0f} requests/s ({ratios[0]:.3f})  {cpu * 1e6:6.0f} µs CPU ({ratios[1]:.3f})")


if __name__ == "__main__":
    sys.exit(main())
