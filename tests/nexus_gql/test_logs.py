"""Of work that comes by the clock the log tells only what happened."""

import logging

import pytest

from nexus_gql.celery import PERIODIC_WORK
from nexus_gql.logs import RoutineFilter

SWEEP = "workers.heal_stale_digests"
CONTEXT = {"name": SWEEP, "id": "1"}


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    for name in RoutineFilter.SAID_BY:
        caplog.set_level(logging.INFO, name)
    return caplog


def test_that_it_was_sent_received_and_done_is_not_told(said: pytest.LogCaptureFixture) -> None:
    logging.getLogger("celery.beat").info("Scheduler: Sending due task %s (%s)", "heal stale digests", SWEEP)
    for name in ("celery.worker.strategy", "celery.app.trace"):
        logging.getLogger(name).info("Task %(name)s[%(id)s]", CONTEXT, extra={"data": CONTEXT})
    assert said.records == []


def test_its_failure_is_told_and_so_is_other_work(said: pytest.LogCaptureFixture) -> None:
    for level, task in ((logging.ERROR, SWEEP), (logging.INFO, "workers.make_digest")):
        context = {"name": task, "id": "1"}
        logging.getLogger("celery.app.trace").log(level, "Task %(name)s", context, extra={"data": context})
    logging.getLogger("celery.beat").info("beat: Starting...")
    assert [record.getMessage() for record in said.records] == [
        f"Task {SWEEP}",
        "Task workers.make_digest",
        "beat: Starting...",
    ]


def test_the_sweep_comes_by_the_clock() -> None:
    assert SWEEP in {work["task"] for work in PERIODIC_WORK.values()}
