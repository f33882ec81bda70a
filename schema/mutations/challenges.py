"""Asking challenges and answering them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import graphene

from knowledge import policy
from knowledge.services import challenges, solutions
from schema.context import RequestContext
from schema.mutations.base import IdOf, Mutation, given_only, subject
from schema.mutations.entries import KEY, TAGS
from schema.types import enums
from schema.types.challenges import Challenge, Solution


class ChallengeCreate(Mutation):
    """Asks a challenge. It is public at once."""

    class Input:
        """What the difficulty is."""

        title = graphene.String(required=True, description="The difficulty in a line: at most 200 characters.")
        body = graphene.String(required=True, description="The text in Markdown: at most 100,000 characters.")
        difficulty = graphene.InputField(
            enums.Difficulty, description="How much it asks for; INTERMEDIATE when left out."
        )
        tags = graphene.InputField(graphene.List(graphene.NonNull(graphene.String)), description=TAGS)
        entry_ids = IdOf("Entry", many=True, required=False, description="Entries about what it belongs to.")
        idempotency_key = graphene.String(description=KEY)

    may = policy.require_signed_in
    challenge = subject(Challenge, "The new challenge.")

    @classmethod
    def perform(cls, context: RequestContext, given: dict[str, Any]) -> Mapping[str, Any]:
        """Creates it."""
        return {"challenge": challenges.create_challenge(context.viewer, now=context.now, **given_only(given))}


class SolutionCreate(Mutation):
    """Answers a challenge that is not closed. The answer is public at once."""

    class Input:
        """What the answer is."""

        challenge_id = IdOf("Challenge", description="The challenge.")
        body = graphene.String(required=True, description="The text in Markdown: at most 100,000 characters.")
        idempotency_key = graphene.String(description=KEY)

    may = policy.require_signed_in
    solution = subject(Solution, "The new solution.")
    challenge = subject(Challenge, "The challenge that it answers.")

    @classmethod
    def perform(cls, context: RequestContext, given: dict[str, Any]) -> Mapping[str, Any]:
        """Creates it."""
        solution = solutions.create_solution(context.viewer, now=context.now, **given_only(given))
        return {"solution": solution, "challenge": solution.challenge}


class SolutionAccept(Mutation):
    """Accepts a solution: for who asked the challenge, and for reviewers. At most one is accepted, whoever races."""

    class Input:
        """Which solution."""

        id = IdOf("Solution", description="The solution.")

    may = policy.require_signed_in
    solution = subject(Solution, "The accepted solution.")
    challenge = subject(Challenge, "The challenge, solved.")

    @classmethod
    def perform(cls, context: RequestContext, given: dict[str, Any]) -> Mapping[str, Any]:
        """Accepts it."""
        solution = solutions.accept_solution(context.viewer, solution_id=given["id"], now=context.now)
        return {"solution": solution, "challenge": solution.challenge}
