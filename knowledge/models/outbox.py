"""Events on their way out, and answers kept for those who ask twice."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from knowledge.models.checks import not_blank
from knowledge.models.people import User


class OutboxEvent(models.Model):
    """Something that happened, written in the transaction that made it happen.

    A trigger holds the subject before the event takes its id, so a subject's ids grow in the order of commits; another
    one notifies `nexus_outbox`. `published_at` is set by the relay once the event went out.
    """

    type = models.CharField(max_length=60)
    version = models.PositiveSmallIntegerField(default=1)
    subject_type = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    payload = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [not_blank("type", name="outbox_event_type_not_blank")]
        indexes: ClassVar = [
            models.Index(fields=["id"], condition=models.Q(published_at=None), name="outbox_event_waiting"),
            models.Index(
                fields=["published_at"], condition=models.Q(published_at__isnull=False), name="outbox_event_done"
            ),
            models.Index(
                fields=["subject_type", "subject_id", "id"],
                condition=models.Q(published_at=None),
                name="outbox_event_next",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.subject_type}:{self.subject_id}"


class IdempotencyKey(models.Model):
    """What a mutation made for a key: `request_hash` tells a repetition from another input, `subject_id` is the row."""

    user = models.ForeignKey(User, models.CASCADE, related_name="idempotency_keys")
    operation = models.CharField(max_length=60)
    key = models.CharField(max_length=200)
    request_hash = models.BinaryField(max_length=32)
    subject_id = models.BigIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "operation", "key"], name="idempotency_key_once"),
            not_blank("key", name="idempotency_key_not_blank"),
        ]
        indexes: ClassVar = [models.Index(fields=["created_at"], name="idempotency_key_age")]
