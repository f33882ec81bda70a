"""A row of every kind that the admin shows."""

from datetime import UTC, datetime, timedelta

from knowledge.models import (
    AuditEvent,
    DeliveryStatus,
    Digest,
    DigestCadence,
    DigestDelivery,
    DigestStatus,
    Source,
    Tag,
    TagAlias,
    User,
)
from knowledge.text import slug_for

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def tag(name: str, *aliases: str) -> Tag:
    made = Tag.objects.create(name=name, slug=slug_for(name))
    for alias in aliases:
        TagAlias.objects.create(tag=made, name=alias, slug=slug_for(alias))
    return made


def source(title: str, by: User | None = None) -> Source:
    return Source.objects.create(title=title, content_hash=title.encode(), imported_by=by)


def digest(number: int, by: User | None = None, status: DigestStatus = DigestStatus.FAILED) -> Digest:
    return Digest.objects.create(
        title=f"Digest {number}",
        cadence=DigestCadence.ON_DEMAND,
        status=status,
        failure="The lights went out." if status == DigestStatus.FAILED else "",
        window_start=NOW + timedelta(days=number),
        window_end=NOW + timedelta(days=number + 1),
        requested_by=by,
    )


def delivery(of: Digest, to: User, status: DeliveryStatus = DeliveryStatus.FAILED) -> DigestDelivery:
    return DigestDelivery.objects.create(
        digest=of,
        recipient=to,
        status=status,
        reason="550 no such mailbox" if status == DeliveryStatus.FAILED else "",
        window_start=of.window_start,
        window_end=of.window_end,
        message_id=f"<{of.pk}.{to.pk}.{status}@nexus>",
    )


def everything(user: User, number: int = 1) -> dict[str, int]:
    """The keys of new rows, one of each kind, by model."""
    person = User.objects.create(username=f"person{number}")
    made = digest(number, user)
    event = AuditEvent.objects.create(action="user.role_set", actor=user, subject_type="User", subject_id=user.pk)
    return {
        "user": person.pk,
        "tag": tag(f"Tag {number}", f"Alias {number}").pk,
        "source": source(f"Source {number}", person).pk,
        "digest": made.pk,
        "digestdelivery": delivery(made, person).pk,
        "auditevent": event.pk,
    }
