"""Access tokens: what stands in one, how it is signed, and what is demanded of one that comes back.

`payload`, `encode` and `decode` are django-graphql-jwt's hooks (GRAPHQL_JWT in the settings); `issue` and `read` are
what the rest of Nexus uses, by way of those hooks.

A token names the user by primary key, so that no name can be taken over, and the session, so that it ends with it.
It is signed with SECRET_KEY; a key that was moved to SECRET_KEY_FALLBACKS still verifies what it signed.

A caller shows the same token again and again, and to verify one takes as long as half of the rest of an answer. So a
process remembers what the latest good ones say, and of those looks at the time alone.
"""

import hashlib
import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, Protocol

import jwt
from django.conf import settings
from django.utils import timezone
from graphql_jwt.exceptions import JSONWebTokenError, JSONWebTokenExpired
from graphql_jwt.settings import jwt_settings
from graphql_jwt.utils import get_payload

from knowledge.errors import TokenExpired, TokenInvalid
from knowledge.models import Session, User

TYPE: Final = "access"
LONGEST: Final = 2_048  # characters; ours have about 350
MOST_REMEMBERED: Final = 1_000  # tokens, of some 3 kB each with what they say

_FORM: Final = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)
_KEY: Final = re.compile(r"[1-9][0-9]{0,18}", re.ASCII)
_CLAIMS: Final = ("sub", "sid", "jti", "iss", "aud", "typ", "tv", "exp", "iat", "origIat")


class Timed(Protocol):
    """What the hooks need to know of a request."""

    @property
    def now(self) -> datetime:
        """The time of the request."""


@dataclass(frozen=True, slots=True)
class Issued:
    """A new access token: its text and its claims."""

    text: str
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Claims:
    """What a verified token says; whether the session still stands is another question."""

    user_id: int
    session_id: int
    token_version: int
    payload: Mapping[str, Any]


def issue(session: Session, context: Timed) -> Issued:
    """An access token for the session's user."""
    claims: dict[str, Any] = {
        **jwt_settings.JWT_PAYLOAD_HANDLER(session.user, context),
        "sid": str(session.pk),
        "origIat": int(session.created_at.timestamp()),
    }
    return Issued(jwt_settings.JWT_ENCODE_HANDLER(claims, context), claims)


def read(token: str) -> Claims:
    """The claims of a token of ours. Raises TokenExpired, or TokenInvalid for anything else that is not in order."""
    try:
        claims = _verified(token, settings.SECRET_KEY, tuple(settings.SECRET_KEY_FALLBACKS))
    except JSONWebTokenExpired:
        raise TokenExpired from None
    except JSONWebTokenError:
        raise TokenInvalid from None
    if int(claims.payload["exp"]) <= time.time():
        raise TokenExpired  # it was good when it was remembered
    return claims


def payload(user: User, context: Timed | None = None) -> dict[str, Any]:
    """The claims about a user, from the request's time on; `issue` adds those about the session."""
    now = context.now if context else timezone.now()
    return {
        "sub": str(user.pk),
        "tv": user.token_version,
        "typ": TYPE,
        "jti": secrets.token_urlsafe(16),
        "iss": jwt_settings.JWT_ISSUER,
        "aud": jwt_settings.JWT_AUDIENCE,
        "iat": int(now.timestamp()),
        "exp": int((now + jwt_settings.JWT_EXPIRATION_DELTA).timestamp()),
    }


def encode(claims: Mapping[str, Any], context: Timed | None = None) -> str:
    """The claims, signed with the current key."""
    key = settings.SECRET_KEY
    return jwt.encode(dict(claims), key, jwt_settings.JWT_ALGORITHM, headers={"kid": key_id(key)})


def decode(token: str, context: Timed | None = None) -> dict[str, Any]:
    """The claims of a token whose signature, time, issuer, audience and form were verified.

    Raises jwt.InvalidTokenError, of which jwt.ExpiredSignatureError is one.
    """
    if len(token) > LONGEST or not _FORM.fullmatch(token):
        raise jwt.DecodeError("This is no token.")
    claims: dict[str, Any] = jwt.decode(
        token,
        _verifying_key(jwt.get_unverified_header(token)),
        algorithms=[jwt_settings.JWT_ALGORITHM],
        audience=jwt_settings.JWT_AUDIENCE,
        issuer=jwt_settings.JWT_ISSUER,
        # `iat` says when, not from when: a clock a second ahead on another machine must not refuse its tokens.
        options={"require": list(_CLAIMS), "strict_aud": True, "verify_iat": False},
    )
    if claims["typ"] != TYPE:
        raise jwt.InvalidTokenError("This is not an access token.")
    return claims


def key_id(key: str) -> str:
    """The name of a key, which tells nothing about it."""
    return hashlib.sha256(f"key id of {key}".encode()).hexdigest()[:16]


def _verifying_key(header: Mapping[str, Any]) -> str:
    """The key that the header names; the current one where it names none."""
    keys = {key_id(key): key for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)}
    key = keys.get(header["kid"]) if "kid" in header else settings.SECRET_KEY
    if key is None:
        raise jwt.InvalidTokenError("No key has this name.")
    return str(key)


@lru_cache(MOST_REMEMBERED)
def _verified(token: str, *_keys: object) -> Claims:
    """What a token says that is in order as of now, under these keys. Raises as the library."""
    return _claims(get_payload(token))


def _claims(verified: Mapping[str, Any]) -> Claims:
    user_id, session_id, version = verified["sub"], verified["sid"], verified["tv"]
    if not (_is_key(user_id) and _is_key(session_id) and type(version) is int):
        raise TokenInvalid
    return Claims(int(user_id), int(session_id), version, verified)


def _is_key(value: Any) -> bool:
    return isinstance(value, str) and _KEY.fullmatch(value) is not None
