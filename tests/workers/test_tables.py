"""The tables of handlers and of periodic work name what there is."""

import subprocess
import sys

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from knowledge.digests.lifecycle import LEASE
from nexus_gql.celery import PERIODIC_WORK, TIME_LIMIT_SECONDS, app
from workers.handlers import HANDLERS, tasks_after
from workers.queues import QUEUE_OF


def registered() -> set[str]:
    app.loader.import_default_modules()
    return {name for name in app.tasks if name.startswith("workers.")}


def test_every_task_that_is_named_exists_and_every_task_is_named() -> None:
    named = {task for tasks in HANDLERS.values() for task in tasks} | {work["task"] for work in PERIODIC_WORK.values()}
    assert named == registered()
    assert set(QUEUE_OF) <= named


def test_what_nothing_follows_has_no_tasks() -> None:
    assert tasks_after("entry.created") == ()
    assert tasks_after("of.another.version") == ()


def test_a_task_ends_before_its_lease_does() -> None:
    assert app.conf.task_soft_time_limit < TIME_LIMIT_SECONDS == app.conf.task_time_limit < LEASE.total_seconds()


@pytest.mark.parametrize(
    ("task", "queue"),
    [
        ("workers.make_digest", "nexus.digests"),
        ("workers.mail_link", "nexus.mail"),
        ("workers.prune_outbox", "nexus.default"),
    ],
)
def test_tasks_go_to_their_queues(task: str, queue: str) -> None:
    assert app.amqp.router.route({}, task)["queue"].name == queue


@pytest.mark.django_db
@pytest.mark.parametrize("task", sorted(work["task"] for work in PERIODIC_WORK.values()))
def test_periodic_work_runs_on_an_empty_database(task: str) -> None:
    registered()
    with CaptureQueriesContext(connection) as queries:
        app.tasks[task]()
    assert len(queries) > 0


def test_the_web_process_does_not_load_celery() -> None:
    code = "import sys, nexus_gql.wsgi, nexus_gql.urls; sys.exit(any(m in sys.modules for m in ('celery', 'kombu')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
