"""Whether what was read is still so: a number in the shared cache that is another one after each change.

One number for all that readers see, and not one a kind: counts, scores and tags tie nearly everything together. Whoever
keeps what they read takes the number first, reads then, and keeps it under that number. A change counts once it is
committed; so what was read before it is kept under a number that nobody looks under any more.
"""

from __future__ import annotations

import logging
from time import time_ns
from typing import Final

from django.core.cache import cache
from django.db import transaction

logger = logging.getLogger("nexus.requests")

KEY: Final = "freshness"


def number() -> int:
    """The number of this moment. Where there is none, or none any longer, it is one that never was before."""
    found = cache.get(KEY)
    if found is None:
        cache.add(KEY, time_ns() // 1_000, None)
        found = cache.get(KEY)
    return int(found or 0)


def moves_on() -> None:
    """From the commit of the transaction that this is called in, the number is another."""
    waiting = transaction.get_connection().run_on_commit
    # Once is enough, however much is changed.
    if not any(function is _move_on for _, function, _ in waiting):
        transaction.on_commit(_move_on, robust=True)


def _move_on() -> None:
    try:
        cache.incr(KEY)
    except ValueError:
        # Nobody has taken it, or it was pushed out: whoever takes it next gets one that never was.
        return
    except Exception as error:  # noqa: BLE001 - each cache raises its own; what was kept is then told for a while longer
        logger.warning("the cache is away (%s); answers that are kept may be out of date", error)
