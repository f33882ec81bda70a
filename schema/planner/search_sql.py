"""The SQL of a search: one ranked list of rows of several types, and a page of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.postgres.search import SearchQueryField
from django.db.models import BooleanField, CharField, IntegerField, JSONField
from django.db.models.expressions import BaseExpression, Expression, RawSQL

from schema.planner.page_sql import Paged, PagePart
from schema.planner.sql import Bound, Sql

# The list is cut here, so that the pages behind and the count of all of them cost no more.
MOST_HITS: Final = 1_000
# Of what very many rows match, the latest of each type are ranked.
MOST_LATEST: Final = 200
# So many rows of a type are looked at, the latest where very many match, else as they are found by an index.
MOST_LOOKED_AT: Final = 20_000


@dataclass(frozen=True, slots=True)
class Queried:
    """A query that subqueries of a SearchPage may refer to, by its step.

    An index knows words and no phrases. So `words` is a query with phrases without what it leaves out, and with the
    words of the phrases wherever they stand. Where it is `sure`, that is the query itself.
    """

    step: str

    @property
    def whole(self) -> RawSQL:
        """The query."""
        return self._column("query", SearchQueryField())

    @property
    def words(self) -> RawSQL:
        """What an index can tell of it."""
        return self._column("words", SearchQueryField())

    @property
    def sure(self) -> RawSQL:
        """Whether that is all of it."""
        return self._column("sure", BooleanField())

    def _column(self, name: str, of: Any) -> RawSQL:
        return RawSQL(f"(SELECT {name} FROM {self.step})", (), of)  # noqa: S608, S611 - names of this module


# Of `asked.query`: what an index can tell of it, and whether that is all of it, or nothing: then `querytree`, which
# leaves out what is left out, says T.
_WORDS: Final = """CASE WHEN asked.query::text LIKE '%%<%%' AND querytree(asked.query) <> 'T'
    THEN regexp_replace(querytree(asked.query), '<(-|[0-9]+)>', '&', 'g')::tsquery
    ELSE asked.query END"""
_TOLD: Final = f"{_WORDS} AS words, asked.query = {_WORDS} AS sure, querytree(asked.query) = 'T' AS blind"

# What was typed, and what is used in the end; of the latter also the query without beginnings of words.
TYPED: Final = Queried("sought")
USED: Final = Queried("used")
QUERY: Final = USED.whole
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
    of `typed` has a row; `heads` has, for each type, the keys of rows with what their heads alone are worth, or null
    where they do not match after all. So has `latest`: these are taken where `is_common` says of the type's table that
    too many match, and `heads` beside them where they are too few. `rank` is what a row is worth in all.
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
        # would read the table. Where very many are expected, or an index is no help, no other spelling is looked for.
        steps = "".join(
            f", typed_{place} AS MATERIALIZED (SELECT FROM {sql} AS rows (id, head) WHERE rows.head IS NOT NULL)"
            for place, (sql, _) in enumerate(typed)
        )
        nothing = " AND ".join(
            f"NOT (SELECT common_{place} OR blind FROM sought) AND NOT EXISTS (SELECT FROM typed_{place})"  # noqa: S608
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
                SELECT asked.*, {_TOLD}{common}
                  FROM (SELECT {self.function}(typed.words) AS query,
                               {self.function}(ARRAY[typed.words[1], '']) AS exact
                          FROM (SELECT {text}::text[] AS words) AS typed
                        OFFSET 0) AS asked
            ){steps}, respelt AS MATERIALIZED (
                SELECT {respelt[0]} AS words WHERE {nothing}
            ), used AS MATERIALIZED (
                SELECT asked.*, {_TOLD}
                  FROM (SELECT coalesce(other.query, sought.query) AS query,
                               coalesce(other.query, sought.exact) AS exact{again}
                          FROM sought
                          LEFT JOIN (SELECT {self.function}(ARRAY[words, '']) AS query FROM respelt) AS other ON true
                        OFFSET 0) AS asked
            )"""  # noqa: S608
        return sql, (*params, *(param for _, part in typed for param in part), *respelt[1])

    def _common(self, table: str, query: str = "asked.query") -> str:
        return f"{self.is_common}('{table}', {query})"

    def _list(self, heads: list[Sql], latest: list[Sql], rank: Sql) -> Sql:
        """Of each type all rows that match; the latest, where very many do, or where an index is no help.

        Which of the two is not known before the query is; the way that is not taken is not begun. Where many were
        expected and few are found, both are taken.
        """
        steps = "".join(
            f", latest_{place} AS MATERIALIZED (SELECT * FROM {sql} AS rows (id, head)"  # noqa: S608
            f" WHERE rows.head IS NOT NULL AND (SELECT common_{place} OR blind FROM used)"
            f" LIMIT CASE WHEN (SELECT common_{place} FROM used) THEN {MOST_LATEST} END)"
            for place, (sql, _) in enumerate(latest)
        )
        kinds = [
            f"SELECT {place}, * FROM latest_{place} UNION ALL SELECT {place}, * FROM {sql} AS rows (id, head)"  # noqa: S608
            " WHERE NOT (SELECT blind FROM used)"
            f" AND (SELECT count(*) FROM latest_{place}) < {MOST_LATEST}"
            f" AND rows.head IS NOT NULL AND rows.id NOT IN (SELECT id FROM latest_{place})"
            for place, (sql, _) in enumerate(heads)
        ]
        sql = f"""
            {steps}, heads AS MATERIALIZED (
                SELECT kind, id FROM ({" UNION ALL ".join(kinds)}) AS matched (kind, id, head)
                 ORDER BY head DESC, kind, id LIMIT {MOST_HITS}
            ), ranked AS MATERIALIZED (
                SELECT kind, id, {rank[0]} AS rank FROM heads AS asked
            )"""  # noqa: S608 - compiled SQL
        return sql, (*(param for _, params in (*latest, *heads) for param in params), *rank[1])

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
