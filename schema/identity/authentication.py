"""From an Authorization header to a viewer: once a request, with one SQL statement at most."""

from collections.abc import Callable
from functools import partial
from typing import Final

from django.utils import timezone

from knowledge.errors import TokenInvalid
from knowledge.policy import ANONYMOUS, Viewer
from knowledge.services.script_tokens import PREFIX, viewer_of_script
from knowledge.services.sessions import role_in_session
from schema.identity import tokens

SCHEMES: Final = frozenset({"jwt", "bearer"})


def authenticate_request(authorization: str | None) -> Viewer:
    """The viewer that the header's token speaks for, with the role of this moment; without a header, nobody.

    The token is an access token, or a script's personal one. Raises TokenExpired, or TokenInvalid: for another scheme,
    for what is no token of ours, and for a token whose session has ended, that was revoked, whose user is deactivated,
    or that was made before a change of password.
    """
    return identified(authorization)()


def identified(authorization: str | None) -> Callable[[], Viewer]:
    """What tells who the header speaks for, each time as of that moment: for what outlasts an access token's time.

    An access token is read here, and raises as in `authenticate_request`; what it answers with raises TokenInvalid once
    the session has ended, or a personal token was revoked, and TokenExpired once that is too old.
    """
    if authorization is None:
        return lambda: ANONYMOUS
    scheme, _, text = authorization.strip().partition(" ")
    token = text.strip()
    if scheme.lower() not in SCHEMES:
        raise TokenInvalid
    if token.startswith(PREFIX):
        return lambda: viewer_of_script(token, now=timezone.now())
    return partial(viewer_of, tokens.read(token))


def viewer_of(claims: tokens.Claims) -> Viewer:
    """The viewer that verified claims speak for. Raises TokenInvalid where they no longer do."""
    role = role_in_session(claims.session_id, user_id=claims.user_id, token_version=claims.token_version)
    if role is None:
        raise TokenInvalid
    return Viewer(id=claims.user_id, role=role, session_id=claims.session_id)
