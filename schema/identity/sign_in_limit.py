"""How often somebody may fail to sign in: per account and per address, counted in the shared cache.

An attempt is counted before the password is checked, and taken back when it was right; so no number of attempts at
once slips through between the check and the count. A name that nobody has is counted like any other.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from math import ceil

from django.conf import settings
from django.core.cache import cache

from knowledge.errors import InvalidCredentials
from schema.errors import CodedError, ErrorCode
from schema.identity.networks import network


@contextmanager
def sign_in_attempt(*, username: str, address: str | None, now: datetime) -> Iterator[None]:
    """What happens inside counts as a failure when it raises InvalidCredentials.

    Raises RATE_LIMITED, with the seconds to wait as `retryAfter`, before anything happens inside where the account or
    the address has failed too often. A failure counts until SIGN_IN_WINDOW after the first of its row.
    """
    # The address first: once it has to wait, it cannot use up an account's attempts any more.
    slots = [_counted(f"sign-in:address:{network(address)}", settings.SIGN_IN_LIMIT_ADDRESS, now)] if address else []
    slots.append(_counted(_account_key(username), settings.SIGN_IN_LIMIT_ACCOUNT, now))
    failed = False
    try:
        yield
    except InvalidCredentials:
        failed = True
        raise
    finally:
        if not failed:
            for slot in slots:
                _take_back(slot)


def _counted(key: str, limit: int, now: datetime) -> str:
    """Where the attempt was counted. Raises RATE_LIMITED where it is one too many."""
    ends_at = _window_end(key, now)
    slot = f"{key}:{ends_at}"
    cache.add(slot, 0, 2 * settings.SIGN_IN_WINDOW.total_seconds())
    if cache.incr(slot) > limit:
        seconds = ceil(ends_at - now.timestamp())
        raise CodedError(ErrorCode.RATE_LIMITED, f"Too many failures. Wait {seconds} seconds.", retryAfter=seconds)
    return slot


def _window_end(key: str, now: datetime) -> float:
    window = settings.SIGN_IN_WINDOW.total_seconds()
    fresh = now.timestamp() + window
    ends_at = cache.get_or_set(key, fresh, window)
    if ends_at is None or ends_at <= now.timestamp():
        cache.set(key, fresh, window)
        return fresh
    return float(ends_at)


def _take_back(slot: str) -> None:
    if cache.get(slot):
        cache.decr(slot)


def _account_key(username: str) -> str:
    # Hashed: a name may be of any length, and hold what a cache's keys may not.
    name = hashlib.sha256(username.lower().encode(errors="replace")).hexdigest()
    return f"sign-in:account:{name}"
