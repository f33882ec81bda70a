"""`make bench-hostile`: what a hostile document costs the server in processor time until it is refused.

    python -m bench.hostile [--rounds 5]

Sends each document of tests/schema/hostile through the whole of Nexus within this process, as a web process that was
warmed up answers it: medians in milliseconds of CPU, dearest first. Fails where one that is refused takes more than
LIMIT_MS. Touches no row.
"""

import argparse
import gc
import os
import secrets
import subprocess
import sys
from statistics import median
from time import thread_time
from typing import Final

from ops.checkout import ROOT
from ops.errors import CannotRun
from ops.services import find_services
from ops.test import database

LIMIT_MS: Final = 100
SHOWN: Final = 12


def main() -> int:
    """Measures in a process of its own, on a database of its own; 1 where a document took too long."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        return _measured(options.rounds)
    try:
        with database(find_services(os.environ, ROOT)) as server:
            given = {"NEXUS_ENV": "test", "SECRET_KEY": secrets.token_urlsafe(48), "DATABASE_URL": server}
            environment = {**os.environ, **given, "LOG_LEVEL": "ERROR"}
            again = [sys.executable, "-m", "bench.hostile", "--here", "--rounds", str(options.rounds)]
            return subprocess.run(again, cwd=ROOT, env=environment, check=False).returncode
    except CannotRun as reason:
        print(f"nexus: {reason}", file=sys.stderr)
        return 1


def _measured(rounds: int) -> int:
    import django  # noqa: PLC0415 - only within the process that measures

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nexus_gql.settings")
    django.setup()

    from django.test import Client  # noqa: PLC0415
    from django.test.utils import setup_test_environment  # noqa: PLC0415

    from tests.schema.hostile.documents import DOCUMENTS  # noqa: PLC0415

    setup_test_environment()
    client = Client()
    refused = [hostile for hostile in DOCUMENTS if hostile.codes]
    took: dict[str, list[float]] = {hostile.name: [] for hostile in refused}
    for number in range(-1, rounds):
        if number == 0:
            # As the web process does once it is warm.
            gc.collect()
            gc.freeze()
        for hostile in refused:
            began = thread_time()
            answer = client.post("/graphql", {"query": hostile.text}, "application/json")
            if number >= 0:
                took[hostile.name].append((thread_time() - began) * 1_000)
            if b'"errors"' not in answer.content:
                raise SystemExit(f"{hostile.name}: not refused: {answer.content[:200]!r}")
    found = sorted(((median(times), name) for name, times in took.items()), reverse=True)
    print(f"| of {len(found)} hostile documents, the dearest | CPU, ms |\n|---|--:|")
    for milliseconds, name in found[:SHOWN]:
        print(f"| {name} | {milliseconds:.0f} |")
    return int(found[0][0] > LIMIT_MS)


if __name__ == "__main__":
    sys.exit(main())
