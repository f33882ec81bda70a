"""How much is done, as a number that no busy machine changes: calls of functions, in Python and in C."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


class Effort:
    """`calls`: how many functions this thread has called within `effort`."""

    calls = 0


@contextmanager
def effort() -> Iterator[Effort]:
    """Counts the calls of this thread. What one call in C does, as one search for a pattern, counts as one."""
    spent = Effort()
    before = sys.getprofile()

    def count(_frame: object, event: str, _argument: object) -> None:
        if event in ("call", "c_call"):
            spent.calls += 1

    sys.setprofile(count)
    try:
        yield spent
    finally:
        sys.setprofile(before)
