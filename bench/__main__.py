"""`make bench`: finds a PostgreSQL as `make test` does, fills a database of its own, measures, and drops it."""

import os
import subprocess
import sys

from ops.checkout import ROOT
from ops.errors import CannotRun
from ops.services import find_services
from ops.test import database, environment_for


def main() -> int:
    """Runs bench.reads with a database; answers its exit code."""
    try:
        services = find_services(os.environ, ROOT)
        with database(services) as url:
            environment = environment_for(os.environ, services, url)
            return subprocess.run(
                [sys.executable, "-m", "bench.reads", *sys.argv[1:]], env=environment, cwd=ROOT, check=False
            ).returncode
    except CannotRun as reason:
        print(f"nexus: {reason}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
