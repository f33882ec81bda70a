"""PostgreSQL of our own: made, served, and gone with its owner, with every server that this machine has."""

import os
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import psycopg2
import pytest

from ops.binaries import ServerBinaries, find_server, inspect, server_folders
from ops.checkout import ROOT
from ops.errors import CannotRun
from ops.postgres import EmbeddedPostgres, embedded_postgres
from ops.supervisor import Supervisor
from tests.ops.conftest import gone

SERVERS = list({found.major: found for place in server_folders() if (found := inspect(place))}.values())
START_SECONDS = 60.0
OWNER = """
    import sys
    from pathlib import Path
    from ops.console import Console
    from ops.postgres import embedded_postgres
    from ops.processes import Guard
    from ops.supervisor import Supervisor
    postgres = embedded_postgres(Path(sys.argv[1]), durable=False)
    with Guard(limit=5) as guard, Supervisor(Console(sys.stderr), guard, limit=5) as supervisor:
        supervisor.start(postgres.program)
        supervisor.wait_until(postgres.is_ready, limit=60, needs="postgres")
        print("ready", flush=True)
        supervisor.serve()
"""


@pytest.fixture(scope="module", params=SERVERS, ids=lambda found: f"server{found.major}")
def server(request: pytest.FixtureRequest) -> ServerBinaries:
    found: ServerBinaries = request.param
    return found


@pytest.fixture(scope="module")
def folder(server: ServerBinaries, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cluster's folder below one that only its owner can enter, as pytest makes them."""
    place = tmp_path_factory.mktemp("cluster") / "postgres"
    postgres = embedded_postgres(place, durable=False, server=server)
    yield place
    if not postgres.cluster.data.is_relative_to(place):
        shutil.rmtree(postgres.cluster.data.parent.parent)


@pytest.fixture
def postgres(supervisor: Supervisor, folder: Path, server: ServerBinaries) -> EmbeddedPostgres:
    """It runs."""
    postgres = embedded_postgres(folder, durable=False, server=server)
    supervisor.start(postgres.program)
    assert supervisor.wait_until(postgres.is_ready, limit=START_SECONDS, needs="postgres")
    return postgres


def answer(url: str, statement: str) -> object:
    with closing(psycopg2.connect(url)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone() if cursor.description else None


def test_speaks_utf8_and_has_the_extensions(postgres: EmbeddedPostgres, server: ServerBinaries) -> None:
    assert answer(postgres.url, "SELECT current_setting('server_version_num')::int / 10000") == (server.major,)
    assert answer(postgres.url, "SELECT current_setting('server_encoding'), lower('ÄÉΣЖ')") == ("UTF8", "äéσж")
    assert answer(postgres.url, "CREATE EXTENSION pg_trgm; CREATE EXTENSION unaccent; SELECT unaccent('é')") == ("e",)
    assert answer(postgres.url, "SELECT to_tsvector('simple', 'ÉCOLE')::text") == ("'école':1",)


def test_listens_on_loopback_alone_and_asks_for_the_password(postgres: EmbeddedPostgres) -> None:
    (master,) = [p for p in psutil.process_iter() if str(postgres.cluster.data) in _arguments(p)]
    listening = {c.laddr for c in master.net_connections("all") if c.status == psutil.CONN_LISTEN}
    assert listening == {("127.0.0.1", postgres.port)}
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(postgres.url.replace(postgres.cluster.password, "wrong"))


def test_keeps_what_was_written(supervisor: Supervisor, folder: Path, postgres: EmbeddedPostgres) -> None:
    answer(postgres.url, "CREATE TABLE kept AS SELECT 17 AS number")
    supervisor.stop()
    again = embedded_postgres(folder, durable=True)
    supervisor.start(again.program)
    assert supervisor.wait_until(again.is_ready, limit=START_SECONDS, needs="postgres")
    assert answer(again.url, "TABLE kept") == (17,)
    assert answer(again.url, "SHOW fsync") == ("on",)


def test_a_second_one_on_the_same_data_is_refused(folder: Path, postgres: EmbeddedPostgres) -> None:
    with pytest.raises(CannotRun, match=r"^A PostgreSQL is already running on .*/data \(process \d+\)\.$"):
        embedded_postgres(folder, durable=False, patience=0.2)
    assert postgres.is_ready()


def test_what_a_killed_server_left_is_tidied(supervisor: Supervisor, folder: Path, server: ServerBinaries) -> None:
    postgres = embedded_postgres(folder, durable=False, server=server)
    pid_file = postgres.cluster.data / "postmaster.pid"
    # The number has come to mean another process, of the same user: PostgreSQL itself would give up.
    pid_file.write_text(f"{os.getpid()}\n{postgres.cluster.data}\n")
    again = embedded_postgres(folder, durable=False, server=server)
    assert not pid_file.exists()
    supervisor.start(again.program)
    assert supervisor.wait_until(again.is_ready, limit=START_SECONDS, needs="postgres")


def test_ends_with_an_owner_that_is_killed(folder: Path, server: ServerBinaries) -> None:
    command = [sys.executable, "-c", textwrap.dedent(OWNER), str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == "ready\n"
        everyone = [process.pid for process in psutil.Process(owner.pid).children(recursive=True)]
        assert len(everyone) > 2  # the guard, the server, and the server's own
        owner.kill()
        owner.communicate()
    assert gone(everyone)
    assert not (embedded_postgres(folder, durable=False, server=server).cluster.data / "postmaster.pid").exists()


def test_another_version_s_data_is_refused_with_advice(folder: Path, server: ServerBinaries) -> None:
    data = embedded_postgres(folder, durable=False, server=server).cluster.data
    version = data / "PG_VERSION"
    version.write_text("14\n")
    try:
        with pytest.raises(CannotRun) as refused:
            embedded_postgres(folder, durable=False, server=server)
        assert str(refused.value) == (
            f"{data} was made by PostgreSQL 14, and this machine has {server.version}. "
            f"To start with an empty database, remove {data.parent}; to keep what is in it, set DATABASE_URL to a "
            "PostgreSQL that serves it."
        )
        with pytest.raises(CannotRun, match=r" was made by PostgreSQL 14, and this machine has "):
            embedded_postgres(folder, durable=False)
    finally:
        version.write_text(f"{server.major}\n")


def test_a_server_that_is_not_there_is_named() -> None:
    with pytest.raises(CannotRun, match=r"^No PostgreSQL 99 was found on this machine\. Set DATABASE_URL "):
        find_server(99)


def _arguments(process: psutil.Process) -> list[str]:
    try:
        arguments: list[str] = process.cmdline()
    except psutil.NoSuchProcess:
        return []
    return arguments
