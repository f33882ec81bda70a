"""The queues on a real RabbitMQ: a task that is delivered too often ends among the dead letters."""

import time
from typing import Any

import pytest
from kombu import Connection

from tests.workers.conftest import Rabbit
from workers.queues import DELIVERY_LIMIT, dead_letter_queue, in_a_folder, on_rabbitmq


def test_both_brokers_have_the_same_queues_and_routes() -> None:
    replicated, plain = on_rabbitmq("x"), in_a_folder("x")
    assert [queue.name for queue in replicated["task_queues"]] == ["x.default", "x.digests", "x.mail"]
    assert [queue.name for queue in plain["task_queues"]] == ["x.default", "x.digests", "x.mail"]
    assert replicated["task_routes"] == plain["task_routes"]
    assert replicated["task_routes"]["workers.make_digest"] == {"queue": "x.digests"}


@pytest.mark.rabbitmq
def test_a_task_whose_worker_is_lost_again_and_again_ends_among_the_dead_letters(rabbit: Rabbit) -> None:
    with Connection(rabbit.url, transport_options={"confirm_publish": True}) as connection:
        channel = connection.default_channel
        dead = dead_letter_queue(rabbit.prefix).bind(channel)
        dead.declare()
        digests = next(queue for queue in on_rabbitmq(rabbit.prefix)["task_queues"] if "digests" in queue.name)
        connection.Producer().publish(
            [7], exchange=digests.exchange, routing_key=digests.routing_key, declare=[digests], delivery_mode=2
        )
        queue = digests.bind(channel)

        deliveries = 0
        while message := waited(queue):
            deliveries += 1
            message.requeue()

        assert deliveries == DELIVERY_LIMIT + 1
        letter = waited(dead)
        assert (letter.payload, letter.delivery_info["routing_key"]) == ([7], f"{rabbit.prefix}.digests")
        assert letter.headers["x-first-death-reason"] == "delivery_limit"
        letter.ack()


def waited(queue: Any) -> Any:
    """The next message; quorum queues hand messages on a moment later."""
    for _ in range(20):
        if message := queue.get():
            return message
        time.sleep(0.02)
    return None
