"""Waiting for PostgreSQL to say that something happened."""

import logging
import select
import socket
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812 - a class under a function's name

from knowledge.channels import listening

logger = logging.getLogger(__name__)


class Listener:
    """LISTENs on one channel through a connection of its own, which a transaction pooler must not stand before.

    `database` is an entry of Django's DATABASES. Where the connection cannot be had it is tried again at each wait,
    and waiting is merely a pause: whoever listens also looks for itself now and then. `wake` ends a wait at once, and
    may be called from a signal handler or another thread.
    """

    def __init__(self, database: Mapping[str, Any], channel: str) -> None:
        self._database = database
        self._channel = channel
        self._connection: Connection | None = None
        self._awaited, self._waker = socket.socketpair()
        self._awaited.settimeout(0)
        self._waker.settimeout(0)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._disconnect()
        self._awaited.close()
        self._waker.close()

    def wait(self, seconds: float) -> None:
        """Returns at a notification, at `wake`, or after so many seconds; at once when it has just begun to listen.

        What was committed before that was notified to nobody: the caller looks for itself, and then waits.
        """
        if self._connection is None and self._connected() is not None:
            return
        connection = self._connection
        awaited: list[socket.socket | Connection] = [self._awaited, *([connection] if connection else [])]
        ready, _, _ = select.select(awaited, [], [], seconds)
        if self._awaited in ready:
            self._awaited.recv(1024)
        if connection in ready:
            self._take_notifications()

    def pause(self, seconds: float) -> None:
        """Returns at `wake` or after so many seconds, whatever is notified."""
        ready, _, _ = select.select([self._awaited], [], [], seconds)
        if ready:
            self._awaited.recv(1024)

    def wake(self) -> None:
        """Ends the wait that is going on, or the next one."""
        try:
            self._waker.send(b"\0")
        except BlockingIOError:
            return  # it has been told often enough

    def _connected(self) -> Connection | None:
        if self._connection is None:
            try:
                self._connection = listening(self._database, self._channel)
            except psycopg2.OperationalError as error:
                logger.debug("cannot listen to the database: %s", error)
        return self._connection

    def _take_notifications(self) -> None:
        if self._connection is None:
            return
        try:
            self._connection.poll()
            self._connection.notifies.clear()
        except psycopg2.OperationalError as error:
            logger.debug("the database hung up on the listener: %s", error)
            self._disconnect()

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
