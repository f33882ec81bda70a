"""What other systems are told: an event of the outbox as a message."""

from knowledge.models import OutboxEvent
from workers.broker import Message


def message_of(event: OutboxEvent) -> Message:
    """The message; docs/events has a JSON Schema for the body of each type."""
    return Message(
        id=str(event.pk),
        type=event.type,
        at=event.created_at,
        body={
            "id": str(event.pk),
            "type": event.type,
            "version": event.version,
            "at": event.created_at.isoformat(),
            "subject": {"type": event.subject_type, "id": str(event.subject_id)},
            "payload": event.payload,
        },
    )
