"""Subscriptions, and digests that are ready to be sent."""

from datetime import UTC, datetime, timedelta

from knowledge.deliveries import plan_deliveries
from knowledge.digests import make_digest
from knowledge.models import (
    DeliveryStatus,
    Digest,
    DigestAudience,
    DigestCadence,
    DigestDelivery,
    DigestSubscription,
    Role,
    Tag,
    User,
)
from tests.knowledge.digests.rows import END, START

MORNING = END + timedelta(hours=7)


def person(name: str, *, time_zone: str = "UTC", role: Role = Role.CONTRIBUTOR, **fields: object) -> User:
    """Somebody who has confirmed an address."""
    given = {"email": f"{name}@example.org", "email_confirmed_at": START, **fields}
    return User.objects.create(username=name, role=role, time_zone=time_zone, **given)


def subscription(
    user: User, *tags: Tag, cadence: DigestCadence = DigestCadence.WEEKLY, **fields: object
) -> DigestSubscription:
    made = DigestSubscription.objects.create(user=user, cadence=cadence, **{"created_at": START, **fields})
    made.tags.set(tags)
    return made


def ready(
    cadence: DigestCadence = DigestCadence.WEEKLY,
    *,
    start: datetime = START,
    end: datetime = END,
    audience: DigestAudience = DigestAudience.EVERYONE,
) -> Digest:
    """A digest of the calendar, made."""
    digest = Digest.objects.create(
        title="A week", cadence=cadence, audience=audience, window_start=start, window_end=end, queued_at=end
    )
    assert make_digest(digest.pk, now=end)
    digest.refresh_from_db()
    return digest


def planned(digest: Digest, now: datetime = END) -> list[DigestDelivery]:
    plan_deliveries(digest.pk, now=now)
    return list(DigestDelivery.objects.filter(digest=digest).order_by("recipient__username"))


def ledger() -> list[tuple[str, str, int, str]]:
    """Recipient, status, attempts and reason of each delivery, in the order of planning."""
    rows = DigestDelivery.objects.order_by("pk")
    return list(rows.values_list("recipient__username", "status", "attempts", "reason"))


def sent() -> int:
    return DigestDelivery.objects.filter(status=DeliveryStatus.SENT).count()


def utc(*moment: int) -> datetime:
    return datetime(*moment, tzinfo=UTC)  # type: ignore[arg-type,misc]  # as many as are given
