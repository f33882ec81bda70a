"""Documents that knowledge was imported from, and what each brought in."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Coalesce
from django.utils import timezone

from knowledge.models.challenges import Challenge, Solution
from knowledge.models.checks import not_blank
from knowledge.models.entries import Entry, EntryKind
from knowledge.models.people import User


class Source(models.Model):
    """A document. Known by its url where it has one, else by the SHA-256 of its text."""

    title = models.CharField(max_length=200)
    url = models.URLField(max_length=2_000, null=True, blank=True)  # noqa: DJ001 - unique where there is one
    content_hash = models.BinaryField(max_length=32)
    imported_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="sources")
    imported_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)
    entries = models.ManyToManyField(Entry, through="EntrySource", related_name="sources")
    challenges = models.ManyToManyField(Challenge, through="ChallengeSource", related_name="sources")

    class Meta:
        constraints: ClassVar = [
            not_blank("title", name="source_title_not_blank"),
            models.UniqueConstraint(fields=["url"], condition=models.Q(url__isnull=False), name="source_url_once"),
            # Of each importer: who cannot see another's document has one of the same text.
            models.UniqueConstraint(
                "content_hash", Coalesce("imported_by", 0), condition=models.Q(url=None), name="source_text_once_each"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-imported_at", "-id"], name="source_newest"),
            models.Index(fields=["content_hash"], name="source_text"),
            models.Index(fields=["imported_by", "-imported_at"], name="source_importer"),
        ]

    def __str__(self) -> str:
        return self.title


class EntrySource(models.Model):
    """A document names an entry, at a line. `written` is the hash of what the import wrote, to see edits by hand."""

    source = models.ForeignKey(Source, models.CASCADE)
    entry = models.ForeignKey(Entry, models.CASCADE)
    kind = models.CharField(max_length=16, choices=EntryKind)
    line = models.PositiveIntegerField()
    written = models.BinaryField(max_length=32)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["source", "entry"], name="entry_source_once")]
        indexes: ClassVar = [models.Index(fields=["entry", "source"], name="entry_source_sources")]


class ChallengeSource(models.Model):
    """A document tells of a challenge, at a line, and perhaps how it was solved."""

    source = models.ForeignKey(Source, models.CASCADE)
    challenge = models.ForeignKey(Challenge, models.CASCADE)
    solution = models.OneToOneField(Solution, models.SET_NULL, null=True, blank=True, related_name="origin")
    line = models.PositiveIntegerField()
    written = models.BinaryField(max_length=32)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["source", "challenge"], name="challenge_source_once")]
        indexes: ClassVar = [models.Index(fields=["challenge", "source"], name="challenge_source_sources")]
