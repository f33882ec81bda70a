"""Clients that send half of what they announced hold a thread each; more threads than those keep the rest served."""

from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.http.server import asked, connected, exchanged, posted, start_web
from tests.workers.programs import Programs

SLOW = 8


@pytest.mark.django_db(transaction=True)
def test_half_sent_bodies_keep_nobody_else_waiting_where_there_are_threads(tmp_path: Path) -> None:
    programs = Programs(tmp_path)
    try:
        port = start_web(programs, WEB_THREADS=str(2 * SLOW))
        with ExitStack() as held:
            for _ in range(SLOW):
                client = held.enter_context(connected(port))
                client.sendall(posted(b'{"query": ', length=100))
            for _ in range(3):
                reply = exchanged(port, posted(b'{"query": "{ tags { totalCount } }"}'))
                assert reply.json == {"data": {"tags": {"totalCount": 0}}}
        # Once they have gone their threads are free again.
        assert exchanged(port, asked("/livez")).status == 200
    finally:
        programs.end()


def test_half_sent_headers_hold_no_thread(port: int) -> None:
    with ExitStack() as held:
        for _ in range(SLOW):
            client = held.enter_context(connected(port))
            client.sendall(b"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Le")
        assert exchanged(port, asked("/livez")).status == 200
