"""New rows by statements that are written once for each model.

Django compiles each INSERT anew, which takes several times as long as to run it, and one change of ours makes five. So
less can be said here: rows without a key, with values of the fields' own types, no expressions and no `auto_now`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from typing import Any, Final, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper

M = TypeVar("M", bound=models.Model)

# Whose values the driver takes as rows hold them; Django looks at each all the same.
_AS_THEY_ARE: Final = frozenset(
    {
        models.BigIntegerField,
        models.BooleanField,
        models.CharField,
        models.DateTimeField,
        models.ForeignKey,
        models.IntegerField,
        models.PositiveIntegerField,
        models.PositiveSmallIntegerField,
        models.TextField,
    }
)


def insert(rows: Sequence[M], *, unless_taken: str | None = None) -> list[M]:
    """Inserts new rows of one model in their order by one statement, and gives them their keys; answers those inserted.

    With `unless_taken`, the name of a unique field: rows whose value in it another row has by now are left out, and
    stay new. Where somebody is about to have it, this waits until that is settled. Nothing is sent for no rows.

    Raises IntegrityError for whatever else the database refuses.
    """
    if not rows:
        return []
    # By itself: each look through `django.db.connection` costs as much as a value.
    database = connections[DEFAULT_DB_ALIAS]
    insertion = _insertion(type(rows[0]), unless_taken)
    with database.cursor() as cursor:
        cursor.execute(insertion.sql(len(rows)), insertion.values(rows, database))
        found = cursor.fetchall()
    if unless_taken is None:
        return [_inserted(row, key) for row, (key,) in zip(rows, found, strict=True)]
    keys = {name: key for key, name in found}
    # The first of several rows that have one value.
    return [_inserted(row, keys.pop(name)) for row in rows if (name := getattr(row, unless_taken)) in keys]


def insert_together(*groups: Sequence[models.Model]) -> None:
    """Inserts new rows, each group of one model, in this order and by one round trip; the last group gets its keys.

    So nothing can refer to rows of the others: they are links between what is there. Nothing is sent where all groups
    are empty. Raises IntegrityError for whatever the database refuses.
    """
    database = connections[DEFAULT_DB_ALIAS]
    statements: list[str] = []
    values: list[Any] = []
    for rows in filter(None, groups):
        insertion = _insertion(type(rows[0]), None)
        statements.append(insertion.sql(len(rows)))
        values += insertion.values(rows, database)
    if not statements:
        return
    with database.cursor() as cursor:
        cursor.execute("; ".join(statements), values)
        # Of several statements the driver answers with what the last one does.
        if groups[-1]:
            for row, (key,) in zip(groups[-1], cursor.fetchall(), strict=True):
                _inserted(row, key)


@dataclass(frozen=True, slots=True)
class _Insertion:
    """The statement for a model: what comes before the rows, one row, and what comes behind.

    `held` tells what a row holds; of that, the database takes the fields that are `prepared`, by their places, in
    another form.
    """

    held: Callable[[models.Model], tuple[Any, ...]]
    prepared: tuple[tuple[int, models.Field[Any, Any]], ...]
    head: str
    row: str
    tail: str

    def values(self, rows: Sequence[models.Model], database: BaseDatabaseWrapper) -> list[Any]:
        """What the rows hold, one after the other, as the database takes it."""
        values: list[Any] = []
        for row in rows:
            held = list(self.held(row))
            for place, field in self.prepared:
                held[place] = field.get_db_prep_save(held[place], database)
            values += held
        return values

    def sql(self, rows: int) -> str:
        """The statement for so many rows."""
        return f"{self.head}{', '.join([self.row] * rows)}{self.tail}"


@cache
def _insertion(model: type[models.Model], unless_taken: str | None) -> _Insertion:
    meta: Any = model._meta
    quoted = connection.ops.quote_name
    fields = tuple(field for field in meta.concrete_fields if not field.primary_key and not field.generated)
    columns = ", ".join(quoted(field.column) for field in fields)
    key = quoted(meta.pk.column)
    tail = f" RETURNING {key}"
    if unless_taken is not None:
        name = quoted(meta.get_field(unless_taken).column)
        tail = f" ON CONFLICT ({name}) DO NOTHING RETURNING {key}, {name}"
    prepared = tuple((place, field) for place, field in enumerate(fields) if type(field) not in _AS_THEY_ARE)
    return _Insertion(
        attrgetter(*(field.attname for field in fields)),
        prepared,
        f"INSERT INTO {quoted(meta.db_table)} ({columns}) VALUES ",  # noqa: S608 - the model's own names
        f"({', '.join(['%s'] * len(fields))})",
        tail,
    )


def _inserted(row: M, key: Any) -> M:
    row.pk = key
    row._state.adding = False
    row._state.db = DEFAULT_DB_ALIAS
    return row
