"""Reading the database from a process that otherwise never waits."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Final, ParamSpec, TypeVar

from django.db import InterfaceError, OperationalError, close_old_connections, connection

P = ParamSpec("P")
T = TypeVar("T")

# Each has a connection of its own, kept as CONN_MAX_AGE says: so many at most, whatever the number of streams.
THREADS: Final = 4


class Threads:
    """A few threads, in which functions that read the database are called."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="stream")

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The function's answer; what it raises is raised.

        It is called once more where its connection turns out to have broken while it was kept, so it must only read.
        """

        def call() -> T:
            # Around it what Django does around a request: a connection that is broken or too old is closed.
            close_old_connections()
            try:
                return function(*args, **kwargs)
            except (OperationalError, InterfaceError):
                close_old_connections()
                if connection.connection is not None:
                    raise
                return function(*args, **kwargs)
            finally:
                close_old_connections()

        # With the context comes the request's id, for what is logged.
        return await asyncio.get_running_loop().run_in_executor(self._pool, copy_context().run, call)
