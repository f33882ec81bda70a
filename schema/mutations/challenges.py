"""Asking challenges, editing them, closing and deleting them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import graphene

from knowledge import policy
from knowledge.services import challenges
from schema.context import RequestContext
from schema.mutations.base import IdOf, Mutation, changes_only, deleted_id, given_only, subject
from schema.mutations.entries import KEY, TAGS
from schema.types import enums
from schema.types.challenges import Challenge

TITLE = "The difficulty in a line: at most 200 characters."
BODY = "The text in Markdown: at most 100,000 characters."
TAG_LIST = graphene.List(graphene.NonNull(graphene.String))
# What cannot be emptied; of the rest, null is the empty value.
NEEDED = ("title", "body", "difficulty")
EMPTY: Mapping[str, Any] = {"tags": (), "entry_ids": ()}


class ChallengeCreate(Mutation):
    """Asks a challenge. It is public at once."""

    class Input:
        """What the difficulty is."""

        title = graphene.String(required=True, description=TITLE)
        body = graphene.String(required=True, description=BODY)
        difficulty = graphene.InputField(
            enums.Difficulty, description="How much it asks for; INTERMEDIATE when left out."
        )
        tags = graphene.InputField(TAG_LIST, description=TAGS)
        entry_ids = IdOf("Entry", many=True, required=False, description="Entries about what it belongs to.")
        idempotency_key = graphene.String(description=KEY)

    may = policy.require_signed_in
    challenge = subject(Challenge, "The new challenge.")

    @classmethod
    def perform(cls, context: RequestContext, given: dict[str, Any]) -> Mapping[str, Any]:
        """Creates it."""
        return {"challenge": challenges.create_challenge(context.viewer, now=context.now, **given_only(given))}


class ChallengeUpdate(Mutation):
    """Changes one's own challenge. Where its slug follows the title, the old one goes on leading to it."""

    class Input:
        """What to change; a field left out stays as it is."""

        id = IdOf("Challenge", description="The challenge.")
        expected_revision = graphene.Int(description="Its revision when you read it; stale is CONFLICT.")
        title = graphene.String(description=TITLE)
        body = graphene.String(description=BODY)
        difficulty = graphene.InputField(enums.Difficulty, description="How much it asks for.")
        tags = graphene.InputField(TAG_LIST, description=TAGS)
        entry_ids = IdOf("Entry", many=True, required=False, description="All entries about what it belongs to.")

    may = policy.require_signed_in
    challenge = subject(Challenge, "The challenge, changed.")

    @classmethod
    def perform(cls, context: RequestContext, given: dict[str, Any]) -> Mapping[str, Any]:
        """Saves it."""
        changes = changes_only(given, needed=NEEDED, empty=EMPTY)
        challenge_id = changes.pop("id")
        challenge = challenges.update_challenge(context.viewer, challenge_id=challenge_id, now=context.now, **changes)
        return {"challenge": challenge}


class ChallengeClose(Mutation):
    """Closes a challenge: it takes no more solutions. For reviewers."""

    class Input:
        """Which challenge, and why."""

        id = IdOf("Challenge", description="The challenge.")
        reason = graphene.String(description="Why, for its readers: at most 500 characters.")

    may = policy.require_signed_in
    challenge = subject(Challenge, "The challenge, CLOSED.")

    @classmethod
    def perform(cls, context: RequestContext, given: dict[str, Any]) -> Mapping[str, Any]:
        """Closes it."""
        reason = given.get("reason") or ""
        challenge = challenges.close_challenge(context.viewer, challenge_id=given["id"], reason=reason, now=context.now)
        return {"challenge": challenge}


class ChallengeReopen(Mutation):
    """Opens a closed challenge again: SOLVED when it has an accepted solution, else OPEN. For reviewers."""

    class Input:
        """Which challenge."""

        id = IdOf("Challenge", description="The challenge.")

    may = policy.require_signed_in
    challenge = subject(Challenge, "The challenge, no longer closed.")

    @classmethod
    def perform(cls, context: RequestContext, given: dict[str, Any]) -> Mapping[str, Any]:
        """Opens it."""
        return {"challenge": challenges.reopen_challenge(context.viewer, challenge_id=given["id"], now=context.now)}


class ChallengeDelete(Mutation):
    """Deletes a challenge with its solutions: one's own while nobody else answered; for reviewers any."""

    class Input:
        """Which challenge, and why."""

        id = IdOf("Challenge", description="The challenge.")
        reason = graphene.String(description="Why, for the audit trail: at most 500 characters.")

    may = policy.require_signed_in
    deleted_id = deleted_id("Challenge", "The id that the challenge had.")

    @classmethod
    def perform(cls, context: RequestContext, given: dict[str, Any]) -> Mapping[str, Any]:
        """Deletes it."""
        reason = given.get("reason") or ""
        challenges.delete_challenge(context.viewer, challenge_id=given["id"], reason=reason, now=context.now)
        return {"deleted_id": given["id"]}
