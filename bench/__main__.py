"""`make bench`: finds a PostgreSQL as `make test` does, fills databases of its own there, measures, writes the tables.

    python -m bench rates [--rounds 20] [--seconds 1] [--questions q1,q2] [--contestants nexus,limit] [--write]
    python -m bench scale [--rounds 5] [--seconds 1] [--write]
    python -m bench own [--rounds 5] [--write]
    python -m bench smoke
    python -m bench fill [--entries 1000000]

`rates` asks every contestant every question; `scale` compares 10,000 with 1,000,000 entries; `own` tells what an answer
takes of the server itself; `smoke` does what `rates`, its plot and `own` do with few rows, briefly, to see that they
run. A contestant that is not installed is left out, which is said, and never from what is written. The databases
nexus_bench_10k and so on are kept for the next time.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from bench import own, report, scaling
from bench.cores import leave_the_servers_core
from bench.data import bench_database
from bench.load import BadAnswer
from bench.measuring import Measured, Plan, measure
from bench.questions import NAMES
from bench.servers import (
    GRAPHENE,
    LIMIT,
    NEXUS,
    RIVALS_PYTHON,
    STRAWBERRY,
    Contestant,
)
from ops.checkout import ROOT
from ops.errors import CannotRun
from ops.services import find_services
from ops.test import database

IMAGE: Final = ROOT / "docs" / "images" / "benchmarks.png"
CONTESTANTS: Final[Mapping[str, Contestant]] = {
    "nexus": NEXUS,
    "limit": LIMIT,
    "strawberry": STRAWBERRY,
    "graphene": GRAPHENE,
}
# Between two cores one round may be half as fast as the next; the median of so many is good to some hundredths.
RATE_ROUNDS: Final = 20
ROUNDS: Final = 5
SMOKE: Final = Plan(NAMES, rounds=1, seconds=0.05, connections=2)
SMOKE_ENTRIES: Final = 1_000
SMOKE_REQUESTS: Final = 5


def rates(options: argparse.Namespace, server: str) -> None:
    """How many answers a second each contestant gives."""
    plan = Plan(options.questions.split(","), options.rounds, options.seconds, options.connections)
    contestants = chosen(options.contestants, all_of_them=options.write)
    found = measure(contestants, bench_database(server, options.entries), plan)
    text = report.rates(found, plan, options.entries)
    print(text)
    if options.write:
        report.write("rates", text)
        _plot(found, IMAGE)


def scale(options: argparse.Namespace, server: str) -> None:
    """How much longer answers take in a hundred times the data."""
    text = scaling.table(scaling.measure(server, options.rounds, options.seconds))
    print(text)
    if options.write:
        report.write("scale", text)


def owned(options: argparse.Namespace, server: str) -> None:
    """What an answer takes of the server, with and without the database."""
    text = own.table(bench_database(server, options.entries), options.rounds)
    print(text)
    if options.write:
        report.write("own", text)


def smoke(_options: argparse.Namespace, server: str) -> None:
    """Whether all of it runs: every contestant that is installed, every question, a few requests; plot and `own`."""
    url = bench_database(server, SMOKE_ENTRIES)
    found = measure(chosen(",".join(CONTESTANTS)), url, SMOKE)
    print(report.rates(found, SMOKE, SMOKE_ENTRIES))
    print(own.table(url, 1, SMOKE_REQUESTS))
    if RIVALS_PYTHON.exists():
        with tempfile.TemporaryDirectory() as folder:
            _plot(found, Path(folder, "plot.png"))
    else:
        print("nexus: The plot is left out: `make bench` installs what draws it.", file=sys.stderr)


def filled(options: argparse.Namespace, server: str) -> None:
    """A database to work with."""
    print(bench_database(server, options.entries))


COMMANDS: Final[Mapping[str, Callable[[argparse.Namespace, str], None]]] = {
    "rates": rates,
    "scale": scale,
    "own": owned,
    "smoke": smoke,
    "fill": filled,
}


def chosen(names: str, *, all_of_them: bool = False) -> list[Contestant]:
    """Those that are installed. Raises CannotRun where all are needed and some are not."""
    asked = [CONTESTANTS[name] for name in names.split(",")]
    missing = ", ".join(contestant.name for contestant in asked if not contestant.can_run)
    if missing and all_of_them:
        raise CannotRun(f"Not installed: {missing}. `make bench` installs it; --contestants leaves it out.")
    if missing:
        print(f"nexus: Left out, as not installed: {missing}. `make bench` installs it.", file=sys.stderr)
    return [contestant for contestant in asked if contestant.can_run]


def _plot(found: Sequence[Measured], image: Path) -> None:
    plain = [{"contestant": each.contestant, "question": each.question, "rate": each.rate} for each in found]
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder, "results.json")
        results.write_text(json.dumps(plain), "utf-8")
        subprocess.run([RIVALS_PYTHON, "-m", "bench.plot", results, image], cwd=ROOT, check=True)


def main() -> int:
    """Measures what is asked for; answers 1 where that could not be done."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("--entries", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, help=f"{RATE_ROUNDS} for rates, else {ROUNDS}")
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--questions", default=",".join(NAMES))
    parser.add_argument("--contestants", default=",".join(CONTESTANTS))
    parser.add_argument("--write", action="store_true", help="between the marks of docs/benchmarks.md")
    options = parser.parse_args()
    options.rounds = options.rounds or (RATE_ROUNDS if options.command == "rates" else ROUNDS)
    # What was changed for the while of measuring is put back then, too.
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    try:
        with database(find_services(os.environ, ROOT)) as server:
            # Only now: a PostgreSQL of our own may have any.
            leave_the_servers_core()
            COMMANDS[options.command](options, server)
    except (CannotRun, BadAnswer) as reason:
        print(f"nexus: {reason}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
