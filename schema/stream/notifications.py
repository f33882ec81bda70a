"""Who waits for which notification: one connection to PostgreSQL a process, whatever the number of listeners."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812 - a class under a function's name

from knowledge.channels import listening

logger = logging.getLogger("nexus.stream")

# Seconds before another attempt to connect; doubled each time up to the longest.
SHORTEST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 5.0


@dataclass(frozen=True, slots=True)
class Told:
    """Payloads in the order of their commits. After a `gap` nobody knows what was missed, and there are none."""

    payloads: tuple[str, ...] = ()
    gap: bool = False

    def __bool__(self) -> bool:
        return self.gap or bool(self.payloads)


class Inbox:
    """What a listener was told and has not taken yet: `size` payloads at most, then it is a gap.

    Only what `wants` says yes to is kept.
    """

    def __init__(self, size: int, wants: Callable[[str], bool]) -> None:
        self._wants = wants
        self._payloads: deque[str] = deque()
        self._size = size
        self._gap = False
        self._something = asyncio.Event()

    def put(self, payload: str) -> None:
        """Keeps a payload for the listener."""
        if self._gap or not self._wants(payload):
            return
        if len(self._payloads) == self._size:
            self.miss()
            return
        self._payloads.append(payload)
        self._something.set()

    def miss(self) -> None:
        """Notes that something may have been missed."""
        self._payloads.clear()
        self._gap = True
        self._something.set()

    async def take(self, seconds: float) -> Told:
        """What there is, as soon as there is something; nothing after so many seconds."""
        try:
            async with asyncio.timeout(seconds):
                await self._something.wait()
        except TimeoutError:
            return Told()
        told = Told(tuple(self._payloads), self._gap)
        self._payloads.clear()
        self._gap = False
        self._something.clear()
        return told


class Notifications:
    """Listens to `channels` of `database` from the first time it is asked to, and gives what it hears to inboxes.

    Belongs to one event loop. A connection that breaks is made again, and then every inbox has a gap.
    """

    def __init__(self, database: Mapping[str, Any], *channels: str) -> None:
        self._database = database
        self._channels = channels
        self._inboxes: dict[str, set[Inbox]] = {}
        self._connected = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None

    async def connected(self, seconds: float) -> bool:
        """Whether it hears PostgreSQL, now or within so many seconds."""
        if self._keeper is None or self._keeper.done():
            self._keeper = asyncio.create_task(self._keep_listening())
        try:
            async with asyncio.timeout(seconds):
                return await self._connected.wait()
        except TimeoutError:
            return False

    @contextmanager
    def inbox(self, topic: str, size: int, wants: Callable[[str], bool]) -> Iterator[Inbox]:
        """An inbox for a topic: a channel, or `channel:payload` for one payload alone."""
        inbox = Inbox(size, wants)
        self._inboxes.setdefault(topic, set()).add(inbox)
        try:
            yield inbox
        finally:
            self._inboxes[topic].discard(inbox)
            if not self._inboxes[topic]:
                del self._inboxes[topic]

    def topics(self) -> set[str]:
        """The topics that somebody waits for."""
        return set(self._inboxes)

    async def _keep_listening(self) -> None:
        pause = SHORTEST_PAUSE
        while True:
            try:
                connection = await asyncio.to_thread(listening, self._database, *self._channels)
            except psycopg2.Error as error:
                logger.warning("cannot listen to the database: %s", error)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
                continue
            pause = SHORTEST_PAUSE
            for inbox in self._all():
                inbox.miss()
            await self._hear_until_broken(connection)

    async def _hear_until_broken(self, connection: Connection) -> None:
        loop = asyncio.get_running_loop()
        broken = asyncio.Event()
        # The number is kept: a connection that broke no longer knows it, and it must still be taken off the loop.
        number = connection.fileno()
        loop.add_reader(number, self._hear, connection, broken)
        self._connected.set()
        try:
            await broken.wait()
        finally:
            self._connected.clear()
            loop.remove_reader(number)
            connection.close()

    def _hear(self, connection: Connection, broken: asyncio.Event) -> None:
        try:
            connection.poll()
        except psycopg2.Error as error:
            logger.warning("the database hung up: %s", error)
            broken.set()
            return
        for notify in connection.notifies:
            for topic in (notify.channel, f"{notify.channel}:{notify.payload}"):
                for inbox in self._inboxes.get(topic, ()):
                    inbox.put(notify.payload)
        connection.notifies.clear()

    def _all(self) -> list[Inbox]:
        return [inbox for inboxes in self._inboxes.values() for inbox in inboxes]
