"""Behind a pooler that lends each transaction another connection: a real pgbouncer, between PostgreSQL and the web."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from django.db import connection

pytestmark = [pytest.mark.pgbouncer, pytest.mark.django_db(transaction=True)]

# Five requests in each of four threads, over two connections, for two documents.
WEB = """
import django
django.setup()
from concurrent.futures import ThreadPoolExecutor
from django.db import connection
from django.test import Client

def ask(number):
    query = "{ tags { totalCount } }" if number % 2 else "query($slug: String) { tag(slug: $slug) { name } }"
    variables = None if number % 2 else {"slug": f"tag-{number}"}
    request = {"query": query, "variables": variables}
    return Client(SERVER_NAME="localhost").post("/graphql", request, "application/json").content.decode()

with ThreadPoolExecutor(4) as threads:
    print(*sorted(set(threads.map(ask, range(20)))), sep="\\n")
with connection.cursor() as cursor:
    cursor.execute("SELECT count(*) FROM pg_prepared_statements")
    print(cursor.fetchone()[0])
"""


@pytest.fixture
def pooler(tmp_path: Path) -> Iterator[int]:
    """The port of a pgbouncer that leads to the tests' database."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    to = connection.settings_dict
    password = f" password={to['PASSWORD']}" if to["PASSWORD"] else ""
    settings = tmp_path / "pgbouncer.ini"
    settings.write_text(
        f"""[databases]
* = host={to["HOST"]} port={to["PORT"] or 5432} user={to["USER"]}{password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 2
"""
    )
    # It does not run as root.
    tmp_path.parent.parent.chmod(0o711)
    tmp_path.parent.chmod(0o711)
    tmp_path.chmod(0o755)
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    process = subprocess.Popen([os.environ["NEXUS_TEST_PGBOUNCER"], "-q", *user, str(settings)])
    try:
        await_port(port)
        yield port
    finally:
        process.terminate()
        process.wait()


def await_port(port: int) -> None:
    for _ in range(100):
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("pgbouncer did not start")


def web(port: int, **environment: str) -> subprocess.CompletedProcess[str]:
    """What a web process answers that reaches the tests' database by this port."""
    to = connection.settings_dict
    url = f"postgresql://{to['USER']}@127.0.0.1:{port}/{to['NAME']}"
    return subprocess.run(
        [sys.executable, "-c", WEB],
        env={**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "nexus_gql.settings", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_nothing_is_expected_of_a_connection_that_is_only_lent(pooler: int) -> None:
    answered = web(pooler, DATABASE_POOLER="transaction")
    lines = [line.replace(" ", "") for line in answered.stdout.splitlines()]
    assert lines == ['{"data":{"tag":null}}', '{"data":{"tags":{"totalCount":0}}}', "0"]


def test_what_comes_with_a_session_is_refused_by_it(pooler: int) -> None:
    answered = web(pooler)
    assert "UNAVAILABLE" in answered.stdout
    assert "unsupported startup parameter" in answered.stderr
