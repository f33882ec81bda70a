"""The relay: carries events from the outbox to the broker, as messages for other systems and as tasks for ours."""

import logging
import random
from collections.abc import Callable
from typing import Any, Final

from amqp.exceptions import AMQPError
from django.db import DatabaseError, InterfaceError, connection
from kombu.exceptions import KombuError

from knowledge.dispatch import NotTaken, send_waiting
from knowledge.models import OutboxEvent
from workers.broker import BrokerAway, MessageRefused, Publisher
from workers.handlers import tasks_after
from workers.listener import Listener
from workers.messages import message_of

logger = logging.getLogger(__name__)

CHANNEL: Final = "nexus_outbox"
# How often it looks for itself, should a notification have been lost.
POLL_SECONDS: Final = 1.0
FIRST_PAUSE_SECONDS: Final = 0.25
LONGEST_PAUSE_SECONDS: Final = 5.0

SendTask = Callable[..., Any]


class Relay:
    """Sends what waits in the outbox, until it is told to stop. Any number of relays may run.

    `publisher` is None where there is no exchange; `send_task` is Celery's. While broker or database are away it tries
    again with growing pauses, and says so once.
    """

    def __init__(
        self,
        *,
        publisher: Publisher | None,
        send_task: SendTask,
        listener: Listener,
        poll_seconds: float = POLL_SECONDS,
    ) -> None:
        self._publisher = publisher
        self._send_task = send_task
        self._listener = listener
        self._poll_seconds = poll_seconds
        self._stopping = False
        self._failures = 0

    def run(self) -> None:
        """Returns after `stop`, once the batch at hand is done."""
        while not self._stopping:
            try:
                self.send_all()
            except BrokerAway as error:
                self._back_off("the broker", error)
            except (DatabaseError, InterfaceError) as error:
                connection.close()
                self._back_off("the database", error)
            else:
                self._recover()
                self._listener.wait(self._poll_seconds)

    def stop(self) -> None:
        """Asks `run` to return; may be called from a signal handler."""
        self._stopping = True
        self._listener.wake()

    def send_all(self) -> None:
        """Sends what waits now. Raises BrokerAway, or Django's DatabaseError; what was sent until then stays sent."""
        if self._publisher:
            self._publisher.keep_alive()
        while not self._stopping and send_waiting(self._send):
            pass

    def _send(self, event: OutboxEvent) -> None:
        """The exchange first: where it is away, so is what takes the tasks, and pika notices sooner."""
        if self._publisher:
            try:
                self._publisher.publish(message_of(event))
            except MessageRefused as error:
                raise NotTaken from error
        for task in tasks_after(event.type):
            self._enqueue(task, event)

    def _enqueue(self, task: str, event: OutboxEvent) -> None:
        try:
            # Named after the event, so that the logs of the worker lead back to it.
            self._send_task(
                task,
                (event.subject_id,),
                task_id=f"{event.pk}-{task}",
                timeout=2,
                confirm_timeout=2,
                ignore_result=True,
            )
        except (KombuError, AMQPError, OSError) as error:
            raise BrokerAway(str(error) or type(error).__name__) from error

    def _back_off(self, who: str, error: Exception) -> None:
        if self._failures == 0:
            logger.warning("%s is away (%s); trying again with growing pauses", who, str(error).strip())
        pause = min(FIRST_PAUSE_SECONDS * 2**self._failures, LONGEST_PAUSE_SECONDS)
        self._failures = min(self._failures + 1, 10)
        self._listener.pause(pause * random.uniform(0.5, 1.0))  # noqa: S311 - spreads relays out, no secret

    def _recover(self) -> None:
        if self._failures:
            logger.info("broker and database are back; nothing was lost")
            self._failures = 0
