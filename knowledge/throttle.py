"""How often something may be tried, counted in the shared cache; right across processes, however many try at once.

Each row of attempts has a window, which begins with its first.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from math import ceil

from django.core.cache import cache

from knowledge.errors import TooManyAttempts


@dataclass(frozen=True, slots=True)
class Limit:
    """`most` attempts in a `window`; `key` names the row that they are counted in."""

    key: str
    most: int
    window: timedelta


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt that was counted: the `number`-th of its row, whose window ends at `ends_at` (seconds since 1970)."""

    number: int
    ends_at: float
    slot: str

    def take_back(self) -> None:
        """Counts as if it had not been made."""
        if cache.get(self.slot):
            cache.decr(self.slot)


def key_of(*parts: str) -> str:
    """A key for a row; hashed, because what people type is of any length and holds what a cache's keys may not."""
    return sha256("\0".join(parts).encode(errors="replace")).hexdigest()


def in_one_case(name: str) -> str:
    """The name in one case: all that PostgreSQL's LOWER takes for one name is one here, too.

    Else one person had several rows of attempts: LOWER makes an “i” of “İ”, and Python two characters.
    """
    return name.replace("İ", "i").casefold()


def counted(key: str, window: timedelta, *, now: datetime) -> Attempt:
    """Counts an attempt in the row called `key`."""
    seconds = window.total_seconds()
    ends_at = _window_end(f"throttle:{key}", seconds, now.timestamp())
    slot = f"throttle:{key}:{ends_at}"
    cache.add(slot, 0, 2 * seconds)
    return Attempt(cache.incr(slot), ends_at, slot)


def allowed(limit: Limit, *, now: datetime) -> Attempt:
    """Counts an attempt. Raises TooManyAttempts where it is one more than the limit lets by."""
    attempt = counted(limit.key, limit.window, now=now)
    if attempt.number > limit.most:
        raise refusal(attempt, limit, now=now)
    return attempt


def refusal(attempt: Attempt, limit: Limit, *, now: datetime) -> TooManyAttempts:
    """What to raise for an attempt beyond the limit; it is the `first` only once in a window."""
    return TooManyAttempts(ceil(attempt.ends_at - now.timestamp()), first=attempt.number == limit.most + 1)


def worth_noting(key: str, most: int, window: timedelta, *, now: datetime) -> int | None:
    """Which one of its row this is, for the first `most` of a window and then each whose number is a power of two.

    None for all others: so what a stranger can have us write down grows with the logarithm of what they do.
    """
    number = counted(key, window, now=now).number
    return number if number <= most or number & (number - 1) == 0 else None


def _window_end(key: str, seconds: float, now: float) -> float:
    ends_at = cache.get_or_set(key, now + seconds, seconds)
    if ends_at is None or ends_at <= now:
        cache.set(key, now + seconds, seconds)
        return now + seconds
    return float(ends_at)
