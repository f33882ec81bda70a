"""The tasks: each makes one call into the domain, and may run twice.

Those that come by the clock find nothing to do most of the time, and speak only when they did something.
"""

import logging

from celery import shared_task
from django.utils import timezone

from knowledge import audit, deliveries, dispatch, idempotency, tallies
from knowledge.digests import heal_stale, make_digest, open_due_windows
from knowledge.search import misses
from knowledge.services import mailed_links, sessions

logger = logging.getLogger(__name__)


@shared_task(name="workers.make_digest")
def make_digest_task(digest_id: int) -> None:
    """Makes the digest, unless somebody has made it or is at it."""
    make_digest(digest_id, now=timezone.now())


@shared_task(name="workers.heal_stale_digests")
def heal_stale_digests() -> None:
    """Sends the task again for digests that have waited too long or lost their worker."""
    if healed := heal_stale(timezone.now()):
        logger.warning("%s digests had waited too long or lost their worker; they were healed", healed)


@shared_task(name="workers.open_due_windows")
def open_due_windows_task() -> None:
    """Opens the daily, weekly and monthly digests whose time has come."""
    if opened := open_due_windows(timezone.now()):
        logger.info("%s digests were opened by the calendar", opened)


@shared_task(name="workers.plan_deliveries")
def plan_deliveries(digest_id: int) -> None:
    """Writes down to whom the digest is sent, and when."""
    deliveries.plan_deliveries(digest_id, now=timezone.now())


@shared_task(name="workers.plan_waiting_deliveries")
def plan_waiting_deliveries() -> None:
    """The same for digests whose task was lost."""
    if planned := deliveries.plan_waiting(timezone.now()):
        logger.warning("%s deliveries had no row, since a task was lost; they were planned", planned)


@shared_task(name="workers.send_due_deliveries")
def send_due_deliveries() -> None:
    """Sends the digests by mail whose time has come."""
    if settled := deliveries.send_due(timezone.now()):
        logger.info("%s deliveries of digests were settled", settled)


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


@shared_task(name="workers.prune_sessions")
def prune_sessions() -> None:
    """Deletes refresh tokens and sessions whose time is over."""
    sessions.prune(timezone.now())


@shared_task(name="workers.prune_audit")
def prune_audit() -> None:
    """Deletes what is older than the audit trail goes back."""
    audit.prune(timezone.now())


@shared_task(name="workers.prune_outbox")
def prune_outbox() -> None:
    """Deletes events that went out long ago."""
    if pruned := dispatch.prune(timezone.now()):
        logger.info("%s events that went out long ago were deleted", pruned)


@shared_task(name="workers.fold_tallies")
def fold_tallies() -> None:
    """Sums up what was counted one by one."""
    tallies.fold()


@shared_task(name="workers.flush_search_misses")
def flush_search_misses() -> None:
    """Moves what was searched for in vain from the cache to where digests find it."""
    misses.flush(timezone.now())
