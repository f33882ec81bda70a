"""Every task may run twice: the second time it finds nothing to do, and changes nothing."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import mail
from django.core.cache import caches
from django.db import transaction
from django.utils import timezone

from knowledge import outbox, tallies
from knowledge.events import EventType
from knowledge.models import (
    Challenge,
    Digest,
    DigestDelivery,
    IdempotencyKey,
    LinkPurpose,
    MailedLink,
    OutboxEvent,
    SearchMiss,
    Tally,
)
from knowledge.search import misses
from nexus_gql.celery import app
from tests.cast import Cast
from tests.knowledge.deliveries.rows import person, planned, ready, subscription
from tests.knowledge.digests.rows import END, digest, entry
from tests.snapshot import every_row

pytestmark = pytest.mark.django_db
AGES = timedelta(days=800)


def asked_digest(_: Cast) -> tuple[int, ...]:
    entry("New", timezone.now() - timedelta(days=1))
    now = timezone.now()
    return (digest(start=now - timedelta(days=2), end=now, at=now).pk,)


def stale_digests(_: Cast) -> tuple[int, ...]:
    digest(at=timezone.now() - timedelta(minutes=2))
    digest(at=timezone.now() - timedelta(minutes=2))
    Digest.objects.filter(pk=digest(at=timezone.now()).pk).update(
        status="RUNNING", attempts=3, lease_expires_at=timezone.now() - timedelta(seconds=1)
    )
    return ()


def something_to_tell(_: Cast) -> tuple[int, ...]:
    entry("New", timezone.now() - timedelta(days=40))
    return ()


def ready_digest(_: Cast) -> tuple[int, ...]:
    entry("New", END - timedelta(days=1))
    subscription(person("somebody"))
    return (ready().pk,)


def ready_digest_whose_task_was_lost(cast: Cast) -> tuple[int, ...]:
    entry("New", timezone.now() - timedelta(days=2))
    subscription(person("somebody"))
    now = timezone.now()
    ready(start=now - timedelta(days=7), end=now - timedelta(hours=1))
    return ()


def due_delivery(cast: Cast) -> tuple[int, ...]:
    planned(Digest.objects.get(pk=ready_digest(cast)[0]))
    DigestDelivery.objects.update(next_attempt_at=timezone.now())
    return ()


def asked_link(cast: Cast) -> tuple[int, ...]:
    cast.author.email, cast.author.email_confirmed_at = "author@example.org", timezone.now()
    cast.author.save()
    link = MailedLink.objects.create(
        purpose=LinkPurpose.CONFIRM_EMAIL,
        email=cast.author.email,
        user=cast.author,
        created_at=timezone.now() - timedelta(minutes=5),
        expires_at=timezone.now() + timedelta(days=1),
    )
    return (link.pk,)


def lost_link(cast: Cast) -> tuple[int, ...]:
    asked_link(cast)
    return ()


def old_link(cast: Cast) -> tuple[int, ...]:
    asked_link(cast)
    MailedLink.objects.update(created_at=timezone.now() - AGES, expires_at=timezone.now() - AGES)
    return ()


def old_event(_: Cast) -> tuple[int, ...]:
    with transaction.atomic():
        outbox.record(EventType.DIGEST_FAILED, digest())
    OutboxEvent.objects.update(published_at=timezone.now() - AGES)
    return ()


def old_key(cast: Cast) -> tuple[int, ...]:
    IdempotencyKey.objects.create(
        user=cast.author, operation="x", key="x", request_hash=b"x", created_at=timezone.now() - AGES
    )
    return ()


def many_challenges_one_by_one(cast: Cast) -> tuple[int, ...]:
    for number in range(tallies.ENOUGH + 1):
        Challenge.objects.create(title="x", slug=f"x-{number}", body="y", author=cast.author)
    assert Tally.objects.count() == tallies.ENOUGH + 1
    return ()


def search_in_vain(_: Cast) -> tuple[int, ...]:
    # Other tests of this process searched in vain as well.
    caches[misses.SHARED].clear()
    misses.note("nothing like it", now=timezone.now())
    return ()


# For each task something to do. Those that only delete by age what has tests of its own have none.
ARRANGED: dict[str, Callable[[Cast], tuple[int, ...]] | None] = {
    "workers.make_digest": asked_digest,
    "workers.heal_stale_digests": stale_digests,
    "workers.open_due_windows": something_to_tell,
    "workers.plan_deliveries": ready_digest,
    "workers.plan_waiting_deliveries": ready_digest_whose_task_was_lost,
    "workers.send_due_deliveries": due_delivery,
    "workers.mail_link": asked_link,
    "workers.mail_waiting_links": lost_link,
    "workers.prune_links": old_link,
    "workers.prune_outbox": old_event,
    "workers.expire_idempotency_keys": old_key,
    "workers.fold_tallies": many_challenges_one_by_one,
    "workers.flush_search_misses": search_in_vain,
    "workers.prune_sessions": None,
    "workers.prune_audit": None,
}


@pytest.fixture(autouse=True)
def tasks_are_known() -> None:
    app.loader.import_default_modules()


def test_each_is_here() -> None:
    assert set(ARRANGED) == {name for name in app.tasks if name.startswith("workers.")}


@pytest.mark.parametrize(("task", "arrange"), ARRANGED.items())
def test_the_second_time_changes_nothing(
    cast: Cast, task: str, arrange: Callable[[Cast], tuple[int, ...]] | None
) -> None:
    arguments = arrange(cast) if arrange else ()
    before = every_row()

    app.tasks[task](*arguments)
    once, mails = every_row(), len(mail.outbox)
    app.tasks[task](*arguments)

    assert (once == before) is (arrange is None)
    assert (every_row(), len(mail.outbox)) == (once, mails)
    assert SearchMiss.objects.count() == (task == "workers.flush_search_misses")
