"""Dead letters: tasks that were delivered again and again, and whose worker was lost each time."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Any, Final

from workers.broker import opened

# What RabbitMQ noted on the way; with it a letter would seem to have died already.
NOTES: Final = ("x-death", "x-delivery-count", "x-acquired-count")
NOTES_BEGIN: Final = ("x-first-death-", "x-last-death-")
# A quorum queue has a message back a moment after it was told to take it.
PUT_BACK_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True)
class Letter:
    """A task that nobody could do, where it waited, why it died and when. `message` is the broker's."""

    id: str
    task: str
    arguments: str
    queue: str
    reason: str
    died_at: datetime | None
    message: Any


class Letters:
    """The dead letters that were there when they were opened, oldest first."""

    def __init__(self, channel: Any, prefix: str) -> None:
        self._channel = channel
        self._tasks = f"{prefix}.tasks"
        self._dead = f"{prefix}.dead"
        self.found = tuple(self._taken())
        self._held = {letter.message[0].delivery_tag for letter in self.found}

    def replay(self, letter: Letter) -> None:
        """Sends the task to its queue again, where it is new; then the letter is no more.

        Killed in between, the task is sent and the letter stays: tasks may run twice.
        """
        method, properties, body = letter.message
        headers = properties.headers or {}
        properties.headers = {name: value for name, value in headers.items() if not _is_note(name)}
        self._channel.basic_publish(self._tasks, letter.queue, body, properties, mandatory=True)
        self._channel.basic_ack(method.delivery_tag)
        self._held.remove(method.delivery_tag)

    def put_back(self) -> None:
        """Returns when what was not sent waits again: whoever looks next finds it. Not longer than PUT_BACK_SECONDS."""
        for delivery_tag in sorted(self._held):
            self._channel.basic_nack(delivery_tag)
        until = monotonic() + PUT_BACK_SECONDS
        while self._waiting() < len(self._held) and monotonic() < until:
            self._channel.connection.sleep(0.01)

    def _taken(self) -> Iterator[Letter]:
        for _ in range(self._waiting()):
            message = self._channel.basic_get(self._dead)
            if message[0] is None:
                return
            yield _letter(message)

    def _waiting(self) -> int:
        waiting: int = self._channel.queue_declare(self._dead, passive=True).method.message_count
        return waiting


@contextmanager
def dead_letters(url: str, prefix: str) -> Iterator[Letters]:
    """The dead letters of the queues whose names begin with `prefix`; raises BrokerAway, also without one."""
    with opened(url) as channel:
        letters = Letters(channel, prefix)
        try:
            yield letters
        finally:
            letters.put_back()


def _letter(message: Any) -> Letter:
    method, properties, _ = message
    headers = properties.headers or {}
    deaths = headers.get("x-death") or [{}]
    moment = deaths[0].get("time")
    return Letter(
        id=str(headers.get("id", properties.correlation_id or "?")),
        task=str(headers.get("task", "?")),
        arguments=str(headers.get("argsrepr", "")),
        queue=str(headers.get("x-first-death-queue", method.routing_key)),
        reason=str(headers.get("x-first-death-reason", "?")),
        died_at=moment.replace(tzinfo=UTC) if moment else None,
        message=message,
    )


def _is_note(name: str) -> bool:
    return name in NOTES or name.startswith(NOTES_BEGIN)
