"""`make bench-digests`: digests a second by worker, the relay's latency, and what composing costs as the base grows.

    python -m bench.digests [--digests 200] [--events 500] [--sizes 10000,100000,1000000]

Needs RabbitMQ for the first two. Prints tables for docs/operations.md.
"""

import argparse
import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import urlsplit

from kombu import Connection

from bench.data import bench_database, fill
from ops.checkout import ROOT
from ops.errors import CannotRun
from ops.services import find_services
from ops.test import database

WORKERS: Final = (1, 2, 4)
BASE: Final = 10_000
SECONDS: Final = 600
QUEUES: Final = ("default", "digests", "mail", "dead")
RELAY: Final = ("manage.py", "relay")
WORKER: Final = ("-m", "celery", "--quiet", "-A", "nexus_gql.celery", "worker", "--without-gossip", "--without-mingle")


def main() -> int:
    """Measures all three; answers 1 where that could not be done."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--digests", type=int, default=200)
    parser.add_argument("--events", type=int, default=500)
    parser.add_argument("--sizes", default="10000,100000,1000000")
    options = parser.parse_args()
    try:
        services = find_services(os.environ, ROOT)
        with database(services) as server:
            if services.rabbitmq_url:
                _working(server, services.rabbitmq_url, options.digests, options.events)
            else:
                print("Without RabbitMQ neither workers nor the relay are measured.")
            _composing(server, [int(size) for size in options.sizes.split(",")])
    except CannotRun as reason:
        print(f"nexus: {reason}", file=sys.stderr)
        return 1
    return 0


def _working(server: str, broker: str, digests: int, events: int) -> None:
    url = urlsplit(server)._replace(path="/nexus_bench_digests").geturl()
    fill(url, BASE)
    with _corner(broker) as prefix:
        environment = _environment(url) | {"RABBITMQ_URL": broker, "NEXUS_QUEUE_PREFIX": prefix, "LOG_LEVEL": "WARNING"}
        print(
            f"\nDigests a second ({digests} digests of a week, {BASE:,} entries):\n\n| workers | digests/s |\n|--:|--:|"
        )
        for workers in WORKERS:
            print(f"| {workers} | {_rate(environment, workers, digests):.1f} |", flush=True)
        with _running(environment, RELAY):
            time.sleep(5)
            found = _inside(environment, "latency", str(events))
        print(
            f"\nFrom commit to consumer, {found['events']} events one by one: median {found['median'] * 1_000:.1f} ms,"
            f" p99 {found['p99'] * 1_000:.1f} ms; lost {found['lost']}.",
            flush=True,
        )


def _rate(environment: Mapping[str, str], workers: int, digests: int) -> float:
    _inside(environment, "ask", str(digests))
    with _running(environment, RELAY, (*WORKER, "--concurrency", str(workers))):
        deadline = time.monotonic() + SECONDS
        while "rate" not in (found := _inside(environment, "made")):
            if time.monotonic() > deadline:
                raise CannotRun(f"The digests were not made in {SECONDS} s.")
            time.sleep(2)
    return float(found["rate"])


def _composing(server: str, sizes: list[int]) -> None:
    print("\nComposing a digest of the latest week:\n")
    print("| entries in the base | in the week | everything, ms | one tag, ms |\n|--:|--:|--:|--:|", flush=True)
    for size in sizes:
        found = _inside(_environment(bench_database(server, size)), "compose")
        times = " | ".join(f"{found[name] * 1_000:.0f}" for name in ("everything", "of_a_tag"))
        print(f"| {found['entries']:,} | {found['in_the_window']:,} | {times} |", flush=True)


def _inside(environment: Mapping[str, str], *arguments: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.inside", *arguments],
        cwd=ROOT,
        env=dict(environment),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def _environment(url: str) -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if name not in {"RABBITMQ_URL", "CACHE_URL", "EMAIL_URL"}}
    given = {"NEXUS_ENV": "test", "SECRET_KEY": secrets.token_urlsafe(48), "DATABASE_URL": url}
    return ours | given | {"STATEMENT_TIMEOUT_MS": "60000"}


@contextmanager
def _running(environment: Mapping[str, str], *programs: tuple[str, ...]) -> Iterator[None]:
    """The programs run meanwhile."""
    running = [subprocess.Popen([sys.executable, *program], cwd=ROOT, env=dict(environment)) for program in programs]
    try:
        yield
    finally:
        for program in running:
            program.terminate()
        for program in running:
            program.wait()


@contextmanager
def _corner(broker: str) -> Iterator[str]:
    """A prefix for names of our own on the broker, swept afterwards."""
    prefix = f"nexus-bench-{secrets.token_hex(4)}"
    try:
        yield prefix
    finally:
        with Connection(broker) as connection:
            channel: Any = connection.default_channel
            for queue in QUEUES:
                channel.queue_delete(f"{prefix}.{queue}")
            for exchange in ("events", "tasks", "dead", "control.pidbox"):
                channel.exchange_delete(f"{prefix}.{exchange}")
            channel.exchange_delete(f"reply.{prefix}.control.pidbox")


if __name__ == "__main__":
    sys.exit(main())
