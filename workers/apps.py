"""The Django app `workers`."""

from django.apps import AppConfig


class WorkersConfig(AppConfig):
    """What happens after a write: the outbox relay, Celery tasks, worker health."""

    name = "workers"
