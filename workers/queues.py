"""The queues of the tasks: one for digests, one for mail, one for everything else, and one for dead letters."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from celery import bootsteps
from kombu import Exchange, Queue

# How often a task is delivered again after its worker was lost, before it goes to the dead letters.
DELIVERY_LIMIT: Final = 3
MOST_LOOKS: Final = 1_000_000
QUEUES: Final = ("default", "digests", "mail")
# What takes long, and what waits for a mail server, keeps nothing else waiting. Other tasks go to the default queue.
QUEUE_OF: Final[Mapping[str, str]] = MappingProxyType(
    {
        "workers.make_digest": "digests",
        "workers.send_due_deliveries": "mail",
        "workers.mail_link": "mail",
        "workers.mail_waiting_links": "mail",
    }
)


def on_rabbitmq(prefix: str) -> dict[str, Any]:
    """Celery's settings for replicated queues on RabbitMQ, whose names begin with `prefix`."""
    arguments = {
        "x-queue-type": "quorum",
        "x-delivery-limit": DELIVERY_LIMIT,
        "x-dead-letter-exchange": f"{prefix}.dead",
        # A letter leaves its queue once the dead letters have it, for which RabbitMQ wants the second line.
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }
    return _settings(prefix, arguments) | {
        "task_default_queue_type": "quorum",
        # How workers are spoken to: each installation has its own. Celery would have each worker's queue exclusive, so
        # that another one of its name on the machine, or it itself come back before RabbitMQ has noticed that it was
        # gone, would end at once. A queue that nobody reads goes after ten seconds.
        "control_exchange": f"{prefix}.control",
        "control_queue_exclusive": False,
        "control_queue_durable": True,
    }


def in_a_folder(prefix: str) -> dict[str, Any]:
    """Celery's settings for the same queues in a folder, which knows neither replicas nor dead letters."""
    return _settings(prefix, {})


def dead_letter_queue(prefix: str) -> Queue:
    """Where tasks end that were delivered too often, with the routing key of the queue that they came from."""
    exchange = Exchange(f"{prefix}.dead", type="topic", durable=True)
    # Looking at a letter counts as a delivery, of which RabbitMQ 4 allows 20 where nothing is said.
    arguments = {"x-queue-type": "quorum", "x-delivery-limit": MOST_LOOKS}
    return Queue(f"{prefix}.dead", exchange, routing_key="#", queue_arguments=arguments)


class DeadLetters(bootsteps.StartStopStep):
    """Declares the dead letters when a worker has connected: RabbitMQ drops what it cannot put there."""

    requires = ("celery.worker.consumer.connection:Connection",)

    def start(self, c: Any) -> None:
        """Declares exchange and queue; `c` is the worker's consumer."""
        prefix = c.app.conf.task_default_exchange.removesuffix(".tasks")
        with c.connection_for_write() as connection, connection.channel() as channel:
            dead_letter_queue(prefix).bind(channel).declare()


def _settings(prefix: str, arguments: dict[str, Any]) -> dict[str, Any]:
    exchange = Exchange(f"{prefix}.tasks", type="topic", durable=True)
    names = {name: f"{prefix}.{name}" for name in QUEUES}
    return {
        "task_default_exchange": exchange.name,
        "task_default_exchange_type": "topic",
        "task_default_queue": names["default"],
        "task_default_routing_key": names["default"],
        "task_queues": [
            Queue(name, exchange, routing_key=name, queue_arguments=dict(arguments)) for name in names.values()
        ],
        "task_routes": {task: {"queue": names[queue]} for task, queue in QUEUE_OF.items()},
    }
