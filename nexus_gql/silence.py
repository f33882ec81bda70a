"""Ends connections to us that were silent for too long: nothing could be sent on them.

Who sends a request one byte at a time, sends half of it, or does not read its answer, has a connection on which we send
nothing, whatever they send. The kernel knows since when; so no request pays for it, and nobody needs to know which one
of them is whose. What is in order is never silent for as long: between requests the server closes connections sooner,
an answer is made in time, and a stream has its heartbeats.
"""

from __future__ import annotations

import logging
import os
import socket
import stat
import struct
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from typing import Final

logger = logging.getLogger("nexus.requests")

DESCRIPTORS: Final = Path("/proc/self/fd")
# `tcpi_last_data_sent` of Linux' struct tcp_info: milliseconds since data were sent, or since the connection is there.
LAST_SENT: Final = struct.Struct("=I")
LAST_SENT_AT: Final = 44
LOOKS: Final = 6


def end_the_silent(seconds: float) -> None:
    """From now on ends this process' silent connections, in a thread; nothing where the kernel does not tell."""
    if hasattr(socket, "TCP_INFO") and DESCRIPTORS.is_dir():
        Thread(target=_watch, args=(seconds,), name="silence", daemon=True).start()


def hang_up(seconds: float) -> int:
    """Ends the connections to this process on which nothing was sent for so long, and tells how many there were."""
    ended = 0
    for connection in _accepted():
        if _silent_milliseconds(connection) > seconds * 1_000:
            # Who owns it finds that its client has gone. It may have ended by itself meanwhile.
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
                ended += 1
    return ended


def _watch(seconds: float) -> None:
    never = Event()
    while not never.wait(seconds / LOOKS):
        try:
            ended = hang_up(seconds)
        except Exception:  # it goes on: without it, slow callers would gather
            logger.exception("silent connections cannot be looked at")
        else:
            if ended:
                logger.info("silent", extra={"connections_ended": ended})


def _accepted() -> Iterator[socket.socket]:
    """Connections that others opened to a port that this process listens to: each lent for a turn of the loop."""
    with _Sockets() as found:
        ours = {each.getsockname()[1] for each in found if _listens(each)}
        for each in found:
            if not _listens(each) and each.getsockname()[1] in ours:
                yield each


class _Sockets:
    """This process' TCP sockets, by descriptors of our own: closing those closes nothing of whose they are."""

    def __enter__(self) -> list[socket.socket]:
        self._found: list[socket.socket] = []
        for path in DESCRIPTORS.iterdir():
            # It may be gone by now.
            with suppress(OSError):
                if stat.S_ISSOCK(path.stat().st_mode):
                    self._keep(socket.socket(fileno=os.dup(int(path.name))))
        return self._found

    def __exit__(self, *_: object) -> None:
        for each in self._found:
            each.close()

    def _keep(self, found: socket.socket) -> None:
        if found.family in {socket.AF_INET, socket.AF_INET6} and found.type == socket.SOCK_STREAM:
            self._found.append(found)
        else:
            found.close()


def _listens(found: socket.socket) -> bool:
    return found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN) == 1


def _silent_milliseconds(connection: socket.socket) -> int:
    told = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, LAST_SENT_AT + LAST_SENT.size)
    milliseconds: int = LAST_SENT.unpack_from(told, LAST_SENT_AT)[0]
    return milliseconds
