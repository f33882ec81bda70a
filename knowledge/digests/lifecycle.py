"""The states of a digest: QUEUED, RUNNING while somebody holds it, READY or FAILED.

Every change is one conditional update, so whoever races, one wins. A claim is the digest's id, the number of the
attempt and its beginning; who was too slow finds these gone by, and changes nothing any more.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import F, Q, QuerySet

from knowledge import outbox
from knowledge.events import EventType
from knowledge.models import Digest, DigestStatus

# Longer than a task may take: who holds an expired lease is not at work any more.
LEASE: Final = timedelta(seconds=60)
MOST_ATTEMPTS: Final = 3
WAITS_AT_MOST: Final = timedelta(minutes=1)
SWEPT_AT_ONCE: Final = 500
FAILURE: Final = (
    "The digest could not be made, for a reason that is not yours. Ask again, or ask staff, who find it in the log."
)


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to make a digest, as long as nobody else has claimed it since."""

    digest_id: int
    attempt: int
    started_at: datetime

    @property
    def held(self) -> QuerySet[Digest]:
        """The digest, if the claim still holds."""
        return Digest.objects.filter(
            pk=self.digest_id, status=DigestStatus.RUNNING, attempts=self.attempt, started_at=self.started_at
        )


def take(digest_id: int, now: datetime) -> Claim | None:
    """Takes a digest that is QUEUED, or RUNNING with an expired lease; None when there is nothing to take."""
    free = Q(status=DigestStatus.QUEUED) | _abandoned(now)
    with transaction.atomic():
        taken = Digest.objects.filter(free, pk=digest_id, attempts__lt=MOST_ATTEMPTS).update(
            status=DigestStatus.RUNNING,
            attempts=F("attempts") + 1,
            lease_expires_at=now + LEASE,
            started_at=now,
            progress=0,
        )
        if not taken:
            return None
        return Claim(digest_id, Digest.objects.values_list("attempts", flat=True).get(pk=digest_id), now)


def report(claim: Claim, progress: int) -> None:
    """Tells how far the making is, in percent."""
    claim.held.update(progress=progress)


def become_ready(claim: Claim, now: datetime, **content: Any) -> bool:
    """RUNNING → READY with its content, in the caller's transaction; whether the claim still held."""
    ready = claim.held.update(
        status=DigestStatus.READY, progress=100, lease_expires_at=None, finished_at=now, **content
    )
    if ready:
        outbox.record(EventType.DIGEST_READY, Digest(pk=claim.digest_id), at=now, item_count=content["item_count"])
    return bool(ready)


def give_up(claim: Claim, now: datetime) -> None:
    """RUNNING → QUEUED after a failed attempt, where a sweep finds it a minute later; FAILED after the last."""
    with transaction.atomic():
        if claim.attempt >= MOST_ATTEMPTS:
            _fail(claim.held, now)
        else:
            claim.held.update(status=DigestStatus.QUEUED, progress=0, lease_expires_at=None, queued_at=now)


def queue_again(digest_id: int, now: datetime) -> bool:
    """FAILED → QUEUED with all attempts before it, in the caller's transaction; whether it had failed."""
    queued = Digest.objects.filter(pk=digest_id, status=DigestStatus.FAILED).update(
        status=DigestStatus.QUEUED, attempts=0, failure="", queued_at=now, started_at=None, finished_at=None
    )
    if queued:
        outbox.record(EventType.DIGEST_REQUESTED, Digest(pk=digest_id), at=now)
    return bool(queued)


def heal_stale(now: datetime) -> int:
    """Sends the task again for digests that have been QUEUED for a minute or whose maker is gone; answers how many.

    Whatever lost the task (a worker killed, a broker wiped), the row knows. A digest whose last attempt is gone too
    becomes FAILED. One transaction; sweeping twice at once is harmless, and a digest is swept once a minute at most.
    """
    with transaction.atomic():
        stale = list(
            Digest.objects.filter(Q(status=DigestStatus.QUEUED, queued_at__lte=now - WAITS_AT_MOST) | _abandoned(now))
            .order_by("queued_at")
            .select_for_update(skip_locked=True)[:SWEPT_AT_ONCE]
        )
        spent = [digest.pk for digest in stale if digest.attempts >= MOST_ATTEMPTS]
        waiting = [digest for digest in stale if digest.attempts < MOST_ATTEMPTS]
        _fail(Digest.objects.filter(pk__in=spent), now)
        Digest.objects.filter(pk__in=[digest.pk for digest in waiting]).update(
            status=DigestStatus.QUEUED, progress=0, lease_expires_at=None, queued_at=now
        )
        outbox.record_all([outbox.about(EventType.DIGEST_STALLED, digest, at=now) for digest in waiting])
    return len(stale)


def _abandoned(now: datetime) -> Q:
    return Q(status=DigestStatus.RUNNING, lease_expires_at__lte=now)


def _fail(digests: QuerySet[Digest], now: datetime) -> None:
    ids = list(digests.values_list("pk", flat=True))
    failed = digests.update(
        status=DigestStatus.FAILED, lease_expires_at=None, finished_at=now, failure=FAILURE, progress=0
    )
    if failed:
        outbox.record_all([outbox.about(EventType.DIGEST_FAILED, Digest(pk=pk), at=now) for pk in ids])
