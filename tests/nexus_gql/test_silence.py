"""Connections on which nothing is sent are ended, and no others."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from django.db import connection

from nexus_gql.silence import hang_up
from tests.workers.programs import eventually

SECONDS = 20
pytestmark = pytest.mark.skipif(not hasattr(socket, "TCP_INFO"), reason="only Linux tells")

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pairs() -> Iterator[list[Pair]]:
    """Three connections: the client's end, and ours."""
    with ExitStack() as opened:
        listening = opened.enter_context(socket.create_server(("127.0.0.1", 0)))
        found = []
        for _ in range(3):
            client = opened.enter_context(socket.create_connection(listening.getsockname(), SECONDS))
            found.append((client, opened.enter_context(listening.accept()[0])))
        yield found


def is_open(client: socket.socket) -> bool:
    client.settimeout(0)
    try:
        return client.recv(1, socket.MSG_PEEK) != b""
    except BlockingIOError:
        return True
    finally:
        client.settimeout(SECONDS)


@pytest.mark.django_db
def test_who_is_sent_nothing_is_hung_up_on_whatever_they_send(pairs: list[Pair]) -> None:
    ended = 0

    def look() -> bool:
        nonlocal ended
        for client, ours in pairs[1:]:
            client.send(b"x")
            ours.send(b"y")
        if is_open(pairs[0][0]):
            # It sends all the time, and is sent nothing.
            pairs[0][0].send(b"x")
        ended += hang_up(0.5)
        return ended == 1

    assert eventually(look, SECONDS)
    assert [is_open(client) for client, _ in pairs] == [False, True, True]
    assert pairs[0][1].recv(100_000)
    # Nor are those ended that we opened to others.
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def test_who_does_not_read_is_hung_up_on(pairs: list[Pair]) -> None:
    _, ours = pairs[0]
    ours.settimeout(0)

    def send_on() -> None:
        while True:
            ours.send(b"x" * 65_536)

    with pytest.raises(BlockingIOError):
        send_on()

    def look() -> bool:
        for _, other in pairs[1:]:
            other.send(b"y")
        return hang_up(0.5) == 1

    assert eventually(look, SECONDS)
    with pytest.raises(OSError, match=r"Broken pipe|reset"):
        ours.send(b"x")


def test_nobody_is_hung_up_on_too_early(pairs: list[Pair]) -> None:
    assert hang_up(3_600) == 0
    assert all(is_open(client) for client, _ in pairs)
