"""Sign-ins for the tests, and access tokens that were tampered with."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import jwt
from django.conf import settings

from knowledge.models import Session, User
from knowledge.services import sessions
from schema.identity import tokens


@dataclass(frozen=True)
class Moment:
    """A request's time; by default this moment, because PyJWT compares with the real clock."""

    now: datetime = field(default_factory=lambda: datetime.now(UTC))


def session_of(user: User) -> Session:
    """A new session of the user."""
    return sessions.open_session(user, user_agent="pytest", address=None, now=datetime.now(UTC))[0]


def token_of(user: User) -> str:
    """A good access token of the user."""
    return tokens.issue(session_of(user), Moment()).text


def forged(
    user: User,
    *,
    without: str | None = None,
    key: str | None = None,
    algorithm: str = "HS256",
    header: dict[str, Any] | None = None,
    **claims: Any,
) -> str:
    """A token of a good session of the user, signed with the current key, with these changes and no other."""
    payload = {**tokens.issue(session_of(user), Moment()).payload, **claims}
    if without:
        del payload[without]
    # PyJWT refuses to write some of what is tried here, so the signing is done below its checks.
    return jwt.api_jws.encode(
        jwt.api_jwt._jwt_global_obj._encode_payload(payload),  # noqa: SLF001 - see above
        settings.SECRET_KEY if key is None else key,
        algorithm,
        {"kid": tokens.key_id(settings.SECRET_KEY)} if header is None else header,
    )
