"""Roles, and who may sign in. For staff."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import graphene

from knowledge import models, policy
from knowledge.services import members
from schema.context import RequestContext
from schema.mutations.base import IdOf, Mutation, subject, value
from schema.types import enums
from schema.types.people import User


class UserSetRole(Mutation):
    """Gives somebody another role, from their next request on. For staff; never one's own, nor the last staff's.

    Access tokens from before are refused; sessions go on with what is refreshed.
    """

    class Input:
        """Who, and which role."""

        id = IdOf("User", description="Whose role.")
        role = graphene.InputField(enums.Role, required=True, description="The role that they get.")

    may = policy.require_staff
    user = subject(User, "The person, with the role.")
    role = value(enums.Role, "The role.")

    @classmethod
    def perform(cls, context: RequestContext, given: dict[str, Any]) -> Mapping[str, Any]:
        """Sets it."""
        role = models.Role(given["role"].value)
        return {"user": members.set_role(context.viewer, user_id=given["id"], role=role, now=context.now), "role": role}


class UserDeactivate(Mutation):
    """Ends all of somebody's sessions and lets them begin none. For staff; never oneself, nor the last staff."""

    class Input:
        """Who."""

        id = IdOf("User", description="Who may not sign in any more.")

    may = policy.require_staff
    user = subject(User, "The person, inactive.")

    @classmethod
    def perform(cls, context: RequestContext, given: dict[str, Any]) -> Mapping[str, Any]:
        """Deactivates them."""
        return {"user": members.deactivate(context.viewer, user_id=given["id"], now=context.now)}


class UserReactivate(Mutation):
    """Lets somebody sign in again. For staff."""

    class Input:
        """Who."""

        id = IdOf("User", description="Who may sign in again.")

    may = policy.require_staff
    user = subject(User, "The person, active.")

    @classmethod
    def perform(cls, context: RequestContext, given: dict[str, Any]) -> Mapping[str, Any]:
        """Reactivates them."""
        return {"user": members.reactivate(context.viewer, user_id=given["id"], now=context.now)}
