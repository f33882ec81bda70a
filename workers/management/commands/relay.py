"""`manage.py relay`: the process that carries events out of the outbox."""

import signal
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.module_loading import import_string

from workers.broker import Publisher
from workers.listener import Listener
from workers.relay import CHANNEL, Relay


class Command(BaseCommand):
    """Runs until SIGTERM or SIGINT, and ends with the batch at hand."""

    help = "Carries events from the outbox to the broker. Any number of these may run."

    def handle(self, *args: Any, **options: Any) -> None:
        """Runs the relay."""
        app = import_string(settings.CELERY_APP)
        publisher = Publisher(settings.RABBITMQ_URL, settings.EVENTS_EXCHANGE) if settings.RABBITMQ_URL else None
        with Listener(settings.DATABASE_DIRECT, CHANNEL) as listener:
            relay = Relay(publisher=publisher, send_task=app.send_task, listener=listener)
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: relay.stop())
            relay.run()
        if publisher:
            publisher.close()
