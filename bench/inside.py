"""What is measured from within, on the database that DATABASE_URL names: each prints one line of JSON.

python -m bench.inside compose        seconds to make digests of the latest week, undone afterwards
python -m bench.inside ask NUMBER     asks for so many digests
python -m bench.inside made           digests a second, of those that were asked for last
python -m bench.inside latency NUMBER seconds from an event's commit until somebody who listens has it
"""

import json
import os
import sys
import time
from collections.abc import Callable
from contextlib import contextmanager
from datetime import timedelta
from threading import Thread
from typing import Any, Final

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nexus_gql.settings")
django.setup()

from django.conf import settings  # noqa: E402 - after django.setup()
from django.db import transaction  # noqa: E402
from django.db.models import Max, Min  # noqa: E402
from django.utils import timezone  # noqa: E402
from kombu import Connection, Exchange, Queue  # noqa: E402

from knowledge import outbox  # noqa: E402
from knowledge.digests import make_digest, request_digest  # noqa: E402
from knowledge.events import EventType  # noqa: E402
from knowledge.models import Digest, Entry, Role, Tag, User  # noqa: E402
from knowledge.policy import Viewer  # noqa: E402

ROUNDS: Final = 5
WINDOW: Final = timedelta(days=7)
PAUSE_SECONDS: Final = 0.02
PATIENCE_SECONDS: Final = 10


def ask(number: int) -> dict[str, Any]:
    """So many digests of the latest week, in the order in which people would ask."""
    viewer, end = _somebody(), _latest()
    Digest.objects.all().delete()
    for _ in range(number):
        request_digest(viewer, window_start=end - WINDOW, window_end=end)
    return {"asked": number}


def made() -> dict[str, Any]:
    """How fast they were made, from the first one's start to the last one's end; nothing while some are not."""
    unfinished = Digest.objects.exclude(status="READY").count()
    ends = Digest.objects.aggregate(first=Min("started_at"), last=Max("finished_at"))
    if unfinished or ends["first"] is None:
        return {"unfinished": unfinished}
    seconds = (ends["last"] - ends["first"]).total_seconds()
    return {"rate": Digest.objects.count() / seconds}


def compose() -> dict[str, Any]:
    """Seconds for a digest of everything, and for one of the tag that most carry."""
    end = _latest()
    tag = Tag.objects.order_by("-entry_count").first()
    everything, of_a_tag = [], []
    for _ in range(ROUNDS):
        everything.append(_seconds_for(end, None))
        of_a_tag.append(_seconds_for(end, tag))
    return {
        "entries": Entry.objects.count(),
        "in_the_window": Entry.objects.filter(published_at__gte=end - WINDOW, published_at__lt=end).count(),
        "everything": sorted(everything)[ROUNDS // 2],
        "of_a_tag": sorted(of_a_tag)[ROUNDS // 2],
    }


def latency(number: int) -> dict[str, Any]:
    """Seconds from commit to consumer for single events, one after the other."""
    subject = Digest.objects.create(
        title="x", cadence="ON_DEMAND", window_start=_latest() - WINDOW, window_end=_latest()
    )
    committed: dict[str, float] = {}
    heard: dict[str, float] = {}
    with Connection(str(settings.RABBITMQ_URL)) as connection:
        queue = Queue(
            "", Exchange(settings.EVENTS_EXCHANGE, type="topic"), routing_key="#", exclusive=True, auto_delete=True
        )
        with connection.Consumer(queue, callbacks=[_noting(heard)], no_ack=True), _draining(connection):
            for _ in range(number):
                with transaction.atomic():
                    event = outbox.record(EventType.DIGEST_FAILED, subject)
                committed[str(event.pk)] = time.perf_counter()
                time.sleep(PAUSE_SECONDS)
            deadline = time.monotonic() + PATIENCE_SECONDS
            while committed.keys() - heard.keys() and time.monotonic() < deadline:
                time.sleep(PAUSE_SECONDS)
    subject.delete()
    seconds = sorted(max(heard[key] - moment, 0) for key, moment in committed.items() if key in heard)
    return {
        "events": len(seconds),
        "lost": number - len(seconds),
        "median": seconds[len(seconds) // 2],
        "p99": seconds[len(seconds) * 99 // 100],
    }


def _seconds_for(end: Any, tag: Tag | None) -> float:
    with transaction.atomic():
        digest = Digest.objects.create(title="x", cadence="ON_DEMAND", window_start=end - WINDOW, window_end=end)
        digest.tags.set([tag] if tag else [])
        started = time.perf_counter()
        make_digest(digest.pk, now=timezone.now())
        seconds = time.perf_counter() - started
        transaction.set_rollback(True)
    return seconds


def _latest() -> Any:
    return Entry.objects.aggregate(latest=Max("published_at"))["latest"]


def _somebody() -> Viewer:
    user = User.objects.order_by("pk").first()
    assert user is not None  # noqa: S101 - the data have people
    return Viewer(id=user.pk, role=Role(user.role))


def _noting(heard: dict[str, float]) -> Callable[[Any, Any], None]:
    def note(body: Any, message: Any) -> None:
        told = body if isinstance(body, dict) else json.loads(body)
        heard.setdefault(told["id"], time.perf_counter())

    return note


@contextmanager
def _draining(connection: Connection) -> Any:
    """Takes what comes, meanwhile."""
    going_on = True

    def drain() -> None:
        while going_on:
            try:
                connection.drain_events(timeout=0.2)
            except TimeoutError:
                continue

    thread = Thread(target=drain)
    thread.start()
    try:
        yield
    finally:
        going_on = False
        thread.join()


if __name__ == "__main__":
    commands: dict[str, Callable[..., dict[str, Any]]] = {
        "ask": ask,
        "made": made,
        "compose": compose,
        "latency": latency,
    }
    print(json.dumps(commands[sys.argv[1]](*(int(argument) for argument in sys.argv[2:]))))
