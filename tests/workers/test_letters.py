"""Dead letters: listed as often as one likes, and sent again once."""

import time
from io import StringIO
from typing import Any

import pytest
from celery import Celery
from django.core.management import call_command
from django.core.management.base import CommandError
from kombu import Connection

from tests.workers.conftest import Rabbit
from tests.workers.test_queues import waited
from workers.queues import DELIVERY_LIMIT, dead_letter_queue, on_rabbitmq

pytestmark = pytest.mark.rabbitmq


@pytest.fixture(autouse=True)
def at_the_tests_broker(rabbit: Rabbit, settings: Any) -> None:
    settings.RABBITMQ_URL, settings.QUEUE_PREFIX = rabbit.url, rabbit.prefix


def said(*arguments: str) -> list[str]:
    output = StringIO()
    call_command("dead_letters", *arguments, stdout=output)
    return output.getvalue().splitlines()


def die(rabbit: Rabbit, *tasks: tuple[str, int]) -> None:
    """The tasks are sent as Celery sends them, and each loses its worker once too often."""
    app = Celery("senders", broker=rabbit.url, set_as_current=False)
    app.conf.update(task_create_missing_queues=False, **on_rabbitmq(rabbit.prefix))
    with Connection(rabbit.url) as connection:
        channel: Any = connection.default_channel
        dead = dead_letter_queue(rabbit.prefix).bind(channel)
        dead.declare()
        for task, argument in tasks:
            app.send_task(task, (argument,), task_id=f"{argument}-{task}")
            for _ in range(DELIVERY_LIMIT + 1):
                waited(queue_of(rabbit, task, connection)).requeue()
            assert_dead(dead, argument)
        until = time.monotonic() + 5
        while channel.queue_declare(dead.name, passive=True).message_count < len(tasks):
            assert time.monotonic() < until
            time.sleep(0.02)


def queue_of(rabbit: Rabbit, task: str, connection: Connection) -> Any:
    conf = on_rabbitmq(rabbit.prefix)
    name = conf["task_routes"].get(task, {"queue": conf["task_default_queue"]})["queue"]
    return next(queue for queue in conf["task_queues"] if queue.name == name).bind(connection.default_channel)


def assert_dead(dead: Any, argument: int) -> None:
    """The newest letter is there; looking puts it back."""
    letters = []
    while (letter := waited(dead)) is not None:
        letters.append(letter)
        if letter.payload[0] == [argument]:
            break
    assert letters
    assert letters[-1].payload[0] == [argument]
    for letter in letters:
        letter.requeue()


def test_they_are_listed_and_stay(rabbit: Rabbit) -> None:
    die(rabbit, ("workers.make_digest", 7), ("workers.mail_link", 8))
    for _ in range(20):  # each finds what the one before has put back
        *lines, last = said()
        assert [line.split("  ")[:4] for line in lines] == [
            ["7-workers.make_digest", "workers.make_digest(7,)", f"{rabbit.prefix}.digests", "delivery_limit"],
            ["8-workers.mail_link", "workers.mail_link(8,)", f"{rabbit.prefix}.mail", "delivery_limit"],
        ]
        assert last == "2 dead letters."
    assert said("--task", "workers.mail_link")[-1] == "1 dead letter."


def test_those_that_are_named_are_sent_again_as_new(rabbit: Rabbit) -> None:
    die(rabbit, *(("workers.make_digest", argument) for argument in (6, 7, 8)), ("workers.mail_link", 9))
    with pytest.raises(CommandError, match="no dead letter 10-x"):
        said("--replay", "10-x")
    assert said("--replay", "8-workers.make_digest") == ["1 task was sent again."]

    with Connection(rabbit.url) as connection:
        queue = queue_of(rabbit, "workers.make_digest", connection)
        for _ in range(DELIVERY_LIMIT):  # it may lose as many workers as any new task
            message = waited(queue)
            assert (message.payload[0], message.headers["task"]) == ([8], "workers.make_digest")
            assert "x-death" not in message.headers
            message.requeue()
        waited(queue).ack()

    assert said("--task", "workers.make_digest", "--replay") == ["2 tasks were sent again."]
    assert [line.split("  ")[0] for line in said()] == ["9-workers.mail_link", "1 dead letter."]


def test_without_a_broker_or_its_queues_it_says_so(rabbit: Rabbit, settings: Any) -> None:
    with pytest.raises(CommandError, match="no worker has declared its queues yet"):
        said()
    settings.RABBITMQ_URL = None
    with pytest.raises(CommandError, match="RABBITMQ_URL is not set"):
        said()
