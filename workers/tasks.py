"""The tasks: each makes one call into the domain, and may run twice."""

from celery import shared_task
from django.utils import timezone

from knowledge import dispatch, idempotency
from knowledge.digests import heal_stale, make_digest, open_due_windows
from knowledge.search import misses
from knowledge.services import mailed_links


@shared_task(name="workers.make_digest")
def make_digest_task(digest_id: int) -> None:
    """Makes the digest, unless somebody has made it or is at it."""
    make_digest(digest_id, now=timezone.now())


@shared_task(name="workers.heal_stale_digests")
def heal_stale_digests() -> None:
    """Sends the task again for digests that have waited too long or lost their worker."""
    heal_stale(timezone.now())


@shared_task(name="workers.open_due_windows")
def open_due_windows_task() -> None:
    """Opens the daily, weekly and monthly digests whose time has come."""
    open_due_windows(timezone.now())


@shared_task(name="workers.expire_idempotency_keys")
def expire_idempotency_keys() -> None:
    """Forgets the keys of requests that nobody repeats any more."""
    idempotency.expire(timezone.now())


@shared_task(name="workers.mail_link")
def mail_link(link_id: int) -> None:
    """Sends the link that an account asked for, unless it went already."""
    mailed_links.send_link(link_id, now=timezone.now())


@shared_task(name="workers.mail_waiting_links")
def mail_waiting_links() -> None:
    """Sends the links whose task was lost, or whose mail was refused."""
    mailed_links.send_waiting(timezone.now())


@shared_task(name="workers.prune_links")
def prune_links() -> None:
    """Deletes links whose time is over."""
    mailed_links.prune(timezone.now())


@shared_task(name="workers.prune_outbox")
def prune_outbox() -> None:
    """Deletes events that went out long ago."""
    dispatch.prune(timezone.now())


@shared_task(name="workers.flush_search_misses")
def flush_search_misses() -> None:
    """Moves what was searched for in vain from the cache to where digests find it."""
    misses.flush(timezone.now())
