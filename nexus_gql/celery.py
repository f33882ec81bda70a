"""The Celery application, with its one table of periodic work: `celery -A nexus_gql.celery worker|beat`.

On RabbitMQ nothing is lost when a process dies: quorum queues, confirms, and a task is acknowledged only after it is
done; what is delivered again and again goes to the dead letters. Without RABBITMQ_URL tasks are files in a folder.
"""

import logging
import os
from typing import Any

from celery import Celery
from celery.schedules import crontab, schedule

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nexus_gql.settings")

from django.conf import settings

from nexus_gql.logs import RoutineFilter
from workers import queues
from workers.filesystem import prepared

# A digest's lease (knowledge.digests.lifecycle.LEASE) is longer, so that who holds an expired one is not at work.
SOFT_TIME_LIMIT_SECONDS = 45
TIME_LIMIT_SECONDS = 50

# What is still in the queue when its next turn comes is dropped by then, so that a pause leaves no pile.
PERIODIC_WORK: dict[str, dict[str, Any]] = {
    "heal stale digests": {
        "task": "workers.heal_stale_digests",
        "schedule": schedule(10),
        "options": {"expires": 10},
    },
    "open due digest windows": {
        "task": "workers.open_due_windows",
        "schedule": schedule(60),
        "options": {"expires": 60},
    },
    "plan waiting deliveries": {
        "task": "workers.plan_waiting_deliveries",
        "schedule": schedule(60),
        "options": {"expires": 60},
    },
    "send due deliveries": {
        "task": "workers.send_due_deliveries",
        "schedule": schedule(10),
        "options": {"expires": 10},
    },
    "flush searches in vain": {
        "task": "workers.flush_search_misses",
        "schedule": schedule(60),
        "options": {"expires": 60},
    },
    "expire idempotency keys": {
        "task": "workers.expire_idempotency_keys",
        "schedule": crontab(minute="17"),
        "options": {"expires": 3_600},
    },
    "mail waiting links": {
        "task": "workers.mail_waiting_links",
        "schedule": schedule(60),
        "options": {"expires": 60},
    },
    "fold tallies": {
        "task": "workers.fold_tallies",
        "schedule": schedule(60),
        "options": {"expires": 60},
    },
    "prune links": {
        "task": "workers.prune_links",
        "schedule": crontab(minute="29"),
        "options": {"expires": 3_600},
    },
    "prune sessions": {
        "task": "workers.prune_sessions",
        "schedule": crontab(minute="37"),
        "options": {"expires": 3_600},
    },
    "prune the audit trail": {
        "task": "workers.prune_audit",
        "schedule": crontab(minute="47"),
        "options": {"expires": 3_600},
    },
    "prune the outbox": {
        "task": "workers.prune_outbox",
        "schedule": crontab(hour="3", minute="41"),
        "options": {"expires": 86_400},
    },
}

app = Celery("nexus", set_as_current=True)
app.conf.update(
    imports=["workers.tasks"],
    beat_schedule=PERIODIC_WORK,
    # In memory: all of this work looks for itself what is due, so a turn that was missed does no harm.
    beat_scheduler="celery.beat:Scheduler",
    enable_utc=True,
    timezone="UTC",
    task_ignore_result=True,
    task_serializer="json",
    accept_content=["json"],
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    task_soft_time_limit=SOFT_TIME_LIMIT_SECONDS,
    task_time_limit=TIME_LIMIT_SECONDS,
    task_create_missing_queues=False,
    broker_connection_timeout=2,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    task_publish_retry_policy={"max_retries": 1, "interval_start": 0, "interval_step": 0.2, "interval_max": 0.2},
    # A task that has lost its connection is delivered again; the first goes on, and the second finds nothing to do.
    worker_cancel_long_running_tasks_on_connection_loss=False,
    # Our own logging is set up already (settings.LOGGING).
    worker_hijack_root_logger=False,
    worker_redirect_stdouts=False,
    # Celery declares queues for tasks with an ETA; we have none, so they need not be replicated.
    broker_native_delayed_delivery_queue_type="classic",
)
if settings.RABBITMQ_URL:
    app.conf.update(
        broker_url=settings.RABBITMQ_URL,
        broker_transport_options={"confirm_publish": True},
        **queues.on_rabbitmq(settings.QUEUE_PREFIX),
    )
    app.steps["consumer"].add(queues.DeadLetters)
else:
    app.conf.update(
        broker_url="filesystem://localhost",
        broker_transport="workers.filesystem:Transport",
        broker_transport_options=prepared(settings.BROKER_FOLDER),
        worker_enable_remote_control=False,
        **queues.in_a_folder(settings.QUEUE_PREFIX),
    )

if settings.LOG_LEVEL != "DEBUG":
    for _name in RoutineFilter.SAID_BY:
        logging.getLogger(_name).addFilter(RoutineFilter(work["task"] for work in PERIODIC_WORK.values()))
