"""How many SQL statements a server sends: counted on the wire, so whatever driver and shortcut it uses."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from urllib.parse import urlsplit

CHUNK: Final = 65_536
# Of PostgreSQL's protocol: a simple query, and the execution of a prepared one.
COUNTED: Final = frozenset(b"QE")
# A message is its type, four bytes of length (which count themselves), and the rest.
HEAD: Final = 5


class Wire:
    """A proxy in front of a PostgreSQL. `statements` counts what was sent through it, BEGIN and COMMIT too."""

    def __init__(self, database_url: str) -> None:
        parts = urlsplit(database_url)
        self._server = (parts.hostname or "127.0.0.1", parts.port or 5432)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.statements = 0
        user, at, _ = parts.netloc.rpartition("@")
        port = self._listening.getsockname()[1]
        # Through TLS there would be nothing to see.
        self.url = parts._replace(netloc=f"{user}{at}127.0.0.1:{port}", query="sslmode=disable").geturl()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Takes no more connections."""
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            server = socket.create_connection(self._server)
            threading.Thread(target=self._up, args=(client, server), daemon=True).start()
            threading.Thread(target=_pass_on, args=(server, client), daemon=True).start()

    def _up(self, client: socket.socket, server: socket.socket) -> None:
        # The first message of a connection has no type.
        waiting = b""
        started = False
        while chunk := client.recv(CHUNK):
            waiting += chunk
            while True:
                head = HEAD if started else HEAD - 1
                if len(waiting) < head:
                    break
                length = int.from_bytes(waiting[head - 4 : head]) + head - 4
                if len(waiting) < length:
                    break
                self.statements += started and waiting[0] in COUNTED
                waiting = waiting[length:]
                started = True
            server.sendall(chunk)
        server.close()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    try:
        while chunk := source.recv(CHUNK):
            target.sendall(chunk)
    except OSError:
        return  # the other side closed


@contextmanager
def counted(database_url: str) -> Iterator[Wire]:
    """A proxy in front of the database, until the end of the block."""
    wire = Wire(database_url)
    try:
        yield wire
    finally:
        wire.close()
