"""`make test`: finds the services that tests can use, brings a PostgreSQL where there is none, and runs pytest.

Arguments are passed on to pytest. NEXUS_TEST_EMBEDDED=1 leaves aside every service that the machine has.
"""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from ops.checkout import ROOT, data_folder
from ops.errors import CannotRun
from ops.lock import only_one
from ops.postgres import EmbeddedPostgres, embedded_postgres
from ops.processes import Guard, dying_with_parent, end_with_parent, spawn
from ops.services import Services, find_services, without_password

GUARD_SECONDS = 5.0
START_SECONDS = 60.0
PAUSE_SECONDS = 0.1
NOT_FOR_TESTS = {"CACHE_URL", "RABBITMQ_URL", "STREAM_URL"}
# Where npm puts the audit of GraphQL over HTTP (`make audit`).
AUDIT = ROOT / "tests/http/node_modules/graphql-http"
PYTEST = (sys.executable, "-m", "pytest", "-n", "2")


def main(arguments: list[str]) -> int:
    """Run the tests; answers pytest's exit code, or 1 where it could not be started."""
    if "MAKELEVEL" in os.environ:
        end_with_parent()
    try:
        services = Services() if os.environ.get("NEXUS_TEST_EMBEDDED") else find_services(os.environ, ROOT)
        with database(services) as url:
            print(f"Testing with PostgreSQL at {without_password(url)}", flush=True)
            return run_pytest(arguments, environment_for(os.environ, services, url))
    except CannotRun as reason:
        print(f"nexus: {reason}", file=sys.stderr)
        return 1


@contextmanager
def database(services: Services) -> Iterator[str]:
    """The address of the database to test with, with a server of our own behind it where none was found."""
    if services.database_url is not None:
        yield services.database_url
        return
    folder = data_folder(os.environ) / "test"
    folder.mkdir(parents=True, exist_ok=True)
    with (
        only_one(folder / "lock", "`make test`", patience=2 * GUARD_SECONDS) as lock,
        Guard(GUARD_SECONDS, (lock,)) as guard,
    ):
        postgres = embedded_postgres(folder / "postgres", durable=False)
        log = folder / "postgres.log"
        with log.open("wb") as output:
            server = spawn(postgres.program, output)
        guard.watch(server.pid)
        try:
            await_server(postgres, server, log)
            yield postgres.url
        finally:
            server.send_signal(postgres.program.stop_signal)
            server.wait()


def await_server(postgres: EmbeddedPostgres, server: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until the server accepts connections. Raises CannotRun when it ended, or took too long."""
    deadline = time.monotonic() + START_SECONDS
    while not postgres.is_ready():
        if server.poll() is not None or time.monotonic() > deadline:
            raise CannotRun(f"PostgreSQL did not start:\n{log.read_text()}")
        time.sleep(PAUSE_SECONDS)


def environment_for(environment: Mapping[str, str], services: Services, database_url: str) -> dict[str, str]:
    """The environment of the tests: ours, without the services that it names and with those that were found."""
    kept = {name: value for name, value in environment.items() if name not in NOT_FOR_TESTS}
    found = {
        "NEXUS_TEST_RABBITMQ_URL": services.rabbitmq_url,
        "NEXUS_TEST_REDIS_URL": services.redis_url,
        "NEXUS_TEST_NODE": services.node,
        "NEXUS_TEST_MEMCACHED": shutil.which("memcached"),
        "NEXUS_TEST_PGBOUNCER": shutil.which("pgbouncer", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin"),
        "NEXUS_TEST_AUDIT": str(AUDIT) if services.node and AUDIT.exists() else None,
    }
    return {
        # Every query that a test sends is answered by the reference as well (tests/reference).
        "NEXUS_TEST_REFERENCE": "all",
        **kept,
        "NEXUS_ENV": "test",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "DATABASE_URL": database_url,
        **{name: value for name, value in found.items() if value is not None},
    }


def run_pytest(arguments: list[str], environment: Mapping[str, str]) -> int:
    """Run pytest in the foreground, where Ctrl-C reaches it by itself and SIGTERM is passed on to it."""
    pytest = subprocess.Popen(
        [*PYTEST, *arguments],
        env=dict(environment),
        cwd=ROOT,
        preexec_fn=dying_with_parent(signal.SIGTERM),  # noqa: PLW1509 - one thread here, and no other way to set it
    )
    signal.signal(signal.SIGINT, lambda _number, _frame: None)
    signal.signal(signal.SIGTERM, lambda _number, _frame: pytest.terminate())
    return pytest.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
