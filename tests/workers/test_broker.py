"""Speaking to RabbitMQ: what it takes, what it does not, and how soon its absence is noticed."""

import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from kombu import Connection, Exchange, Queue

from tests.workers.conftest import Rabbit
from tests.workers.proxy import Door, silent_port
from workers.broker import BrokerAway, Message, Publisher, check

# Seconds that none of it takes, unless nothing ends it.
AGES = 60
MOMENT = datetime(2026, 3, 2, 12, 30, tzinfo=UTC)
MESSAGE = Message(id="7", type="entry.created", at=MOMENT, body={"id": "7", "title": "Ünï"})


def listen(rabbit: Rabbit, connection: Connection, routing_key: str = "#") -> Any:
    """A queue of one's own on the exchange of events, as another system would have."""
    exchange = Exchange(f"{rabbit.prefix}.events", type="topic", durable=True)
    queue = Queue(f"{rabbit.prefix}.heard", exchange, routing_key=routing_key)
    bound = queue.bind(connection.default_channel)
    bound.declare()
    return bound


@pytest.mark.rabbitmq
def test_a_message_arrives_whole_and_persistent(rabbit: Rabbit) -> None:
    publisher = Publisher(rabbit.url, f"{rabbit.prefix}.events")
    with Connection(rabbit.url) as connection:
        queue = listen(rabbit, connection, "entry.*")
        publisher.publish(MESSAGE)
        publisher.publish(Message(id="8", type="digest.ready", at=MOMENT, body={}))
        publisher.close()

        message = queue.get(no_ack=True)
        assert queue.get(no_ack=True) is None

    assert json.loads(message.body) == {"id": "7", "title": "Ünï"}
    assert message.delivery_info["routing_key"] == "entry.created"
    assert message.content_type == "application/json"
    assert {key: message.properties[key] for key in ("app_id", "delivery_mode", "message_id", "type")} == {
        "app_id": "nexus",
        "delivery_mode": 2,
        "message_id": "7",
        "type": "entry.created",
    }
    assert message.properties["timestamp"] == MOMENT.timestamp()


@pytest.mark.rabbitmq
def test_what_nobody_listens_for_counts_as_published(rabbit: Rabbit) -> None:
    publisher = Publisher(rabbit.url, f"{rabbit.prefix}.events")
    publisher.publish(MESSAGE)
    publisher.publish(MESSAGE)
    publisher.close()


@pytest.mark.rabbitmq
@pytest.mark.usefixtures("failing_connections")
def test_after_a_cut_it_says_so_once_and_then_connects_again(rabbit: Rabbit) -> None:
    with Door(rabbit.url) as door:
        publisher = Publisher(door.url, f"{rabbit.prefix}.events")
        door.open()
        publisher.publish(MESSAGE)
        door.shut()
        for _ in range(2):
            with pytest.raises(BrokerAway):
                publisher.publish(MESSAGE)
        door.open()
        publisher.publish(MESSAGE)
        publisher.close()


@pytest.mark.rabbitmq
@pytest.mark.usefixtures("failing_connections")
def test_a_cut_while_idle_is_noticed_by_keeping_alive(rabbit: Rabbit) -> None:
    with Door(rabbit.url) as door:
        publisher = Publisher(door.url, f"{rabbit.prefix}.events")
        door.open()
        publisher.publish(MESSAGE)
        publisher.keep_alive()
        door.shut()
        door.open()
        publisher.keep_alive()
        publisher.publish(MESSAGE)
        publisher.close()


@pytest.mark.rabbitmq
@pytest.mark.usefixtures("failing_connections")
def test_the_check_passes_where_it_is_let_in_and_nowhere_else(rabbit: Rabbit) -> None:
    check(rabbit.url, 1)
    with pytest.raises(BrokerAway):
        check(rabbit.url.replace("://", "://nobody-").rstrip("/") + "/", 1)


@pytest.mark.slow
@pytest.mark.rabbitmq
@pytest.mark.usefixtures("failing_connections")
def test_a_broker_that_freezes_is_noticed_by_its_missing_heartbeats(rabbit: Rabbit) -> None:
    with Door(rabbit.url) as door:
        publisher = Publisher(door.url, f"{rabbit.prefix}.events")
        door.open()
        publisher.publish(MESSAGE)
        started = time.monotonic()
        with door.frozen(), pytest.raises(BrokerAway):
            publisher.publish(MESSAGE)
        assert time.monotonic() - started < AGES
        publisher.publish(MESSAGE)
        publisher.close()


@pytest.mark.usefixtures("failing_connections")
def test_a_refused_port_is_noticed_at_once() -> None:
    with Door("amqp://guest:guest@127.0.0.1:5672/") as shut:
        started = time.monotonic()
        with pytest.raises(BrokerAway):
            check(shut.url, 2 * AGES)
        assert time.monotonic() - started < AGES


@pytest.mark.usefixtures("failing_connections")
def test_a_silent_port_is_noticed_in_time() -> None:
    with silent_port() as silent:
        url = f"amqp://guest:guest@127.0.0.1:{silent.getsockname()[1]}/"
        started = time.monotonic()
        with pytest.raises(BrokerAway):
            check(url, 0.5)
        with pytest.raises(BrokerAway):
            Publisher(url, "nowhere").publish(MESSAGE)
        assert time.monotonic() - started < AGES


@pytest.mark.usefixtures("failing_connections")
def test_a_name_that_does_not_exist_is_an_absence() -> None:
    with pytest.raises(BrokerAway):
        check("amqp://guest:guest@nowhere.invalid:5672/", 1)
