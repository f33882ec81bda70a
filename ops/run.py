"""`make run`: everything that Nexus is made of, in the foreground of one terminal.

Environment: PORT (default 8000; the stream is on the next one), DOCS (documents to import instead of the samples),
DATABASE_URL (else a PostgreSQL of our own), RABBITMQ_URL (else files below the data folder), CACHE_URL, NEXUS_DATA_DIR.
"""

import json
import os
import secrets
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from ops.checkout import data_folder
from ops.console import Console
from ops.errors import CannotRun
from ops.lock import only_one
from ops.postgres import embedded_postgres
from ops.processes import Guard, end_with_parent
from ops.programs import HOST, Ports, first_steps, lasting
from ops.readiness import missing
from ops.supervisor import Supervisor

DEFAULT_PORT = "8000"
# One less than there are: the stream takes the next one.
LAST_PORT = 65_534
STOP_SECONDS = 15.0
GUARD_SECONDS = 5.0
POSTGRES_SECONDS = 60.0
REMINDER_SECONDS = 20.0
# The address is said when the programs have fallen silent, so that it is the last thing on the screen.
CALM_SECONDS = 0.7
LONGEST_WAIT_FOR_CALM_SECONDS = 5.0
# What manage.py needs to know to work on what runs here.
TOLD = (
    "NEXUS_ENV",
    "SECRET_KEY",
    "DATABASE_URL",
    "RABBITMQ_URL",
    "NEXUS_QUEUE_PREFIX",
    "CACHE_URL",
    "NEXUS_DATA_DIR",
    "PORT",
    "STREAM_URL",
)


def main() -> int:
    """Run until a signal asks to stop. Answers 0, or 1 where it could not be started."""
    if "MAKELEVEL" in os.environ:
        end_with_parent()
    console = Console()
    try:
        run(os.environ, console)
    except CannotRun as reason:
        console.say(f"nexus: {reason}")
        return 1
    return 0


def run(environment: Mapping[str, str], console: Console) -> None:
    """Start everything that `environment` asks for and keep it running until a signal asks to stop."""
    documents = existing_documents(environment.get("DOCS"))
    data = data_folder(environment)
    data.mkdir(parents=True, exist_ok=True)
    with (
        only_one(data / "run.lock", "`make run`", patience=2 * GUARD_SECONDS) as lock,
        Guard(GUARD_SECONDS, (lock,)) as guard,
        Supervisor(console, guard, limit=STOP_SECONDS) as supervisor,
    ):
        ports = free_ports(environment.get("PORT") or DEFAULT_PORT)
        database_url = environment.get("DATABASE_URL") or start_postgres(supervisor, data)
        if supervisor.stopping():
            return
        settings = program_environment(environment, data, ports, database_url)
        with told_to_commands(data / "environment.json", settings):
            for program in first_steps(settings, documents):
                code = supervisor.run(program)
                if supervisor.stopping():
                    return
                if code != 0:
                    raise CannotRun(f"{program.name} failed (exit code {code}); what it said is above.")
            for program in lasting(settings, ports):
                supervisor.start(program)
            announce(supervisor, console, ports)
            supervisor.serve()
        console.say("Stopping. A second Ctrl-C kills what is left.")


@contextmanager
def told_to_commands(path: Path, settings: Mapping[str, str]) -> Iterator[None]:
    """Writes down, for the owner alone and while it runs, how manage.py reaches what runs here."""
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps({name: settings[name] for name in TOLD if name in settings}), "utf-8")
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def free_ports(port: str) -> Ports:
    """The ports to listen on: the one asked for, and the next, or any other where that is taken.

    Raises CannotRun where it is not a port or is taken.
    """
    if not port.isdigit() or not 0 < int(port) <= LAST_PORT:
        raise CannotRun(f"PORT is {port!r}. It must be a number from 1 to {LAST_PORT}.")
    web = int(port)
    if bound_port(web) is None:
        raise CannotRun(f"Port {web} is taken. Stop what listens there, or choose another: make run PORT={web + 10}")
    stream = bound_port(web + 1) or bound_port(0)
    if stream is None:
        raise CannotRun("There is no free port for the stream.")
    return Ports(web, stream)


def bound_port(port: int) -> int | None:
    """The port, if it could be listened on just now; 0 stands for any."""
    with socket.socket() as probe:
        # As servers do: a port is not taken by connections that were closed a moment ago.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
            probe.listen()
        except OSError:
            return None
        bound: int = probe.getsockname()[1]
        return bound


def existing_documents(documents: str | None) -> Path | None:
    """The documents to import, if any were named. Raises CannotRun where they are not there."""
    if not documents:
        return None
    path = Path(documents).expanduser().resolve()
    if not path.exists():
        raise CannotRun(f"DOCS names {documents}, and there is no such file or folder.")
    return path


def start_postgres(supervisor: Supervisor, data: Path) -> str:
    """Start a PostgreSQL of our own; answers its database's address once it accepts connections."""
    postgres = embedded_postgres(data / "postgres", durable=True)
    supervisor.console.say(f"Starting PostgreSQL {postgres.cluster.server.version} on {postgres.cluster.data}")
    supervisor.start(postgres.program)
    name = postgres.program.name
    if not supervisor.wait_until(postgres.is_ready, limit=POSTGRES_SECONDS, needs=name) and not supervisor.stopping():
        raise CannotRun(f"{name} did not accept connections within {POSTGRES_SECONDS:.0f} s.")
    return postgres.url


def program_environment(environment: Mapping[str, str], data: Path, ports: Ports, database_url: str) -> dict[str, str]:
    """The environment of Nexus's programs: ours, with what development needs where it is not set."""
    return {
        **environment,
        "NEXUS_ENV": environment.get("NEXUS_ENV") or "development",
        "SECRET_KEY": environment.get("SECRET_KEY") or secret_key(data / "secret-key"),
        "DATABASE_URL": database_url,
        "NEXUS_DATA_DIR": str(data),
        "PORT": str(ports.web),
        "STREAM_URL": ports.stream_url,
        "PYTHONUNBUFFERED": "1",
    }


def secret_key(path: Path) -> str:
    """The checkout's secret for development, made at its first use; only its owner can read the file."""
    if not path.exists():
        fresh = path.with_suffix(".new")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(48))
        fresh.rename(path)
    return path.read_text()


def announce(supervisor: Supervisor, console: Console, ports: Ports) -> None:
    """Say the address once everything is ready; until then say now and then what is missing."""
    while not supervisor.wait_until(lambda: not missing(ports), limit=REMINDER_SECONDS):
        if supervisor.stopping():
            return
        console.say(f"Not ready yet: {missing(ports)}")
    supervisor.wait_until(
        lambda: time.monotonic() - console.last_written > CALM_SECONDS, limit=LONGEST_WAIT_FOR_CALM_SECONDS
    )
    if not supervisor.stopping():
        console.say(f"Nexus is ready: {ports.web_url}/graphql")


if __name__ == "__main__":
    sys.exit(main())
