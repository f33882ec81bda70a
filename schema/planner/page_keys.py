"""The rows of a page that a filter finds by an index without order, such as one of words.

No index has words and order in one, and PostgreSQL does not know how many rows a query will find that it does not see
yet. If it looks at rows in their order until the page is full, it looks at all of them for words that nobody wrote; if
it looks up all that match and sorts them, it fetches half the table for a word that everybody writes. So both ways
stand in the statement, and which one is gone is decided while it runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import and_
from typing import Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchQueryField
from django.db.models import BigIntegerField, BooleanField, ExpressionWrapper, Q, QuerySet, Subquery
from django.db.models.expressions import BaseExpression, Expression

from schema.planner.filters import Conditions
from schema.planner.sql import Bound, Sql

# As many rows are looked at in turn. What is common is among them more often than any page needs, so where it is not,
# it was not common after all.
LOOKED_AT: Final = 20_000


class _Named(Expression):
    """A query by its place among those that are sought."""

    output_field = SearchQueryField()

    def __init__(self, place: int) -> None:
        super().__init__()
        self.place = place

    def as_sql(self, compiler: Any, connection: Any) -> Sql:
        """A look at what was made once."""
        return f"(SELECT query_{self.place} FROM sought)", ()  # noqa: S608 - a number


class PageKeys(BaseExpression):
    """An array of primary keys: of the first rows of a page in their order, or of all that could be on it.

    `rows` are in the page's order and behind its cursor, and meet the plain conditions. Where the queries are common,
    rows are looked at in turn, until there is one more than the page takes, or no row is left. Where that were too few,
    or the queries are not common, all that match are looked up; first `among` these where `rows` depend on an outer
    row, so once for all outer rows. A page is right however wrong the guess was.
    """

    conditional = False

    def __init__(
        self, asked: Conditions, rows: QuerySet[Any], size: Bound, *, among: QuerySet[Any] | None = None
    ) -> None:
        super().__init__(output_field=ArrayField(BigIntegerField()))
        index = asked.index
        if index is None:
            raise TypeError("Queries need an index")
        self.size = size
        self.queries: list[Any] = asked.sought
        names = [_Named(place) for place in range(len(self.queries))]
        matches = reduce(and_, map(index.matches, names), Q())
        in_turn = rows.values("pk", holds=ExpressionWrapper(matches, BooleanField()))[:LOOKED_AT]
        left = rows.order_by()
        found = Q(*map(index.found, names))
        looked_up = left.filter(found if among is None else Q(pk__any=ArraySubquery(among.filter(found).values("pk"))))
        self.parts = [
            index.is_common(rows.model._meta.db_table, index.all_of(names)),
            Subquery(looked_up.values("pk")),
            Subquery(in_turn),
            Subquery(left.values("pk")[:LOOKED_AT]),
        ]

    def get_source_expressions(self) -> list[Any]:
        """The queries; then whether they are common, and the rows, looked up, in turn, and any."""
        return [*self.queries, *self.parts]

    def set_source_expressions(self, exprs: Sequence[Any]) -> None:
        """Takes them resolved."""
        parts = len(self.parts)
        self.queries, self.parts = list(exprs[:-parts]), list(exprs[-parts:])

    def as_sql(self, compiler: Any, connection: Any) -> Sql:
        """One value. What stands behind a condition that does not hold is not run."""
        queries = [compiler.compile(query) for query in self.queries]
        (common, common_params), (looked_up, up_params), (in_turn, turn_params), (left, left_params) = map(
            compiler.compile, self.parts
        )
        named = ", ".join(f"{sql} AS query_{place}" for place, (sql, _) in enumerate(queries))
        # The texts are compiled SQL.
        sql = f"""(
            WITH sought AS MATERIALIZED (SELECT {named})
            SELECT CASE WHEN cardinality(soonest.keys) > %s THEN soonest.keys
                        WHEN {common} AND (SELECT count(*) FROM {left} AS looked_at) < {LOOKED_AT} THEN soonest.keys
                        ELSE ARRAY{looked_up} END
              FROM (SELECT ARRAY(SELECT looked_at.pk FROM {in_turn} AS looked_at (pk, holds)
                                  WHERE looked_at.holds AND {common} LIMIT %s + 1) AS keys OFFSET 0) AS soonest
            )::bigint[]"""  # noqa: S608
        size = (self.size.slot,)
        before = (param for _, part in queries for param in part)
        return sql, (*before, *size, *common_params, *left_params, *up_params, *turn_params, *common_params, *size)
