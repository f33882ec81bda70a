"""Signing in and out, and registering.

The token mutations are django-graphql-jwt's: its mixins, its names and arguments, its hooks. Each does its work by
itself, though, because the library's own way mints tokens lazily, keeps refresh tokens readable, and does not end what
was stolen.
"""

from typing import Any

import graphene
from django.conf import settings
from graphql import GraphQLResolveInfo
from graphql_jwt import mixins
from graphql_jwt.refresh_token.mixins import RevokeMixin

from knowledge import models, policy
from knowledge.policy import Viewer
from knowledge.services import accounts, sessions, signing_in
from schema.context import Carrier, RequestContext
from schema.errors import bad_input
from schema.identity import tokens
from schema.identity.authentication import viewer_of
from schema.mutations.base import AS_VIEWER, Mutation, Payload, given_only, subject, value
from schema.types.people import User
from schema.types.scalars import JSON


def _token() -> graphene.Field:
    return value(graphene.String, "The access token; goes into the header as `Authorization: JWT <token>`.")


def _claims(description: str) -> graphene.Field:
    return value(graphene.NonNull(JSON), description)


def _refresh_token() -> graphene.Field:
    return value(graphene.String, "Good for one `refreshToken`. Whoever uses it a second time ends the session.")


def _refresh_expiry() -> graphene.Field:
    return value(graphene.NonNull(graphene.Int), "When the refresh token expires, in seconds since 1970.")


class ObtainJSONWebToken(mixins.ResolveMixin, mixins.ObtainJSONWebTokenMixin, graphene.Mutation):
    """Signs in. Begins a session, which lives as long as its tokens are refreshed in time."""

    class Arguments:
        username = graphene.String(required=True, description="The name, in whatever case.")
        password = graphene.String(required=True, description="The password.")

    token = _token()
    payload = _claims("What the access token says; `exp` tells when it expires, in seconds since 1970.")
    refresh_token = _refresh_token()
    refresh_expires_in = _refresh_expiry()
    user = subject(graphene.NonNull(User), "Who signed in.")

    @classmethod
    def mutate(cls, _root: Any, info: GraphQLResolveInfo, username: str, password: str) -> Payload:
        """Checks the password, opens a session, issues its first tokens."""
        context: RequestContext = info.context
        session, refresh_token = signing_in.sign_in(
            username=username,
            password=password,
            user_agent=context.user_agent,
            address=context.address,
            now=context.now,
        )
        user = session.user
        eyes = Viewer(id=user.pk, role=models.Role(user.role), session_id=session.pk)
        return Payload({**_issued(session, refresh_token, context), "user": user, AS_VIEWER: eyes})


class Verify(mixins.VerifyMixin, graphene.Mutation):
    """Tells whether an access token is good at this moment: its signature, its time, its session and its user."""

    class Arguments:
        token = graphene.String(description="The access token.")

    payload = _claims("What the token says.")

    @classmethod
    def mutate(cls, _root: Any, info: GraphQLResolveInfo, token: str | None = None) -> Payload:
        """Reads the token, and asks whether it still speaks for somebody."""
        carrier = _carrier(info)
        claims = tokens.read(_given("token", token, carrier.access))
        viewer_of(claims)
        return Payload({"payload": claims.payload})


class Refresh(mixins.RefreshMixin, graphene.Mutation):
    """Exchanges a refresh token for a new one and a new access token. The old one is spent."""

    class Arguments:
        refresh_token = graphene.String(description="The refresh token that came last.")

    token = _token()
    payload = _claims("What the new access token says.")
    refresh_token = _refresh_token()
    refresh_expires_in = _refresh_expiry()

    @classmethod
    def mutate(cls, _root: Any, info: GraphQLResolveInfo, refresh_token: str | None = None) -> Payload:
        """Rotates the refresh token, and issues an access token beside it."""
        context: RequestContext = info.context
        session, successor = sessions.rotate(
            _given("refreshToken", refresh_token, _carrier(info).refresh),
            address=context.address or "",
            now=context.now,
        )
        return Payload(_issued(session, successor, context))


class Revoke(RevokeMixin, graphene.Mutation):
    """Signs out: ends the session of a refresh token, with every token of it, from the next request on."""

    class Arguments:
        refresh_token = graphene.String(description="Any refresh token of the session.")

    revoked = value(graphene.NonNull(graphene.Int), "When the session ended, in seconds since 1970.")

    @classmethod
    def mutate(cls, _root: Any, info: GraphQLResolveInfo, refresh_token: str | None = None) -> Payload:
        """Ends the session; once more says when it ended."""
        carrier = _carrier(info)
        # Whatever comes of it: what the browser has is to be good for nothing any more.
        carrier.ended = True
        ended_at = sessions.end_session(_given("refreshToken", refresh_token, carrier.refresh), now=info.context.now)
        return Payload({"revoked": int(ended_at.timestamp())})


class AccountRegister(Mutation):
    """Makes an account, which can sign in at once. Whether the address is known to us changes nothing in the answer."""

    class Input:
        username = graphene.String(
            required=True, description="3 to 30 letters, digits, `_`, `.` and `-`, a letter first; in whatever case."
        )
        email = graphene.String(required=True, description="Mail goes there once it is confirmed.")
        password = graphene.String(required=True, description="10 to 128 characters, not easy to guess.")
        display_name = graphene.String(description="The name to show, at most 100 characters.")

    may = policy.public
    user = subject(User, "The new person.")

    @classmethod
    def perform(cls, context: RequestContext, given: dict[str, Any]) -> dict[str, Any]:
        """Registers them, and shows them to themselves."""
        user = accounts.register(**given_only(given), address=context.address or "", now=context.now)
        return {"user": user, AS_VIEWER: Viewer(id=user.pk, role=models.Role(user.role))}


def _carrier(info: GraphQLResolveInfo) -> Carrier:
    """What carries the request's tokens; an empty one where cookies do not."""
    context: RequestContext = info.context
    return context.carrier or Carrier()


def _issued(session: models.Session, refresh_token: str, context: RequestContext) -> dict[str, Any]:
    access = tokens.issue(session, context)
    expires_at = context.now + settings.REFRESH_TOKEN_LIFETIME
    shown_access, shown_refresh = context.handed_over(access.text, refresh_token)
    return {
        "token": shown_access,
        "payload": access.payload,
        "refresh_token": shown_refresh,
        "refresh_expires_in": int(expires_at.timestamp()),
    }


def _given(name: str, text: str | None, carried: str | None) -> str:
    """The token that was given, or else the one in a cookie."""
    found = text if text is not None else carried
    if found is None:
        raise bad_input(f"Give `{name}`.")
    return found
