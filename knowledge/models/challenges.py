"""Challenges and their solutions."""

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from knowledge.models.checks import at_most, not_blank, one_of
from knowledge.models.entries import BODY_LENGTH, SLUG_LENGTH, TITLE_LENGTH
from knowledge.models.people import User
from knowledge.models.search import search_column, tag_ids_column
from knowledge.models.tags import Tag


class Difficulty(models.TextChoices):
    """How much a challenge asks for."""

    BEGINNER = "BEGINNER"
    INTERMEDIATE = "INTERMEDIATE"
    ADVANCED = "ADVANCED"


class ChallengeStatus(models.TextChoices):
    """Where a challenge stands. SOLVED exactly when a solution is accepted, unless CLOSED (a deferred trigger)."""

    OPEN = "OPEN"
    SOLVED = "SOLVED"
    CLOSED = "CLOSED"


class Challenge(models.Model):
    """A difficulty that someone met. `title_key` is as in Entry; `score` is kept by a trigger.

    `gist` are the words of `knowledge.text.gist_of` its title and body, by which an import finds what others told
    already; empty where there are too few or too many to compare.
    """

    slug = models.SlugField(max_length=SLUG_LENGTH, unique=True)
    title = models.CharField(max_length=TITLE_LENGTH)
    title_key = models.CharField(max_length=SLUG_LENGTH, default="", blank=True)
    gist: Any = ArrayField(models.TextField(), default=list, db_default=models.Value([]), blank=True, editable=False)
    body = models.TextField(blank=True, default="")
    body_html = models.TextField(blank=True, default="")
    difficulty = models.CharField(max_length=16, choices=Difficulty, default=Difficulty.INTERMEDIATE)
    status = models.CharField(max_length=16, choices=ChallengeStatus, default=ChallengeStatus.OPEN)
    author = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="challenges")
    tags = models.ManyToManyField(Tag, through="ChallengeTag", related_name="challenges")
    score = models.IntegerField(default=0)
    revision = models.PositiveIntegerField(default=1)
    close_reason = models.CharField(max_length=500, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)
    solved_at = models.DateTimeField(null=True, blank=True)
    tag_ids = tag_ids_column()
    search = search_column(title="A", body="C", tagged=True)
    search_head = search_column(title="A", tagged=True)

    class Meta:
        constraints: ClassVar = [
            not_blank("title", name="challenge_title_not_blank"),
            at_most("body", BODY_LENGTH, name="challenge_body_length"),
            one_of("difficulty", Difficulty, name="challenge_difficulty_known"),
            one_of("status", ChallengeStatus, name="challenge_status_known"),
            models.CheckConstraint(
                condition=~models.Q(status=ChallengeStatus.SOLVED) | models.Q(solved_at__isnull=False),
                name="challenge_solved_has_time",
            ),
            models.CheckConstraint(
                condition=~models.Q(status=ChallengeStatus.OPEN) | models.Q(solved_at=None, close_reason=""),
                name="challenge_open_is_neither_solved_nor_closed",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["created_at", "id"], name="challenge_created_at"),
            models.Index(fields=["updated_at", "id"], name="challenge_updated_at"),
            models.Index(Lower("title"), "id", name="challenge_title"),
            models.Index(fields=["title_key"], name="challenge_title_key"),
            models.Index(fields=["score", "id"], name="challenge_score"),
            models.Index(fields=["status", "created_at", "id"], name="challenge_status"),
            models.Index(fields=["difficulty", "created_at", "id"], name="challenge_difficulty"),
            models.Index(fields=["author", "created_at", "id"], name="challenge_author"),
            models.Index(fields=["solved_at"], name="challenge_solved_at"),
            GinIndex(fields=["search"], name="challenge_search"),
            GinIndex(fields=["gist"], name="challenge_gist"),
            GinIndex(OpClass(Lower("title"), name="gin_trgm_ops"), name="challenge_title_trigram"),
        ]

    def __str__(self) -> str:
        return self.title


class ChallengeSlug(models.Model):
    """A slug that a challenge had before; a trigger keeps them."""

    challenge = models.ForeignKey(Challenge, models.CASCADE, related_name="former_slugs")
    slug = models.SlugField(max_length=SLUG_LENGTH, unique=True)


class ChallengeTag(models.Model):
    """A challenge carries a tag. The time is the challenge's, copied by triggers as in EntryTag."""

    challenge = models.ForeignKey(Challenge, models.CASCADE, db_index=False)
    tag = models.ForeignKey(Tag, models.PROTECT, db_index=False)
    challenge_created_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["challenge", "tag"], name="challenge_tag_once")]
        indexes: ClassVar = [
            models.Index(fields=["tag", "challenge_created_at", "challenge"], name="challenge_tag_newest"),
        ]


class Solution(models.Model):
    """An answer to a challenge. At most one a challenge is accepted: a partial unique index holds it."""

    challenge = models.ForeignKey(Challenge, models.CASCADE, related_name="solutions")
    body = models.TextField()
    body_html = models.TextField(blank=True, default="")
    author = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="solutions")
    is_accepted = models.BooleanField(default=False)
    score = models.IntegerField(default=0)
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)
    search = search_column(body="C")

    class Meta:
        constraints: ClassVar = [
            not_blank("body", name="solution_body_not_blank"),
            at_most("body", BODY_LENGTH, name="solution_body_length"),
            models.UniqueConstraint(
                fields=["challenge"], condition=models.Q(is_accepted=True), name="solution_one_accepted"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["challenge", "is_accepted", "score", "id"], name="solution_accepted_first"),
            models.Index(fields=["challenge", "created_at", "id"], name="solution_created_at"),
            models.Index(fields=["challenge", "score", "id"], name="solution_score"),
            models.Index(fields=["author", "created_at", "id"], name="solution_author"),
            GinIndex(fields=["search"], name="solution_search"),
        ]

    def __str__(self) -> str:
        return f"Solution {self.pk}"
