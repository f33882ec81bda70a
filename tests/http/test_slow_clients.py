"""Clients that send or read slowly, by the hundred: everybody else is served, and they are hung up on."""

import resource
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path

import psycopg2
import pytest

from tests.http.server import SECONDS, asked, exchanged, posted, start_web
from tests.workers.programs import Programs, database_url, eventually

MANY = 1_000
PLACES = 4
# Both longer than it takes here to open the connections and to ask.
SILENCE = 30
SOON = 3
QUERY = posted(b'{"query": "{ tags { totalCount } }"}')
ANSWER = {"data": {"tags": {"totalCount": 0}}}
# The schema: longer than what the kernel takes of an answer that is not read.
LARGE = asked("/schema.graphql") * 20
HALVES = {
    "a head": QUERY.partition(b"Content-Le")[0],
    "a body": QUERY[:-10],
    "a large body": posted(b"{" + b" " * 70_000, length=500_000),
    "an answer that is not read": LARGE,
}


@pytest.fixture(autouse=True)
def many_files() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture
def programs(tmp_path: Path, db: None) -> Iterator[Programs]:
    running = Programs(tmp_path)
    yield running
    running.end()


def slow(port: int, opened: ExitStack, number: int, *kinds: str) -> list[socket.socket]:
    """So many connections, in turns of these kinds, that have sent what they send at once."""
    found = []
    for place in range(number):
        client = opened.enter_context(socket.socket())
        client.settimeout(SECONDS)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        client.connect(("127.0.0.1", port))
        client.sendall(HALVES[kinds[place % len(kinds)]])
        found.append(client)
    return found


def threads(programs: Programs) -> int:
    """Those of the web process, which has the most of all that were started."""
    (parent,) = [program.pid for program in programs.running]
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return max(len([*Path(f"/proc/{child}/task").iterdir()]) for child in children)


def backends() -> int:
    """How many connections the web has to the database."""
    connection = psycopg2.connect(database_url())
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND application_name = 'slow clients'"
            )
            (number,) = cursor.fetchone() or (0,)
            return int(number)
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_a_thousand_slow_clients_keep_nobody_waiting(programs: Programs) -> None:
    port = start_web(programs, WEB_THREADS=str(PLACES), SILENCE_SECONDS=str(SILENCE), PGAPPNAME="slow clients")
    with ExitStack() as opened:
        clients = slow(port, opened, MANY, *HALVES)
        trickling = islice(clients, 1, None, len(HALVES))
        for client in trickling:
            client.send(b" ")
        for _ in range(20):
            assert exchanged(port, QUERY).json == ANSWER
        assert exchanged(port, asked("/livez")).status == 200
        assert backends() <= PLACES
    assert exchanged(port, QUERY).json == ANSWER


@pytest.mark.django_db(transaction=True)
def test_who_is_too_slow_is_hung_up_on_and_leaves_no_thread_behind(programs: Programs) -> None:
    port = start_web(programs, SILENCE_SECONDS=str(SOON), STREAM_HEARTBEAT_SECONDS="1")
    with ExitStack() as opened:
        clients = slow(port, opened, 40, "a body", "a large body")
        assert eventually(lambda: threads(programs) >= len(clients), SECONDS)

        def gone(client: socket.socket) -> bool:
            try:
                client.send(b" ")
                return client.recv(65_536, socket.MSG_DONTWAIT) == b""
            except BlockingIOError:
                return False
            except OSError:
                return True

        # They send on, one byte at a time.
        # Each of them is asked, each time.
        assert eventually(lambda: sum(map(gone, clients)) == len(clients), 10 * SOON)
    assert exchanged(port, QUERY).json == ANSWER
    assert '"connections_ended": ' in programs.said()


def test_half_sent_headers_hold_no_thread(port: int) -> None:
    with ExitStack() as opened:
        slow(port, opened, 8, "a head")
        assert exchanged(port, asked("/livez")).status == 200
