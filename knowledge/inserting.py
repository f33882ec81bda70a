"""New rows by statements that are written once for each model.

Django compiles each INSERT anew, which takes several times as long as to run it, and one change of ours makes five. So
less can be said here: rows without a key, with values and no expressions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, models

M = TypeVar("M", bound=models.Model)


def insert(rows: Sequence[M], *, unless_taken: str | None = None) -> list[M]:
    """Inserts new rows of one model in their order by one statement, and gives them their keys; answers those inserted.

    With `unless_taken`, the name of a unique field: rows whose value in it another row has by now are left out, and
    stay new. Where somebody is about to have it, this waits until that is settled. Nothing is sent for no rows.

    Raises IntegrityError for whatever else the database refuses.
    """
    if not rows:
        return []
    insertion = _insertion(type(rows[0]), unless_taken)
    values = [value for row in rows for value in insertion.values(row)]
    with connection.cursor() as cursor:
        cursor.execute(insertion.sql(len(rows)), values)
        found = cursor.fetchall()
    if unless_taken is None:
        return [_inserted(row, key) for row, (key,) in zip(rows, found, strict=True)]
    keys = {name: key for key, name in found}
    # The first of several rows that have one value.
    return [_inserted(row, keys.pop(name)) for row in rows if (name := getattr(row, unless_taken)) in keys]


@dataclass(frozen=True, slots=True)
class _Insertion:
    """The statement for a model: what comes before the rows, one row, and what comes behind."""

    fields: tuple[models.Field[Any, Any], ...]
    head: str
    row: str
    tail: str

    def values(self, row: models.Model) -> list[Any]:
        """What the fields hold, as the database takes it."""
        return [field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in self.fields]

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
    return _Insertion(
        fields,
        f"INSERT INTO {quoted(meta.db_table)} ({columns}) VALUES ",  # noqa: S608 - the model's own names
        f"({', '.join(['%s'] * len(fields))})",
        tail,
    )


def _inserted(row: M, key: Any) -> M:
    row.pk = key
    row._state.adding = False
    row._state.db = DEFAULT_DB_ALIAS
    return row
