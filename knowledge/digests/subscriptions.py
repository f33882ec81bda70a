"""Who wants to hear of what happened: periodic digests by mail, one subscription a person and cadence."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from knowledge.access import locked
from knowledge.digests.subjects import tag_ids
from knowledge.errors import MistakeCode, Mistakes
from knowledge.models import DigestCadence, DigestSubscription
from knowledge.policy import Viewer, require_signed_in


@transaction.atomic
def subscribe(
    viewer: Viewer, *, cadence: DigestCadence, tags: Sequence[str] = (), now: datetime | None = None
) -> DigestSubscription:
    """The viewer's subscription to digests of the cadence, active from now on.

    With `tags` (slugs, names or aliases) only to what carries at least one of them, without to everything. One that is
    there gets these tags, and is active again where it was paused or ended. No event tells of it: what is sent next
    reads the row. One transaction. Raises Unauthenticated, or Rejected: INVALID for ON_DEMAND, NOT_FOUND at
    ("tags", index) for an unknown tag, TOO_MANY tags.
    """
    user_id = require_signed_in(viewer)
    mistakes = Mistakes()
    if cadence == DigestCadence.ON_DEMAND:
        mistakes.add(MistakeCode.INVALID, "Digests on demand do not come by themselves.", "cadence")
    subjects = tag_ids(tags, mistakes)
    mistakes.settle()
    subscription, _ = DigestSubscription.objects.select_for_update().get_or_create(
        user_id=user_id, cadence=cadence, defaults={"created_at": now or timezone.now()}
    )
    subscription.tags.set(subjects)
    return _turned(subscription, active=True)


@transaction.atomic
def unsubscribe(viewer: Viewer, *, subscription_id: int) -> DigestSubscription:
    """The viewer's subscription, ended: nothing is sent for it any more. Ending it twice is fine.

    Its tags stay. Raises Unauthenticated, and Rejected: NOT_FOUND, also for somebody else's.
    """
    require_signed_in(viewer)
    return _turned(locked(DigestSubscription, subscription_id, viewer), active=False)


def _turned(subscription: DigestSubscription, *, active: bool) -> DigestSubscription:
    """The subscription, turned on or off by the person, so that no other reason for a pause is left."""
    subscription.active = active
    subscription.paused_reason = ""
    subscription.save(update_fields=["active", "paused_reason"])
    return subscription
