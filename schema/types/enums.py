"""Enumerations, from the domain's own."""

from enum import Enum, StrEnum
from typing import Any

import graphene

from knowledge import models
from knowledge.actions import EntryAction as DomainEntryAction
from schema import errors


def described(choices: type[Enum], description: str, *, name: str | None = None, **values: str) -> Any:
    """A GraphQL enum of the domain's values; every value needs a description."""
    missing = set(choices.__members__) ^ set(values)
    if missing:
        raise TypeError(f"{choices.__name__}: {sorted(missing)} must each be described")

    def describe(value: Any) -> str:
        return description if value is None else values[value.name]

    return graphene.Enum.from_enum(choices, name=name, description=describe)


EntryKind = described(
    models.EntryKind,
    "What sort of knowledge an entry holds.",
    TECHNOLOGY="A language, framework, database or service that programs are built with.",
    CONCEPT="An idea that technologies put into practice.",
    BEST_PRACTICE="A way of working that proved itself.",
    LEARNING="Something that a learner took away.",
    TOOL="Something that people work together with.",
    GUIDE="A longer text that leads through a subject.",
)
EntryStatus = described(
    models.EntryStatus,
    "Where an entry stands.",
    DRAFT="Visible to its author alone.",
    IN_REVIEW="Handed in; visible to its author and to reviewers.",
    PUBLISHED="Visible to everyone.",
    ARCHIVED="Taken out of view; visible to its author and to reviewers.",
)
EntryAction = described(
    DomainEntryAction,
    "What can be done with an entry.",
    UPDATE="Edit it, or propose an edit: entryUpdate.",
    SUBMIT="Hand one's draft in for review: entrySubmit.",
    WITHDRAW="Take back what one handed in: entryWithdraw.",
    DISCARD="Throw one's draft beside what is shown away: revisionDiscard.",
    APPROVE="Show what was handed in: entryReview.",
    REQUEST_CHANGES="Send back what was handed in: entryReview.",
    ARCHIVE="Take it out of view: entryArchive.",
    RESTORE="Bring it back, or a text that it had before: entryRestore.",
    DELETE="Delete it: entryDelete.",
)
RevisionState = described(
    models.RevisionState,
    "Where a revision stands. DRAFT and PENDING revisions of a published entry leave what is shown as it is.",
    DRAFT="Being written.",
    PENDING="Waiting for a review.",
    APPROVED="The one that is shown.",
    CHANGES_REQUESTED="Sent back to its author.",
    SUPERSEDED="Shown before a later one was approved.",
    DISCARDED="Thrown away by its author.",
)
Difficulty = described(
    models.Difficulty,
    "How much a challenge asks for.",
    BEGINNER="Met in the first weeks.",
    INTERMEDIATE="Needs some experience.",
    ADVANCED="Hard for those who know the field.",
)
ChallengeStatus = described(
    models.ChallengeStatus,
    "Where a challenge stands.",
    OPEN="No solution is accepted yet.",
    SOLVED="One of its solutions is accepted.",
    CLOSED="Not to be answered any more.",
)
TagCategory = described(
    models.TagCategory,
    "What sort of thing a tag names.",
    TECHNOLOGY="A language, framework, database or service.",
    CONCEPT="An idea.",
    PRACTICE="A way of working.",
    TOOL="Something that people work together with.",
    OTHER="Anything else.",
)
Role = described(
    models.Role,
    "What a person may do.",
    CONTRIBUTOR="Writes, asks, answers, votes and imports.",
    REVIEWER="Also reviews what others hand in.",
    STAFF="Also manages roles, digests and sources.",
)
TokenScope = described(
    models.TokenScope,
    "What a personal access token is good for.",
    READ="Queries and subscriptions.",
    WRITE="Everything that its owner may do, but for what guards the account.",
)
DigestStatus = described(
    models.DigestStatus,
    "Where the making of a digest stands.",
    QUEUED="Waiting for a worker.",
    RUNNING="Being made.",
    READY="Made.",
    FAILED="Could not be made; `failure` says why.",
)
DigestCadence = described(
    models.DigestCadence,
    "How often a digest comes.",
    DAILY="Every day.",
    WEEKLY="Every week.",
    MONTHLY="Every month.",
    ON_DEMAND="When somebody asks for it.",
)
DigestAudience = described(
    models.DigestAudience,
    "With whose eyes a digest is composed.",
    EVERYONE="With an anonymous reader's.",
    REVIEWERS="With a reviewer's: it also tells what waits for a review and what was searched for in vain.",
)
DeliveryStatus = described(
    models.DeliveryStatus,
    "What became of a mail with a digest.",
    PENDING="Waiting to be sent, for the first time or again.",
    SENT="Handed to the mail server.",
    SKIPPED="Not sent, since there was nothing to tell or nobody to tell it to; `reason` says which.",
    FAILED="Given up after repeated attempts; `reason` says why.",
)
KnowledgeChangeKind = described(
    models.ChangeKind,
    "What happened to what readers see.",
    name="KnowledgeChangeKind",
    ENTRY_PUBLISHED="An entry became visible to everyone.",
    ENTRY_UPDATED="Another text of a published entry is shown.",
    ENTRY_ARCHIVED="An entry was taken out of view.",
    CHALLENGE_CREATED="Somebody asked.",
    CHALLENGE_SOLVED="A solution was accepted, and there was none before.",
    SOLUTION_CREATED="Somebody answered a challenge.",
)
DigestSectionKind = described(
    models.DigestSectionKind,
    "What a section of a digest lists.",
    NEW_ENTRIES="Entries published in the window.",
    UPDATED_ENTRIES="Entries published before and changed in the window.",
    SOLVED_CHALLENGES="Challenges solved in the window.",
    OPEN_CHALLENGES="Challenges that wait for a solution.",
    TRENDING_TAGS="Tags carried more often than in the window before.",
    SEARCH_GAPS="What was searched for and not found.",
    REVIEW_QUEUE="What waits for a review.",
)
ErrorCode = described(
    errors.ErrorCode,
    "What went wrong. The first ten stand in a payload's errors, the others in extensions.code at the top level.",
    name="ErrorCode",
    **{code.name: explanation.description for code, explanation in errors.CATALOGUE.items()},
)


class VoteValue(StrEnum):
    """A vote, as the API says it."""

    UP = "UP"
    DOWN = "DOWN"


Vote = described(VoteValue, "A vote on an entry, a challenge or a solution.", name="Vote", UP="Good.", DOWN="Bad.")


class Searched(StrEnum):
    """What can be searched, as the API says it."""

    ENTRY = "ENTRY"
    CHALLENGE = "CHALLENGE"
    SOLUTION = "SOLUTION"


SearchType = described(
    Searched,
    "What can be searched.",
    name="SearchType",
    ENTRY="Entries, by title, summary, body and tags.",
    CHALLENGE="Challenges, by title, body and tags.",
    SOLUTION="Solutions, by body.",
)


class Direction(StrEnum):
    """Which way an order goes."""

    ASC = "ASC"
    DESC = "DESC"


OrderDirection = described(
    Direction,
    "Which way an order goes.",
    ASC="Smallest, earliest, first letter first.",
    DESC="Greatest, latest, last letter first.",
    name="OrderDirection",
)
