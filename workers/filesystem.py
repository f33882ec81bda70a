"""A broker without a broker: Celery's filesystem transport, made safe for several processes that start at once.

Kombu's own writes a message under the name by which it is found, takes it by way of the machine's temporary folder,
and writes the table of an exchange's queues in place: a reader may meet half of any of them. Here a message appears
and is taken whole, by renaming, and the tables are read and written one at a time.
A worker that is killed in the middle of a task still loses the message: the sweep of stale digests heals that.
"""

import fcntl
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty
from typing import Any
from uuid import uuid4

from kombu.transport import filesystem

POLLING_SECONDS = 0.05
LONGEST_WAIT_SECONDS = 0.5


def prepared(folder: Path) -> dict[str, Any]:
    """Celery's `broker_transport_options` for a broker in `folder`, whose parts are made where they are missing."""
    messages, control, unfinished, taken = (folder / name for name in ("messages", "control", "unfinished", "taken"))
    for part in (messages, control, unfinished, taken):
        part.mkdir(parents=True, exist_ok=True)
    return {
        "data_folder_in": str(messages),
        "data_folder_out": str(messages),
        "control_folder": str(control),
        "processed_folder": str(taken),
        "unfinished_folder": str(unfinished),
        "polling_interval": POLLING_SECONDS,
    }


class Channel(filesystem.Channel):
    """Kombu's channel, with whole messages and whole tables."""

    def get_table(self, exchange: str) -> list[Any]:
        """The queues that are bound to an exchange."""
        with self._tables_locked():
            return list(super().get_table(exchange))

    def _queue_bind(self, exchange: str, routing_key: str | None, pattern: str | None, queue: str | None) -> None:
        with self._tables_locked():
            super()._queue_bind(exchange, routing_key or "", pattern or "", queue or "")

    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]  # as kombu has it
        name = f"{time.time_ns():020}_{uuid4()}.{queue}.msg"
        unfinished = Path(self.transport_options["unfinished_folder"], name)
        unfinished.write_text(json.dumps(payload))
        unfinished.rename(Path(self.data_folder_out, name))

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        for name in sorted(path.name for path in Path(self.data_folder_in).iterdir()):
            if name.partition(".")[2] != f"{queue}.msg":
                continue
            taken = Path(self.processed_folder, name)
            try:
                Path(self.data_folder_in, name).rename(taken)
            except FileNotFoundError:
                continue  # another worker was faster
            message = json.loads(taken.read_text())
            taken.unlink()
            return message
        raise Empty

    @contextmanager
    def _tables_locked(self) -> Iterator[None]:
        with Path(self.control_folder, "tables.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


class Transport(filesystem.Transport):
    """Kombu's transport, over these channels."""

    Channel = Channel

    def drain_events(self, connection: Any, timeout: float | None = None, **kwargs: Any) -> None:
        """Waits for messages, but not so long that a worker that is asked to stop is late to hear of it."""
        super().drain_events(connection, timeout=timeout and min(timeout, LONGEST_WAIT_SECONDS), **kwargs)
