"""What readers leave on knowledge: votes and bookmarks."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from knowledge.models.challenges import Challenge, Solution
from knowledge.models.checks import exactly_one
from knowledge.models.entries import Entry
from knowledge.models.people import User


class Vote(models.Model):
    """A person's vote, +1 or -1, on an entry, a challenge or a solution."""

    UP = 1
    DOWN = -1

    user = models.ForeignKey(User, models.CASCADE, related_name="votes")
    entry = models.ForeignKey(Entry, models.CASCADE, null=True, blank=True, related_name="votes")
    challenge = models.ForeignKey(Challenge, models.CASCADE, null=True, blank=True, related_name="votes")
    solution = models.ForeignKey(Solution, models.CASCADE, null=True, blank=True, related_name="votes")
    value = models.SmallIntegerField()
    cast_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            exactly_one("entry", "challenge", "solution", name="vote_one_subject"),
            models.CheckConstraint(condition=models.Q(value__in=[1, -1]), name="vote_up_or_down"),
            *(
                models.UniqueConstraint(
                    fields=["user", subject],
                    condition=models.Q(**{f"{subject}__isnull": False}),
                    name=f"vote_once_{subject}",
                )
                for subject in ("entry", "challenge", "solution")
            ),
        ]


class Bookmark(models.Model):
    """A person keeps an entry or a challenge."""

    user = models.ForeignKey(User, models.CASCADE, related_name="bookmarks")
    entry = models.ForeignKey(Entry, models.CASCADE, null=True, blank=True, related_name="bookmarks")
    challenge = models.ForeignKey(Challenge, models.CASCADE, null=True, blank=True, related_name="bookmarks")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            exactly_one("entry", "challenge", name="bookmark_one_subject"),
            *(
                models.UniqueConstraint(
                    fields=["user", subject],
                    condition=models.Q(**{f"{subject}__isnull": False}),
                    name=f"bookmark_once_{subject}",
                )
                for subject in ("entry", "challenge")
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["user", "-created_at", "-id"], name="bookmark_newest")]
