"""Limits on documents, beyond the rules of the specification: one table, checked before those, since they cost more.

What is counted here stands in the document alone; `schema.cost` counts rows, with the variables.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from graphql import DocumentNode, GraphQLError

from schema.errors import CodedError, ErrorCode
from schema.measures import Size, measured


@dataclass(frozen=True, slots=True)
class Limit:
    """A number of a document's, the setting that says how large it may be, and what the refusal says."""

    setting: str
    number: Callable[[Size], int]
    message: str = "The document has {number} {what}; {most} is the most."
    what: str = ""


LIMITS: Final = (
    Limit("LIMIT_DEPTH", lambda size: size.depth, "The operation nests {number} deep; {most} is the most."),
    Limit(
        "LIMIT_NESTING",
        lambda size: size.nesting,
        "The selections nest {number} deep with fragments; {most} is the most.",
    ),
    Limit("LIMIT_ALIASES", lambda size: size.aliases, what="aliases"),
    Limit("LIMIT_DIRECTIVES", lambda size: size.directives, what="directives"),
    Limit("LIMIT_MUTATIONS", lambda size: size.mutations, what="mutations"),
    Limit("LIMIT_PASSWORDS", lambda size: size.passwords, what="password checks"),
    Limit("LIMIT_INTROSPECTIONS", lambda size: size.introspections, what="introspections in one operation"),
    Limit("LIMIT_OPERATIONS", lambda size: size.operations, what="operations"),
    Limit("LIMIT_FRAGMENTS", lambda size: size.fragments, what="fragments"),
    Limit("LIMIT_VARIABLES", lambda size: size.variables, what="variables"),
)


def excesses(document: DocumentNode) -> list[GraphQLError]:
    """What of the document is too much, as COST_EXCEEDED. Linear in its size."""
    size = measured(document)
    found = ((limit, limit.number(size), getattr(settings, limit.setting)) for limit in LIMITS)
    return [
        CodedError(ErrorCode.COST_EXCEEDED, limit.message.format(number=number, what=limit.what, most=most))
        for limit, number, most in found
        if number > most
    ]
