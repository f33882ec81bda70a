"""Digests: what happened in a window of time, who wants to hear of it, and what each was sent."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from knowledge.models.challenges import Challenge
from knowledge.models.checks import not_blank, one_of
from knowledge.models.entries import Entry
from knowledge.models.people import User
from knowledge.models.tags import Tag


class DigestStatus(models.TextChoices):
    """Where the making of a digest stands."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    READY = "READY"
    FAILED = "FAILED"


class DigestCadence(models.TextChoices):
    """How often a digest comes."""

    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"
    ON_DEMAND = "ON_DEMAND"


class DigestAudience(models.TextChoices):
    """With whose eyes a digest is composed."""

    EVERYONE = "EVERYONE"
    REVIEWERS = "REVIEWERS"


class DigestSectionKind(models.TextChoices):
    """What a section of a digest lists."""

    NEW_ENTRIES = "NEW_ENTRIES"
    UPDATED_ENTRIES = "UPDATED_ENTRIES"
    SOLVED_CHALLENGES = "SOLVED_CHALLENGES"
    OPEN_CHALLENGES = "OPEN_CHALLENGES"
    TRENDING_TAGS = "TRENDING_TAGS"
    SEARCH_GAPS = "SEARCH_GAPS"
    REVIEW_QUEUE = "REVIEW_QUEUE"


class DeliveryStatus(models.TextChoices):
    """What became of a mail."""

    PENDING = "PENDING"
    SENT = "SENT"
    SKIPPED = "SKIPPED"
    FAILED = "FAILED"


class Digest(models.Model):
    """What happened from `window_start` up to, not including, `window_end`.

    RUNNING means claimed until `lease_expires_at`; after that anyone may claim it again. A worker that lost its lease
    is told apart by `attempts`, which grows with every claim, and by `started_at`, since asking again for a FAILED one
    counts from 0.
    """

    title = models.CharField(max_length=200)
    status = models.CharField(max_length=16, choices=DigestStatus, default=DigestStatus.QUEUED)
    cadence = models.CharField(max_length=16, choices=DigestCadence)
    audience = models.CharField(max_length=16, choices=DigestAudience, default=DigestAudience.EVERYONE)
    window_start = models.DateTimeField()
    window_end = models.DateTimeField()
    tags = models.ManyToManyField(Tag, related_name="digests")
    requested_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="digests")
    progress = models.PositiveSmallIntegerField(default=0)
    # Null until READY: an empty text would be a digest that says nothing.
    body = models.TextField(null=True, blank=True)  # noqa: DJ001
    body_html = models.TextField(null=True, blank=True)  # noqa: DJ001
    body_text = models.TextField(null=True, blank=True)  # noqa: DJ001
    item_count = models.PositiveIntegerField(default=0)
    failure = models.CharField(max_length=500, blank=True, default="")
    attempts = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    queued_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    lease_expires_at = models.DateTimeField(null=True, blank=True)
    # When a row for each of its mails stood in the ledger; null for those on demand, which nobody is sent.
    deliveries_planned_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            not_blank("title", name="digest_title_not_blank"),
            one_of("status", DigestStatus, name="digest_status_known"),
            one_of("cadence", DigestCadence, name="digest_cadence_known"),
            one_of("audience", DigestAudience, name="digest_audience_known"),
            models.CheckConstraint(
                condition=models.Q(window_start__lt=models.F("window_end")), name="digest_window_not_empty"
            ),
            models.CheckConstraint(condition=models.Q(progress__lte=100), name="digest_progress_in_percent"),
            models.UniqueConstraint(
                fields=["cadence", "window_start", "window_end", "audience"],
                condition=~models.Q(cadence=DigestCadence.ON_DEMAND),
                name="digest_window_once",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    status=DigestStatus.READY,
                    progress=100,
                    body__isnull=False,
                    body_html__isnull=False,
                    body_text__isnull=False,
                    finished_at__isnull=False,
                )
                | (
                    ~models.Q(status=DigestStatus.READY)
                    & models.Q(body__isnull=True, body_html__isnull=True, body_text__isnull=True)
                ),
                name="digest_ready_is_whole",
            ),
            models.CheckConstraint(
                condition=models.Q(status=DigestStatus.RUNNING, lease_expires_at__isnull=False)
                | (~models.Q(status=DigestStatus.RUNNING) & models.Q(lease_expires_at=None)),
                name="digest_running_has_lease",
            ),
            models.CheckConstraint(
                condition=(models.Q(status=DigestStatus.FAILED) & ~models.Q(failure=""))
                | (~models.Q(status=DigestStatus.FAILED) & models.Q(failure="")),
                name="digest_failed_says_why",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-created_at", "-id"], name="digest_newest"),
            models.Index(fields=["status", "-created_at"], name="digest_status"),
            models.Index(fields=["cadence", "-window_end"], name="digest_cadence"),
            models.Index(fields=["requested_by", "-created_at"], name="digest_requester"),
            models.Index(
                fields=["queued_at"],
                condition=models.Q(status__in=[DigestStatus.QUEUED, DigestStatus.RUNNING]),
                name="digest_unfinished",
            ),
            models.Index(
                fields=["finished_at"],
                condition=models.Q(status=DigestStatus.READY, deliveries_planned_at=None)
                & ~models.Q(cadence=DigestCadence.ON_DEMAND),
                name="digest_unplanned",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class DigestSection(models.Model):
    """A part of a digest; `total` is how many there were, of which the best are its items."""

    digest = models.ForeignKey(Digest, models.CASCADE, related_name="sections")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=24, choices=DigestSectionKind)
    title = models.CharField(max_length=200)
    total = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            one_of("kind", DigestSectionKind, name="digest_section_kind_known"),
            models.UniqueConstraint(fields=["digest", "kind"], name="digest_section_once"),
            models.UniqueConstraint(fields=["digest", "position"], name="digest_section_place"),
        ]


class DigestItem(models.Model):
    """A line of a digest: at most one subject; its text stays when the subject goes.

    The digest lists the best of each section. The others are kept for those who asked for their tags alone: a person's
    mail is selected from all of them. `happened_at` tells news of the same subject apart; null for what is told again
    as long as it is so.
    """

    section = models.ForeignKey(DigestSection, models.CASCADE, related_name="items")
    position = models.PositiveSmallIntegerField()
    headline = models.CharField(max_length=300)
    excerpt = models.CharField(max_length=500, blank=True, default="")
    reason = models.CharField(max_length=200)
    listed = models.BooleanField(default=True)
    happened_at = models.DateTimeField(null=True, blank=True)
    entry = models.ForeignKey(Entry, models.SET_NULL, null=True, blank=True, related_name="+")
    challenge = models.ForeignKey(Challenge, models.SET_NULL, null=True, blank=True, related_name="+")
    tag = models.ForeignKey(Tag, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["section", "position"], name="digest_item_place"),
            models.CheckConstraint(
                condition=models.Q(entry=None, challenge=None)
                | models.Q(entry=None, tag=None)
                | models.Q(challenge=None, tag=None),
                name="digest_item_one_subject",
            ),
        ]


class DigestSubscription(models.Model):
    """A person wants digests of a cadence, on all tags or on some."""

    user = models.ForeignKey(User, models.CASCADE, related_name="digest_subscriptions")
    cadence = models.CharField(max_length=16, choices=DigestCadence)
    tags = models.ManyToManyField(Tag, related_name="digest_subscriptions")
    active = models.BooleanField(default=True)
    paused_reason = models.CharField(max_length=200, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now)
    last_sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "cadence"], name="digest_subscription_once"),
            models.CheckConstraint(
                condition=models.Q(cadence__in=["DAILY", "WEEKLY", "MONTHLY"]), name="digest_subscription_cadence"
            ),
            models.CheckConstraint(
                condition=models.Q(paused_reason="") | models.Q(active=False), name="digest_subscription_paused"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["cadence"], condition=models.Q(active=True), name="digest_subscription_active")
        ]


class DigestDelivery(models.Model):
    """The ledger of mails: one row a subscription and window, claimed before sending."""

    digest = models.ForeignKey(Digest, models.CASCADE, related_name="deliveries")
    subscription = models.ForeignKey(
        DigestSubscription, models.SET_NULL, null=True, blank=True, related_name="deliveries"
    )
    recipient = models.ForeignKey(User, models.CASCADE, related_name="deliveries")
    window_start = models.DateTimeField()
    window_end = models.DateTimeField()
    status = models.CharField(max_length=16, choices=DeliveryStatus, default=DeliveryStatus.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    reason = models.CharField(max_length=300, blank=True, default="")
    message_id = models.CharField(max_length=200, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    claimed_until = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    # Whether it FAILED because the mail server will not take it, now or later.
    refused = models.BooleanField(default=False)
    # The items of the digest that it told of; ids alone, since they are looked up for a recipient's few latest mails.
    item_ids = ArrayField(models.BigIntegerField(), default=list)

    class Meta:
        constraints: ClassVar = [
            one_of("status", DeliveryStatus, name="digest_delivery_status_known"),
            models.UniqueConstraint(fields=["subscription", "window_start", "window_end"], name="digest_delivery_once"),
            models.CheckConstraint(
                condition=models.Q(status=DeliveryStatus.SENT, sent_at__isnull=False)
                | (~models.Q(status=DeliveryStatus.SENT) & models.Q(sent_at=None)),
                name="digest_delivery_sent_has_time",
            ),
            models.CheckConstraint(
                condition=~models.Q(status__in=[DeliveryStatus.SKIPPED, DeliveryStatus.FAILED]) | ~models.Q(reason=""),
                name="digest_delivery_says_why",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["next_attempt_at"],
                condition=models.Q(status=DeliveryStatus.PENDING),
                name="digest_delivery_due",
            ),
            models.Index(fields=["recipient", "-created_at", "-id"], name="digest_delivery_recipient"),
            models.Index(fields=["digest", "-created_at", "-id"], name="digest_delivery_digest"),
        ]


class SearchMiss(models.Model):
    """How often a search found nothing on a day: words and count, no person."""

    words = models.CharField(max_length=200)
    day = models.DateField()
    count = models.PositiveIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["day", "words"], name="search_miss_once_a_day")]
