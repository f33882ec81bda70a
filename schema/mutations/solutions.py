"""Answering challenges, and settling which answer solved them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import graphene

from knowledge import policy
from knowledge.services import solutions
from schema.context import RequestContext
from schema.mutations.base import IdOf, Mutation, deleted_id, given_only, subject
from schema.mutations.challenges import BODY
from schema.mutations.entries import KEY
from schema.types.challenges import Challenge, Solution


class SolutionCreate(Mutation):
    """Answers a challenge that is not closed. The answer is public at once."""

    class Input:
        """What the answer is."""

        challenge_id = IdOf("Challenge", description="The challenge.")
        body = graphene.String(required=True, description=BODY)
        idempotency_key = graphene.String(description=KEY)

    may = policy.require_signed_in
    solution = subject(Solution, "The new solution.")
    challenge = subject(Challenge, "The challenge that it answers.")

    @classmethod
    def perform(cls, context: RequestContext, given: dict[str, Any]) -> Mapping[str, Any]:
        """Creates it."""
        solution = solutions.create_solution(context.viewer, now=context.now, **given_only(given))
        return {"solution": solution, "challenge": solution.challenge}


class SolutionUpdate(Mutation):
    """Changes the text of one's own solution."""

    class Input:
        """The solution and its text."""

        id = IdOf("Solution", description="The solution.")
        expected_revision = graphene.Int(description="Its revision when you read it; stale is CONFLICT.")
        body = graphene.String(required=True, description=BODY)

    may = policy.require_signed_in
    solution = subject(Solution, "The solution, changed.")

    @classmethod
    def perform(cls, context: RequestContext, given: dict[str, Any]) -> Mapping[str, Any]:
        """Saves it."""
        solution = solutions.update_solution(
            context.viewer,
            solution_id=given["id"],
            body=given["body"],
            expected_revision=given.get("expected_revision"),
            now=context.now,
        )
        return {"solution": solution}


class SolutionDelete(Mutation):
    """Deletes a solution: one's own; for reviewers any. A challenge that it solved is OPEN again."""

    class Input:
        """Which solution, and why."""

        id = IdOf("Solution", description="The solution.")
        reason = graphene.String(description="Why, for the audit trail: at most 500 characters.")

    may = policy.require_signed_in
    deleted_id = deleted_id("Solution", "The id that the solution had.")
    challenge = subject(Challenge, "The challenge that it answered.")

    @classmethod
    def perform(cls, context: RequestContext, given: dict[str, Any]) -> Mapping[str, Any]:
        """Deletes it."""
        reason = given.get("reason") or ""
        challenge = solutions.delete_solution(context.viewer, solution_id=given["id"], reason=reason, now=context.now)
        return {"deleted_id": given["id"], "challenge": challenge}


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


class SolutionUnaccept(Mutation):
    """Takes an acceptance back: the challenge is OPEN again. For who asked it, and for reviewers."""

    class Input:
        """Which solution."""

        id = IdOf("Solution", description="The accepted solution.")

    may = policy.require_signed_in
    solution = subject(Solution, "The solution, no longer accepted.")
    challenge = subject(Challenge, "The challenge, open again.")

    @classmethod
    def perform(cls, context: RequestContext, given: dict[str, Any]) -> Mapping[str, Any]:
        """Takes it back."""
        solution = solutions.unaccept_solution(context.viewer, solution_id=given["id"], now=context.now)
        return {"solution": solution, "challenge": solution.challenge}
