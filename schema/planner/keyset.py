"""Rows beyond a cursor."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField
from django.db.models.expressions import BaseExpression

Sql = tuple[str, tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class KeysetColumn:
    """A column of the order, which is never null, and the cursor's value for it."""

    column: Any
    value: Any
    descending: bool


class Beyond(BaseExpression):
    """True of the rows that come after the cursor in the order (or, with `before`, before it).

    Columns of one direction are compared as one row value, which an index serves; others are compared one after the
    other, the first of them in a form that an index serves as well.
    """

    output_field = BooleanField()
    conditional = True

    def __init__(self, columns: Sequence[KeysetColumn], *, before: bool) -> None:
        super().__init__()
        self.columns = list(columns)
        self.before = before
        self.sources = [source for column in columns for source in (column.column, column.value)]

    def get_source_expressions(self) -> list[Any]:
        """Columns and values in turn."""
        return self.sources

    def set_source_expressions(self, exprs: Sequence[Any]) -> None:
        """Takes them resolved."""
        self.sources = list(exprs)

    def as_sql(self, compiler: Any, connection: Any) -> Sql:
        """The comparison."""
        pairs = [
            (compiler.compile(self.sources[place]), compiler.compile(self.sources[place + 1]))
            for place in range(0, len(self.sources), 2)
        ]
        if len({column.descending for column in self.columns}) == 1:
            return self._row_value(pairs, self._operator(self.columns[0]))
        return self._one_by_one(list(zip(self.columns, pairs, strict=True)))

    def _operator(self, column: KeysetColumn) -> str:
        return "<" if column.descending != self.before else ">"

    def _row_value(self, pairs: list[tuple[Sql, Sql]], operator: str) -> Sql:
        columns = ", ".join(sql for (sql, _), _ in pairs)
        values = ", ".join(sql for _, (sql, _) in pairs)
        params = [p for (_, column_params), _ in pairs for p in column_params]
        params += [p for _, (_, value_params) in pairs for p in value_params]
        return f"(({columns}) {operator} ({values}))", tuple(params)

    def _one_by_one(self, columns: list[tuple[KeysetColumn, tuple[Sql, Sql]]]) -> Sql:
        (column, ((sql, params), (value, value_params))), *rest = columns
        operator = self._operator(column)
        if not rest:
            return f"{sql} {operator} {value}", (*params, *value_params)
        then, then_params = self._one_by_one(rest)
        compared = (*params, *value_params)
        text = f"({sql} {operator}= {value} AND ({sql} {operator} {value} OR {then}))"
        return text, (*compared, *compared, *then_params)
