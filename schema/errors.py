"""Every error code that the API answers with, and the one exception that carries a code to the client.

Nothing outside the catalogue is ever answered: an exception without a code is masked as INTERNAL.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from graphql import GraphQLError


class ErrorCode(StrEnum):
    """What went wrong. The first ten stand in a payload's errors, the others in extensions.code at the top level.

    NOT_FOUND stands at the top level too, where a subscription watches what is not there.
    """

    REQUIRED = "REQUIRED"
    INVALID = "INVALID"
    TOO_SHORT = "TOO_SHORT"
    TOO_LONG = "TOO_LONG"
    TOO_MANY = "TOO_MANY"
    DUPLICATE = "DUPLICATE"
    NOT_FOUND = "NOT_FOUND"
    CONFLICT = "CONFLICT"
    INVALID_STATE = "INVALID_STATE"
    WEAK_PASSWORD = "WEAK_PASSWORD"  # noqa: S105 - a code, not a password
    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
    INVALID_CREDENTIALS = "INVALID_CREDENTIALS"
    TOKEN_INVALID = "TOKEN_INVALID"  # noqa: S105 - a code, not a token
    TOKEN_EXPIRED = "TOKEN_EXPIRED"  # noqa: S105 - a code, not a token
    RATE_LIMITED = "RATE_LIMITED"
    COST_EXCEEDED = "COST_EXCEEDED"
    GRAPHQL_PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
    GRAPHQL_VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
    BAD_USER_INPUT = "BAD_USER_INPUT"
    BAD_REQUEST = "BAD_REQUEST"
    PERSISTED_QUERY_NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
    PERSISTED_QUERY_NOT_SUPPORTED = "PERSISTED_QUERY_NOT_SUPPORTED"
    TIMEOUT = "TIMEOUT"
    UNAVAILABLE = "UNAVAILABLE"
    INTERNAL = "INTERNAL"


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a code means, what to do, and whether trying again as it is may help."""

    description: str
    fix: str
    retryable: bool = False


CATALOGUE: dict[ErrorCode, Explanation] = {
    ErrorCode.REQUIRED: Explanation("Something that must be given is missing or empty.", "Fill in the field."),
    ErrorCode.INVALID: Explanation("The value is not of the right form.", "Read the message and mend the value."),
    ErrorCode.TOO_SHORT: Explanation("The text is too short.", "Make it longer."),
    ErrorCode.TOO_LONG: Explanation("The text is too long.", "Make it shorter."),
    ErrorCode.TOO_MANY: Explanation("The list has too many items.", "Give fewer."),
    ErrorCode.DUPLICATE: Explanation("This exists already.", "Choose another, or use what exists."),
    ErrorCode.NOT_FOUND: Explanation("It is not there, or not visible to you.", "Check the id."),
    ErrorCode.CONFLICT: Explanation(
        "It was changed since you read it, or the same key came with another input.",
        "Read it again and decide anew.",
    ),
    ErrorCode.INVALID_STATE: Explanation("Its state does not allow this.", "Read its status first."),
    ErrorCode.WEAK_PASSWORD: Explanation("The password is too easy to guess.", "Choose a longer one."),
    ErrorCode.UNAUTHENTICATED: Explanation("Nobody is signed in.", "Sign in and send the access token."),
    ErrorCode.FORBIDDEN: Explanation("You may see it, and may not do this.", "Ask somebody who may."),
    ErrorCode.INVALID_CREDENTIALS: Explanation("The name or the password is wrong.", "Check both."),
    ErrorCode.TOKEN_INVALID: Explanation("The token is none of ours, or was revoked.", "Sign in again."),
    ErrorCode.TOKEN_EXPIRED: Explanation("The token is too old.", "Refresh it, or sign in again."),
    ErrorCode.RATE_LIMITED: Explanation(
        "Too much in too short a time.", "Wait as long as Retry-After says.", retryable=True
    ),
    ErrorCode.COST_EXCEEDED: Explanation("The operation asks for too much.", "Ask for less at a time."),
    ErrorCode.GRAPHQL_PARSE_FAILED: Explanation("The document is not GraphQL.", "Mend the syntax."),
    ErrorCode.GRAPHQL_VALIDATION_FAILED: Explanation(
        "The document does not fit the schema.", "Compare it with the schema."
    ),
    ErrorCode.BAD_USER_INPUT: Explanation(
        "An argument or a variable has a value that cannot be used.", "Read the message and mend the value."
    ),
    ErrorCode.BAD_REQUEST: Explanation("The HTTP request is not one for GraphQL.", "Read the message."),
    ErrorCode.PERSISTED_QUERY_NOT_FOUND: Explanation(
        "The hash is not known.", "Send the document with it.", retryable=True
    ),
    ErrorCode.PERSISTED_QUERY_NOT_SUPPORTED: Explanation("Persisted documents are switched off.", "Send the document."),
    ErrorCode.TIMEOUT: Explanation("It took too long.", "Ask for less, or try again.", retryable=True),
    ErrorCode.UNAVAILABLE: Explanation("A part of the service is away.", "Try again in a moment.", retryable=True),
    ErrorCode.INTERNAL: Explanation(
        "A fault of ours, logged with the request id.", "Tell us the request id.", retryable=True
    ),
}


class CodedError(GraphQLError):
    """An error with a code from the catalogue; further extensions by name."""

    def __init__(self, code: ErrorCode, message: str, **extensions: Any) -> None:
        super().__init__(message, extensions={"code": code.value, **extensions})
        self.code = code


def bad_input(message: str) -> CodedError:
    """An argument or variable that cannot be used."""
    return CodedError(ErrorCode.BAD_USER_INPUT, message)


def with_code(error: GraphQLError, code: ErrorCode) -> GraphQLError:
    """The error with a code, unless it has one."""
    if "code" in (error.extensions or {}):
        return error
    return GraphQLError(
        error.message,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions={"code": code.value},
    )
