"""The states of a delivery: PENDING, claimed for a while by who sends it, then SENT, SKIPPED or FAILED.

Every change is one conditional update. A claim is the row's id and the number of the attempt; who was too slow finds
the number gone by, and changes nothing any more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from knowledge import outbox
from knowledge.access import locked
from knowledge.deliveries.timing import pause_after
from knowledge.errors import MistakeCode, Rejected
from knowledge.events import EventType
from knowledge.models import DeliveryStatus, DigestDelivery, DigestSubscription
from knowledge.policy import Viewer, require_staff

# Longer than composing a mail and every time limit of a mail server's conversation together.
LEASE: Final = timedelta(minutes=2)
# A mailbox that refuses so many mails in a row for good is sent no more.
REFUSED_IN_A_ROW: Final = 3
# How often another's claim may come between reading a row and holding it, until it is left for the next turn.
_RACES: Final = 10


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to send a mail, as long as nobody else has claimed it since."""

    delivery_id: int
    attempt: int

    @property
    def held(self) -> QuerySet[DigestDelivery]:
        """The delivery, if the claim still holds."""
        return DigestDelivery.objects.filter(
            pk=self.delivery_id, status=DeliveryStatus.PENDING, attempts=self.attempt, claimed_until__isnull=False
        )


def claim_next(now: datetime) -> tuple[Claim, DigestDelivery] | None:
    """Takes the delivery that has been due for longest, with its recipient, subscription and digest; None without one.

    One at a time for each person: what a mail tells depends on what was sent before, which must be settled by then.
    """
    for _ in range(_RACES):
        with transaction.atomic():
            delivery = _due(now).select_for_update(of=("self", "recipient"), skip_locked=True, no_key=True).first()
            if delivery is None:
                return None
            # The person's row is held now: a claim that was committed since the rows were read is seen only here.
            if not _claimed(now).filter(recipient_id=delivery.recipient_id).exists():
                delivery.attempts += 1
                delivery.claimed_until = now + LEASE
                delivery.save(update_fields=["attempts", "claimed_until"])
                return Claim(delivery.pk, delivery.attempts), delivery
    return None


def settle_sent(claim: Claim, *, item_ids: Sequence[int], now: datetime) -> bool:
    """PENDING → SENT with the items that it told of; whether the claim still held."""
    with transaction.atomic():
        ended = _end(claim, DeliveryStatus.SENT, EventType.DELIVERY_SENT, now, sent_at=now, item_ids=list(item_ids))
        if ended:
            subscriptions = DigestSubscription.objects.filter(deliveries=claim.delivery_id)
            subscriptions.update(last_sent_at=now)
    return ended


def settle_skipped(claim: Claim, reason: str, *, now: datetime) -> bool:
    """PENDING → SKIPPED, since there is nothing to send or nobody to send it to; whether the claim still held."""
    with transaction.atomic():
        return _end(claim, DeliveryStatus.SKIPPED, EventType.DELIVERY_SKIPPED, now, reason=reason)


def settle_refused(claim: Claim, reason: str, *, now: datetime) -> bool:
    """PENDING → FAILED, since it was refused for good; whether the claim still held.

    The third in a row pauses the subscription, and says why.
    """
    with transaction.atomic():
        ended = _end(claim, DeliveryStatus.FAILED, EventType.DELIVERY_FAILED, now, reason=reason, refused=True)
        if ended:
            _pause_where_hopeless(claim, reason, now)
    return ended


def put_off(claim: Claim, reason: str, *, now: datetime) -> bool:
    """Lets go of a delivery that could not be made now, to be tried again later, or FAILED when it was tried enough.

    Whether the claim still held.
    """
    pause = pause_after(claim.attempt)
    if pause is not None:
        return bool(claim.held.update(claimed_until=None, next_attempt_at=now + pause))
    with transaction.atomic():
        return _end(claim, DeliveryStatus.FAILED, EventType.DELIVERY_FAILED, now, reason=reason)


@transaction.atomic
def retry_delivery(viewer: Viewer, *, delivery_id: int, now: datetime | None = None) -> DigestDelivery:
    """The delivery that FAILED, PENDING again as if it had never been tried; for staff.

    One transaction. Raises Unauthenticated, Forbidden, and Rejected: NOT_FOUND, INVALID_STATE when it has not failed.
    """
    require_staff(viewer)
    delivery = locked(DigestDelivery, delivery_id, viewer)
    if delivery.status != DeliveryStatus.FAILED:
        raise Rejected.because(MistakeCode.INVALID_STATE, "This delivery has not failed.", "id")
    delivery.status = DeliveryStatus.PENDING
    delivery.attempts = 0
    delivery.reason = ""
    delivery.refused = False
    delivery.next_attempt_at = now or timezone.now()
    delivery.save(update_fields=["status", "attempts", "reason", "refused", "next_attempt_at"])
    return delivery


def _claimed(now: datetime) -> QuerySet[DigestDelivery]:
    return DigestDelivery.objects.filter(status=DeliveryStatus.PENDING, claimed_until__gt=now)


def _due(now: datetime) -> QuerySet[DigestDelivery]:
    unclaimed = Q(claimed_until=None) | Q(claimed_until__lte=now)
    busy = Exists(_claimed(now).filter(recipient_id=OuterRef("recipient_id")))
    due = DigestDelivery.objects.filter(unclaimed, ~busy, status=DeliveryStatus.PENDING, next_attempt_at__lte=now)
    return due.select_related("recipient", "subscription", "digest").order_by("next_attempt_at", "pk")


def _end(claim: Claim, status: DeliveryStatus, event: EventType, now: datetime, **content: Any) -> bool:
    ended = claim.held.update(status=status, claimed_until=None, **content)
    if ended:
        outbox.record(event, DigestDelivery(pk=claim.delivery_id), at=now)
    return bool(ended)


def _pause_where_hopeless(claim: Claim, reason: str, now: datetime) -> None:
    subscription = DigestSubscription.objects.filter(deliveries=claim.delivery_id, active=True).first()
    if subscription is None:
        return
    tried = subscription.deliveries.filter(status__in=[DeliveryStatus.SENT, DeliveryStatus.FAILED])
    latest = list(tried.order_by("-window_end", "-pk").values_list("refused", flat=True)[:REFUSED_IN_A_ROW])
    if len(latest) == REFUSED_IN_A_ROW and all(latest):
        subscription.active = False
        subscription.paused_reason = f"The last {REFUSED_IN_A_ROW} mails were refused. {reason}"[:200]
        subscription.save(update_fields=["active", "paused_reason"])
        outbox.record(EventType.SUBSCRIPTION_PAUSED, subscription, at=now)
