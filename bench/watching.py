"""What watching costs: the same requests to a web that is not watched, and to ones that are, in turns.

    python -m bench.watching [--rounds 40] [--requests 300]

Needs DATABASE_URL, migrated, and Linux. Prints requests a second and CPU a request (medians over the rounds) beside
those of the web that is not watched. Tracing is measured where its packages are installed.
"""

import argparse
import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from importlib.util import find_spec
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
# The exporter that comes with the packages; what it prints is thrown away.
SPANS = {"OTEL_TRACES_EXPORTER": "console"}
KINDS = {
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
BODY = json.dumps({"query": "{ tags(first: 10) { nodes { name entryCount } } }"}).encode()
HEADERS = {"Content-Type": "application/json"}
START_SECONDS = 30.0


@dataclass
class Web:
    """A server, and what was measured of it."""

    pid: int
    connection: HTTPConnection
    rates: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

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


@contextmanager
def web(extra: dict[str, str]) -> Iterator[Web]:
    """A web of one worker with these settings, once it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        "PYTHON": sys.executable,
        "SECRET_KEY": secrets.token_urlsafe(48),
        "RATE_LIMIT": "off",
        "LOG_LEVEL": "WARNING",
        **extra,
    }
    process = subprocess.Popen(
        ["ops/web", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    try:
        started = Web(process.pid, HTTPConnection("127.0.0.1", port, timeout=10))
        wait_for(started)
        yield started
    finally:
        process.terminate()
        process.wait()


def wait_for(started: Web) -> None:
    """Until it answers, and has answered often enough to be warm."""
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            return started.ask(300)
        except OSError:
            if time.monotonic() > until:
                raise
            started.connection.close()
            time.sleep(0.2)


def main() -> None:
    """Asks each in turns."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--requests", type=int, default=300)
    given = parser.parse_args()
    kinds = [kind for kind in KINDS if "tracing" not in kind or find_spec("opentelemetry")]
    with ExitStack() as stack:
        webs = {kind: stack.enter_context(web(KINDS[kind])) for kind in kinds}
        for started in webs.values():
            started.rates.clear()
            started.cpu.clear()
        for number in range(given.rounds):
            # Each is first as often as it is last.
            for kind in kinds if number % 2 else reversed(kinds):
                webs[kind].ask(given.requests)
        plain = webs[kinds[0]]
        for kind, measured in webs.items():
            rate, cpu = median(measured.rates), median(measured.cpu)
            ratios = (rate / median(plain.rates), cpu / median(plain.cpu))
            print(f"{kind:18} {rate:7.0f} requests/s ({ratios[0]:.3f})  {cpu * 1e6:6.0f} µs CPU ({ratios[1]:.3f})")


if __name__ == "__main__":
    main()
