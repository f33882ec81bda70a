"""What a request does, counted: hashes of passwords, statements, and what it asks of the cache."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core import mail
from django.core.cache.backends.locmem import LocMemCache
from django.db import connection

from knowledge.models import AuditEvent, MailedLink, OutboxEvent
from nexus_gql.passwords import QuickArgon2PasswordHasher

CACHE = f"{__name__}.CountingCache"
HASHER = f"{__name__}.CountingHasher"
_NAMES = re.compile(r"[0-9a-f]{64}|:\d+(?:\.\d+)?$")


@dataclass
class Work:
    """What was done: nothing in it depends on how long it took, or on who asked."""

    hashes: list[str] = field(default_factory=list)
    statements: list[str] = field(default_factory=list)
    cached: list[str] = field(default_factory=list)
    written: dict[str, int] = field(default_factory=dict)
    mailed: int = 0
    answer: bytes = b""

    current: ClassVar[Work | None] = None


class CountingHasher(QuickArgon2PasswordHasher):
    """Notes each hash that is computed, to keep it or to compare it: by what it costs."""

    def encode(self, password: str, salt: str) -> str:
        """As argon2."""
        _note("hashes", f"m={self.memory_cost},t={self.time_cost},p={self.parallelism}")
        return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        """As argon2."""
        _note("hashes", encoded.split("$")[3])
        return Argon2PasswordHasher.verify(self, password, encoded)


class CountingCache(LocMemCache):
    """Notes each question, and of what kind its key is."""

    def add(self, key: str, *args: Any, **more: Any) -> bool:
        """As Django's."""
        _note("cached", f"add {_kind(key)}")
        return super().add(key, *args, **more)

    def get(self, key: str, *args: Any, **more: Any) -> Any:
        """As Django's."""
        _note("cached", f"get {_kind(key)}")
        return super().get(key, *args, **more)

    def set(self, key: str, *args: Any, **more: Any) -> None:
        """As Django's."""
        _note("cached", f"set {_kind(key)}")
        super().set(key, *args, **more)

    def incr(self, key: str, *args: Any, **more: Any) -> int:
        """As Django's."""
        _note("cached", f"incr {_kind(key)}")
        return super().incr(key, *args, **more)


def done_by(ask: Callable[[], bytes]) -> Work:
    """What a request does, until it is answered."""
    work = Work.current = Work()

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        # As it is before its values come in.
        work.statements.append(sql)
        return execute(sql, params, many, context)

    before = _written()
    try:
        with connection.execute_wrapper(note):
            work.answer = ask()
    finally:
        Work.current = None
    work.written = {name: number - before[name] for name, number in _written().items()}
    work.mailed = len(mail.outbox)
    return work


def _note(what: str, said: str) -> None:
    if Work.current is not None:
        getattr(Work.current, what).append(said)


def _kind(key: str) -> str:
    return _NAMES.sub("", key)


def _written() -> dict[str, int]:
    return {model.__name__: model.objects.count() for model in (AuditEvent, MailedLink, OutboxEvent)}
