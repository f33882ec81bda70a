"""The SQL of a search: one ranked list of rows of several types, and a page of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.postgres.search import SearchQueryField
from django.db.models import CharField, IntegerField, JSONField
from django.db.models.expressions import BaseExpression, Expression, RawSQL

from schema.planner.page_sql import Paged, PagePart
from schema.planner.sql import Bound, Sql

# The list is cut here, so that the pages behind and the count of all of them cost no more.
MOST_HITS: Final = 1_000
# Of what very many rows match, the latest of each type are ranked.
MOST_LATEST: Final = 200

# What subqueries of a SearchPage may refer to: the query as it was typed; the query, and the one without beginnings of
# words, that is used in the end.
TYPED_QUERY: Final = RawSQL("(SELECT query FROM sought)", (), SearchQueryField())
QUERY: Final = RawSQL("(SELECT query FROM used)", (), SearchQueryField())
EXACT_QUERY: Final = RawSQL("(SELECT exact FROM used)", (), SearchQueryField())
# The columns of the list, for what is made of a row.
RANK: Final = RawSQL("asked.rank", ())
KIND: Final = RawSQL("asked.kind", ())
KEY: Final = RawSQL("asked.id", ())


class OfKind(BaseExpression):
    """For a row of the list: the expression of its type, by the type's place."""

    output_field = JSONField()

    def __init__(self, expressions: Sequence[Any]) -> None:
        super().__init__()
        self.sources = list(expressions)

    def get_source_expressions(self) -> list[Any]:
        """The expressions."""
        return self.sources

    def set_source_expressions(self, exprs: Sequence[Any]) -> None:
        """Takes them resolved."""
        self.sources = list(exprs)

    def as_sql(self, compiler: Any, connection: Any) -> Sql:
        """A choice by the place."""
        compiled = [compiler.compile(source) for source in self.sources]
        choices = " ".join(f"WHEN {place} THEN {sql}" for place, (sql, _) in enumerate(compiled))
        return f"CASE asked.kind {choices} END", tuple(param for _, params in compiled for param in params)


class BeyondHit(Expression):
    """True of the rows of the list behind the cursor with these values (or, with `before`, before it)."""

    output_field = IntegerField()

    def __init__(self, rank: Bound, kind: Bound, key: Bound, *, before: bool) -> None:
        super().__init__()
        self.slots = (rank.slot, kind.slot, key.slot)
        self.before = before

    def as_sql(self, compiler: Any, connection: Any) -> Sql:
        """The best first, so the rank is negated to go the way of the others."""
        operator = "<" if self.before else ">"
        return f"(-rank, kind, id) {operator} (-(%s::numeric), %s::integer, %s::bigint)", self.slots


@dataclass(frozen=True, slots=True)
class Sought:
    """What a search looks for and where.

    `function` makes a tsquery of `asked`, which is what was typed; `respelt` is another spelling of it, used where none
    of `typed` has a row; `heads` has, for each type, the keys of its rows with what their heads alone are worth, and
    `latest` those of a few, taken for them where `is_common` says of the type's table that too many match; `rank` is
    what a row is worth in all.
    """

    function: str
    is_common: str
    tables: Sequence[str]
    asked: Bound
    respelt: Any
    typed: Sequence[Any]
    heads: Sequence[Any]
    latest: Sequence[Any]
    rank: OfKind


class SearchPage(Paged, BaseExpression):
    """A page of the list: one JSON object. `columns` are made for the rows of the page alone."""

    output_field = JSONField()

    def __init__(
        self,
        sought: Sought,
        beyond: Sequence[BeyondHit],
        columns: Mapping[str, Any],
        parts: Mapping[str, PagePart],
        size: Bound,
        *,
        backwards: bool,
    ) -> None:
        super().__init__()
        self.names = tuple(columns)
        self.function = sought.function
        self.is_common = sought.is_common
        self.tables = tuple(sought.tables)
        self.groups: list[Iterable[Any]] = [
            [sought.asked],
            [sought.respelt],
            sought.typed,
            sought.heads,
            sought.latest,
            [sought.rank],
            beyond,
            columns.values(),
        ]
        self.parts = parts
        self.size = size
        self.backwards = backwards
        self.tell(parts.values())

    def get_source_expressions(self) -> list[Any]:
        """All of them, group by group."""
        return [source for group in self.groups for source in group]

    def set_source_expressions(self, exprs: Sequence[Any]) -> None:
        """Takes them resolved."""
        remaining = iter(exprs)
        self.groups = [[next(remaining) for _ in group] for group in self.groups]

    def as_sql(self, compiler: Any, connection: Any) -> Sql:
        """The query, the spelling where it is needed, the list, and the page of it."""
        (asked,), (respelt,), typed, heads, latest, (rank,), beyond, columns = (
            [compiler.compile(source) for source in group] for group in self.groups
        )
        pieces = [
            self._queries(asked, respelt, typed),
            self._list(heads, latest, rank),
            self._answer(),
            self._rows(beyond, columns),
        ]
        return f"({' '.join(sql for sql, _ in pieces)})", tuple(param for _, params in pieces for param in params)

    def _queries(self, asked: Sql, respelt: Sql, typed: list[Sql]) -> Sql:
        text, params = asked
        common = "".join(f", {self._common(table)} AS common_{place}" for place, table in enumerate(self.tables))
        # As steps of their own, so that PostgreSQL makes a plan for all of their rows, by the index: for one row it
        # would read the table. What is common needs no look.
        steps = "".join(f", typed_{place} AS MATERIALIZED {sql}" for place, (sql, _) in enumerate(typed))
        nothing = " AND ".join(
            f"NOT (SELECT common_{place} FROM sought) AND NOT EXISTS (SELECT FROM typed_{place})"  # noqa: S608 - numbers
            for place in range(len(typed))
        )
        again = "".join(
            f", CASE WHEN other.query IS NULL THEN sought.common_{place}"
            f" ELSE {self._common(table, 'other.query')} END AS common_{place}"
            for place, table in enumerate(self.tables)
        )
        # The texts are compiled SQL.
        sql = f"""
            WITH sought AS MATERIALIZED (
                SELECT asked.*{common}
                  FROM (SELECT {self.function}(typed.words) AS query,
                               {self.function}(ARRAY[typed.words[1], '']) AS exact
                          FROM (SELECT {text}::text[] AS words) AS typed
                        OFFSET 0) AS asked
            ){steps}, respelt AS MATERIALIZED (
                SELECT {respelt[0]} AS words WHERE {nothing}
            ), used AS MATERIALIZED (
                SELECT coalesce(other.query, sought.query) AS query, coalesce(other.query, sought.exact) AS exact{again}
                  FROM sought LEFT JOIN (SELECT {self.function}(ARRAY[words, '']) AS query FROM respelt) AS other
                    ON true
            )"""  # noqa: S608
        return sql, (*params, *(param for _, part in typed for param in part), *respelt[1])

    def _common(self, table: str, query: str = "asked.query") -> str:
        return f"{self.is_common}('{table}', {query})"

    def _list(self, heads: list[Sql], latest: list[Sql], rank: Sql) -> Sql:
        """Of each type all rows that match, or the latest: which of the two is not known before the query is."""
        gated = bool(latest)
        kinds = [
            f"SELECT {place}, rows.* FROM {sql} AS rows" + f" WHERE NOT (SELECT common_{place} FROM used)" * gated  # noqa: S608
            for place, (sql, _) in enumerate(heads)
        ] + [
            f"SELECT {place}, rows.* FROM {sql} AS rows WHERE (SELECT common_{place} FROM used)"  # noqa: S608
            for place, (sql, _) in enumerate(latest)
        ]
        sql = f"""
            , heads AS MATERIALIZED (
                SELECT kind, id FROM ({" UNION ALL ".join(kinds)}) AS matched (kind, id, head)
                 ORDER BY head DESC, kind, id LIMIT {MOST_HITS}
            ), ranked AS MATERIALIZED (
                SELECT kind, id, {rank[0]} AS rank FROM heads AS asked
            )"""  # noqa: S608 - compiled SQL
        return sql, (*(param for _, params in (*heads, *latest) for param in params), *rank[1])

    def _answer(self) -> Sql:
        pairs = [(key, part.sql(self)) for key, part in self.parts.items()]
        sql = ", ".join(f"'{key}', {sql}" for key, (sql, _) in pairs)
        return f"SELECT json_build_object({sql})", tuple(param for _, (_, params) in pairs for param in params)

    def _rows(self, beyond: list[Sql], columns: list[Sql]) -> Sql:
        made = "".join(f"{sql} AS {name}, " for name, (sql, _) in zip(self.names, columns, strict=True))
        where = " AND ".join(sql for sql, _ in beyond) or "true"
        order = "rank, kind DESC, id DESC" if self.backwards else "rank DESC, kind, id"
        sql = f"""
            FROM (SELECT {made} asked.rank{self.place}
                    FROM (SELECT * FROM ranked WHERE {where} ORDER BY {order} {self.limit}) AS asked) AS page
          HAVING true"""  # noqa: S608 - compiled SQL
        params = [param for _, part in (*columns, *beyond) for param in part]
        return sql, (*params, self.size.slot)


class OfPage(PagePart):
    """A part of a page from an SQL text that stands for itself."""

    def __init__(self, text: str) -> None:
        self.text = text

    def sql(self, page: Paged) -> Sql:
        """The text."""
        return self.text, ()


TOTAL_COUNT: Final = OfPage("(SELECT count(*) FROM ranked)")
SUGGESTION: Final = OfPage("(SELECT words FROM respelt WHERE EXISTS (SELECT FROM ranked))")


class Chosen(Expression):
    """Whether a list of words has one: whether a type was asked for."""

    output_field = CharField()
    conditional = True

    def __init__(self, word: str, words: Bound) -> None:
        super().__init__()
        self.word = word
        self.words = words

    def as_sql(self, compiler: Any, connection: Any) -> Sql:
        """Constant for a statement, so that what was not asked for is not looked at."""
        return "%s = ANY(%s::text[])", (self.word, self.words.slot)
