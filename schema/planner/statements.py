"""Statements that PostgreSQL keeps: prepared on a connection once, and named from then on.

What the planner makes is long, and to parse and plan it takes PostgreSQL longer than to run it. PREPARE_AFTER among
the database's settings says how often a statement is run as it is before it is prepared: once by default, so that what
is asked a single time costs a single statement; None for never, as behind a pooler that lends each transaction another
connection.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from itertools import count
from math import inf
from time import monotonic
from typing import Any, Final
from weakref import WeakKeyDictionary

from django.db import DEFAULT_DB_ALIAS, connections
from psycopg2.errors import InvalidSqlStatementName
from psycopg2.extensions import BYTES, register_type

# PostgreSQL keeps a statement and its plan as long as the connection lasts, some 110 bytes for each character: 55 MB at
# most, 4 MB for one. What is longer is parsed and planned anew each time.
MOST_PREPARED: Final = 100
MOST_CHARACTERS: Final = 500_000
LONGEST_PREPARED: Final = 40_000
PLACEHOLDER: Final = re.compile("%([%s])")

_numbers: Final = count(1)
# By the driver's connection, which a thread has for itself: the names that it knows, the one used last at the end, and
# how many characters each stands for.
_prepared: Final[WeakKeyDictionary[Any, OrderedDict[str, int]]] = WeakKeyDictionary()


class Statement:
    """SQL that answers with one text. `sql` has a placeholder for each of `slots`.

    A slot is a constant, or stands for a value: then it is a function, and has its place in `values` below, once
    however often it occurs.
    """

    def __init__(self, sql: str, slots: Sequence[Any]) -> None:
        self.sql = sql
        self.slots = tuple(slots)
        self.bound: tuple[Callable[[Any], Any], ...] = tuple(dict.fromkeys(slot for slot in slots if callable(slot)))
        numbers = {slot: number for number, slot in enumerate(self.bound)}
        self._places = [(place, numbers[slot]) for place, slot in enumerate(self.slots) if callable(slot)]
        self.name = f"nexus_{next(_numbers)}"
        self.preparation, self.constants = self._numbered()
        self.execution = f"EXECUTE {self.name}" + (f" ({', '.join(['%s'] * len(self.bound))})" if self.bound else "")
        # What is too long is never run often enough.
        self._runs: float = 0 if len(sql) <= LONGEST_PREPARED else -inf

    def parameters(self, values: Sequence[Any]) -> list[Any]:
        """What stands for each placeholder of `sql`."""
        parameters = list(self.slots)
        for place, number in self._places:
            parameters[place] = values[number]
        return parameters

    def text(self, values: Sequence[Any]) -> bytes:
        """What the statement answers with, in UTF-8: by one statement, and another one when it is prepared."""
        connection = connections[DEFAULT_DB_ALIAS]
        if connection.connection is None:
            connection.ensure_connection()
        connection.validate_no_broken_transaction()
        with connection.wrap_database_errors, connection.connection.cursor() as cursor:
            # The text as it came, in the connection's encoding, which Django makes UTF-8: it goes on as it is.
            register_type(BYTES, cursor)
            if connection.execute_wrappers or connection.queries_logged:
                self._watched(connection, cursor, values)
            else:
                self._execute(connection, cursor, values)
            text: bytes = cursor.fetchone()[0]
        return text

    def _execute(self, connection: Any, cursor: Any, values: Sequence[Any]) -> None:
        prepare_after = connection.settings_dict.get("PREPARE_AFTER", 1)
        if prepare_after is None or self._runs < prepare_after:
            self._runs += 1
            cursor.execute(self.sql, self.parameters(values))
            return
        known = _prepared.get(cursor.connection)
        if known is None:
            known = _prepared[cursor.connection] = OrderedDict()
        try:
            if self.name not in known:
                self._prepare(cursor, known)
            known.move_to_end(self.name)
            cursor.execute(self.execution, values)
        except InvalidSqlStatementName:
            # Somebody threw away what this connection had prepared.
            known.clear()
            if connection.in_atomic_block:
                raise
            self._execute(connection, cursor, values)

    def _prepare(self, cursor: Any, known: OrderedDict[str, int]) -> None:
        characters = len(self.sql)
        while known and (len(known) >= MOST_PREPARED or sum(known.values()) + characters > MOST_CHARACTERS):
            forgotten, _ = known.popitem(last=False)
            cursor.execute(f"DEALLOCATE {forgotten}")
        cursor.execute(self.preparation, self.constants)
        known[self.name] = characters

    def _numbered(self) -> tuple[str, list[Any]]:
        """The text to prepare, with a placeholder for each constant and a number for each value."""
        numbers = {slot: f"${number}" for number, slot in enumerate(self.bound, start=1)}
        constants: list[Any] = []

        def put(slot: Any) -> str:
            if callable(slot):
                return numbers[slot]
            constants.append(slot)
            return "%s"

        return f"PREPARE {self.name} AS {with_put(self.sql, self.slots, put)}", constants

    def _watched(self, connection: Any, cursor: Any, values: Sequence[Any]) -> None:
        """As `_execute`, seen as `sql` with its parameters by whoever watches Django's statements."""

        def execute(sql: str, params: Any, many: Any, context: Any) -> None:
            self._execute(connection, cursor, values)

        for wrapper in reversed(connection.execute_wrappers):
            execute = _wrapped(wrapper, execute)
        parameters = self.parameters(values)
        started = monotonic()
        try:
            execute(self.sql, parameters, False, {"connection": connection, "cursor": cursor})  # noqa: FBT003 - Django's
        finally:
            if connection.queries_logged:
                sql = cursor.mogrify(self.sql, parameters).decode()
                connection.queries_log.append({"sql": sql, "time": f"{monotonic() - started:.3f}"})


def with_put(sql: str, slots: Iterable[Any], put: Callable[[Any], str]) -> str:
    """The SQL with what is put for each slot in the place of its placeholder."""
    remaining = iter(slots)
    return PLACEHOLDER.sub(lambda found: put(next(remaining)) if found[1] == "s" else found[0], sql)


def _wrapped(wrapper: Any, execute: Any) -> Any:
    return lambda sql, params, many, context: wrapper(execute, sql, params, many, context)
