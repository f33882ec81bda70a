"""What a request took: gathered while it is answered, handed to those who watch once its answer is made.

Who watches is said by name in the settings (WATCHERS). What they see holds no values, no documents, and no names that
callers choose, so that it may be kept, and labelled by.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar, Token
from dataclasses import dataclass, field
from functools import lru_cache
from time import perf_counter_ns as clock
from typing import Any, Final, Self

from django.utils.module_loading import import_string

from schema.budget import Facts
from schema.settings import settings

logger = logging.getLogger("nexus.requests")

PLAN: Final = "plan"
SQL: Final = "sql"


@dataclass(slots=True)
class Seen:
    """A request, as watchers see it. Times are `perf_counter_ns`'s; `steps` are name, beginning and end, in order.

    `roots` are the fields at the operation's root, and `codes` those of the top-level errors. It wraps the connection's
    statements while the request is answered, which happens inside of it (`with`).
    """

    began: int = field(default_factory=clock)
    ended: int = 0
    status: int = 0
    operation: str | None = None
    roots: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    cost: int | None = None
    statements: int = 0
    steps: list[tuple[str, int, int]] = field(default_factory=list)
    _token: Token[Seen | None] | None = field(default=None, repr=False, compare=False)

    def __enter__(self) -> Self:
        self._token = _current.set(self)
        return self

    def __exit__(self, *_error: object) -> None:
        if self._token is not None:
            _current.reset(self._token)

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001 - Django's signature
        """Counts and times a statement, and executes it."""
        self.statements += 1
        began = clock()
        try:
            return execute(sql, params, many, context)
        finally:
            self.steps.append((SQL, began, clock()))

    def answered(self, roots: tuple[str, ...], errors: Sequence[dict[str, Any]], facts: Facts | None) -> None:
        """Notes what an operation was, what it was answered with, and what it cost."""
        self.roots = roots
        self.codes = tuple([error["extensions"]["code"] for error in errors])
        self.cost = facts.cost if facts else None

    def seconds(self, name: str) -> float:
        """How long the steps of this name took together."""
        return sum(ended - began for step, began, ended in self.steps if step == name) / 1e9


_current: ContextVar[Seen | None] = ContextVar("seen", default=None)


@contextmanager
def step(name: str) -> Iterator[None]:
    """What happens inside is a step of the request that is being answered, if one is."""
    began = clock()
    try:
        yield
    finally:
        seen = _current.get()
        if seen is not None:
            seen.steps.append((name, began, clock()))


def tell(seen: Seen, status: int) -> None:
    """Hands a request that was answered with `status` to everyone who watches; what they fail at fails nobody else."""
    seen.ended = clock()
    seen.status = status
    for watcher in _watchers(settings.WATCHERS):
        try:
            watcher(seen)
        except Exception:  # the answer is made, and must reach its caller
            logger.exception("a watcher failed")


@lru_cache(maxsize=8)
def _watchers(names: tuple[str, ...]) -> tuple[Callable[[Seen], None], ...]:
    return tuple(import_string(name) for name in names)
