"""How many requests are worked on at once, and what each must have before it is: its whole body.

granian has a thread for every connection, and starts it when it is needed; so a caller who sends slowly, or reads
slowly, costs a thread that sleeps and nobody else's turn. Work is done at a few places alone. A place has what Django
keeps by thread, connections above all: PostgreSQL and the cache see as many as there are places, whoever uses them.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO
from threading import Lock, local
from typing import Any, Final

import orjson
from django.core.cache import caches
from django.db import connections

from schema.errors import ErrorCode

logger = logging.getLogger("nexus.requests")

# Bodies up to this are always taken in; larger ones share a room, so that no number of callers fills the memory.
SMALL_BYTES: Final = 65_536
ROOM_BODIES: Final = 64
AGAIN_SECONDS: Final = 1
# Longer numbers are none of a body that would be read.
MOST_DIGITS: Final = 18

Environ = dict[str, Any]
Wsgi = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


class Busy(Exception):
    """There is no room for a body, or no place was free in time."""


class Room:
    """So many bytes that large bodies may have together, while they come in and are worked on."""

    def __init__(self, most: int) -> None:
        self._left = most
        self._lock = Lock()

    @contextmanager
    def hold(self, size: int) -> Iterator[None]:
        """The room for a body, inside. Raises Busy where there is none left."""
        with self._lock:
            if size > self._left:
                raise Busy("bodies")
            self._left -= size
        try:
            yield
        finally:
            with self._lock:
                self._left += size


class Place:
    """What a thread has of Django's while it works here."""

    def __init__(self) -> None:
        self._databases = {alias: connections.create_connection(alias) for alias in connections.settings}
        self._caches = {alias: caches.create_connection(alias) for alias in caches.settings}
        for database in self._databases.values():
            # One thread at a time has the place; another one may be the next.
            database.inc_thread_sharing()

    def enter(self) -> None:
        """Gives what is here to the thread that calls."""
        for alias, database in self._databases.items():
            connections[alias] = database
        for alias, cache in self._caches.items():
            caches[alias] = cache

    def close(self) -> None:
        """Ends what is open."""
        for database in self._databases.values():
            database.close()
        for cache in self._caches.values():
            cache.close()


class Places:
    """So many places at which work is done; who finds none waits for one, in the order in which they came.

    The place that was left last is taken first: with little to do few of them have connections at all.
    """

    def __init__(self, number: int, make: Callable[[], Place] = Place) -> None:
        self._free = [make() for _ in range(number)]
        self._waiting: deque[Turn] = deque()
        self._lock = Lock()

    @property
    def waiting(self) -> int:
        """How many wait for a place."""
        return len(self._waiting)

    def take(self, patience: float) -> Place:
        """A place. Raises Busy where none is free within so many seconds."""
        with self._lock:
            if self._free:
                return self._free.pop()
            turn = Turn()
            self._waiting.append(turn)
        if not turn.came.acquire(timeout=patience):
            with self._lock:
                # It may have come just now.
                if turn.place is None:
                    self._waiting.remove(turn)
        if turn.place is None:
            raise Busy("requests")
        return turn.place

    def leave(self, place: Place) -> None:
        """Somebody else may have it."""
        with self._lock:
            if not self._waiting:
                self._free.append(place)
                return
            turn = self._waiting.popleft()
            turn.place = place
        turn.came.release()


class Turn:
    """Somebody who waits for a place: `came` can be acquired once it is there."""

    __slots__ = ("came", "place")

    def __init__(self) -> None:
        self.place: Place | None = None
        self.came = Lock()
        self.came.acquire()


class Placed:
    """A WSGI application whose requests are worked on at `places`, once their bodies are there. Answers come whole.

    Bodies of `most_bytes` at most are read before a place is asked for; the application finds longer ones unread, and
    refuses them. Who finds no place in `patience` seconds is answered UNAVAILABLE.
    """

    def __init__(self, application: Wsgi, places: Places, *, most_bytes: int, patience: float) -> None:
        self._application = application
        self._places = places
        self._most_bytes = most_bytes
        self._patience = patience
        self._room = Room(ROOM_BODIES * most_bytes)
        self._own = local()

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> list[bytes]:
        """Answers a request."""
        size = body_size(environ.get("CONTENT_LENGTH"))
        try:
            if not 0 < size <= self._most_bytes:
                return self._answered(environ, start_response)
            if size <= SMALL_BYTES:
                environ["wsgi.input"] = BytesIO(environ["wsgi.input"].read(size))
                return self._answered(environ, start_response)
            with self._room.hold(size):
                environ["wsgi.input"] = BytesIO(environ["wsgi.input"].read(size))
                return self._answered(environ, start_response)
        except Busy as error:
            logger.warning("too busy: there is no room for more %s", error)
            return _unavailable(start_response)

    def _answered(self, environ: Environ, start_response: Callable[..., Any]) -> list[bytes]:
        place = self._places.take(self._patience)
        try:
            # Threads mostly come back to where they were.
            if getattr(self._own, "place", None) is not place:
                place.enter()
                self._own.place = place
            return _whole(self._application(environ, start_response))
        finally:
            self._places.leave(place)


def body_size(length: str | None) -> int:
    """How long a request's body is by its Content-Length; 0 where that does not say."""
    known = length is not None and length.isascii() and length.isdecimal() and len(length) <= MOST_DIGITS
    return int(length) if known and length else 0


def _whole(answer: Iterable[bytes]) -> list[bytes]:
    """An answer's parts, and its end: what Django does then it does at the place."""
    if type(answer) is list:
        return answer
    try:
        return [b"".join(answer)]
    finally:
        close = getattr(answer, "close", None)
        if close is not None:
            close()


def _unavailable(start_response: Callable[..., Any]) -> list[bytes]:
    message = "There is too much to do just now. Try again in a moment."
    body = orjson.dumps({"errors": [{"message": message, "extensions": {"code": ErrorCode.UNAVAILABLE.value}}]})
    headers = [
        ("Content-Type", "application/json; charset=utf-8"),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
        ("Retry-After", str(AGAIN_SECONDS)),
    ]
    start_response("503 Service Unavailable", headers)
    return [body]
