"""What of an error a client may see: one table from exceptions to codes; everything else is masked."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from django.db import InterfaceError, OperationalError
from graphql import GraphQLError
from psycopg2 import Error
from psycopg2 import errors as postgres

from knowledge import errors as domain
from schema.absence import CACHE_AWAY
from schema.errors import CodedError, ErrorCode

logger = logging.getLogger("nexus.errors")

DOMAIN_CODES: Final[Mapping[type[Exception], ErrorCode]] = MappingProxyType(
    {
        domain.Unauthenticated: ErrorCode.UNAUTHENTICATED,
        domain.Forbidden: ErrorCode.FORBIDDEN,
        domain.InvalidCredentials: ErrorCode.INVALID_CREDENTIALS,
        domain.TokenInvalid: ErrorCode.TOKEN_INVALID,
        domain.TokenExpired: ErrorCode.TOKEN_EXPIRED,
    }
)
AWAY: Final = "The database is away. Try again in a moment."
TOO_SLOW: Final = "The database took too long over this. Ask for less, or try again."
TOO_MUCH: Final = "This is more than the database takes at once. Ask for less, or send less."
# PostgreSQL's class of errors about limits of its own, which the same statement meets again.
LIMITS: Final = "54"
LONGEST_MESSAGE: Final = 500
UNCOUNTED: Final = "A part of the service is away. Try again in a moment."
MASKED: Final = "This went wrong on our side. It is logged under the request id."


def coded(error: Exception) -> CodedError:
    """The error as a client may see it. What is not expected is logged, and masked as INTERNAL."""
    if isinstance(error, CodedError):
        return error
    if isinstance(error, domain.TooManyAttempts):
        return CodedError(ErrorCode.RATE_LIMITED, str(error), retryAfter=error.retry_after)
    code = DOMAIN_CODES.get(type(error))
    if code is not None:
        return CodedError(code, str(error))
    if isinstance(error, OperationalError | InterfaceError):
        logger.warning("database: %s", error)
        return _of_database(error.__cause__)
    if isinstance(error, CACHE_AWAY):
        # What has to be counted there is refused rather than done uncounted.
        logger.warning("cache: %s", error)
        return CodedError(ErrorCode.UNAVAILABLE, UNCOUNTED)
    logger.error("unexpected error", exc_info=error)
    return CodedError(ErrorCode.INTERNAL, MASKED)


def _of_database(cause: BaseException | None) -> CodedError:
    """What the driver raised where PostgreSQL is away, took too long, or met a limit of its own."""
    if isinstance(cause, postgres.QueryCanceled):
        return CodedError(ErrorCode.TIMEOUT, TOO_SLOW)
    if isinstance(cause, Error) and (cause.pgcode or "").startswith(LIMITS):
        return CodedError(ErrorCode.COST_EXCEEDED, TOO_MUCH)
    return CodedError(ErrorCode.UNAVAILABLE, AWAY)


def presented(error: GraphQLError) -> dict[str, Any]:
    """The error as it stands in an answer: message, locations, path, and extensions.code."""
    if "code" in (error.extensions or {}):
        return _formatted(error, error)
    original = error.original_error
    if original is None:
        # graphql-core's own: a result that does not fit the schema is a fault of ours, and so is anything unforeseen.
        return _formatted(error, coded(error))
    return _formatted(error, coded(original))


def shortened(message: str) -> str:
    """The message; of a long one, which repeats what was sent, the beginning."""
    return message if len(message) <= LONGEST_MESSAGE else f"{message[:LONGEST_MESSAGE]}…"


def _formatted(place: GraphQLError, said: GraphQLError) -> dict[str, Any]:
    formatted: dict[str, Any] = {"message": shortened(said.message)}
    if place.locations:
        formatted["locations"] = [{"line": where.line, "column": where.column} for where in place.locations]
    if place.path:
        formatted["path"] = list(place.path)
    formatted["extensions"] = said.extensions
    return formatted
