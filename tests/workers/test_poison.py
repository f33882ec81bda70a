"""A task that kills its worker each time: given up, listed, and done once somebody has found the cure."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from django.core.management import call_command
from django.core.management.base import CommandError

from tests.workers.conftest import Rabbit
from tests.workers.programs import RELAY, WORKER, Programs, eventually
from tests.workers.test_programs import ask, is_ready
from workers.queues import DELIVERY_LIMIT, on_rabbitmq

pytestmark = [pytest.mark.slow, pytest.mark.rabbitmq, pytest.mark.django_db(transaction=True)]
SECONDS = 120
TASK = "tests.kill_the_worker"


def said(*arguments: str) -> list[str]:
    output = StringIO()
    try:
        call_command("dead_letters", *arguments, stdout=output)
    except CommandError as error:
        return [str(error)]
    return output.getvalue().splitlines()


def test_it_is_given_up_while_others_are_done_and_is_done_after_its_cure(
    rabbit_programs: Programs, rabbit: Rabbit, settings: Any, tmp_path: Path
) -> None:
    settings.RABBITMQ_URL, settings.QUEUE_PREFIX = rabbit.url, rabbit.prefix
    begun = tmp_path / "begun"
    rabbit_programs.start(*WORKER, "--include", "tests.workers.poison")
    assert eventually(lambda: rabbit.has("default"), SECONDS), rabbit_programs.said()
    app = Celery("senders", broker=rabbit.url, set_as_current=False)
    app.conf.update(task_create_missing_queues=False, **on_rabbitmq(rabbit.prefix))

    app.send_task(TASK, (str(tmp_path),), task_id="poison")

    assert eventually(lambda: said()[-1] == "1 dead letter.", SECONDS), rabbit_programs.said()
    assert said()[0].split("  ")[:4] == [
        "poison",
        f"{TASK}('{tmp_path}',)",
        f"{rabbit.prefix}.default",
        "delivery_limit",
    ]
    assert begun.read_text() == "x" * (DELIVERY_LIMIT + 1)
    rabbit_programs.start(*RELAY)
    made = ask()
    assert eventually(lambda: is_ready(made), SECONDS), rabbit_programs.said()

    (tmp_path / "cure").touch()
    assert said("--replay") == ["1 task was sent again."]
    assert eventually(lambda: len(begun.read_text()) == DELIVERY_LIMIT + 2, SECONDS), rabbit_programs.said()
    assert said() == ["0 dead letters."]
