"""A page of rows as SQL: one object out of at most so many rows.

What a page need not tell, it does not look at: one row more is read, with all that is nested in it, only where it is
asked whether there is one; and rows that are answered in the order in which they are read get no numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db.models import JSONField, QuerySet, Subquery

from schema.planner.sql import Bound, Sql


class Paged:
    """Rows under the alias `page`, in the order in which they are read: at most `size` that belong to the page.

    Where they are `numbered`, it is by `place`, from 1 on; where it is `probing`, there may be one row more.
    """

    size: Bound
    backwards: bool
    probing: bool
    numbered: bool

    def tell(self, parts: Iterable[Any]) -> None:
        """What the parts of the page need to know of its rows."""
        ends = [part for part in parts if isinstance(part, PageInfo)]
        self.probing = any(part.probes(backwards=self.backwards) for part in ends)
        self.numbered = self.backwards or bool(ends)

    @property
    def limit(self) -> str:
        """How many rows are read, as SQL with a placeholder for the size."""
        return "LIMIT %s + 1" if self.probing else "LIMIT %s"

    @property
    def place(self) -> str:
        """The column that numbers rows, where they are."""
        return ", row_number() OVER () AS place" if self.numbered else ""

    def array(self, item: str) -> Sql:
        """`item` of every row that belongs to the page, in the connection's order."""
        if not self.numbered:
            return f"coalesce(json_agg({item}), '[]'::json)", ()
        kept, params = self.kept
        return f"coalesce(json_agg({item} ORDER BY page.place{self.direction}){kept}, '[]'::json)", params

    def outermost(self, column: str, *, nearest: bool) -> Sql:
        """The value in `column` of the page's first row as read, or of its last one; null where there is none."""
        kept, params = self.kept
        return f"(array_agg({column} ORDER BY page.place{'' if nearest else ' DESC'}){kept})[1]", params

    @property
    def direction(self) -> str:
        """Rows of a page that looks back are read from its end on."""
        return " DESC" if self.backwards else ""

    @property
    def kept(self) -> Sql:
        """What leaves an aggregate without the row that was read only to see whether there is one."""
        return (" FILTER (WHERE page.place <= %s)", (self.size.slot,)) if self.probing else ("", ())


class Page(Paged, Subquery):
    """A page of a connection: one JSON object out of at most `size` rows.

    A part is a PagePart, made of the columns of the rows, or an expression of the outer query.
    """

    output_field = JSONField()

    def __init__(self, rows: QuerySet[Any, Any], size: Bound, pairs: Mapping[str, Any], *, backwards: bool) -> None:
        super().__init__(rows)
        self.size = size
        self.keys = tuple(pairs)
        self.parts = list(pairs.values())
        self.backwards = backwards
        self.tell(self.parts)

    def get_source_expressions(self) -> list[Any]:
        """The rows and what is an expression among the parts."""
        return [self.query, *(part for part in self.parts if not isinstance(part, PagePart))]

    def set_source_expressions(self, exprs: Sequence[Any]) -> None:
        """Takes them resolved."""
        self.query, *resolved = exprs
        remaining = iter(resolved)
        self.parts = [part if isinstance(part, PagePart) else next(remaining) for part in self.parts]

    def as_sql(self, compiler: Any, connection: Any, template: str | None = None, **extra: Any) -> Sql:
        """The page, limited inside and aggregated outside."""
        pairs: list[str] = []
        params: list[Any] = []
        for key, part in zip(self.keys, self.parts, strict=True):
            sql, part_params = part.sql(self) if isinstance(part, PagePart) else compiler.compile(part)
            pairs.append(f"'{key}', {sql}")
            params += part_params
        inner, inner_params = super().as_sql(compiler, connection, template="%(subquery)s")
        sql = (
            f"(SELECT json_build_object({', '.join(pairs)}) FROM"  # noqa: S608 - made of compiled SQL and GraphQL names
            # What no page exceeds is said too: a prepared statement is planned before the size is known, and without a
            # word on it for a tenth of the table.
            f" (SELECT *{self.place} FROM (SELECT * FROM ({inner} LIMIT {settings.PAGE_SIZE_MOST + 1}) most"
            f" {self.limit}) limited) page"
            # One object of all rows, or of none, also where no part of it is an aggregate.
            " HAVING true)"
        )
        return sql, (*params, *inner_params, self.size.slot)


class PagePart:
    """A part of a page that is made of its rows."""

    def sql(self, page: Paged) -> Sql:
        """The part as SQL over `page`, whose rows are numbered by `place`."""
        raise TypeError(f"{type(self).__name__} has no SQL")


class Nodes(PagePart):
    """The objects of a page, from a column."""

    def __init__(self, column: str) -> None:
        self.column = column

    def sql(self, page: Paged) -> Sql:
        """An array in the page's order."""
        return page.array(f"page.{self.column}")


class Edges(PagePart):
    """The edges of a page: keys, each with an SQL text over the page's columns."""

    def __init__(self, pairs: Mapping[str, str]) -> None:
        self.pairs = pairs

    def sql(self, page: Paged) -> Sql:
        """An array in the page's order."""
        pairs = ", ".join(f"'{key}', {sql}" for key, sql in self.pairs.items())
        return page.array(f"json_build_object({pairs})")


class PageInfo(PagePart):
    """What is before and after a page. `elsewhere` tells whether a cursor was given, so that rows lie on its side."""

    def __init__(self, fields: Mapping[str, str], type_name: str, *, elsewhere: bool) -> None:
        self.fields = fields
        self.type_name = type_name
        self.elsewhere = elsewhere

    def probes(self, *, backwards: bool) -> bool:
        """Whether it is asked if a row follows on the side that the page looks towards."""
        return ("hasPreviousPage" if backwards else "hasNextPage") in self.fields.values()

    def sql(self, page: Paged) -> Sql:
        """An object with the asked fields."""
        pairs: list[str] = []
        params: list[Any] = []
        for key, name in self.fields.items():
            sql, field_params = self._field(name, page)
            pairs.append(f"'{key}', {sql}")
            params += field_params
        return f"json_build_object({', '.join(pairs)})", tuple(params)

    def _field(self, name: str, page: Paged) -> Sql:
        ahead, behind = ("hasPreviousPage", "hasNextPage") if page.backwards else ("hasNextPage", "hasPreviousPage")
        nearest, farthest = ("endCursor", "startCursor") if page.backwards else ("startCursor", "endCursor")
        if name == ahead:
            return "count(page.place) > %s", (page.size.slot,)
        if name == behind:
            return str(self.elsewhere).lower(), ()
        if name in {nearest, farthest}:
            return page.outermost("page.cursor", nearest=name == nearest)
        return f"'{self.type_name}'::text", ()
