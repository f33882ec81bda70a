"""The load: requests over connections that are kept open, as fast as they are answered.

One process and one thread that does nothing but pass bytes on: what a request costs it is measured along, and says
where its own ceiling is.
"""

import selectors
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import median, quantiles
from time import perf_counter, process_time
from typing import Final

CHUNK: Final = 262_144
LONGEST_SECONDS: Final = 120
CHUNKED: Final = -1
LAST_CHUNK: Final = b"\r\n0\r\n\r\n"


class BadAnswer(Exception):
    """A request was not answered as it should."""


@dataclass(frozen=True, slots=True)
class Load:
    """What came of a load: answers, in how many seconds, each after how many milliseconds; and our own CPU seconds."""

    seconds: float
    own_cpu: float
    milliseconds: list[float] = field(repr=False)

    @property
    def answers(self) -> int:
        """How many requests were answered."""
        return len(self.milliseconds)

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.answers / self.seconds

    @property
    def median(self) -> float:
        """The middle time of an answer, in milliseconds."""
        return median(self.milliseconds)

    @property
    def p99(self) -> float:
        """The time within which 99 of 100 were answered, in milliseconds."""
        return quantiles(self.milliseconds, n=100)[-1] if self.answers > 1 else self.milliseconds[0]


class _Connection:
    """One connection with one request under way at most."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.socket = socket.create_connection(address, timeout=10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.settimeout(LONGEST_SECONDS)
        self.sent_at = 0.0
        self.received = b""
        self.length = 0

    def send(self, request: bytes) -> None:
        self.received = b""
        self.length = 0
        self.sent_at = perf_counter()
        self.socket.sendall(request)

    def receive(self) -> bool:
        """Takes what is there; answers whether the response is whole."""
        chunk = self.socket.recv(CHUNK)
        if not chunk:
            raise BadAnswer("The server closed the connection.")
        self.received = self.received + chunk if self.received else chunk
        if not self.length:
            self.length = _length(self.received)
        if self.length == CHUNKED:
            return self.received.endswith(LAST_CHUNK)
        return 0 < self.length <= len(self.received)


def _length(received: bytes) -> int:
    """Head and body together; 0 while the head is not whole, CHUNKED where it does not say."""
    end = received.find(b"\r\n\r\n")
    if end < 0:
        return 0
    _, found, rest = received[:end].lower().partition(b"\r\ncontent-length:")
    return end + 4 + int(rest.partition(b"\r\n")[0]) if found else CHUNKED


def _unchunked(body: bytes) -> bytes:
    parts = []
    while body:
        size, _, body = body.partition(b"\r\n")
        length = int(size, 16)
        parts.append(body[:length])
        body = body[length + 2 :]
    return b"".join(parts)


def _checked(response: bytes) -> bytes:
    """The body. Raises BadAnswer where it is no 200, or holds errors."""
    head, _, body = response.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200") or b'"errors":[{' in body or b'"errors": [{' in body:
        raise BadAnswer(f"{head[:40]!r} {body[:1_000].decode(errors='replace')}")
    return body


def ask(address: tuple[str, int], request: bytes) -> bytes:
    """The body of one answer."""
    connection = _Connection(address)
    with connection.socket:
        connection.send(request)
        while not connection.receive():
            pass
        body = _checked(connection.received)
        return _unchunked(body) if connection.length == CHUNKED else body


def press(address: tuple[str, int], requests: Iterator[bytes], *, connections: int, seconds: float) -> Load:
    """Sends requests over so many connections for so long; what is under way then is waited for."""
    opened = [_Connection(address) for _ in range(connections)]
    times: list[float] = []
    cpu = process_time()
    with selectors.DefaultSelector() as ready:
        for connection in opened:
            ready.register(connection.socket, selectors.EVENT_READ, connection)
        started = perf_counter()
        until = started + seconds
        for connection in opened:
            connection.send(next(requests))
        under_way = connections
        while under_way:
            for key, _ in ready.select(LONGEST_SECONDS):
                if not key.data.receive():
                    continue
                now = perf_counter()
                times.append((now - key.data.sent_at) * 1_000)
                _checked(key.data.received)
                if now < until:
                    key.data.send(next(requests))
                else:
                    under_way -= 1
        ended = perf_counter()
    for connection in opened:
        connection.socket.close()
    return Load(ended - started, process_time() - cpu, times)
