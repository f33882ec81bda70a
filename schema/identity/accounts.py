"""One's own account: profile, address, password; and what is mailed about it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import graphene

from knowledge import policy
from knowledge.errors import InvalidCredentials, Mistake, MistakeCode, Rejected
from knowledge.services import passwords, profiles
from schema.context import RequestContext
from schema.identity import tokens
from schema.mutations.base import Mutation, subject, value
from schema.types.people import Viewer

NEW_PASSWORD = "10 to 128 characters, not easy to guess."  # noqa: S105 - a description
# What cannot be emptied; of the rest, null is the empty value.
_NEEDED = ("time_zone", "email")


@contextmanager
def _own_password(field: str) -> Iterator[None]:
    """A wrong password inside is told as a mistake at `field`."""
    try:
        yield
    except InvalidCredentials:
        raise Rejected.because(MistakeCode.INVALID, "This is not your password.", field) from None


class AccountUpdate(Mutation):
    """Changes what people say of themselves, or their address, which counts once it is confirmed by mail."""

    class Input:
        """What to change; a field left out stays as it is."""

        display_name = graphene.String(description="The name to show, at most 100 characters.")
        bio = graphene.String(description="Something about themselves, at most 2,000 characters of plain text.")
        time_zone = graphene.String(description="The IANA name of their time zone, as Africa/Nairobi.")
        email = graphene.String(
            description="Another address needs `currentPassword`; one that is not confirmed yet is mailed another link."
        )
        current_password = graphene.String(description="The password; needed for another address.")

    may = policy.require_signed_in
    viewer = subject(Viewer, "The viewer, changed.")

    @classmethod
    def perform(cls, context: RequestContext, given: dict[str, Any]) -> Mapping[str, Any]:
        """Changes it."""
        missing = [name for name in _NEEDED if name in given and given[name] is None]
        if missing:
            raise Rejected(Mistake(MistakeCode.REQUIRED, "This cannot be empty.", (name,)) for name in missing)
        password = given.pop("current_password", None)
        changes: dict[str, Any] = {name: "" if item is None else item for name, item in given.items()}
        with _own_password("current_password"):
            user = profiles.update_account(context.viewer, current_password=password, now=context.now, **changes)
        return {"viewer": user}


class EmailConfirm(Mutation):
    """Confirms the address that a link was mailed to. Nobody needs to be signed in."""

    class Input:
        """What stands in the link."""

        token = graphene.String(required=True, description="The token from the mail.")

    may = policy.public
    viewer = subject(Viewer, "The viewer; null unless they are signed in, and it is their address.")

    @classmethod
    def perform(cls, context: RequestContext, given: dict[str, Any]) -> Mapping[str, Any]:
        """Confirms it."""
        user = profiles.confirm_email(token=given["token"], now=context.now, address=context.address or "")
        return {"viewer": user}


class PasswordChange(Mutation):
    """Changes the password. Ends every other session; this one goes on with the new tokens."""

    class Input:
        """The password that was, and the one that is to be."""

        old_password = graphene.String(required=True, description="The password that holds now.")
        new_password = graphene.String(required=True, description=NEW_PASSWORD)

    may = policy.require_session
    token = value(graphene.String, "The session's new access token.")
    refresh_token = value(graphene.String, "The session's new refresh token.")

    @classmethod
    def perform(cls, context: RequestContext, given: dict[str, Any]) -> Mapping[str, Any]:
        """Changes it."""
        with _own_password("old_password"):
            session, refresh_token = passwords.change_password(context.viewer, now=context.now, **given)
        token, shown = context.handed_over(tokens.issue(session, context).text, refresh_token)
        return {"token": token, "refresh_token": shown}


class PasswordResetRequest(Mutation):
    """Has a link mailed to who has confirmed this address. Answers the same whether or not anybody has."""

    class Input:
        """Where the link goes."""

        email = graphene.String(required=True, description="The address.")

    may = policy.public

    @classmethod
    def perform(cls, context: RequestContext, given: dict[str, Any]) -> Mapping[str, Any]:
        """Asks for it."""
        passwords.request_reset(email=given["email"], now=context.now, address=context.address or "")
        return {}


class PasswordReset(Mutation):
    """Sets a new password by a link that was mailed. Ends every session."""

    class Input:
        """What stands in the link, and the new password."""

        uid = graphene.String(required=True, description="The uid from the mail.")
        token = graphene.String(required=True, description="The token from the mail.")
        new_password = graphene.String(required=True, description=NEW_PASSWORD)

    may = policy.public

    @classmethod
    def perform(cls, context: RequestContext, given: dict[str, Any]) -> Mapping[str, Any]:
        """Sets it."""
        passwords.reset_password(now=context.now, address=context.address or "", **given)
        return {}
