"""Tags and every name that leads to one."""

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.utils import timezone

from knowledge.models.checks import at_most, not_blank, one_of
from knowledge.models.search import Folded, words_column

NAME_LENGTH = 60
SLUG_LENGTH = 80
DESCRIPTION_LENGTH = 1_000


class TagCategory(models.TextChoices):
    """What sort of thing a tag names."""

    TECHNOLOGY = "TECHNOLOGY"
    CONCEPT = "CONCEPT"
    PRACTICE = "PRACTICE"
    TOOL = "TOOL"
    OTHER = "OTHER"


class Tag(models.Model):
    """A subject that entries and challenges carry.

    `entry_count` and `challenge_count` (published entries, all challenges) are kept by triggers, so that they are right
    with each commit and can be ordered by without counting.
    """

    name = models.CharField(max_length=NAME_LENGTH)
    slug = models.SlugField(max_length=SLUG_LENGTH, unique=True)
    description = models.TextField(blank=True, default="")
    category = models.CharField(max_length=16, choices=TagCategory, default=TagCategory.OTHER)
    revision = models.PositiveIntegerField(default=1)
    entry_count = models.PositiveIntegerField(default=0)
    challenge_count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            not_blank("name", name="tag_name_not_blank"),
            not_blank("slug", name="tag_slug_not_blank"),
            at_most("description", DESCRIPTION_LENGTH, name="tag_description_length"),
            one_of("category", TagCategory, name="tag_category_known"),
        ]
        indexes: ClassVar = [
            # A slug is there once, but orders end in the primary key, and without it PostgreSQL would sort.
            models.Index(fields=["slug", "id"], name="tag_name"),
            models.Index(fields=["entry_count", "id"], name="tag_entry_count"),
            models.Index(fields=["challenge_count", "id"], name="tag_challenge_count"),
            models.Index(fields=["category", "slug"], name="tag_category"),
        ]

    def __str__(self) -> str:
        return self.name


class TagAliasKind(models.TextChoices):
    """Why a slug leads to a tag.

    CANONICAL is its own, ALIAS another spelling. FORMER is one that it, or a tag merged into it, had: what stood in
    addresses goes on leading somewhere. FORMER_ALIAS is such a one that is listed among the aliases as well.
    """

    CANONICAL = "CANONICAL"
    ALIAS = "ALIAS"
    FORMER = "FORMER"
    FORMER_ALIAS = "FORMER_ALIAS"


# What is shown as a tag's other names.
LISTED = (TagAliasKind.ALIAS, TagAliasKind.FORMER_ALIAS)


class Squeezed(models.Func):
    """A slug without its hyphens: the same for "node-js" and "nodejs"."""

    function = "replace"
    template = "%(function)s(%(expressions)s, '-', '')"
    output_field = models.TextField()


class TagAlias(models.Model):
    """A slug that leads to a tag: the tag's own (kept by a trigger), another spelling, or one it had before.

    All of them stand in one table, so one unique index makes sure that no word leads to two tags, whoever races.
    """

    tag = models.ForeignKey(Tag, models.CASCADE, related_name="names")
    slug = models.SlugField(max_length=SLUG_LENGTH, unique=True)
    name = models.CharField(max_length=NAME_LENGTH)
    kind = models.CharField(max_length=16, choices=TagAliasKind, default=TagAliasKind.ALIAS)
    words = words_column("name")

    class Meta:
        constraints: ClassVar = [
            not_blank("name", name="tag_alias_name_not_blank"),
            one_of("kind", TagAliasKind, name="tag_alias_kind_known"),
            models.UniqueConstraint(
                fields=["tag"], condition=models.Q(kind=TagAliasKind.CANONICAL), name="tag_alias_one_canonical"
            ),
        ]
        indexes: ClassVar = [
            models.Index(OpClass(Folded("name"), name="text_pattern_ops"), name="tag_alias_prefix"),
            GinIndex(OpClass("name", name="gin_trgm_ops"), name="tag_alias_trigram"),
            GinIndex(fields=["words"], name="tag_alias_words"),
            models.Index(Squeezed("slug"), name="tag_alias_squeezed"),
        ]

    def __str__(self) -> str:
        return self.name
