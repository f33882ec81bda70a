"""Entries: what is shown, and the revisions that led there or wait for a review."""

from typing import TYPE_CHECKING, ClassVar

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from knowledge.models.checks import at_most, not_blank, one_of
from knowledge.models.ordering import earliest_first, latest_first
from knowledge.models.people import User
from knowledge.models.search import search_column, tag_ids_column
from knowledge.models.tags import Tag

if TYPE_CHECKING:
    from knowledge.models.challenges import Challenge

TITLE_LENGTH = 200
SUMMARY_LENGTH = 500
BODY_LENGTH = 100_000
SLUG_LENGTH = 220
NOTE_LENGTH = 500
REASON_LENGTH = 500
COMMENT_LENGTH = 5_000


class EntryKind(models.TextChoices):
    """What sort of knowledge an entry holds."""

    TECHNOLOGY = "TECHNOLOGY"
    CONCEPT = "CONCEPT"
    BEST_PRACTICE = "BEST_PRACTICE"
    LEARNING = "LEARNING"
    TOOL = "TOOL"
    GUIDE = "GUIDE"


class EntryStatus(models.TextChoices):
    """Where an entry stands."""

    DRAFT = "DRAFT"
    IN_REVIEW = "IN_REVIEW"
    PUBLISHED = "PUBLISHED"
    ARCHIVED = "ARCHIVED"


class RevisionState(models.TextChoices):
    """Where a revision stands."""

    DRAFT = "DRAFT"
    PENDING = "PENDING"
    APPROVED = "APPROVED"
    CHANGES_REQUESTED = "CHANGES_REQUESTED"
    SUPERSEDED = "SUPERSEDED"
    DISCARDED = "DISCARDED"


OPEN_STATES = (RevisionState.DRAFT, RevisionState.PENDING, RevisionState.CHANGES_REQUESTED)


class Content(models.Model):
    """What an entry says. Stands in the entry (as shown) and in each of its revisions (as written).

    `body_html` is `body` rendered and sanitised; `resources` is a list of {"title", "url"}. Both are made when
    written. Lengths are held by the columns, or by check constraints where the column is text.
    """

    kind = models.CharField(max_length=16, choices=EntryKind)
    title = models.CharField(max_length=TITLE_LENGTH)
    summary = models.CharField(max_length=SUMMARY_LENGTH, blank=True, default="")
    body = models.TextField(blank=True, default="")
    body_html = models.TextField(blank=True, default="")
    resources = models.JSONField(default=list, blank=True)

    class Meta:
        abstract = True
        constraints: ClassVar = [
            not_blank("title", name="%(class)s_title_not_blank"),
            at_most("body", BODY_LENGTH, name="%(class)s_body_length"),
            one_of("kind", EntryKind, name="%(class)s_kind_known"),
        ]


class Entry(Content):
    """A piece of knowledge as it is shown: the copy of revision number `revision`, the newest approved one.

    Before the first approval it is the copy of the author's only revision. `title_key` is `knowledge.text.title_key` of
    the title: an import finds by it what is there already. `score` and `source_count` are kept by triggers.
    """

    slug = models.SlugField(max_length=SLUG_LENGTH, unique=True)
    title_key = models.CharField(max_length=SLUG_LENGTH, default="", blank=True)
    status = models.CharField(max_length=16, choices=EntryStatus, default=EntryStatus.DRAFT)
    reading_minutes = models.PositiveIntegerField(default=1)
    author = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="entries")
    tags = models.ManyToManyField(Tag, through="EntryTag", related_name="entries")
    challenges: "models.ManyToManyField[Challenge, EntryChallenge]" = models.ManyToManyField(
        "Challenge", through="EntryChallenge", related_name="entries"
    )
    revision = models.PositiveIntegerField(default=1)
    score = models.IntegerField(default=0)
    source_count = models.PositiveIntegerField(default=0)
    archive_reason = models.CharField(max_length=REASON_LENGTH, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)
    published_at = models.DateTimeField(null=True, blank=True)
    tag_ids = tag_ids_column()
    search = search_column(title="A", summary="B", body="C", tagged=True, marked="kind")
    search_head = search_column(title="A", summary="B", tagged=True)

    class Meta(Content.Meta):
        abstract = False
        constraints: ClassVar = [
            *Content.Meta.constraints,
            one_of("status", EntryStatus, name="entry_status_known"),
            models.CheckConstraint(
                condition=models.Q(status__in=[EntryStatus.PUBLISHED, EntryStatus.ARCHIVED], published_at__isnull=False)
                | models.Q(status__in=[EntryStatus.DRAFT, EntryStatus.IN_REVIEW], published_at__isnull=True),
                name="entry_published_at_when_published",
            ),
            models.CheckConstraint(condition=models.Q(reading_minutes__gte=1), name="entry_reading_minutes_positive"),
        ]
        indexes: ClassVar = [
            # The order that most lists have: the latest published first, drafts last.
            models.Index(*latest_first("published_at"), name="entry_published_at"),
            # The other way round drafts are last, too, so it is another order than that one read backwards.
            models.Index(*earliest_first("published_at"), name="entry_published_first"),
            # What was published in a window, for digests: of a large base a week is little.
            models.Index(
                fields=["published_at"],
                condition=models.Q(status=EntryStatus.PUBLISHED),
                name="entry_published_within",
            ),
            models.Index(fields=["created_at", "id"], name="entry_created_at"),
            models.Index(fields=["updated_at", "id"], name="entry_updated_at"),
            models.Index(Lower("title"), "id", name="entry_title"),
            models.Index(fields=["title_key"], name="entry_title_key"),
            models.Index(fields=["score", "id"], name="entry_score"),
            models.Index(fields=["source_count", "id"], name="entry_source_count"),
            models.Index("kind", *latest_first("published_at"), name="entry_kind"),
            models.Index("status", *latest_first("published_at"), name="entry_status"),
            models.Index("author", *latest_first("published_at"), name="entry_author_latest"),
            models.Index(fields=["author", "updated_at", "id"], name="entry_author"),
            GinIndex(fields=["search"], name="entry_search"),
            GinIndex(OpClass(Lower("title"), name="gin_trgm_ops"), name="entry_title_trigram"),
        ]

    def __str__(self) -> str:
        return self.title


class EntrySlug(models.Model):
    """A slug that an entry had before; a trigger keeps them."""

    entry = models.ForeignKey(Entry, models.CASCADE, related_name="former_slugs")
    slug = models.SlugField(max_length=SLUG_LENGTH, unique=True)


class EntryTag(models.Model):
    """An entry carries a tag.

    `entry_published_at` is the entry's, copied by triggers: so one index has the entries of a tag in their order.
    """

    entry = models.ForeignKey(Entry, models.CASCADE, db_index=False)
    tag = models.ForeignKey(Tag, models.PROTECT, db_index=False)
    entry_published_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["entry", "tag"], name="entry_tag_once")]
        indexes: ClassVar = [
            models.Index("tag", *latest_first("entry_published_at", "entry"), name="entry_tag_latest"),
        ]


class EntryChallenge(models.Model):
    """A challenge belongs to what an entry is about. The times are of the two, copied by triggers as in EntryTag."""

    entry = models.ForeignKey(Entry, models.CASCADE, db_index=False)
    challenge = models.ForeignKey("Challenge", models.CASCADE, db_index=False)
    entry_published_at = models.DateTimeField(null=True, editable=False)
    challenge_created_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["entry", "challenge"], name="entry_challenge_once")]
        indexes: ClassVar = [
            models.Index(fields=["entry", "challenge_created_at", "challenge"], name="entry_challenge_newest"),
            models.Index("challenge", *latest_first("entry_published_at", "entry"), name="entry_challenge_latest"),
        ]


class EntryRevision(Content):
    """A version of an entry's content: proposed, shown, or shown once.

    `based_on` is the number of the revision that was shown when it was begun (null for the first). `version` grows with
    each save while it is open. `diff` tells what it changes of the one that it is based on, in unified format.
    """

    entry = models.ForeignKey(Entry, models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    version = models.PositiveIntegerField(default=1)
    based_on = models.PositiveIntegerField(null=True, blank=True)
    state = models.CharField(max_length=20, choices=RevisionState, default=RevisionState.DRAFT)
    tags = models.ManyToManyField(Tag, through="RevisionTag", related_name="+")
    challenges: "models.ManyToManyField[Challenge, RevisionChallenge]" = models.ManyToManyField(
        "Challenge", through="RevisionChallenge", related_name="+"
    )
    author = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="revisions")
    diff = models.TextField(blank=True, default="")
    note = models.CharField(max_length=NOTE_LENGTH, blank=True, default="")
    reviewer = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="reviews")
    review_comment = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now)
    submitted_at = models.DateTimeField(null=True, blank=True)
    reviewed_at = models.DateTimeField(null=True, blank=True)

    class Meta(Content.Meta):
        abstract = False
        constraints: ClassVar = [
            *Content.Meta.constraints,
            one_of("state", RevisionState, name="revision_state_known"),
            at_most("review_comment", COMMENT_LENGTH, name="revision_comment_length"),
            models.UniqueConstraint(fields=["entry", "number"], name="revision_number_once"),
            models.UniqueConstraint(
                fields=["entry", "author"],
                condition=models.Q(state__in=OPEN_STATES),
                name="revision_one_open_a_person",
            ),
            models.UniqueConstraint(
                fields=["entry"], condition=models.Q(state=RevisionState.APPROVED), name="revision_one_shown"
            ),
            models.CheckConstraint(
                condition=models.Q(based_on=None) | models.Q(based_on__lt=models.F("number")),
                name="revision_based_on_earlier",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=RevisionState.PENDING) | models.Q(submitted_at__isnull=False),
                name="revision_pending_was_submitted",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["submitted_at", "id"],
                condition=models.Q(state=RevisionState.PENDING),
                name="revision_review_queue",
            ),
            models.Index(fields=["author", "created_at"], name="revision_author"),
            models.Index(
                fields=["reviewed_at", "entry"],
                condition=models.Q(state__in=[RevisionState.APPROVED, RevisionState.SUPERSEDED]),
                name="revision_shown_at",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} (revision {self.number})"


class MergeConflict(models.Model):
    """What is shown moved on since an open revision was written: from revision number `base` to `shown`.

    `merged` is the body with the changes of both, `is_clean` says that neither stands in the other's way. Kept for open
    revisions of what was published, and for no other.
    """

    revision = models.OneToOneField(EntryRevision, models.CASCADE, primary_key=True, related_name="conflict")
    base = models.PositiveIntegerField()
    shown = models.PositiveIntegerField()
    merged = models.TextField(blank=True)
    is_clean = models.BooleanField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(shown__gt=models.F("base")), name="conflict_shown_moved_on")
        ]


class RevisionTag(models.Model):
    """A revision carries a tag."""

    revision = models.ForeignKey(EntryRevision, models.CASCADE)
    tag = models.ForeignKey(Tag, models.PROTECT)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["revision", "tag"], name="revision_tag_once")]


class RevisionChallenge(models.Model):
    """A revision names a challenge."""

    revision = models.ForeignKey(EntryRevision, models.CASCADE)
    challenge = models.ForeignKey("Challenge", models.CASCADE)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["revision", "challenge"], name="revision_challenge_once")
        ]
