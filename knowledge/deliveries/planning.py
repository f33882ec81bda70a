"""A row in the ledger for every subscription, when a digest is ready."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit
from uuid import uuid4

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from knowledge.deliveries.timing import morning_after
from knowledge.models import (
    DeliveryStatus,
    Digest,
    DigestAudience,
    DigestCadence,
    DigestDelivery,
    DigestStatus,
    DigestSubscription,
    Role,
)

AT_ONCE: Final = 1_000
# How long a digest may be ready before its task is taken for lost.
PATIENCE: Final = timedelta(minutes=1)
NOTHING_HAPPENED: Final = "Nothing happened in this time."
NO_MAIL_SERVER: Final = "No mail server is set up here."
# A reviewer's digest holds what everyone's does as well, so each person is sent one of the two.
REVIEWERS: Final = Q(user__role__in=[Role.REVIEWER, Role.STAFF])


def plan_deliveries(digest_id: int, *, now: datetime) -> int:
    """Writes a row for each subscription to the digest that has none for its window; answers how many.

    For active subscriptions that were there when the window ended, whose owner is sent digests of this audience. May be
    called any number of times and at once. Where there is nothing to tell, or nothing to send it with, each row is
    SKIPPED and says so. Nothing is done for a digest that is not READY, or that came on demand.
    """
    digest = _ready().filter(pk=digest_id).first()
    if digest is None:
        return 0
    planned = 0
    for subscriptions in _in_batches(_unplanned(digest)):
        rows = [_row(digest, subscription, now) for subscription in subscriptions]
        DigestDelivery.objects.bulk_create(rows, ignore_conflicts=True)
        planned += len(rows)
    Digest.objects.filter(pk=digest_id, deliveries_planned_at=None).update(deliveries_planned_at=now)
    return planned


def plan_waiting(now: datetime) -> int:
    """Plans the deliveries of digests whose task was lost; answers how many deliveries."""
    lost = _ready().filter(deliveries_planned_at=None, finished_at__lte=now - PATIENCE).order_by("finished_at")
    return sum(plan_deliveries(digest_id, now=now) for digest_id in lost.values_list("pk", flat=True)[:100])


def _ready() -> QuerySet[Digest]:
    return Digest.objects.filter(status=DigestStatus.READY).exclude(cadence=DigestCadence.ON_DEMAND)


def _unplanned(digest: Digest) -> QuerySet[DigestSubscription]:
    audience = REVIEWERS if digest.audience == DigestAudience.REVIEWERS else ~REVIEWERS
    planned = DigestDelivery.objects.filter(
        subscription_id=OuterRef("pk"), window_start=digest.window_start, window_end=digest.window_end
    )
    subscriptions = DigestSubscription.objects.filter(
        audience, ~Exists(planned), active=True, cadence=digest.cadence, created_at__lt=digest.window_end
    )
    return subscriptions.select_related("user")


def _in_batches(subscriptions: QuerySet[DigestSubscription]) -> Iterator[Sequence[DigestSubscription]]:
    last = 0
    while batch := list(subscriptions.filter(pk__gt=last).order_by("pk")[:AT_ONCE]):
        yield batch
        last = batch[-1].pk


def _row(digest: Digest, subscription: DigestSubscription, now: datetime) -> DigestDelivery:
    reason = "" if digest.item_count else NOTHING_HAPPENED
    if not reason and not settings.MAIL_ENABLED:
        reason = NO_MAIL_SERVER
    return DigestDelivery(
        digest=digest,
        subscription=subscription,
        recipient=subscription.user,
        window_start=digest.window_start,
        window_end=digest.window_end,
        status=DeliveryStatus.SKIPPED if reason else DeliveryStatus.PENDING,
        reason=reason,
        # Part of the row, so that whoever sends it again sends the same.
        message_id=f"<{uuid4()}@{urlsplit(str(settings.PUBLIC_URL)).hostname}>",
        created_at=now,
        next_attempt_at=morning_after(digest.window_end, subscription.user.time_zone),
    )
