"""RabbitMQ, as far as Nexus speaks to it itself (Celery speaks to it for the tasks). The only import of pika."""

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import pika
from pika.adapters.utils.connection_workflow import AMQPConnectorException
from pika.exceptions import AMQPError, NackError, UnroutableError

logger = logging.getLogger(__name__)

SOCKET_SECONDS: Final = 2.0
BLOCKED_SECONDS: Final = 2.0
# The shortest that RabbitMQ advises. Pika gives a broker that has frozen up to four times as long.
HEARTBEAT_SECONDS: Final = 5
# What pika raises when there is no speaking to the broker; it does not wrap what sockets and look-ups of names raise.
ABSENCES: Final = (AMQPError, AMQPConnectorException, OSError)


class BrokerAway(Exception):
    """The broker cannot be reached, does not answer in time, or takes nothing now."""


class MessageRefused(Exception):
    """The broker answered, and did not take this message."""


@dataclass(frozen=True, slots=True)
class Message:
    """What other systems are told. `type` is the routing key; `id` is the same whenever it is sent again."""

    id: str
    type: str
    at: datetime
    body: Mapping[str, Any]


class Publisher:
    """Publishes to a durable topic exchange and waits for the broker's word on each message.

    Connects when first needed, and anew after a failure. Not for several threads at once.
    """

    def __init__(self, url: str, exchange: str) -> None:
        self._url = url
        self._exchange = exchange
        self._channel: Any = None

    def publish(self, message: Message) -> None:
        """Returns once the broker has taken the message; raises BrokerAway or MessageRefused.

        A message that no queue is bound for counts as published: nobody listens, which is what an exchange is for.
        """
        try:
            self._open_channel().basic_publish(
                self._exchange,
                message.type,
                json.dumps(message.body).encode(),
                pika.BasicProperties(
                    app_id="nexus",
                    content_type="application/json",
                    delivery_mode=pika.DeliveryMode.Persistent.value,
                    message_id=message.id,
                    timestamp=int(message.at.timestamp()),
                    type=message.type,
                ),
                mandatory=True,
            )
        except UnroutableError:
            logger.debug("nobody listens for %s (%s)", message.type, message.id)
        except NackError as error:
            raise MessageRefused(f"{message.type} ({message.id})") from error
        except ABSENCES as error:
            self.close()
            raise _away(error) from error

    def keep_alive(self) -> None:
        """Answers heartbeats; to be called every few seconds while there is nothing to publish."""
        if self._channel is None:
            return
        try:
            self._channel.connection.process_data_events(0)
        except ABSENCES as error:
            # Not worth an alarm: the next publish connects again, or says that it cannot.
            logger.debug("the idle connection to the broker ended: %s", _away(error))
            self.close()

    def close(self) -> None:
        """Lets go of the connection, if there is one."""
        channel, self._channel = self._channel, None
        if channel is not None and channel.connection.is_open:
            try:
                channel.connection.close()
            except ABSENCES as error:
                logger.debug("the connection to the broker did not close: %s", _away(error))

    def _open_channel(self) -> Any:
        if self._channel is None or self._channel.is_closed:
            self.close()
            connection = _connect(self._url, SOCKET_SECONDS)
            channel = connection.channel()
            channel.confirm_delivery()
            channel.exchange_declare(self._exchange, exchange_type="topic", durable=True)
            self._channel = channel
        return self._channel


@contextmanager
def opened(url: str) -> Iterator[Any]:
    """A channel with confirms, for a moment's work; raises BrokerAway, also where the work is interrupted."""
    try:
        with _connect(url, SOCKET_SECONDS) as connection:
            channel = connection.channel()
            channel.confirm_delivery()
            yield channel
    except ABSENCES as error:
        raise _away(error) from error


def check(url: str, timeout: float) -> None:
    """Returns when the broker lets us in within `timeout` seconds; raises BrokerAway otherwise."""
    try:
        _connect(url, timeout).close()
    except ABSENCES as error:
        raise _away(error) from error


def _connect(url: str, timeout: float) -> Any:
    parameters = pika.URLParameters(url)
    parameters.socket_timeout = timeout
    parameters.stack_timeout = timeout
    parameters.blocked_connection_timeout = BLOCKED_SECONDS
    parameters.heartbeat = HEARTBEAT_SECONDS
    parameters.connection_attempts = 1
    return pika.BlockingConnection(parameters)


def _away(error: Exception) -> BrokerAway:
    """Named by kind where there are no words; pika's connection errors often have none."""
    return BrokerAway(str(error) or type(error).__name__)
