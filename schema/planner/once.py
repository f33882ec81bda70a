"""Values that are worked out once for a statement, however often it needs them.

PostgreSQL works out a subquery that depends on no row once for each place where it stands. The query that a filter
makes of words stands in many: what finds rows, counts them, ranks them, and again for each type of a search. So such a
value is a step before the statement, and its places look at it. Where there is but one place, PostgreSQL puts the value
back there by itself; a step that nothing looks at in the end is not run.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple

from django.db.models.expressions import Expression

from schema.planner.sql import Sql
from schema.planner.statements import with_put


class Shared(NamedTuple):
    """What a placeholder stands for until the statement is whole: a value as SQL, and the slots of that."""

    sql: str
    slots: tuple[Any, ...]


class Once(Expression):
    """A value that depends on no row. It is worked out once for all places where the same stands."""

    def __init__(self, value: Expression) -> None:
        super().__init__(output_field=value.output_field)
        self.value: Any = value

    def get_source_expressions(self) -> list[Any]:
        """The value."""
        return [self.value]

    def set_source_expressions(self, exprs: Sequence[Any]) -> None:
        """Takes it resolved."""
        (self.value,) = exprs

    def as_sql(self, compiler: Any, connection: Any) -> Sql:
        """A placeholder for the value: see `with_steps`."""
        sql, slots = compiler.compile(self.value)
        return "%s", (Shared(sql, tuple(slots)),)


def with_steps(sql: str, slots: Sequence[Any]) -> tuple[str, list[Any]]:
    """The statement with a step for each value that it shares, and the slots of its placeholders."""
    steps = _Steps()
    whole, left = steps.placed(sql, slots)
    if not steps.made:
        return whole, left
    made = ", ".join(f"{name} AS (SELECT {value.sql} AS value)" for name, value in steps.made.values())
    return f"WITH {made} {whole}", [*(slot for _, value in steps.made.values() for slot in value.slots), *left]


class _Steps:
    """The steps that were needed so far, each behind those that it needs itself: a name and a value, by what it is."""

    def __init__(self) -> None:
        self.made: dict[Hashable, tuple[str, Shared]] = {}

    def placed(self, sql: str, slots: Sequence[Any]) -> tuple[str, list[Any]]:
        """The SQL with a look at a step in place of each shared value, and the slots that it keeps."""
        left: list[Any] = []

        def put(slot: Any) -> str:
            if isinstance(slot, Shared):
                return f"(SELECT value FROM {self._name(slot)})"  # noqa: S608 - a name of this module
            left.append(slot)
            return "%s"

        return with_put(sql, slots, put), left

    def _name(self, shared: Shared) -> str:
        sql, slots = self.placed(*shared)
        # Constants by what they look like: to Python, 1 is True, and a list is no key.
        told = tuple(slot if callable(slot) else repr(slot) for slot in slots)
        name, _ = self.made.setdefault((sql, told), (f"once_{len(self.made)}", Shared(sql, tuple(slots))))
        return name
