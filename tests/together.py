"""Several callers at the same moment, each on a thread and a database connection of its own."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from django.core.cache import caches
from django.db import connection

T = TypeVar("T")


def at_once(calls: Sequence[Callable[[], T]]) -> list[T | Exception]:
    """What each call answered or raised, in order. They start together."""
    barrier = Barrier(len(calls), timeout=20)

    def run(call: Callable[[], T]) -> T | Exception:
        connection.ensure_connection()
        barrier.wait()
        try:
            return call()
        except Exception as error:  # noqa: BLE001 - what it raised is what the test looks at
            return error
        finally:
            connection.close()
            caches.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))
