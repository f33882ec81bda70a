"""What callers may spend: points a minute, each person their own; who is not signed in shares those of their address.

Counted in the shared cache, in windows that begin with each minute: one counter a caller, so that any number of
processes counts right. What is refused for want of points costs nothing.

What a process does not know yet costs the work of making it, too: a document is paid for before it is read, in order or
not, and a plan before it is made; and texts that are written cost by their length, because they are read as Markdown,
cleaned, compared and indexed; and passwords, because to hash one takes a quarter of a second by design. A point is
worth some 4 ms of CPU there, so nobody takes much of a core by variety, length or passwords.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from math import ceil
from typing import Final, NamedTuple

from django.core.cache import cache
from django.db import DatabaseError, InterfaceError

from knowledge.errors import KnowledgeError
from knowledge.networks import network
from knowledge.policy import ANONYMOUS, Viewer
from schema.absence import CACHE_AWAY
from schema.errors import CodedError, ErrorCode
from schema.settings import settings

logger = logging.getLogger("nexus.budget")

WINDOW: Final = timedelta(minutes=1)
# To parse and to check 2,000 characters, and to plan two relations or four conditions, takes a few milliseconds each.
CHARACTERS_A_POINT: Final = 2_000
RELATIONS_A_POINT: Final = 2
CONDITIONS_A_POINT: Final = 4
# Markdown made to be slow takes 30 microseconds a character, what people write a tenth of that.
WRITTEN_A_POINT: Final = 250
HASH_POINTS: Final = 50


class Budget(NamedTuple):
    """A caller's points in this window; `used` includes the operation that is being answered."""

    limit: int
    used: int
    reset_at: datetime
    seconds_left: int

    @property
    def remaining(self) -> int:
        """What is left until `reset_at`."""
        return max(0, self.limit - self.used)


class Facts(NamedTuple):
    """What the server process knows of a request: its price, the rows it was counted by, and the caller's budget."""

    cost: int
    nodes: int
    budget: Budget

    def headers(self) -> dict[str, str]:
        """What an answer's headers say of it; RateLimit as draft-ietf-httpapi-ratelimit-headers has it."""
        budget = self.budget
        return {
            "GraphQL-Cost": str(self.cost),
            "RateLimit-Policy": f'"points";q={budget.limit};w={WINDOW.seconds}',
            "RateLimit": f'"points";r={budget.remaining};t={budget.seconds_left}',
        }


def charge(viewer: Viewer, address: str | None, points: int, *, now: datetime) -> Budget:
    """Takes the points from the caller's budget, and answers what it is then.

    Raises RATE_LIMITED, with the seconds to wait as `retryAfter`, where they are more than is left. Where
    RATE_LIMIT is off, or the cache is away, nothing is counted.
    """
    limit = settings.RATE_LIMIT_POINTS
    reset_at = now.replace(second=0, microsecond=0) + WINDOW
    seconds = ceil((reset_at - now).total_seconds())
    if not settings.RATE_LIMIT:
        return Budget(limit, 0, reset_at, seconds)
    key = f"budget:{caller_name(viewer, address)}:{reset_at.timestamp():.0f}"
    try:
        used = _added(key, points)
        if used > limit:
            cache.decr(key, points)
    except CACHE_AWAY as error:
        logger.warning("the cache is away (%s); requests are not charged", error)
        return Budget(limit, 0, reset_at, seconds)
    if used > limit:
        message = f"This would cost {points} points, and {limit - used + points} are left. Wait {seconds} seconds."
        raise CodedError(ErrorCode.RATE_LIMITED, message, retryAfter=seconds)
    return Budget(limit, used, reset_at, seconds)


def reading_points(characters: int) -> int:
    """What it costs to read a document of this length that is not known yet."""
    return 1 + characters // CHARACTERS_A_POINT


def planning_points(relations: int, conditions: int) -> int:
    """What it costs to plan an operation of so many relations and conditions, where its plan is not known yet."""
    return relations // RELATIONS_A_POINT + conditions // CONDITIONS_A_POINT


def writing_points(characters: int) -> int:
    """What it costs to write texts of so many characters together, beside the change itself."""
    return characters // WRITTEN_A_POINT


def hashing_points(hashes: int) -> int:
    """What it costs to hash so many passwords, beside what is done with them."""
    return hashes * HASH_POINTS


def charge_for_reading(identify: Callable[[], Viewer], address: str | None, characters: int, *, now: datetime) -> None:
    """Takes what an unknown document costs from who sends it; from their address where they cannot be told.

    Raises RATE_LIMITED.
    """
    if not settings.RATE_LIMIT:
        return
    try:
        viewer = identify()
    except (KnowledgeError, DatabaseError, InterfaceError):
        # Whoever goes on to ask for them answers with it; a document of sign-ins never does.
        viewer = ANONYMOUS
    charge(viewer, address, reading_points(characters), now=now)


def caller_name(viewer: Viewer, address: str | None) -> str:
    """Under what name a caller is counted: a person's own, or that of an address or network."""
    if viewer.id is not None:
        return f"user:{viewer.id}"
    return f"address:{network(address)}" if address else "address:unknown"


def _added(key: str, points: int) -> int:
    try:
        return cache.incr(key, points)
    except ValueError:
        # Nobody has counted here yet. Of several who begin at once one adds the counter, and all count on it.
        cache.add(key, 0, 2 * WINDOW.total_seconds())
        return cache.incr(key, points)
