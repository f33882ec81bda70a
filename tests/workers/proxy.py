"""A door to a server that a test can open and shut, to see what a broker's absence does."""

import gc
import socket
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread
from typing import Self
from urllib.parse import urlsplit, urlunsplit


class Door:
    """Passes on what comes to its port, while it is open; shutting it cuts every connection. Shut at first."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._target = (parts.hostname or "127.0.0.1", parts.port or 5672)
        self._listener = _reserved()
        self._sockets: list[socket.socket] = []
        self._listening = False
        self._flowing = Event()
        self._flowing.set()
        credentials = parts.netloc.rpartition("@")[0]
        self.port: int = self._listener.getsockname()[1]
        self.url = urlunsplit(parts._replace(netloc=f"{credentials}@127.0.0.1:{self.port}"))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.shut()
        self._listener.close()

    def open(self) -> None:
        self._listener.listen()
        self._listening = True
        Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def shut(self) -> None:
        if not self._listening:
            return
        self._listening = False
        address = self._listener.getsockname()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for each in self._sockets:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        self._sockets.clear()
        self._listener = _reserved(address)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Meanwhile connections stay, and nothing passes."""
        self._flowing.clear()
        try:
            yield
        finally:
            self._flowing.set()

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near, _ = listener.accept()
                try:
                    far = socket.create_connection(self._target)
                except OSError:
                    near.close()  # whom it leads to is away
                    continue
                self._sockets += [near, far]
                for source, sink in ((near, far), (far, near)):
                    Thread(target=_pass_on, args=(source, sink, self._flowing), daemon=True).start()


@contextmanager
def connections_that_fail() -> Iterator[None]:
    """Where pika fails to connect it leaves its sockets to the garbage collector, which here is called in time."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


def silent_port() -> socket.socket:
    """A port where connections are made and nothing is ever said."""
    listener = _reserved()
    listener.listen()
    return listener


def _reserved(address: tuple[str, int] = ("127.0.0.1", 0)) -> socket.socket:
    """A port that is ours and refuses connections until it listens."""
    reserved = socket.socket()
    reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    reserved.bind(address)
    return reserved


def _pass_on(source: socket.socket, sink: socket.socket, flowing: Event) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            flowing.wait()
            sink.sendall(data)
    for each in (source, sink):
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
        each.close()
