"""Where people are signed in, and the tokens of their scripts."""

from collections.abc import Mapping
from typing import Any

import graphene

from knowledge import models, policy
from knowledge.services import script_tokens, sessions
from schema.context import RequestContext
from schema.mutations.base import IdOf, Mutation, deleted_id, subject, value
from schema.types import enums
from schema.types.scalars import DateTime
from schema.types.sessions import PersonalAccessToken


class SessionRevoke(Mutation):
    """Ends one of the viewer's sessions, from the next request on; be it the one that asks."""

    class Input:
        """Which session."""

        id = IdOf("Session", description="The session.")

    may = policy.require_session
    revoked = value(graphene.Int, "1, or 0 where it had ended before.")

    @classmethod
    def perform(cls, context: RequestContext, given: dict[str, Any]) -> Mapping[str, Any]:
        """Ends it."""
        return {"revoked": sessions.revoke_session(context.viewer, session_id=given["id"], now=context.now)}


class SessionRevokeAll(Mutation):
    """Ends every session of the viewer's but this one."""

    may = policy.require_session
    revoked = value(graphene.Int, "How many ended.")

    @classmethod
    def perform(cls, context: RequestContext, given: dict[str, Any]) -> Mapping[str, Any]:
        """Ends them."""
        return {"revoked": sessions.revoke_other_sessions(context.viewer, now=context.now)}


class PersonalAccessTokenCreate(Mutation):
    """Makes a token for a script. Its text is shown in this answer and never again."""

    class Input:
        """What the token is for, and what it may do."""

        name = graphene.String(required=True, description="What it is for: at most 100 characters, one line.")
        scope = graphene.InputField(enums.TokenScope, required=True, description="What it is good for.")
        expires_at = DateTime(description="When it ends; never, when left out.")

    may = policy.require_session
    token = value(graphene.String, "The token; goes into the header as `Authorization: JWT <token>`.")
    personal_access_token = subject(PersonalAccessToken, "What can be read of it from now on.")

    @classmethod
    def perform(cls, context: RequestContext, given: dict[str, Any]) -> Mapping[str, Any]:
        """Makes it."""
        token, text = script_tokens.create_token(
            context.viewer,
            name=given["name"],
            scope=models.TokenScope(given["scope"].value),
            expires_at=given.get("expires_at"),
            now=context.now,
        )
        return {"token": text, "personal_access_token": token}


class PersonalAccessTokenRevoke(Mutation):
    """Makes a script's token good for nothing, from the next request on."""

    class Input:
        """Which token."""

        id = IdOf("PersonalAccessToken", description="The token.")

    may = policy.require_session
    revoked_id = deleted_id("PersonalAccessToken", "The id of the token.")

    @classmethod
    def perform(cls, context: RequestContext, given: dict[str, Any]) -> Mapping[str, Any]:
        """Revokes it."""
        token = script_tokens.revoke_token(context.viewer, token_id=given["id"], now=context.now)
        return {"revoked_id": token.pk}
