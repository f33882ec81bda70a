"""How many streams one caller may hold open in this process."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from schema.errors import CodedError, ErrorCode

# Seconds after which it may be worth asking again.
WAIT: Final = 30


class Places:
    """`each` caller has so many. Belongs to one event loop."""

    def __init__(self, each: int) -> None:
        self._each = each
        self._taken: Counter[str] = Counter()

    @contextmanager
    def one(self, caller: str) -> Iterator[None]:
        """A place while what is inside happens. Raises RATE_LIMITED where the caller has taken all of theirs."""
        if self._taken[caller] >= self._each:
            message = f"You hold {self._each} streams open, and no more may be. Close one first."
            raise CodedError(ErrorCode.RATE_LIMITED, message, retryAfter=WAIT)
        self._taken[caller] += 1
        try:
            yield
        finally:
            self._taken[caller] -= 1
            if not self._taken[caller]:
                del self._taken[caller]
