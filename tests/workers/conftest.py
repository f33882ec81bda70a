"""RabbitMQ with names of one's own, and programs that end with their test."""

import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from amqp.exceptions import ChannelError
from kombu import Connection

from tests.workers.programs import Programs
from tests.workers.proxy import connections_that_fail
from workers.queues import QUEUES


@dataclass(frozen=True)
class Rabbit:
    """A RabbitMQ, and the prefix of the names that a test may use there."""

    url: str
    prefix: str

    def has(self, queue: str) -> bool:
        """Whether somebody listens to the queue."""
        return self.listeners(queue) > 0

    def listeners(self, queue: str, *, of: str = "") -> int:
        """How many listen to the queue, whose name may begin with whom it is `of`."""
        with Connection(self.url) as connection:
            channel: Any = connection.default_channel
            try:
                return int(channel.queue_declare(f"{of}{self.prefix}.{queue}", passive=True).consumer_count)
            except ChannelError:
                return 0


@pytest.fixture
def rabbit() -> Iterator[Rabbit]:
    """The test's own corner of RabbitMQ, swept afterwards."""
    rabbit = Rabbit(os.environ["NEXUS_TEST_RABBITMQ_URL"], f"nexus-test-{secrets.token_hex(4)}")
    yield rabbit
    with Connection(rabbit.url) as connection:
        channel: Any = connection.default_channel  # its type does not know the methods of AMQP
        for queue in (*QUEUES, "dead", "heard"):
            channel.queue_delete(f"{rabbit.prefix}.{queue}")
        for exchange in ("events", "tasks", "dead", "control.pidbox"):
            channel.exchange_delete(f"{rabbit.prefix}.{exchange}")
        channel.exchange_delete(f"reply.{rabbit.prefix}.control.pidbox")


@pytest.fixture
def failing_connections() -> Iterator[None]:
    """For tests in which the broker is away."""
    with connections_that_fail():
        yield


@pytest.fixture
def programs(tmp_path: Path) -> Iterator[Programs]:
    """Programs over the folder as a broker."""
    programs = Programs(tmp_path)
    yield programs
    programs.end()


@pytest.fixture
def rabbit_programs(tmp_path: Path, rabbit: Rabbit) -> Iterator[Programs]:
    """Programs over the test's corner of RabbitMQ."""
    programs = Programs(tmp_path, RABBITMQ_URL=rabbit.url, NEXUS_QUEUE_PREFIX=rabbit.prefix)
    yield programs
    programs.end()
