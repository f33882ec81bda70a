"""Reading the database from a process that otherwise never waits."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Final, ParamSpec, TypeVar

from django.db import close_old_connections

P = ParamSpec("P")
T = TypeVar("T")

# Each has a connection of its own, kept as CONN_MAX_AGE says: so many at most, whatever the number of streams.
THREADS: Final = 4


class Threads:
    """A few threads, in which functions that read the database are called."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="stream")

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The function's answer; what it raises is raised."""

        def call() -> T:
            # As Django does around a request: a connection that broke or is too old is replaced.
            close_old_connections()
            try:
                return function(*args, **kwargs)
            finally:
                close_old_connections()

        # With the context comes the request's id, for what is logged.
        return await asyncio.get_running_loop().run_in_executor(self._pool, copy_context().run, call)
