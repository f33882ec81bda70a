"""How much callers may have kept in a cache: counted in windows of time, as they bring it."""

from __future__ import annotations

from datetime import datetime

from django.core.cache import BaseCache


def allows(counts: BaseCache, whose: str, more: int, most: int, window: int, *, now: datetime) -> bool:
    """Counts so much `more` under the name, and tells whether that is within the `most` of a window of seconds.

    Raises what the cache does where it is away.
    """
    spent = f"{whose}:{now.timestamp() // window:.0f}"
    counts.add(spent, 0, 2 * window)
    return counts.incr(spent, more) <= most
