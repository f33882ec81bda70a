"""Keyset cursors: base64 of a JSON array of fingerprint, order values and primary key.

The fingerprint names the list, its order and its filter, so that a cursor is refused where it does not belong. The
values are only ever bound as parameters; a forged cursor can at worst begin a page elsewhere in rows that are visible
anyway.
"""

import base64
import binascii
import hashlib
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

import orjson

from schema.planner.errors import InputError

LONGEST = 2_000
REMEMBERED = 200
# Ranks are rounded to so many digits, and none is higher.
DIGITS: Final = 6
HIGHEST_RANK: Final = 1_000


def fingerprint(*parts: Any) -> str:
    """A short name of a list, its order and its filter."""
    text = orjson.dumps(parts, default=str, option=orjson.OPT_SORT_KEYS)
    return base64.b64encode(hashlib.sha256(text).digest()[:9]).decode()


@lru_cache(REMEMBERED)
def read_cursor(cursor: str, expected: str, length: int) -> tuple[Any, ...]:
    """The order values and the primary key of a cursor; raises BAD_USER_INPUT where it is none, or another list's.

    Each of the values is asked for by itself, so the latest cursors are remembered.
    """
    try:
        mark, *values = list(orjson.loads(base64.b64decode(cursor[: LONGEST + 1], validate=True)))
    except (binascii.Error, ValueError, TypeError):
        raise InputError("This is not a cursor.") from None
    if mark != expected or len(values) != length or not all(isinstance(v, str | int | float | None) for v in values):
        raise InputError("This cursor is from another list, order or filter.")
    return tuple(values)


def whole_number(least: int, below: int) -> Callable[[Any], int]:
    """Reads a whole number of a cursor that is `least` or more, and less than `below`; raises ValueError."""

    def read(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value < below:
            raise ValueError(value)
        return value

    return read


def rank(value: Any) -> Decimal:
    """Reads how well a row matches out of a cursor: a number as ranks are; raises ValueError."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= HIGHEST_RANK:
        raise ValueError(value)
    # By its text: the number that JSON makes of 0.607927 is a little less.
    read = Decimal(str(value))
    if read != round(read, DIGITS):
        raise ValueError(value)
    return read
