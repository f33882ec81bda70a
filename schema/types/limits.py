"""What the server process knows by itself: what a request costs, and which errors there are."""

from typing import Any

import graphene

from schema.budget import Facts
from schema.errors import CATALOGUE
from schema.planner.declare import Planned
from schema.planner.needs import Known
from schema.types import enums
from schema.types.scalars import DateTime


def _told(type_: Any, description: str) -> graphene.Field:
    return graphene.Field(type_, required=True, description=description)


class RateLimit(graphene.ObjectType):
    """What this operation costs, and what is left of the caller's points in this minute."""

    cost = _told(graphene.Int, "The points that this operation costs: one for each 100 nodes, 10 a mutation.")
    limit = _told(graphene.Int, "The points in a minute.")
    used = _told(graphene.Int, "The points spent in this minute, with this operation's.")
    remaining = _told(graphene.Int, "The points left in this minute.")
    reset_at = _told(DateTime, "When the next minute begins.")
    node_count = _told(graphene.Int, "The most objects that this operation could answer with.")


class ErrorCodeInfo(graphene.ObjectType):
    """A code that an error can carry."""

    code = _told(enums.ErrorCode, "The code.")
    description = _told(graphene.String, "What it means.")
    retryable = _told(graphene.Boolean, "Whether the same request may succeed later.")
    fix = _told(graphene.String, "What to do about it.")


def _rate_limit(facts: Facts) -> dict[str, Any]:
    return {
        "cost": facts.cost,
        "limit": facts.budget.limit,
        "used": facts.budget.used,
        "remaining": facts.budget.remaining,
        "resetAt": DateTime.serialize(facts.budget.reset_at),
        "nodeCount": facts.nodes,
    }


_ERROR_CODES = [
    {"code": code.value, "description": told.description, "retryable": told.retryable, "fix": told.fix}
    for code, told in CATALOGUE.items()
]

RATE_LIMIT = Planned(
    RateLimit,
    Known(_rate_limit),
    "What this operation costs, and what is left of the caller's points: a person's own, or those of an address.",
)
ERROR_CODES = Planned(
    graphene.List(graphene.NonNull(ErrorCodeInfo)),
    Known(lambda _facts: _ERROR_CODES),
    "Every error code that this API answers with, what it means and what to do about it.",
)
