"""Inputs that ask precisely: filters and orders."""

from enum import Enum
from typing import Any

import graphene

from schema.types import enums
from schema.types.enums import described
from schema.types.scalars import DateTime


class Input(graphene.InputObjectType):
    """An input object; its values are plain dicts, by names in Python."""

    class Meta:
        abstract = True

    @classmethod
    def __init_subclass_with_meta__(cls, container: type = dict, **options: Any) -> None:
        """Makes the type. graphene's own container sets each field as an attribute, too, which nobody asks for."""
        super().__init_subclass_with_meta__(container=container, **options)


def ordering(name: str, subject: str, **fields: str) -> Any:
    """The input NameOrder over the enum NameOrderField: each field's name with its description."""
    choices = Enum(f"{name}OrderField", {field: field for field in fields})  # type: ignore[misc]  # named by `name`
    field = described(choices, f"What {subject} can be ordered by.", **fields)
    direction = graphene.InputField(enums.OrderDirection, required=True, description="Which way.")
    return type(
        f"{name}Order",
        (Input,),
        {
            "field": graphene.InputField(field, required=True, description="What counts."),
            "direction": direction,
            "Meta": type("Meta", (), {"description": f"An order of {subject}. Nulls come last, whichever way."}),
        },
    )


class DateTimeRange(Input):
    """A half-open range of time: from <= t < to. Either may be left out."""

    from_ = DateTime(name="from", description="The first moment inside.")
    to = DateTime(description="The first moment after it.")


def _words(description: str) -> graphene.InputField:
    return graphene.InputField(graphene.List(graphene.NonNull(graphene.String)), description=description)


def _values(of: Any, description: str) -> graphene.InputField:
    return graphene.InputField(graphene.List(graphene.NonNull(of)), description=description)


ANY_TAG = "Slugs, names or aliases: rows that carry at least one of them. An empty list matches nothing."
ALL_TAGS = "Slugs, names or aliases: rows that carry every one of them. An empty list matches everything."
TEXT = (
    'Words as one writes them for a web search: all of them (the first 32); "a phrase"; one or another; -without. '
    "Of the last word the beginning is enough; tags' names and aliases count as words."
)


class EntryWhere(Input):
    """Which entries. What is given must all hold; an empty list of values matches nothing."""

    AND = graphene.InputField(
        graphene.List(graphene.NonNull(lambda: EntryWhere)), name="AND", description="All of these hold."
    )
    OR = graphene.InputField(
        graphene.List(graphene.NonNull(lambda: EntryWhere)), name="OR", description="At least one of these holds."
    )
    NOT = graphene.InputField(lambda: EntryWhere, name="NOT", description="This does not hold.")
    kind = _values(enums.EntryKind, "Of one of these kinds.")
    status = _values(enums.EntryStatus, "In one of these states, as far as the viewer may see them.")
    author = graphene.String(description="By the person of this username.")
    tags_any = _words(ANY_TAG)
    tags_all = _words(ALL_TAGS)
    text = graphene.String(description=TEXT)
    created_at = graphene.InputField(DateTimeRange, description="Begun in this time.")
    published_at = graphene.InputField(DateTimeRange, description="First published in this time.")
    min_score = graphene.Int(description="With this score or a better one.")


class ChallengeWhere(Input):
    """Which challenges. What is given must all hold; an empty list of values matches nothing."""

    AND = graphene.InputField(
        graphene.List(graphene.NonNull(lambda: ChallengeWhere)), name="AND", description="All of these hold."
    )
    OR = graphene.InputField(
        graphene.List(graphene.NonNull(lambda: ChallengeWhere)), name="OR", description="At least one of these holds."
    )
    NOT = graphene.InputField(lambda: ChallengeWhere, name="NOT", description="This does not hold.")
    status = _values(enums.ChallengeStatus, "In one of these states.")
    difficulty = _values(enums.Difficulty, "Of one of these difficulties.")
    author = graphene.String(description="By the person of this username.")
    tags_any = _words(ANY_TAG)
    tags_all = _words(ALL_TAGS)
    text = graphene.String(description=TEXT)
    has_solutions = graphene.Boolean(description="With a solution, or (false) without any.")
    created_at = graphene.InputField(DateTimeRange, description="Asked in this time.")
    min_score = graphene.Int(description="With this score or a better one.")


class SearchWhere(Input):
    """Which hits of a search. What is given must all hold; an empty list of values matches nothing."""

    tags_any = _words(f"{ANY_TAG} A solution has its challenge's tags.")
    tags_all = _words(f"{ALL_TAGS} A solution has its challenge's tags.")
    kind = _values(enums.EntryKind, "Entries of one of these kinds, and nothing else.")
    status = _values(enums.ChallengeStatus, "Challenges in one of these states, and nothing else.")


class TagWhere(Input):
    """Which tags. What is given must all hold."""

    category = _values(enums.TagCategory, "Of one of these categories.")
    prefix = graphene.String(
        description="Start of a name or an alias, in whatever case, with accents or without: for completion."
    )
    used = graphene.Boolean(description="Carried by something that everyone may see, or (false) by nothing.")


class UserWhere(Input):
    """Which people. What is given must all hold; an empty list of values matches nothing."""

    role = _values(enums.Role, "With one of these roles.")
    is_active = graphene.Boolean(description="Who may sign in, or (false) may not.")
    prefix = graphene.String(description="Start of a username or of the name that is shown, in whatever case.")


class AuditWhere(Input):
    """Which events of the audit trail. What is given must all hold; an empty list of values matches nothing."""

    action = _words("What was done, as `user.role_set`.")
    actor = graphene.String(description="By the person of this username.")
    at = graphene.InputField(DateTimeRange, description="Done in this time.")


class DigestWhere(Input):
    """Which digests. What is given must all hold."""

    status = _values(enums.DigestStatus, "In one of these states.")
    cadence = _values(enums.DigestCadence, "Of one of these cadences.")


EntryOrder = ordering(
    "Entry",
    "entries",
    PUBLISHED_AT="When it was first published.",
    CREATED_AT="When it was begun.",
    UPDATED_AT="When what is shown changed last.",
    TITLE="Its title, in whatever case.",
    SCORE="Votes up less votes down.",
    SOURCE_COUNT="How many documents name it.",
    RELEVANCE="How well it matches the filter `text`, which it needs; DESC only.",
)
ChallengeOrder = ordering(
    "Challenge",
    "challenges",
    CREATED_AT="When it was asked.",
    UPDATED_AT="When it changed last.",
    TITLE="Its title, in whatever case.",
    SCORE="Votes up less votes down.",
    RELEVANCE="How well it matches the filter `text`, which it needs; DESC only.",
)
SolutionOrder = ordering(
    "Solution",
    "solutions",
    ACCEPTED_FIRST="The accepted one, then by score; DESC only.",
    CREATED_AT="When it was written.",
    SCORE="Votes up less votes down.",
)
TagOrder = ordering(
    "Tag",
    "tags",
    NAME="The name, in whatever case.",
    ENTRY_COUNT="How many published entries carry it.",
    CHALLENGE_COUNT="How many challenges carry it.",
)
