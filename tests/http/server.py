"""The web process as it is served in earnest, on a port of its own, and bytes to and from it."""

from __future__ import annotations

import re
import socket
import sys
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import orjson

from tests import codes
from tests.workers.programs import ROOT, Programs

START_SECONDS = 30
SECONDS = 10
LENGTH = re.compile(rb"(?im)^content-length: (\d+)\r$")


@dataclass(frozen=True)
class Reply:
    """An answer as it came over the connection."""

    status: int
    headers: dict[str, str]
    body: bytes
    cookies: list[str] = field(default_factory=list)

    @property
    def codes(self) -> list[str]:
        """The codes of its errors."""
        return [error["extensions"]["code"] for error in self.json["errors"]]

    @property
    def json(self) -> Any:
        """Its body, read."""
        return orjson.loads(self.body)


def start_web(programs: Programs, **environment: str) -> int:
    """Starts the web process, waits until it answers, and tells its port."""
    port = free_port()
    programs.run(
        [str(ROOT / "ops/web"), "--host", "127.0.0.1", "--port", str(port)], PYTHON=sys.executable, **environment
    )
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            urlopen(f"http://127.0.0.1:{port}/livez", timeout=1).close()
        except (URLError, OSError):
            assert time.monotonic() < deadline, programs.said()
            time.sleep(0.05)
        else:
            return port


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def connected(port: int) -> socket.socket:
    """A connection to the server."""
    return socket.create_connection(("127.0.0.1", port), timeout=SECONDS)


def exchanged(port: int, *pieces: bytes, half_closed: bool = False) -> Reply:
    """What is answered to these bytes; with `half_closed` the sender says that no more will come."""
    with connected(port) as connection:
        for piece in pieces:
            connection.sendall(piece)
        if half_closed:
            connection.shutdown(socket.SHUT_WR)
        return reply_from(connection)


def reply_from(connection: socket.socket) -> Reply:
    """The next answer on a connection."""
    received = b""
    while not _is_whole(received):
        piece = connection.recv(65_536)
        if not piece:
            break
        received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    cookies = [line.partition(": ")[2] for line in lines if line.lower().startswith("set-cookie:")]
    codes.note_body(headers.get("content-type", ""), body)
    return Reply(int(first.split()[1]), headers, body, cookies)


def _is_whole(received: bytes) -> bool:
    head, end, body = received.partition(b"\r\n\r\n")
    if b"transfer-encoding: chunked" in head.lower():
        return body.endswith(b"0\r\n\r\n")
    return bool(end) and len(body) >= _length(received)


def _length(received: bytes) -> int:
    found = LENGTH.search(received.partition(b"\r\n\r\n")[0] + b"\r\n")
    return int(found[1]) if found else 0


def posted(body: bytes, *lines: str, length: int | None = None) -> bytes:
    """A POST of a body as JSON, with further header lines."""
    head = [
        "POST /graphql HTTP/1.1",
        "Host: 127.0.0.1",
        "Content-Type: application/json",
        f"Content-Length: {len(body) if length is None else length}",
        *lines,
    ]
    return "\r\n".join(head).encode("latin1") + b"\r\n\r\n" + body


def asked(target: str, *lines: str, method: str = "GET") -> bytes:
    """A request without a body, with further header lines."""
    return "\r\n".join([f"{method} {target} HTTP/1.1", "Host: 127.0.0.1", *lines]).encode("latin1") + b"\r\n\r\n"
