"""Voting on what others wrote, and keeping what one wants to find again."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import graphene

from knowledge import models, policy
from knowledge.services import reactions
from schema.context import RequestContext
from schema.mutations.base import IdOfAny, Mutation, subject
from schema.types import enums
from schema.types.reactions import BookmarkSubject, VoteSubject

SUBJECTS: Final[Mapping[str, Any]] = MappingProxyType(
    {"Entry": models.Entry, "Challenge": models.Challenge, "Solution": models.Solution}
)
VALUES: Final[Mapping[enums.VoteValue | None, int | None]] = MappingProxyType(
    {enums.VoteValue.UP: models.Vote.UP, enums.VoteValue.DOWN: models.Vote.DOWN, None: None}
)


class VoteCast(Mutation):
    """Votes on what somebody else wrote. A person has one vote on each thing; the last one cast holds."""

    class Input:
        """On what, and how."""

        subject_id = IdOfAny("Entry", "Challenge", "Solution", description="An entry, a challenge or a solution.")
        vote = graphene.InputField(enums.Vote, description="UP or DOWN; null, or left out, takes the vote back.")

    may = policy.require_signed_in
    subject = subject(VoteSubject, "What was voted on, with its new score.")

    @classmethod
    def perform(cls, context: RequestContext, given: dict[str, Any]) -> Mapping[str, Any]:
        """Counts it."""
        name, key = given["subject_id"]
        value = VALUES[given.get("vote")]
        voted = reactions.cast_vote(context.viewer, model=SUBJECTS[name], subject_id=key, value=value, now=context.now)
        return {"subject": voted}


class BookmarkAdd(Mutation):
    """Keeps an entry or a challenge among the viewer's bookmarks. What is kept already stays where it is."""

    class Input:
        """What to keep."""

        subject_id = IdOfAny("Entry", "Challenge", description="An entry or a challenge.")

    may = policy.require_signed_in
    subject = subject(BookmarkSubject, "What is kept.")

    @classmethod
    def perform(cls, context: RequestContext, given: dict[str, Any]) -> Mapping[str, Any]:
        """Keeps it."""
        name, key = given["subject_id"]
        kept = reactions.add_bookmark(context.viewer, model=SUBJECTS[name], subject_id=key, now=context.now)
        return {"subject": kept}


class BookmarkRemove(Mutation):
    """Takes an entry or a challenge from the viewer's bookmarks, if it is there."""

    class Input:
        """What not to keep any more."""

        subject_id = IdOfAny("Entry", "Challenge", description="An entry or a challenge.")

    may = policy.require_signed_in
    subject = subject(BookmarkSubject, "What is no longer kept.")

    @classmethod
    def perform(cls, context: RequestContext, given: dict[str, Any]) -> Mapping[str, Any]:
        """Lets it go."""
        name, key = given["subject_id"]
        return {"subject": reactions.remove_bookmark(context.viewer, model=SUBJECTS[name], subject_id=key)}
